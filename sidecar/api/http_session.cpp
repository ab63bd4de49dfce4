// Reads a request, answers it, and reads the next one.
#include "api/http_session.hpp"

#include <poll.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "api/client_stream.hpp"
#include "api/connection_slot.hpp"
#include "api/http_routes.hpp"
#include "api/token.hpp"
#include "api/websocket_session.hpp"

namespace weir {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::chrono::milliseconds kLookAgain{250};
constexpr std::uint32_t kMaxHeaderBytes = 32 * 1024;  // the longest token fits

// What of a request may stand there once: with two of them, we and a proxy may each believe another (RFC 9112 3.2).
constexpr http::field kOnce[] = {http::field::host, http::field::origin, http::field::authorization,
                                 http::field::content_length};

class HttpSession final : public Connection, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(ApiServices& services, ClientStream stream)
      : services_(services), stream_(std::move(stream)), look_again_(services.io) {
    boost::system::error_code failed;
    const auto peer = stream_.socket().remote_endpoint(failed);
    slot_.emplace(services, *this, peer);
    from_loopback_ = slot_->is_on_loopback();
  }

  void start() {
    wait_for_login();
    if (!stream_.is_tls()) return read();
    stream_.async_handshake([self = shared_from_this()](boost::system::error_code failed) {
      if (!self->slot_) return;  // closed to make room
      if (!failed) return self->read();
      ++self->services_.counters.tls_failed;
      self->close();
    });
  }

  void close() override {
    cancel_running();
    look_again_.cancel();
    slot_.reset();  // a query may hold on to this a little longer
    boost::system::error_code ignored;
    stream_.socket().close(ignored);
  }

 private:
  void expire_when_idle() { stream_.expires_after(std::chrono::milliseconds(services_.settings.idle_timeout_ms)); }

  // The handshake, the request and the token in it have this time together.
  void wait_for_login() {
    opened_ms_ = services_.clock.steady_ms();
    stream_.expires_after(std::chrono::milliseconds(services_.settings.login_timeout_ms));
  }

