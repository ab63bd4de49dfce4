// Signing and checking by libjwt, whose comparison of signatures takes the same time wherever they differ.
#include "api/token.hpp"

#include <fcntl.h>
#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>

#include "core/hex_text.hpp"
#include "core/ip_address.hpp"

namespace weir {
namespace {

namespace json = boost::json;

struct JwtFree {
  void operator()(jwt_t* jwt) const { jwt_free(jwt); }
};
using Jwt = std::unique_ptr<jwt_t, JwtFree>;

const unsigned char* key_bytes(std::string_view secret) {
  return reinterpret_cast<const unsigned char*>(secret.data());
}

// A NumericDate (RFC 7519 2) in milliseconds; fractions of a second are dropped. Nothing when the claim is absent; the
// error says that it is no date.
Result<std::optional<std::int64_t>> numeric_date_ms(const json::object& claims, const char* name) {
  constexpr std::int64_t kLatestSeconds = 253'402'300'799;  // the year 9999
  const auto* value = claims.if_contains(name);
  if (value == nullptr) return std::optional<std::int64_t>();
  std::int64_t seconds = -1;
  if (const auto* whole = value->if_int64()) seconds = *whole;
  if (const auto* real = value->if_double();
      real != nullptr && *real >= 0 && *real <= static_cast<double>(kLatestSeconds)) {
    seconds = static_cast<std::int64_t>(*real);
  }
  if (seconds < 0 || seconds > kLatestSeconds)
    return error(std::string("the token's claim ") + name + " is no number of seconds since 1970");
  return std::optional(seconds * 1000);
}

Result<TokenClaims> parse_claims(const json::object& object, std::int64_t now_ms) {
  TokenClaims claims;
  const auto expires = numeric_date_ms(object, "exp"), issued = numeric_date_ms(object, "iat"),
             not_before = numeric_date_ms(object, "nbf");
  for (const auto* date : {&expires, &issued, &not_before}) {
    if (!*date) return error(date->error().message);
  }
  if (!*expires) return error("the token has no end (claim exp, seconds since 1970)");
  claims.expires_ms = **expires;
  if (now_ms >= claims.expires_ms) return error("the token has expired: get a new one");
  claims.issued_ms = issued->value_or(0);
  if (*not_before && now_ms < **not_before) {
    return error("the token is not valid yet (claim nbf): compare the clocks of both machines");
  }
  if (const auto* user = object.if_contains("sub")) {
    if (!user->is_string()) return error("the token's claim sub is not text");
    claims.user = std::string_view(user->get_string());
  }
  if (const auto* role = object.if_contains("role")) {
    if (*role == json::value("admin")) claims.role = Role::kAdmin;
    else if (*role == json::value("user")) claims.role = Role::kUser;
    else if (*role == json::value("viewer")) claims.role = Role::kViewer;
    else return error("the token's claim role is none of admin, user and viewer");
  }
  if (const auto* exporters = object.if_contains("exporters")) {
    if (!exporters->is_array()) return error("the token's claim exporters is not a list of addresses");
    auto& list = claims.exporters.emplace();
    for (const auto& entry : exporters->get_array()) {
      const auto address =
          entry.is_string() ? parse_ip_address(std::string_view(entry.get_string())) : Result<IpAddress>(error(""));
      if (!address) return error("the token's claim exporters holds something that is not an address");
      list.push_back(address->text());
    }
  }
  return claims;
}

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw std::runtime_error("api.secret_file: " + path + ": " + what);
}

std::string make_secret(const std::string& path) {
  std::array<unsigned char, 32> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
    refuse(path, "no random numbers to make a secret of");
  const auto text = hex_text(random);
  // Written aside and linked into place, so that nobody ever reads half a secret and two starts agree on one.
  const auto aside = path + "." + std::to_string(::getpid());
  {
    const File file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.is_open()) refuse(path, std::string("cannot be made: ") + std::strerror(errno));
    const auto line = text + "\n";
    if (::write(file.descriptor(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
        ::fsync(file.descriptor()) != 0) {
      ::unlink(aside.c_str());
      refuse(path, std::string("cannot be written: ") + std::strerror(errno));
    }
  }
  const bool linked = ::link(aside.c_str(), path.c_str()) == 0;
  const int why = errno;
  ::unlink(aside.c_str());
  if (linked) return text;
  if (why == EEXIST) return load_or_make_secret(path);
  refuse(path, std::string("cannot be made: ") + std::strerror(why));
}

}  // namespace

const char* role_name(Role role) {
  switch (role) {
    case Role::kAdmin: return "admin";
    case Role::kUser: return "user";
    case Role::kViewer: return "viewer";
  }
  return "";
}

std::string make_token(const TokenClaims& claims, std::string_view secret) {
  json::object object{
      {"iat", claims.issued_ms / 1000}, {"exp", claims.expires_ms / 1000}, {"role", role_name(claims.role)}};
  if (!claims.user.empty()) object["sub"] = claims.user;
  if (claims.exporters) object["exporters"] = json::array(claims.exporters->begin(), claims.exporters->end());

  jwt_t* raw = nullptr;
  const bool made = jwt_new(&raw) == 0;
  const Jwt jwt(raw);
  if (!made || jwt_add_grants_json(raw, json::serialize(object).c_str()) != 0 ||
      jwt_set_alg(raw, JWT_ALG_HS256, key_bytes(secret), static_cast<int>(secret.size())) != 0) {
    throw std::runtime_error("libjwt could not make a token");
  }
  const std::unique_ptr<char, decltype(&std::free)> text(jwt_encode_str(raw), &std::free);
  if (!text) throw std::runtime_error("libjwt could not sign a token");
  return text.get();
}

Result<TokenClaims> verify_token(std::string_view token, std::string_view secret, std::int64_t now_ms) {
  if (token.empty()) return error("there is no token");
  if (token.size() > kMaxTokenLength)
    return error("the token is longer than " + std::to_string(kMaxTokenLength) + " characters");
  // Checked before libjwt sees it: it reads up to a NUL, and lets blanks and padding pass.
  for (const char c : token) {
    const bool allowed =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (!allowed) return error("the token is not a JSON Web Token");
  }
  jwt_t* raw = nullptr;
  const bool verified =
      jwt_decode(&raw, std::string(token).c_str(), key_bytes(secret), static_cast<int>(secret.size())) == 0;
  const Jwt jwt(verified ? raw : nullptr);
  if (!verified || jwt_get_alg(raw) != JWT_ALG_HS256)
    return error("the token is not signed with this collector's secret (HS256)");

  // RFC 7515 4.1.11: whoever does not understand what it lists has to refuse the token, and we understand none.
  const std::unique_ptr<char, decltype(&std::free)> critical(jwt_get_headers_json(raw, "crit"), &std::free);
  if (critical) return error("the token's header crit names what this collector does not know");

  const std::unique_ptr<char, decltype(&std::free)> text(jwt_get_grants_json(raw, nullptr), &std::free);
  boost::system::error_code failed;
  const auto claims = json::parse(text ? text.get() : "", failed);
  if (failed || !claims.is_object()) return error("the token's claims are not a JSON object");
  return parse_claims(claims.get_object(), now_ms);
}

std::string console_key(std::string_view secret) {
  static constexpr std::string_view kPurpose = "weir console";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(kPurpose.data()), kPurpose.size(), digest.data(), &size) == nullptr) {
    throw std::runtime_error("OpenSSL could not make a key");
  }
  return hex_text(std::span(digest.data(), size));
}

