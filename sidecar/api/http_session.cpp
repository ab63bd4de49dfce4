// Read a request, answer it, read the next.
#include "api/http_session.hpp"

#include <sys/socket.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "api/client_stream.hpp"
#include "api/connection_slot.hpp"
#include "api/http_routes.hpp"
#include "api/websocket_session.hpp"

namespace weir {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::uint32_t kMaxHeaderBytes = 32 * 1024;  // the longest token fits

class HttpSession final : public Connection, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(ApiServices& services, ClientStream stream) : services_(services), stream_(std::move(stream)) {
    boost::system::error_code failed;
    const auto peer = stream_.socket().remote_endpoint(failed);
    slot_.emplace(services, this, peer_text(peer), false);
    if (failed) return;
    const auto address = peer.address();
    from_loopback_ = address.is_loopback() || (address.is_v6() && address.to_v6().is_v4_mapped() &&
                                               asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback());
  }

  void start() {
    if (!stream_.is_tls()) return read();
    expire_when_idle();
    stream_.async_handshake([self = shared_from_this()](boost::system::error_code failed) {
      if (failed) ++self->services_.counters.tls_failed;
      else self->read();
    });
  }

  void close() override {
    cancel_running();
    slot_.reset();  // a query may hold on to this a little longer
    boost::system::error_code ignored;
    stream_.socket().close(ignored);
  }

 private:
  void expire_when_idle() { stream_.expires_after(std::chrono::milliseconds(services_.settings.idle_timeout_ms)); }

  void cancel_running() {
    if (cancel_) std::exchange(cancel_, nullptr)();
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    parser_->body_limit(services_.settings.max_request_bytes);
    expire_when_idle();
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](boost::system::error_code failed, std::size_t) { self->on_read(failed); });
  }

  void on_read(boost::system::error_code failed) {
    if (failed == http::error::body_limit || failed == http::error::header_limit) {
      ++services_.counters.requests_too_large;
      const bool body = failed == http::error::body_limit;
      return write({.status = body ? 413u : 431u,
                    .body = "The request is larger than " +
                            (body ? std::to_string(services_.settings.max_request_bytes) + " bytes (api.max_request_bytes)\n"
                                  : std::to_string(kMaxHeaderBytes) + " bytes of headers\n")},
                   false, false);
    }
    if (failed == beast::error::timeout) ++services_.counters.idle_closed;
    if (failed && failed.category() == http::make_error_code(http::error::bad_method).category() && failed != http::error::end_of_stream &&
        failed != http::error::partial_message) {
      return write({.status = 400, .body = "This is not HTTP: " + failed.message() + "\n"}, false, false);
    }
    if (failed || !slot_) return close();  // without a slot: closed while this was on its way

    auto request = parser_->release();
    if (beast::websocket::is_upgrade(request) && path_is(text(request.target()), "ws")) return upgrade(std::move(request));
    answer(std::move(request));
  }

  static std::string text(beast::string_view view) { return {view.data(), view.size()}; }

  void upgrade(UpgradeRequest request) {
    auto refused = refuse_foreign(services_, text(request[http::field::host]), text(request[http::field::origin]));
    if (refused.status != 0) return write(std::move(refused), false, false);
    slot_.reset();
    stream_.expires_never();
    start_websocket_session(services_, std::move(stream_), std::move(request));
  }

  void answer(UpgradeRequest request) {
    const bool keep_alive = request.keep_alive(), head = request.method() == http::verb::head;
    HttpRequest values{.method = text(request.method_string()),
                       .target = text(request.target()),
                       .host = text(request[http::field::host]),
                       .origin = text(request[http::field::origin]),
                       .authorization = text(request[http::field::authorization]),
                       .if_none_match = text(request[http::field::if_none_match]),
                       .body = std::move(request.body()),
                       .is_local = from_loopback_ && request.count("X-Forwarded-For") == 0 && request.count(http::field::forwarded) == 0};
    services_.log.message(slot_->id(), services_.clock.now_ms());
    values.connection = slot_->id();
    answered_ = false;
    cancel_ = answer_http(services_, std::move(values), [self = shared_from_this(), keep_alive, head](HttpReply reply) {
      self->answered_ = true;
      self->write(std::move(reply), keep_alive, head);
    });
    if (!answered_) watch_for_hang_up();
  }

  // While a query runs nothing is read. A client that goes away meanwhile need not have its answer worked out. (Under
  // TLS the farewell cannot be told from a next request.)
  void watch_for_hang_up() {
    if (stream_.is_tls()) return;
    stream_.async_wait_readable([self = shared_from_this()](boost::system::error_code failed) {
      if (failed || self->answered_) return;
      char byte;
      const auto got = ::recv(self->stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
      if (got == 0) self->close();
    });
  }

  void write(HttpReply reply, bool keep_alive, bool head) {
    cancel_ = nullptr;
    http::response<http::string_body> response(static_cast<http::status>(reply.status), 11);
    response.set(http::field::server, "weir");
    for (const auto& [name, value] : security_headers(services_.settings)) response.set(name, value);
    for (const auto& [name, value] : reply.headers) response.set(name, value);
    const bool bodyless = reply.status == 204 || reply.status == 304;
    if (!bodyless) {
      response.set(http::field::content_type, reply.content_type);
      response.content_length(reply.body.size());
    }
    if (!head && !bodyless) response.body() = std::move(reply.body);
    response.keep_alive(keep_alive);

    expire_when_idle();
    response_ = std::make_unique<http::response<http::string_body>>(std::move(response));
    serializer_.emplace(*response_);
    auto on_written = [self = shared_from_this(), keep_alive](boost::system::error_code failed, std::size_t) {
      if (failed) return self->close();
      if (keep_alive) return self->read();
      self->farewell();
    };
    if (head) http::async_write_header(stream_, *serializer_, std::move(on_written));
    else http::async_write(stream_, *serializer_, std::move(on_written));
  }

  void farewell() {
    if (stream_.is_tls()) {
      expire_when_idle();
      return stream_.async_shutdown([self = shared_from_this()](boost::system::error_code) { self->close(); });
    }
    // The rest of a refused request is read and thrown away, or the reply would be lost in a reset.
    boost::system::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    drain(0);
  }

  void drain(std::size_t so_far) {
    constexpr std::size_t kMaxDrained = 16 << 20;
    buffer_.clear();
    if (so_far > kMaxDrained) return close();
    stream_.async_read_some(buffer_.prepare(64 * 1024), [self = shared_from_this(), so_far](boost::system::error_code failed, std::size_t n) {
      if (failed) self->close();
      else self->drain(so_far + n);
    });
  }

  ApiServices& services_;
  std::optional<ConnectionSlot> slot_;
  ClientStream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::unique_ptr<http::response<http::string_body>> response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  std::function<void()> cancel_;
  bool answered_ = true;
  bool from_loopback_ = false;
};

}  // namespace

void start_http_session(ApiServices& services, asio::ip::tcp::socket socket, asio::ssl::context* tls) {
  std::make_shared<HttpSession>(services, ClientStream(std::move(socket), tls))->start();
}

}  // namespace weir
