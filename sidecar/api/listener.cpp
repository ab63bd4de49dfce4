// Binds the address, loads the certificate, and accepts connections.
#include "api/listener.hpp"

#include <openssl/ssl.h>

#include <chrono>
#include <stdexcept>

#include "api/http_session.hpp"
#include "api/listen_endpoint.hpp"

namespace weir {

namespace asio = boost::asio;
using asio::ip::tcp;

tcp::endpoint listen_endpoint(const ApiSettings& settings) {
  const auto endpoint = parse_listen_endpoint(settings.listen);
  if (endpoint) return *endpoint;
  throw std::runtime_error("api.listen = \"" + settings.listen + "\": " + endpoint.error().message +
                           "; write 127.0.0.1:8710 or [::1]:8710");
}

void check_listen_safety(const ApiSettings& settings, const tcp::endpoint& endpoint) {
  if (endpoint.address().is_loopback() || settings.insecure || !settings.tls_certificate.empty()) return;
  throw std::runtime_error(
      "api.listen = \"" + settings.listen +
      "\": tokens would cross the network unprotected. Set api.tls_certificate and api.tls_key, or api.insecure = true "
      "behind a proxy that has TLS, or listen on 127.0.0.1");
}

std::unique_ptr<asio::ssl::context> load_tls(const ApiSettings& settings) {
  if (settings.tls_certificate.empty() != settings.tls_key.empty()) {
    throw std::runtime_error("api.tls_certificate and api.tls_key: set both, or neither");
  }
  if (settings.tls_certificate.empty()) return nullptr;
  auto tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  tls->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                   asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1 |
                   SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Of TLS 1.2 what keeps recorded traffic secret when the key is lost, and authenticates what it encrypts; TLS 1.3 has
  // nothing else.
  if (SSL_CTX_set_cipher_list(tls->native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
    throw std::runtime_error("OpenSSL has none of the cipher suites that TLS needs here");
  boost::system::error_code failed;
  tls->use_certificate_chain_file(settings.tls_certificate, failed);
  if (failed) throw std::runtime_error("api.tls_certificate: " + settings.tls_certificate + ": " + failed.message());
  tls->use_private_key_file(settings.tls_key, asio::ssl::context::pem, failed);
  if (failed) throw std::runtime_error("api.tls_key: " + settings.tls_key + ": " + failed.message());
  if (SSL_CTX_check_private_key(tls->native_handle()) != 1) {
    throw std::runtime_error("api.tls_key: " + settings.tls_key + " is not the key of the certificate " +
                             settings.tls_certificate);
  }
  return tls;
}

Listener::Listener(ApiServices& services, const tcp::endpoint& endpoint, std::unique_ptr<asio::ssl::context> tls)
    : services_(services), tls_(std::move(tls)), acceptor_(services.io), pause_(services.io) {
  boost::system::error_code failed;
  acceptor_.open(endpoint.protocol(), failed);
  if (!failed) acceptor_.set_option(asio::socket_base::reuse_address(true), failed);
  if (!failed) acceptor_.bind(endpoint, failed);
  if (!failed) acceptor_.listen(asio::socket_base::max_listen_connections, failed);
  if (failed == asio::error::address_in_use) {
    throw std::runtime_error("api.listen = \"" + services.settings.listen +
                             "\": the port is taken by another program; choose another in weir.toml, or by --api");
  }
  if (failed) throw std::runtime_error("api.listen = \"" + services.settings.listen + "\": " + failed.message());
  port_ = acceptor_.local_endpoint().port();
  services.places.on_displaced([&services](const ClientNetwork& from) {
    services.counters.displaced.note(services.clock.now_ms(), from.text());
  });
}

void Listener::accept() {
  acceptor_.async_accept([this](boost::system::error_code failed, tcp::socket socket) {
    if (failed == asio::error::operation_aborted || !acceptor_.is_open()) return;
    if (failed) {  // out of descriptors, most likely: others close theirs in time
      pause_.expires_after(std::chrono::milliseconds(100));
      pause_.async_wait([this](boost::system::error_code ended) {
        if (!ended) accept();
      });
      return;
    }
    ++services_.counters.accepted;
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    start_http_session(services_, std::move(socket), tls_.get());
    accept();
  });
}

void Listener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

}  // namespace weir