  void cancel_running() {
    if (cancel_) std::exchange(cancel_, nullptr)();
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    parser_->body_limit(services_.settings.max_request_bytes);
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](boost::system::error_code failed, std::size_t) { self->on_header(failed); });
  }

  void on_header(boost::system::error_code failed) {
    if (failed || !slot_) return on_read(failed);
    const auto& request = parser_->get();
    for (const auto field : kOnce) {
      if (request.count(field) < 2) continue;
      ++services_.counters.ambiguous_requests;
      return write({.status = 400, .body = "The request names " + text(http::to_string(field)) + " twice\n"}, false,
                   false);
    }
    name_the_client();
    if (parser_->is_done()) return on_read({});
    // Who sends much has to show a token first.
    if (parser_->chunked() || parser_->content_length_remaining().value_or(0) > kMaxStrangersBytes) {
      const auto token = bearer_token(
          std::string_view(request[http::field::authorization].data(), request[http::field::authorization].size()));
      if (!verify_any_token(token, services_.secret, services_.clock.now_ms())) {
        ++services_.counters.requests_too_large;
        return write(
            {.status = 401,
             .body = "Without a good token a request has at most " + std::to_string(kMaxStrangersBytes) + " bytes\n",
             .headers = {{"WWW-Authenticate", "Bearer"}}},
            false, false);
      }
      expire_when_idle();
    }
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](boost::system::error_code ended, std::size_t) { self->on_read(ended); });
  }

  // Behind a web server on this machine stand many clients: each is counted for itself.
  void name_the_client() {
    if (!from_loopback_) return;
    const auto& request = parser_->get();
    const auto list = text(request["X-Forwarded-For"]);
    if (list.empty()) return;
    auto last = list.substr(list.rfind(',') + 1);  // what our own web server added
    last.erase(0, last.find_first_not_of(' '));
    if (const auto client = parse_ip_address(last)) slot_->called_for(*client);
  }

  void on_read(boost::system::error_code failed) {
    if (failed == http::error::body_limit || failed == http::error::header_limit) {
      ++services_.counters.requests_too_large;
      const bool body = failed == http::error::body_limit;
      return write(
          {.status = body ? 413u : 431u,
           .body = "The request is larger than " +
                   (body ? std::to_string(services_.settings.max_request_bytes) + " bytes (api.max_request_bytes)\n"
                         : std::to_string(kMaxHeaderBytes) + " bytes of headers\n")},
          false, false);
    }
    if (failed == beast::error::timeout) ++services_.counters.idle_closed;
    if (failed && failed.category() == http::make_error_code(http::error::bad_method).category() &&
        failed != http::error::end_of_stream && failed != http::error::partial_message) {
      return write({.status = 400, .body = "This is not HTTP: " + failed.message() + "\n"}, false, false);
    }
    if (failed || !slot_) return close();  // without a slot: closed while this was on its way

    auto request = parser_->release();
    if (beast::websocket::is_upgrade(request) && path_is(text(request.target()), "ws"))
      return upgrade(std::move(request));
    answer(std::move(request));
  }

  static std::string text(beast::string_view view) { return {view.data(), view.size()}; }

  void upgrade(UpgradeRequest request) {
    auto refused = refuse_foreign(services_, text(request[http::field::host]), text(request[http::field::origin]));
    if (refused.status != 0) return write(std::move(refused), false, false);
    stream_.expires_never();
    if (is_member_) {  // the request that asks for a WebSocket carries no token
      slot_->dismiss();
      opened_ms_ = services_.clock.steady_ms();
    }
    start_websocket_session(services_, std::move(stream_), *slot_, opened_ms_, std::move(request));
    slot_.reset();
  }

  void answer(UpgradeRequest request) {
    const bool keep_alive = request.keep_alive(), head = request.method() == http::verb::head;
    HttpRequest values{.method = text(request.method_string()),
                       .target = text(request.target()),
                       .host = text(request[http::field::host]),
                       .origin = text(request[http::field::origin]),
                       .authorization = text(request[http::field::authorization]),
                       .if_none_match = text(request[http::field::if_none_match]),
                       .accept_encoding = text(request[http::field::accept_encoding]),
                       .body = std::move(request.body()),
                       .is_local = from_loopback_ && request.count("X-Forwarded-For") == 0 &&
                                   request.count(http::field::forwarded) == 0};
    services_.log.message(slot_->id(), services_.clock.now_ms());
    values.connection = slot_->id();
    values.network = slot_->network_text();
    answered_ = false;
    const bool was_member = std::exchange(is_member_, false);
    values.admit = [this] {  // before answer_http() returns: a login does not wait
      is_member_ = slot_ && slot_->admit();
      return is_member_;
    };
    slot_->set_idle(false);
    cancel_ = answer_http(services_, std::move(values), [self = shared_from_this(), keep_alive, head](HttpReply reply) {
      self->answered_ = true;
      // A guess costs a connection.
      const bool refused = reply.status == 401 || reply.status == 503;
      self->write(std::move(reply), keep_alive && !refused, head);
    });
    if (was_member && !is_member_ && slot_) slot_->dismiss();
    if (!answered_) watch_for_hang_up();
  }

  // While a query runs nothing is read. A client that goes away meanwhile need not have its answer worked out. What it
  // may have sent before it went (a farewell of TLS, a next request) stays unread, so the socket is asked.
  void watch_for_hang_up() {
    stream_.async_wait_readable([self = shared_from_this()](boost::system::error_code failed) {
      if (failed || self->answered_ || !self->slot_) return;
      pollfd client{.fd = self->stream_.socket().native_handle(), .events = POLLRDHUP, .revents = 0};
      if (::poll(&client, 1, 0) > 0) return self->close();
      self->look_again_.expires_after(kLookAgain);
      self->look_again_.async_wait([self](boost::system::error_code ended) {
        if (!ended && !self->answered_ && self->slot_) self->watch_for_hang_up();
      });
    });
  }

  void write(HttpReply reply, bool keep_alive, bool head) {
    cancel_ = nullptr;
    look_again_.cancel();
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
      if (!keep_alive || !self->slot_) return self->farewell();
      if (self->is_member_) {
        self->slot_->set_idle(true);
        self->expire_when_idle();
      } else {
        self->wait_for_login();
      }
      self->read();
    };
    if (head) http::async_write_header(stream_, *serializer_, std::move(on_written));
    else http::async_write(stream_, *serializer_, std::move(on_written));
  }

  void farewell() {
    stream_.expires_after(std::chrono::milliseconds(services_.settings.login_timeout_ms));
    if (stream_.is_tls()) {
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
    stream_.async_read_some(buffer_.prepare(64 * 1024),
                            [self = shared_from_this(), so_far](boost::system::error_code failed, std::size_t n) {
                              if (failed) self->close();
                              else self->drain(so_far + n);
                            });
  }

  ApiServices& services_;
  std::optional<ConnectionSlot> slot_;
  ClientStream stream_;
  asio::steady_timer look_again_;  // whether the client has gone
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::unique_ptr<http::response<http::string_body>> response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  std::function<void()> cancel_;
  bool answered_ = true;
  bool is_member_ = false;      // the last request had a good token
  std::int64_t opened_ms_ = 0;  // steady
  bool from_loopback_ = false;
};

}  // namespace

void start_http_session(ApiServices& services, asio::ip::tcp::socket socket, asio::ssl::context* tls) {
  std::make_shared<HttpSession>(services, ClientStream(std::move(socket), tls))->start();
}

}  // namespace weir
