// Beast's synchronous calls.
#include "beast_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace weir::testing {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using TlsSocket = asio::ssl::stream<tcp::socket>;

namespace {

tcp::socket connect_to(asio::io_context& io, std::uint16_t port) {
  tcp::socket socket(io);
  socket.connect({asio::ip::address_v4::loopback(), port});
  return socket;
}

template <class Stream>
HttpAnswer exchange(Stream& stream, const HttpCall& call) {
  http::request<http::string_body> request(http::string_to_verb(call.method), call.target, 11);
  if (!call.host.empty()) request.set(http::field::host, call.host);
  for (const auto& [name, value] : call.headers) request.set(name, value);
  request.body() = call.body;
  request.prepare_payload();
  http::write(stream, request);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(64 << 20);
  if (call.method == "HEAD") parser.skip(true);
  http::read(stream, buffer, parser);
  const auto response = parser.release();
  HttpAnswer answer{.status = response.result_int(), .headers = {}, .body = response.body()};
  for (const auto& field : response) {
    std::string name(field.name_string());
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    answer.headers[name] = std::string(field.value());
  }
  return answer;
}

}  // namespace

HttpAnswer http_call(std::uint16_t port, const HttpCall& call) {
  asio::io_context io;
  auto socket = connect_to(io, port);
  if (!call.tls) return exchange(socket, call);
  asio::ssl::context tls(asio::ssl::context::tls_client);
  TlsSocket stream(std::move(socket), tls);
  stream.handshake(asio::ssl::stream_base::client);
  return exchange(stream, call);
}

std::string raw_call(std::uint16_t port, const std::string& bytes) {
  asio::io_context io;
  auto socket = connect_to(io, port);
  boost::system::error_code failed;
  asio::write(socket, asio::buffer(bytes), failed);
  std::string answer;
  asio::read(socket, asio::dynamic_buffer(answer), failed);
  return answer;
}

struct HttpCaller::Impl {
  asio::io_context io;
  tcp::socket socket{io};
};
HttpCaller::HttpCaller(std::uint16_t port, const std::string& bytes) : impl_(std::make_unique<Impl>()) {
  impl_->socket.connect({asio::ip::address_v4::loopback(), port});
  asio::write(impl_->socket, asio::buffer(bytes));
}
HttpCaller::~HttpCaller() = default;
void HttpCaller::hang_up() { impl_->socket.close(); }

struct WebSocketClient::Impl {
  using Plain = beast::websocket::stream<tcp::socket>;
  using Tls = beast::websocket::stream<TlsSocket>;
  template <class F>
  decltype(auto) with(F&& f) {
    return plain ? f(*plain) : f(*secure);
  }
  asio::io_context io;
  asio::ssl::context tls{asio::ssl::context::tls_client};
  std::unique_ptr<Plain> plain;
  std::unique_ptr<Tls> secure;
};

WebSocketClient::WebSocketClient(std::uint16_t port, const std::string& path, const Headers& headers, bool tls)
    : impl_(std::make_unique<Impl>()) {
  if (tls) {
    impl_->secure = std::make_unique<Impl::Tls>(connect_to(impl_->io, port), impl_->tls);
    impl_->secure->next_layer().handshake(asio::ssl::stream_base::client);
  } else {
    impl_->plain = std::make_unique<Impl::Plain>(connect_to(impl_->io, port));
  }
  std::string host = "127.0.0.1:" + std::to_string(port);
  for (const auto& [name, value] : headers) {
    if (name == "Host") host = value;
  }
  impl_->with([&](auto& stream) {
    stream.set_option(beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
      for (const auto& [name, value] : headers) request.set(name, value);
    }));
    stream.read_message_max(64 << 20);
    stream.handshake(host, path);
  });
}
WebSocketClient::~WebSocketClient() = default;

void WebSocketClient::send(const std::string& text) {
  impl_->with([&](auto& stream) { stream.write(asio::buffer(text)); });
}

std::string WebSocketClient::receive() {
  beast::flat_buffer buffer;
  boost::system::error_code failed;
  impl_->with([&](auto& stream) { stream.read(buffer, failed); });
  return failed ? std::string{} : beast::buffers_to_string(buffer.data());
}

std::string WebSocketClient::close_reason() const {
  return impl_->with([](auto& stream) { return std::string(stream.reason().reason.c_str()); });
}
std::uint16_t WebSocketClient::close_code() const {
  return impl_->with([](auto& stream) { return static_cast<std::uint16_t>(stream.reason().code); });
}

}  // namespace weir::testing
