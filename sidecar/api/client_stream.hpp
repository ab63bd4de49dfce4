// The bytes of one client, with or without TLS. It is one type on purpose: Beast's HTTP and WebSocket operations over
// it are compiled once, not once per kind of stream. API thread only.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/container/static_vector.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace weir {

// Meets Asio's AsyncReadStream and AsyncWriteStream.
class ClientStream {
 public:
  using executor_type = boost::asio::any_io_executor;
  using Transferred = std::function<void(boost::system::error_code, std::size_t)>;
  using Done = std::function<void(boost::system::error_code)>;

  // `tls`: nullptr for plain TCP. Borrows it.
  ClientStream(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls);
  ClientStream(ClientStream&&) noexcept;
  ~ClientStream();

  bool is_tls() const;
  executor_type get_executor() const;
  boost::asio::ip::tcp::socket& socket();

  // What is under way, and what begins later, fails with beast::error::timeout after so long.
  void expires_after(std::chrono::milliseconds time);
  void expires_never();

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    read_some(first_of<boost::asio::mutable_buffer>(buffers), copyable<std::size_t>(std::forward<Handler>(handler)));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    write_some(first_of<boost::asio::const_buffer>(buffers), copyable<std::size_t>(std::forward<Handler>(handler)));
  }
  // TLS only: the handshake of a server, the farewell.
  void async_handshake(Done done);
  void async_shutdown(Done done);
  // Until there is something to read, or the client has gone.
  void async_wait_readable(Done done);

  // Beast's customisation points for a stream under a WebSocket.
  template <class Handler>
  friend void async_teardown(boost::beast::role_type role, ClientStream& stream, Handler&& handler) {
    stream.teardown(role, copyable<>(std::forward<Handler>(handler)));
  }
  friend void beast_close_socket(ClientStream& stream) {
    boost::system::error_code ignored;
    stream.socket().close(ignored);
  }

 private:
  static constexpr std::size_t kMaxBuffers = 32;  // of one call; the rest is for the next
  template <class Buffer>
  using Buffers = boost::container::static_vector<Buffer, kMaxBuffers>;

  template <class Buffer, class Sequence>
  static Buffers<Buffer> first_of(const Sequence& sequence) {
    Buffers<Buffer> list;
    const auto end = boost::asio::buffer_sequence_end(sequence);
    for (auto at = boost::asio::buffer_sequence_begin(sequence); at != end && list.size() < kMaxBuffers; ++at) {
      if (const Buffer buffer(*at); buffer.size() != 0) list.push_back(buffer);
    }
    return list;
  }
  // Handlers can be moved, and std::function wants copies.
  template <class... Values, class Handler>
  static std::function<void(boost::system::error_code, Values...)> copyable(Handler&& handler) {
    return [held = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler))](
               boost::system::error_code failed, Values... values) { std::move (*held)(failed, values...); };
  }

  void read_some(const Buffers<boost::asio::mutable_buffer>& buffers, Transferred done);
  void write_some(const Buffers<boost::asio::const_buffer>& buffers, Transferred done);
  void teardown(boost::beast::role_type role, Done done);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
