// Hands every operation to the plain stream or to the TLS stream.
#include "api/client_stream.hpp"

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <variant>

namespace weir {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {
using Plain = beast::tcp_stream;
using Tls = asio::ssl::stream<beast::tcp_stream>;
}  // namespace

struct ClientStream::Impl {
  Impl(asio::ip::tcp::socket socket, asio::ssl::context* tls) {
    if (tls == nullptr) stream.emplace<Plain>(std::move(socket));
    else stream.emplace<Tls>(std::move(socket), *tls);
  }
  Plain& tcp() {
    auto* plain = std::get_if<Plain>(&stream);
    return plain != nullptr ? *plain : std::get<Tls>(stream).next_layer();
  }
  std::variant<std::monostate, Plain, Tls> stream;
};

ClientStream::ClientStream(asio::ip::tcp::socket socket, asio::ssl::context* tls)
    : impl_(std::make_unique<Impl>(std::move(socket), tls)) {}
ClientStream::ClientStream(ClientStream&&) noexcept = default;
ClientStream::~ClientStream() = default;

bool ClientStream::is_tls() const { return std::holds_alternative<Tls>(impl_->stream); }
ClientStream::executor_type ClientStream::get_executor() const { return impl_->tcp().get_executor(); }
asio::ip::tcp::socket& ClientStream::socket() { return impl_->tcp().socket(); }
void ClientStream::expires_after(std::chrono::milliseconds time) { impl_->tcp().expires_after(time); }
void ClientStream::expires_never() { impl_->tcp().expires_never(); }

void ClientStream::read_some(const Buffers<asio::mutable_buffer>& buffers, Transferred done) {
  if (auto* tls = std::get_if<Tls>(&impl_->stream)) tls->async_read_some(buffers, std::move(done));
  else impl_->tcp().async_read_some(buffers, std::move(done));
}

void ClientStream::write_some(const Buffers<asio::const_buffer>& buffers, Transferred done) {
  if (auto* tls = std::get_if<Tls>(&impl_->stream)) tls->async_write_some(buffers, std::move(done));
  else impl_->tcp().async_write_some(buffers, std::move(done));
}

void ClientStream::async_handshake(Done done) {
  std::get<Tls>(impl_->stream).async_handshake(asio::ssl::stream_base::server, std::move(done));
}
void ClientStream::async_shutdown(Done done) { std::get<Tls>(impl_->stream).async_shutdown(std::move(done)); }
void ClientStream::async_wait_readable(Done done) {
  socket().async_wait(asio::ip::tcp::socket::wait_read, std::move(done));
}

void ClientStream::teardown(beast::role_type role, Done done) {
  using beast::websocket::async_teardown;
  if (auto* tls = std::get_if<Tls>(&impl_->stream)) async_teardown(role, *tls, std::move(done));
  else async_teardown(role, socket(), std::move(done));
}

}  // namespace weir
