// One POST per message over a fresh connection; certificates are checked against the system's.
#include <openssl/hmac.h>

#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include "alert/alert_text.hpp"
#include "alert/socket_exchange.hpp"
#include "alert/target.hpp"

namespace weir {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Socket = asio::ip::tcp::socket;
constexpr std::size_t kMaxAnswerBytes = 64 << 10;

struct Url {
  bool tls = false;
  HostPort to;
  std::string path = "/";
};

Result<Url> parse_url(const std::string& text) {
  Url url;
  url.tls = text.starts_with("https://");
  if (!url.tls && !text.starts_with("http://")) return error("'" + text + "': give http://host/path or https://host/path");
  const auto rest = text.substr(url.tls ? 8 : 7);
  const auto slash = rest.find('/');
  if (slash != std::string::npos) url.path = rest.substr(slash);
  for (const unsigned char c : text) {
    if (c <= ' ' || c >= 0x7f) return error("'" + plain_line(text, 200) + "': has characters that no URL has");
  }
  auto to = parse_host_port(rest.substr(0, slash), url.tls ? "443" : "80");
  if (!to) return to.error();
  url.to = std::move(*to);
  return url;
}

std::string hex_of(const unsigned char* bytes, unsigned count) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < count; ++i) {
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 15];
  }
  return text;
}

class WebhookTarget final : public AlertTarget {
 public:
  WebhookTarget(std::string name, Url url, std::string secret, const Clock& clock)
      : name_(std::move(name)), url_(std::move(url)), secret_(std::move(secret)), clock_(clock) {}
  const std::string& name() const override { return name_; }

  SendResult send(const Notification& n) override {
    http::request<http::string_body> request{http::verb::post, url_.path, 11};
    const auto timestamp = std::to_string(clock_.now_ms() / 1000);
    request.body() = webhook_body(n);
    const bool usual_port = url_.to.port == (url_.tls ? "443" : "80");
    request.set(http::field::host, (url_.to.host.find(':') == std::string::npos ? url_.to.host : "[" + url_.to.host + "]") + (usual_port ? "" : ":" + url_.to.port));
    request.set(http::field::user_agent, "weir");
    request.set(http::field::content_type, "application/json");
    request.set("X-Weir-Delivery", std::to_string(n.delivery));
    request.set("X-Weir-Timestamp", timestamp);
    if (!secret_.empty()) request.set("X-Weir-Signature", "sha256=" + webhook_signature(secret_, timestamp, request.body()));
    request.prepare_payload();

    asio::io_context io;
    if (!url_.tls) {
      Socket socket(io);
      if (auto connected = connect_socket(io, socket, url_.to, kTargetTimeoutMs); !connected) return unreachable(connected.error().message);
      return exchange(io, socket, socket, request);
    }
    boost::system::error_code code;
    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls.set_default_verify_paths(code);
    asio::ssl::stream<Socket> stream(io, tls);
    stream.set_verify_mode(asio::ssl::verify_peer, code);
    stream.set_verify_callback(asio::ssl::host_name_verification(url_.to.host), code);
    if (SSL_set_tlsext_host_name(stream.native_handle(), url_.to.host.c_str()) != 1) return unreachable(where() + "the host name does not fit TLS");
    if (auto connected = connect_socket(io, stream.next_layer(), url_.to, kTargetTimeoutMs); !connected) return unreachable(connected.error().message);
    code = run_step(io, kTargetTimeoutMs, [&](auto done) { stream.async_handshake(asio::ssl::stream_base::client, [done](const auto& c) { done(c); }); }, [&] { drop(stream.next_layer()); });
    if (code) return unreachable(where() + "TLS: " + code.message());
    return exchange(io, stream, stream.next_layer(), request);
  }

 private:
  static void drop(Socket& socket) {
    boost::system::error_code ignored;
    socket.close(ignored);
  }
  std::string where() const { return url_.to.host + " port " + url_.to.port + ": "; }
  static SendResult unreachable(std::string why) { return {.kind = SendResult::Kind::kUnreachable, .why = std::move(why)}; }

  template <class Stream>
  SendResult exchange(asio::io_context& io, Stream& stream, Socket& socket, const http::request<http::string_body>& request) {
    auto code = run_step(io, kTargetTimeoutMs, [&](auto done) { http::async_write(stream, request, [done](const boost::system::error_code& c, std::size_t) { done(c); }); }, [&] { drop(socket); });
    if (code) return unreachable(where() + code.message());
    boost::beast::flat_buffer buffer(kMaxAnswerBytes);
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMaxAnswerBytes);
    code = run_step(io, kTargetTimeoutMs, [&](auto done) { http::async_read_header(stream, buffer, parser, [done](const boost::system::error_code& c, std::size_t) { done(c); }); }, [&] { drop(socket); });
    if (code) return unreachable(where() + code.message());
    const auto status = parser.get().result_int();
    if (status >= 200 && status < 300) return {};
    const auto why = where() + "answers " + std::to_string(status);
    // 408 and 429 ask for another try later, as servers' errors do (RFC 9110 15.5.9, RFC 6585 4).
    const bool refused = status >= 400 && status < 500 && status != 408 && status != 429;
    return refused ? SendResult{.kind = SendResult::Kind::kRefused, .why = why} : unreachable(why);
  }

  const std::string name_;
  const Url url_;
  const std::string secret_;
  const Clock& clock_;
};

}  // namespace

std::string webhook_body(const Notification& n) {
  auto value = boost::json::parse(incident_json(n.incident));
  auto& object = value.as_object();
  object["event"] = n.opens ? "opened" : "closed";
  object["delivery"] = n.delivery;
  return boost::json::serialize(value);
}

std::string webhook_signature(const std::string& secret, const std::string& timestamp, const std::string& body) {
  const auto text = timestamp + "." + body;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return hex_of(digest, size);
}

Result<std::unique_ptr<AlertTarget>> make_webhook_target(std::string name, const std::string& url, std::string secret, const Clock& clock) {
  auto parsed = parse_url(url);
  if (!parsed) return parsed.error();
  return std::unique_ptr<AlertTarget>(std::make_unique<WebhookTarget>(std::move(name), std::move(*parsed), std::move(secret), clock));
}

}  // namespace weir
