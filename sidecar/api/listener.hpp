// Accepts connections up to the limit. API thread, but for the constructor.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "api/api_services.hpp"

namespace weir {

// Of api.listen. Throws std::runtime_error naming the setting.
boost::asio::ip::tcp::endpoint listen_endpoint(const ApiSettings& settings);

// Throws std::runtime_error when the address is beyond loopback and neither TLS nor api.insecure is set.
void check_listen_safety(const ApiSettings& settings, const boost::asio::ip::tcp::endpoint& endpoint);

// nullptr when no certificate is set. Throws std::runtime_error naming the file that OpenSSL does not take.
std::unique_ptr<boost::asio::ssl::context> load_tls(const ApiSettings& settings);

class Listener {
 public:
  // Binds. Throws std::runtime_error naming the address and the setting, for instance when the port is busy.
  Listener(ApiServices& services, const boost::asio::ip::tcp::endpoint& endpoint,
           std::unique_ptr<boost::asio::ssl::context> tls);

  std::uint16_t port() const { return port_; }
  void accept();
  void close();

 private:
  ApiServices& services_;
  const std::unique_ptr<boost::asio::ssl::context> tls_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::uint16_t port_ = 0;
};

}  // namespace weir
