// HTTP/1.1 with "Connection: close" (RFC 9112 9.6).
#include "exchange/http_exchange.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "core/plain_line.hpp"
#include "exchange/run_step.hpp"

namespace weir {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Socket = asio::ip::tcp::socket;
using Request = http::request<http::string_body>;
constexpr std::size_t kReadBytes = 64 << 10;

void drop(Socket& socket) {
  boost::system::error_code ignored;
  socket.close(ignored);
}

Request request_of(const HttpPost& post) {
  const auto& url = post.url;
  Request request{http::verb::post, url.path, 11};
  const bool usual_port = url.to.port == (url.tls ? "443" : "80");
  const auto host = url.to.host.find(':') == std::string::npos ? url.to.host : "[" + url.to.host + "]";
  request.set(http::field::host, host + (usual_port ? "" : ":" + url.to.port));
  request.set(http::field::user_agent, "weir");
  request.set(http::field::connection, "close");
  for (const auto& [name, value] : post.headers) request.set(name, value);
  request.body() = post.body;
  request.prepare_payload();
  return request;
}

template <class Stream>
Result<HttpAnswer> exchange(asio::io_context& io, Stream& stream, Socket& socket, const HttpPost& post,
                            const ExchangeLimit& limit) {
  const auto failed = [&](const boost::system::error_code& code) {
    return error(post.url.to.text() + ": " + code.message());
  };
  const auto abort = [&] { drop(socket); };
  const auto request = request_of(post);
  auto code = run_step(
      io, limit,
      [&](auto done) {
        http::async_write(stream, request, [done](const boost::system::error_code& c, std::size_t) { done(c); });
      },
      abort);
  if (code) return failed(code);
  boost::beast::flat_buffer buffer(kReadBytes);
  http::response_parser<http::string_body> parser;
  parser.body_limit(post.max_answer_bytes == 0 ? kReadBytes : post.max_answer_bytes);
  const auto read = [&](auto done) {
    const auto on_read = [done](const boost::system::error_code& c, std::size_t) { done(c); };
    post.max_answer_bytes == 0 ? http::async_read_header(stream, buffer, parser, on_read)
                               : http::async_read(stream, buffer, parser, on_read);
  };
  code = run_step(io, limit, read, abort);
  if (code) return failed(code);
  return HttpAnswer{.status = parser.get().result_int(),
                    .body = std::move(parser.get().body()),
                    .date = parser.get()[http::field::date]};
}

}  // namespace

Result<HttpUrl> parse_http_url(const std::string& text) {
  HttpUrl url;
  url.tls = text.starts_with("https://");
  if (!url.tls && !text.starts_with("http://"))
    return error("'" + plain_line(text, 200) + "': give http://host/path or https://host/path");
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

Result<HttpAnswer> http_exchange(const HttpPost& post, const ExchangeLimit& limit) {
  const auto& to = post.url.to;
  asio::io_context io;
  if (!post.url.tls) {
    Socket socket(io);
    if (auto connected = connect_socket(io, socket, to, limit); !connected) return connected.error();
    return exchange(io, socket, socket, post, limit);
  }
  boost::system::error_code code;
  asio::ssl::context tls(asio::ssl::context::tls_client);
  if (post.ca_file.empty()) {
    tls.set_default_verify_paths(code);
  } else {
    tls.load_verify_file(post.ca_file, code);
    if (code) return error(post.ca_file + ": no certificates can be read from it: " + code.message());
  }
  asio::ssl::stream<Socket> stream(io, tls);
  stream.set_verify_mode(asio::ssl::verify_peer, code);
  stream.set_verify_callback(asio::ssl::host_name_verification(to.host), code);
  if (SSL_set_tlsext_host_name(stream.native_handle(), to.host.c_str()) != 1)
    return error(to.text() + ": the host name does not fit TLS");
  if (auto connected = connect_socket(io, stream.next_layer(), to, limit); !connected) return connected.error();
  code = run_step(
      io, limit,
      [&](auto done) { stream.async_handshake(asio::ssl::stream_base::client, [done](const auto& c) { done(c); }); },
      [&] { drop(stream.next_layer()); });
  if (code) return error(to.text() + ": TLS: " + code.message());
  return exchange(io, stream, stream.next_layer(), post, limit);
}

}  // namespace weir
