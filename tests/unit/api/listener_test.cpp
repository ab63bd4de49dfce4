// Where the API may listen, and TLS.
#include "api/listener.hpp"
#include "api/listen_endpoint.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/json.hpp>
#include <cstdio>

#include "running_api.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

std::string refusal(const ApiSettings& settings) {
  FakeBackend backend;
  const ManualClock clock(FakeBackend::kNow);
  try {
    const ApiServer server(settings, backend, clock);
    return {};
  } catch (const std::exception& e) {
    return e.what();
  }
}

bool holds(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

// A key and a certificate that it signed itself, as PEM files.
void make_certificate(const std::string& certificate_file, const std::string& key_file) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  auto* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* file = std::fopen(certificate_file.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

// Whether a client that knows only these suites, at most this version, comes to an agreement.
bool agrees(std::uint16_t port, const char* suites, int version) {
  namespace asio = boost::asio;
  asio::io_context io;
  asio::ssl::context tls(asio::ssl::context::tls_client);
  SSL_CTX_set_max_proto_version(tls.native_handle(), version);
  SSL_CTX_set_security_level(tls.native_handle(), 0);
  if (SSL_CTX_set_cipher_list(tls.native_handle(), suites) != 1) throw std::runtime_error(suites);
  asio::ssl::stream<asio::ip::tcp::socket> stream(io, tls);
  stream.next_layer().connect({asio::ip::address_v4::loopback(), port});
  boost::system::error_code failed;
  stream.handshake(asio::ssl::stream_base::client, failed);
  return !failed;
}

}  // namespace

TEST_CASE("an allowed origin with a path stops the start, and is named") {
  CHECK(holds(refusal({.allowed_origins = {"https://monitor.example/zabbix"}}),
              "api.allowed_origins: \"https://monitor.example/zabbix\" is no origin"));
}

TEST_CASE("the listen address is an address and a port") {
  CHECK(parse_listen_endpoint("127.0.0.1:8710")->port() == 8710);
  CHECK(parse_listen_endpoint("[::1]:1")->address().is_loopback());
  CHECK(parse_listen_endpoint("localhost:1")->address().is_loopback());
  for (const auto* wrong : {"", "8710", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:1x", "::1:80",
                            "example.org:80", "[127.0.0.1]:80", ":80"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_listen_endpoint(wrong).has_value());
    CHECK(holds(refusal({.listen = wrong}), "api.listen = "));
  }
}

TEST_CASE("beyond loopback it takes TLS or a word") {
  const TemporaryFolder folder;
  const auto secret = (folder.path / "secret").string();
  for (const auto* listen : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"}) {
    CHECK(holds(refusal({.listen = listen, .secret_file = secret}), "api.insecure"));
  }
  CHECK_FALSE(std::filesystem::exists(secret));
  CHECK(refusal({.listen = "0.0.0.0:0", .secret_file = secret, .insecure = true}).empty());
}

TEST_CASE("a busy port, a folder or a certificate that is not there: named, with the setting") {
  const RunningApi api;
  const TemporaryFolder folder;
  const auto secret = (folder.path / "secret").string();
  const auto busy = refusal({.listen = "127.0.0.1:" + std::to_string(api.port), .secret_file = secret});
  CHECK(holds(busy, "api.listen"));
  CHECK(holds(busy, "taken by another program"));
  CHECK(holds(refusal({.listen = "127.0.0.1:0", .secret_file = secret, .web_dir = "/no/such/folder"}),
              "api.web_dir: /no/such/folder"));
  CHECK(holds(refusal({.listen = "127.0.0.1:0", .secret_file = secret, .tls_certificate = "/no.pem"}), "set both"));
  CHECK(holds(
      refusal({.listen = "127.0.0.1:0", .secret_file = secret, .tls_certificate = "/no.pem", .tls_key = "/no.key"}),
      "api.tls_certificate: /no.pem"));
}

TEST_CASE("HTTPS and WebSockets over it") {
  const TemporaryFolder folder;
  const auto certificate = (folder.path / "certificate.pem").string(), key = (folder.path / "key.pem").string();
  make_certificate(certificate, key);
  RunningApi api({.listen = "127.0.0.1:0", .tls_certificate = certificate, .tls_key = key});
  CHECK(http_call(api.port, {.target = "/healthz", .tls = true}).body == "ok\n");
  const auto answer = http_call(api.port, {.method = "POST",
                                           .target = "/rpc",
                                           .headers = api.bearer(),
                                           .body = R"({"jsonrpc":"2.0","id":1,"method":"flows.totals"})",
                                           .tls = true});
  CHECK(boost::json::parse(answer.body).at("result").at("totals").at("sessions") == 3);
  WebSocketClient client(api.port, "/ws", {}, true);
  client.send(api.login());
  CHECK(boost::json::parse(client.receive()).at("result").at("role") == "admin");
  CHECK(raw_call(api.port, "GET / HTTP/1.1\r\n\r\n").find("Weir") == std::string::npos);
  CHECK(http_call(api.port, {.target = "/metrics", .tls = true}).body.find("\nweir_api_tls_failed_total 1\n") !=
        std::string::npos);
}

TEST_CASE("TLS 1.2 takes suites with forward secrecy and authenticated encryption only") {
  const TemporaryFolder folder;
  const auto certificate = (folder.path / "certificate.pem").string(), key = (folder.path / "key.pem").string();
  make_certificate(certificate, key);
  const RunningApi api({.listen = "127.0.0.1:0", .tls_certificate = certificate, .tls_key = key});
  CHECK(agrees(api.port, "ECDHE-ECDSA-AES128-GCM-SHA256", TLS1_2_VERSION));
  CHECK(agrees(api.port, "ECDHE-ECDSA-CHACHA20-POLY1305", TLS1_2_VERSION));
  CHECK(agrees(api.port, "AES128-SHA", TLS1_3_VERSION));
  for (const auto* weak : {"AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"}) {
    CAPTURE(weak);
    CHECK_FALSE(agrees(api.port, weak, TLS1_2_VERSION));
  }
  CHECK_FALSE(agrees(api.port, "ALL", TLS1_1_VERSION));
}
