// Connects, writes a line, and reads up to the prompt.
#include "app/console_client.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>

#include "console/console_prompt.hpp"
#include "console/console_socket.hpp"

namespace weir {

namespace asio = boost::asio;

struct ConsoleClient::Connection {
  asio::io_context io;
  asio::local::stream_protocol::socket socket{io};
};

ConsoleClient::~ConsoleClient() = default;

ConsoleClient::ConsoleClient(const std::string& data) : data_(data), connection_(std::make_unique<Connection>()) {
  const auto path = (std::filesystem::path(data) / kConsoleSocketName).string();
  std::error_code ignored;
  if (!std::filesystem::is_directory(data, ignored))
    throw std::runtime_error("there is no folder " + data + "; name the collector's by --data");
  const ConsoleEndpoint at(path);
  boost::system::error_code failed;
  connection_->socket.connect(at.endpoint(), failed);
  if (failed == asio::error::access_denied)
    throw std::runtime_error(path + ": not allowed; run this as the collector's user (sudo -u USER weir console …)");
  if (failed)
    throw std::runtime_error("no collector runs on " + data + " (" + kConsoleSocketName + ": " + failed.message() +
                             "); start it with weir run --data " + data);
  if (!read_answer())
    throw std::runtime_error("the collector has as many consoles open as it may (console.max_connections); close one");
}

std::optional<std::string> ConsoleClient::ask(const std::string& line) {
  boost::system::error_code failed;
  asio::write(connection_->socket, asio::buffer(line + "\n"), failed);
  return failed ? std::nullopt : read_answer();
}

std::optional<std::string> ConsoleClient::read_answer() {
  const std::string prompt = kConsolePrompt;
  const auto is_whole = [&] {
    return text_.ends_with(prompt) &&
           (text_.size() == prompt.size() || text_[text_.size() - prompt.size() - 1] == '\n');
  };
  text_.clear();
  while (!is_whole()) {
    char bytes[16 * 1024];
    boost::system::error_code failed;
    const auto count = connection_->socket.read_some(asio::buffer(bytes), failed);
    if (failed) return std::nullopt;
    text_.append(bytes, count);
  }
  return text_.substr(0, text_.size() - prompt.size());
}

bool collector_answers(const std::string& data) {
  const auto path = (std::filesystem::path(data) / kConsoleSocketName).string();
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return false;
  asio::io_context io;
  asio::local::stream_protocol::socket socket(io);
  boost::system::error_code failed;
  socket.connect(ConsoleEndpoint(path).endpoint(), failed);
  return !failed;
}

}  // namespace weir
