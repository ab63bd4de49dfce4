// Reading and writing overlap: one read, one write and the watch timer are under way at any time.
#include "api/websocket_session.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <deque>
#include <memory>

#include "api/http_routes.hpp"
#include "api/rpc.hpp"

namespace weir {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

constexpr std::chrono::milliseconds kWatchInterval{250}, kFarewellTime{1000};

class WebSocketSession final : public Connection, public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(ApiServices& services, ClientStream stream, ConnectionSlot& former, std::int64_t opened_ms)
      : services_(services),
        stream_(std::move(stream)),
        slot_(*this, former),
        watch_(services.io),
        opened_ms_(opened_ms) {
    ++services_.counters.websockets;
  }
  ~WebSocketSession() override { --services_.counters.websockets; }

  void start(UpgradeRequest request) {
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = std::chrono::milliseconds(services_.settings.login_timeout_ms);
    timeout.idle_timeout = std::chrono::milliseconds(services_.settings.idle_timeout_ms);
    timeout.keep_alive_pings = true;
    stream_.set_option(timeout);
    stream_.set_option(websocket::stream_base::decorator([this](websocket::response_type& response) {
      for (const auto& [name, value] : security_headers(services_.settings)) response.set(name, value);
    }));
    stream_.read_message_max(std::min(kMaxStrangersBytes, services_.settings.max_request_bytes));
    stream_.text(true);
    auto self = shared_from_this();
    rpc_ = std::make_shared<RpcSession>(services_, [this, weak = std::weak_ptr(self)](std::string text) {
      if (const auto open = weak.lock()) send(std::move(text));
    });
    rpc_->keep_in_log(slot_.id());
    rpc_->comes_from(slot_.network_text());
    rpc_->on_login([this] { return slot_.admit(); });
    // The request has to live until the handshake is done.
    const auto kept = std::make_shared<UpgradeRequest>(std::move(request));
    stream_.async_accept(*kept, [self, kept](boost::system::error_code failed) {
      if (failed) return self->close();
      self->watch();
      self->read();
    });
  }

  void close() override {
    if (closed_) return;
    closed_ = true;
    rpc_->close();
    watch_.cancel();
    boost::system::error_code ignored;
    stream_.next_layer().socket().close(ignored);
  }

 private:
  void read() {
    stream_.async_read(
        buffer_, [self = shared_from_this()](boost::system::error_code failed, std::size_t) { self->on_read(failed); });
  }

  void on_read(boost::system::error_code failed) {
    if (failed) {
      if (failed == websocket::error::message_too_big || failed == websocket::error::buffer_overflow)
        ++services_.counters.requests_too_large;
      if (failed == beast::error::timeout) ++services_.counters.idle_closed;
      return close();
    }
    if (closed_) return;
    services_.log.message(slot_.id(), services_.clock.now_ms());
    const auto bytes = buffer_.cdata();
    dispatch_rpc(services_, rpc_, {static_cast<const char*>(bytes.data()), bytes.size()},
                 [self = shared_from_this()](std::string answer) {
                   if (!answer.empty()) self->send(std::move(answer));
                 });
    buffer_.consume(buffer_.size());
    // A first message other than auth.login gets its error, then the connection is closed.
    if (!rpc_->expires_ms()) return part(websocket::close_code::policy_error, "not authenticated");
    stream_.read_message_max(services_.settings.max_request_bytes);
    read();
  }

  // Looks after the login's deadline and the token's end, by the injected clock.
  void watch() {
    if (closed_ || parting_) return;
    const auto ends = rpc_->expires_ms();
    const auto waited_ms = ends ? services_.clock.now_ms() - *ends : services_.clock.steady_ms() - opened_ms_;
    if (waited_ms >= services_.settings.login_timeout_ms) {
      ++services_.counters.idle_closed;
      return part(websocket::close_code::policy_error, ends ? "the token has expired" : "no auth.login");
    }
    watch_.expires_after(kWatchInterval);
    watch_.async_wait([self = shared_from_this()](boost::system::error_code failed) {
      if (!failed) self->watch();
    });
  }

  void send(std::string text) {
    if (closed_) return;
    if (!outgoing_.empty() && outgoing_bytes_ + text.size() > services_.settings.max_outgoing_bytes) {
      ++services_.counters.slow_readers;
      return close();
    }
    outgoing_bytes_ += text.size();
    outgoing_.push_back(std::move(text));
    if (outgoing_.size() == 1) write();
  }

  void write() {
    stream_.async_write(asio::buffer(outgoing_.front()),
                        [self = shared_from_this()](boost::system::error_code failed, std::size_t) {
                          if (failed) return self->close();
                          self->outgoing_bytes_ -= self->outgoing_.front().size();
                          self->outgoing_.pop_front();
                          if (!self->outgoing_.empty()) self->write();
                          else if (self->parting_) self->say_goodbye();
                        });
  }

  // Closes with a reason once all that waits is written.
  void part(websocket::close_code code, const char* reason) {
    if (closed_ || parting_) return;
    parting_ = websocket::close_reason(code, reason);
    if (outgoing_.empty()) say_goodbye();
  }

  void say_goodbye() {
    // Nobody is waited for long who is asked to go.
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = kFarewellTime;
    timeout.idle_timeout = kFarewellTime;
    timeout.keep_alive_pings = false;
    stream_.set_option(timeout);
    stream_.async_close(*parting_, [self = shared_from_this()](boost::system::error_code) { self->close(); });
  }

  ApiServices& services_;
  // Messages are not compressed, and the code for that is left out.
  websocket::stream<ClientStream, false> stream_;
  ConnectionSlot slot_;
  asio::steady_timer watch_;
  const std::int64_t opened_ms_;  // steady
  std::shared_ptr<RpcSession> rpc_;
  beast::flat_buffer buffer_;
  std::deque<std::string> outgoing_;  // the first is being written
  std::uint64_t outgoing_bytes_ = 0;
  std::optional<websocket::close_reason> parting_;
  bool closed_ = false;
};

}  // namespace

void start_websocket_session(ApiServices& services, ClientStream stream, ConnectionSlot& former, std::int64_t opened_ms,
                             UpgradeRequest request) {
  std::make_shared<WebSocketSession>(services, std::move(stream), former, opened_ms)->start(std::move(request));
}

}  // namespace weir