Result<TokenClaims> verify_any_token(std::string_view token, std::string_view secret, std::int64_t now_ms) {
  auto claims = verify_token(token, secret, now_ms);
  if (claims) return claims;
  auto console = verify_token(token, console_key(secret), now_ms);
  if (!console) return claims;
  console->console_only = true;
  console->role = Role::kAdmin;
  console->exporters.reset();
  return console;
}

std::string load_or_make_secret(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) return make_secret(path);
    refuse(path, std::string("cannot be read: ") + std::strerror(errno));
  }
  struct stat info {};
  if (::fstat(file.descriptor(), &info) != 0 || !S_ISREG(info.st_mode)) refuse(path, "is not a file");
  if ((info.st_mode & S_IROTH) != 0)
    refuse(path, "every user of this machine can read it: chmod 0600, or 0640 with the web server's group");

  std::array<char, 4096> buffer{};
  const auto size = ::read(file.descriptor(), buffer.data(), buffer.size());
  if (size < 0) refuse(path, std::string("cannot be read: ") + std::strerror(errno));
  std::string_view text(buffer.data(), static_cast<std::size_t>(size));
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  text = first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
  if (text.size() < kMinSecretLength) {
    refuse(path, "the secret is shorter than " + std::to_string(kMinSecretLength) +
                     " characters; remove the file to have one made");
  }
  return std::string(text);
}

}  // namespace weir
