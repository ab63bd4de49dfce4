// A blocking HTTP and WebSocket client for the tests, over real loopback sockets. One thread.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weir::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpAnswer {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  // names in small letters
  std::string body;
};

struct HttpCall {
  std::string method = "GET", target = "/";
  Headers headers{};
  std::string body{};
  std::string host = "127.0.0.1";
  bool tls = false;
};
HttpAnswer http_call(std::uint16_t port, const HttpCall& call);

// Sends `bytes` as they are and returns what comes until the server closes.
std::string raw_call(std::uint16_t port, const std::string& bytes);

// A POST whose answer nobody waits for.
class HttpCaller {
 public:
  HttpCaller(std::uint16_t port, const std::string& bytes);
  ~HttpCaller();
  void hang_up();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class WebSocketClient {
 public:
  // Throws when the server refuses the upgrade.
  explicit WebSocketClient(std::uint16_t port, const std::string& path = "/ws", const Headers& headers = {},
                           bool tls = false);
  ~WebSocketClient();
  void send(const std::string& text);
  // The next message; "" when the server closed, then close_reason() tells why.
  std::string receive();
  std::string close_reason() const;
  std::uint16_t close_code() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::testing
