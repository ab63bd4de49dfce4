// Where the console of a data folder listens, for server and client alike.
#pragma once
#include <boost/asio/local/stream_protocol.hpp>
#include <string>

namespace weir {

// An address for a Unix socket at `path`, however long that is (unix(7) holds 107 bytes): a long one goes by the
// folder's descriptor, which is open as long as this lives. Throws std::runtime_error when the folder cannot be opened.
class ConsoleEndpoint {
 public:
  explicit ConsoleEndpoint(const std::string& path);
  ~ConsoleEndpoint();
  ConsoleEndpoint(const ConsoleEndpoint&) = delete;
  ConsoleEndpoint& operator=(const ConsoleEndpoint&) = delete;
  const boost::asio::local::stream_protocol::endpoint& endpoint() const { return endpoint_; }

 private:
  int folder_ = -1;
  boost::asio::local::stream_protocol::endpoint endpoint_;
};

}  // namespace weir
