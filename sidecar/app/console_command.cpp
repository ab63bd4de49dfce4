// `weir console`: the commands of a running collector, over the socket in its data folder.
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>

#include "app/commands.hpp"
#include "app/line_editor.hpp"
#include "console/console_socket.hpp"

namespace weir {

namespace {

namespace asio = boost::asio;

class ConsoleClient {
 public:
  // Throws std::runtime_error saying why nobody answers, and what to do.
  explicit ConsoleClient(const std::string& data) : data_(data) {
    const auto path = (std::filesystem::path(data) / kConsoleSocketName).string();
    std::error_code ignored;
    if (!std::filesystem::is_directory(data, ignored)) throw std::runtime_error("there is no folder " + data + "; name the collector's by --data");
    const ConsoleEndpoint at(path);
    boost::system::error_code failed;
    socket_.connect(at.endpoint(), failed);
    if (failed == asio::error::access_denied) throw std::runtime_error(path + ": not allowed; run this as the collector's user (sudo -u USER weir console …)");
    if (failed) throw std::runtime_error("no collector runs on " + data + " (" + kConsoleSocketName + ": " + failed.message() + "); start it with weir run --data " + data);
    if (!read_answer()) throw std::runtime_error("the collector has as many consoles open as it may (console.max_connections); close one");
  }

  // Nothing once the collector closes the connection, as it does on quit.
  std::optional<std::string> ask(const std::string& line) {
    boost::system::error_code failed;
    asio::write(socket_, asio::buffer(line + "\n"), failed);
    return failed ? std::nullopt : read_answer();
  }
  std::runtime_error lost() const { return std::runtime_error("the collector on " + data_ + " closed the connection: it was stopped, or nothing was asked for long"); }

 private:
  // Up to the next prompt, without it.
  std::optional<std::string> read_answer() {
    const std::string prompt = kConsolePrompt;
    const auto is_whole = [&] {
      return text_.ends_with(prompt) && (text_.size() == prompt.size() || text_[text_.size() - prompt.size() - 1] == '\n');
    };
    text_.clear();
    while (!is_whole()) {
      char bytes[16 * 1024];
      boost::system::error_code failed;
      const auto count = socket_.read_some(asio::buffer(bytes), failed);
      if (failed) return std::nullopt;
      text_.append(bytes, count);
    }
    return text_.substr(0, text_.size() - prompt.size());
  }

  const std::string data_;
  asio::io_context io_;
  asio::local::stream_protocol::socket socket_{io_};
  std::string text_;
};

// As the marks of the console's answers say.
int exit_code_of(const std::string& answer) { return answer.starts_with("? ") ? 2 : answer.starts_with("! ") ? 1 : 0; }

bool is_quit(const std::string& line) {
  const auto from = line.find_first_not_of(" \t");
  return from != std::string::npos && line.substr(from, line.find_last_not_of(" \t\r") + 1 - from) == "quit";
}

// One question. What is wrong goes to standard error, so that a script's output is the answer or nothing.
int ask_and_print(ConsoleClient& client, const std::string& line) {
  const auto answer = client.ask(line);
  if (!answer) {
    if (is_quit(line)) return 0;
    throw client.lost();
  }
  const int code = exit_code_of(*answer);
  if (code == 0) std::cout << *answer << std::flush;
  else std::cerr << "weir console: " << answer->substr(2) << std::flush;
  return code;
}

}  // namespace

int console_command(const ConsoleOptions& options) {
  if (options.command.find_first_of("\r\n") != std::string::npos) {
    std::cerr << "weir console: -c takes one command, on one line\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  ConsoleClient client(load_settings(options.common).path("store.dir").string());
  if (!options.command.empty()) return ask_and_print(client, options.command);

  int worst = 0;
  if (!isatty(STDIN_FILENO)) {
    for (std::string line; std::getline(std::cin, line) && !is_quit(line);) worst = std::max(worst, ask_and_print(client, line));
    return worst;
  }
  std::cout << "Type help for the commands, quit or Ctrl-D to leave. Tab completes.\n";
  LineEditor editor;
  while (const auto line = editor.read(kConsolePrompt)) {
    if (is_quit(*line)) break;
    const auto answer = client.ask(*line);
    if (!answer) throw client.lost();
    std::cout << *answer << std::flush;
  }
  return 0;
}

}  // namespace weir
