// Tokens: what is accepted, and every way of being refused.
#include "api/token.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/catch.hpp"

using namespace weir;

namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;
const std::string kSecret(64, 'a');

TokenClaims claims_until(std::int64_t expires_ms) {
  return {
      .user = "anna", .role = Role::kUser, .exporters = {{"192.0.2.1"}}, .issued_ms = kNow, .expires_ms = expires_ms};
}

std::string base64url(const unsigned char* bytes, std::size_t size) {
  std::string text(4 * ((size + 2) / 3) + 1, '\0');
  text.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size))));
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text.substr(0, text.find('='));
}
std::string base64url(const std::string& text) {
  return base64url(reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

// Rightly signed, whatever is in it.
std::string signed_token(const std::string& header, const std::string& claims) {
  const auto what = base64url(header) + "." + base64url(claims);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
       reinterpret_cast<const unsigned char*>(what.data()), what.size(), digest, &size);
  return what + "." + base64url(digest, size);
}
const std::string kHeader = R"({"alg":"HS256","typ":"JWT"})";

struct Folder {
  Folder() {
    char name[] = "/tmp/weir-token-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

void write_file(const std::filesystem::path& path, const std::string& text, mode_t mode) {
  std::ofstream(path) << text;
  ::chmod(path.c_str(), mode);
}

// What the file is refused with; "" when it is not.
std::string refusal(const std::string& path) {
  try {
    (void)load_or_make_secret(path);
    return {};
  } catch (const std::exception& e) {
    return e.what();
  }
}

}  // namespace

TEST_CASE("a token gives back the claims that it was made of") {
  const auto claims = verify_token(make_token(claims_until(kNow + 60'000), kSecret), kSecret, kNow);
  REQUIRE(claims.has_value());
  CHECK(claims->user == "anna");
  CHECK(claims->role == Role::kUser);
  CHECK(claims->exporters == std::vector<std::string>{"192.0.2.1"});
  CHECK(claims->issued_ms == kNow);
  CHECK(claims->expires_ms == kNow + 60'000);

  const auto all = verify_token(make_token({.expires_ms = kNow + 1000}, kSecret), kSecret, kNow);
  REQUIRE(all.has_value());
  CHECK_FALSE(all->exporters);
  CHECK(all->role == Role::kAdmin);
}

TEST_CASE("a token ends at its end") {
  const auto token = make_token(claims_until(kNow + 60'000), kSecret);
  CHECK(verify_token(token, kSecret, kNow + 59'999).has_value());
  const auto ended = verify_token(token, kSecret, kNow + 60'000);
  REQUIRE_FALSE(ended.has_value());
  CHECK(ended.error().message.find("expired") != std::string::npos);
}

TEST_CASE("a token made by another implementation of RFC 7519 is accepted") {
  // HMAC-SHA256 of
  // {"alg":"HS256","typ":"JWT"}.{"sub":"zabbix-frontend","role":"admin","iat":1700000000,"exp":1700000030} with 64
  // times "a", by Python's hmac.
  const auto claims = verify_token(
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
      "eyJzdWIiOiJ6YWJiaXgtZnJvbnRlbmQiLCJyb2xlIjoiYWRtaW4iLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDAzMH0."
      "OcP50TR9d17gk4ClvABsmmTugDaPkyq-sbL3_Uew7Z8",
      kSecret, kNow);
  REQUIRE(claims.has_value());
  CHECK(claims->user == "zabbix-frontend");
}

TEST_CASE("what is not signed with the secret by HS256 is refused") {
  const auto good = make_token(claims_until(kNow + 60'000), kSecret);
  CHECK_FALSE(verify_token(good, std::string(64, 'b'), kNow).has_value());
  CHECK_FALSE(verify_token("", kSecret, kNow).has_value());
  CHECK_FALSE(verify_token("nonsense", kSecret, kNow).has_value());
  CHECK_FALSE(verify_token("a.b.c", kSecret, kNow).has_value());
  CHECK_FALSE(verify_token(good + "=", kSecret, kNow).has_value());
  CHECK_FALSE(verify_token(good + std::string(1, '\0'), kSecret, kNow).has_value());
  CHECK_FALSE(verify_token(" " + good, kSecret, kNow).has_value());
  CHECK_FALSE(verify_token(good.substr(0, good.size() - 2), kSecret, kNow).has_value());
  CHECK_FALSE(verify_token(good.substr(0, good.rfind('.') + 1), kSecret, kNow).has_value());
  CHECK_FALSE(verify_token(std::string(kMaxTokenLength + 1, 'a'), kSecret, kNow).has_value());
  // {"alg":"none"} . {"exp":9999999999} and no signature
  CHECK_FALSE(verify_token("eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTl9.", kSecret, kNow).has_value());
  // HS512 with the right secret
  CHECK_FALSE(verify_token("eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJleHAiOjk5OTk5OTk5OTl9."
                           "ej7AvbF3MSFfs82yRAM7PpYmlNcncv5NaCAasVPxmn37AIecqCf6r6VTf0zYNh9yJNOMprD3nwwnuHkX_pkSvg",
                           kSecret, kNow)
                  .has_value());
}

TEST_CASE("signed claims of the wrong kind are refused in words") {
  const auto message = [](const char* token) {
    const auto claims = verify_token(token, kSecret, kNow);
    REQUIRE_FALSE(claims.has_value());
    return claims.error().message;
  };
  CHECK(message("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ4In0.S-0rbKWUK0RTqEuaLUh6iWOZNT1pk7mw31-EI1FQOBw")
            .find("claim exp") != std::string::npos);
  CHECK(message("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOiJzb29uIn0.4jngYCFBuzZ1cuoL8wsxKOtc2XUZYSoAaBJJLhOrdVs")
            .find("claim exp") != std::string::npos);
  CHECK(message("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjk5OTk5OTk5OTksInJvbGUiOiJyb290In0.B3rh4jcSXn9qi_"
                "xsHh3OM6SkrUneTiAoup-B7UPGGd4")
            .find("role") != std::string::npos);
  CHECK(message("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjk5OTk5OTk5OTksImV4cG9ydGVycyI6WyJlZGdlIl19.-q-iQcVEB-"
                "6JWxJPkXE9aRjmmutCNjnvlJz5Yv75ePE")
            .find("not an address") != std::string::npos);
}

TEST_CASE("times of the wrong kind are refused, whichever they are") {
  CHECK(verify_token(signed_token(kHeader, R"({"exp":1700000030,"iat":1700000000.5,"nbf":1699999999})"), kSecret, kNow)
            .has_value());
  const std::string good = "1700000030";
  for (const std::string name : {"exp", "iat", "nbf"}) {
    for (const auto* wrong : {"\"1700000000\"", "null", "true", "[]", "{}", "-1", "-0.5", "1e300", "9999999999999"}) {
      const auto claims = name == "exp" ? "{\"exp\":" + std::string(wrong) + "}"
                                        : "{\"exp\":" + good + ",\"" + name + "\":" + wrong + "}";
      CAPTURE(claims);
      const auto refused = verify_token(signed_token(kHeader, claims), kSecret, kNow);
      REQUIRE_FALSE(refused.has_value());
      CHECK(refused.error().message.find("claim " + name) != std::string::npos);
    }
  }
}

TEST_CASE("a token whose header says that something has to be understood is refused") {
  const std::string claims = R"({"exp":1700000030})";
  CHECK(verify_token(signed_token(kHeader, claims), kSecret, kNow).has_value());
  for (const auto* critical : {R"(["exp"])", R"(["b64"])", "[]", "null", "\"x\""}) {
    CAPTURE(critical);
    const auto refused =
        verify_token(signed_token(R"({"alg":"HS256","crit":)" + std::string(critical) + "}", claims), kSecret, kNow);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("crit") != std::string::npos);
  }
}

TEST_CASE("a secret is made once, for its owner alone, and read again") {
  const Folder folder;
  const auto path = folder.path / "secret";
  const auto made = load_or_make_secret(path.string());
  CHECK(made.size() == 64);
  CHECK(made.find_first_not_of("0123456789abcdef") == std::string::npos);
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(load_or_make_secret(path.string()) == made);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("a secret that is short, open to everybody, or not there is refused by the file's name") {
  const Folder folder;
  const auto path = (folder.path / "secret").string();
  write_file(path, "  " + std::string(40, 'x') + " \n", 0640);
  CHECK(load_or_make_secret(path) == std::string(40, 'x'));
  write_file(path, std::string(31, 'x') + "\n", 0600);
  CHECK(refusal(path).find("api.secret_file: " + path + ": the secret is shorter") == 0);
  write_file(path, std::string(64, 'x'), 0644);
  CHECK(refusal(path).find("every user") != std::string::npos);
  CHECK(refusal((folder.path / "no" / "secret").string()).find("cannot be made") != std::string::npos);
}

TEST_CASE("a token signed with the console's key is for the console, whatever it claims") {
  const auto key = console_key(kSecret);
  CHECK(key == "92d250160631dd57df7ef5af1bf62f73b44ddc86aaf7b6974fe38edcb478ee57");
  CHECK(key.size() == 64);
  const auto token = make_token(claims_until(kNow + 60'000), key);
  CHECK_FALSE(verify_token(token, kSecret, kNow).has_value());
  const auto claims = verify_any_token(token, kSecret, kNow);
  REQUIRE(claims.has_value());
  CHECK(claims->console_only);
  CHECK(claims->user == "anna");
  CHECK_FALSE(verify_any_token(token, kSecret, kNow + 60'000).has_value());
  CHECK_FALSE(
      verify_any_token(make_token(claims_until(kNow + 60'000), std::string(64, 'b')), kSecret, kNow).has_value());
  CHECK_FALSE(verify_any_token(make_token(claims_until(kNow + 60'000), kSecret), kSecret, kNow)->console_only);
}
