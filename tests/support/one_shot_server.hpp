// A TCP server on loopback that takes one connection after the other: reads until `enough` says so, answers, closes.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::testing {

class OneShotServer {
 public:
  using Answer = std::function<std::string(const std::string& request)>;
  // `answer` is asked after each read; "" means: read on.
  explicit OneShotServer(Answer answer)
      : answer_(std::move(answer)),
        acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}),
        thread_([this] { serve(); }) {}
  ~OneShotServer() {
    stopping_ = true;
    boost::system::error_code ignored;
    boost::asio::ip::tcp::socket poke(io_);
    poke.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    for (;;) {
      boost::system::error_code code;
      boost::asio::ip::tcp::socket socket(io_);
      acceptor_.accept(socket, code);
      if (code || stopping_) return;
      std::string request;
      while (!code) {
        char bytes[4096];
        request.append(bytes, socket.read_some(boost::asio::buffer(bytes), code));
        const auto answer = answer_(request);
        if (answer.empty()) continue;
        {
          const std::lock_guard lock(mutex_);
          requests_.push_back(request);
        }
        boost::asio::write(socket, boost::asio::buffer(answer), code);
        break;
      }
    }
  }
  Answer answer_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace weir::testing
