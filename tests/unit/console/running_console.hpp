// A console over a fake backend, with its socket in a folder of the test's and telnet on a free port; and a client that
// sends bytes and waits for what it expects.
#pragma once
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "console/console_prompt.hpp"
#include "console/console_server.hpp"
#include "console/console_socket.hpp"
#include "support/fake_backend.hpp"

namespace weir::testing {

struct TemporaryFolder {
  TemporaryFolder() {
    char name[] = "/tmp/weir-console-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
  std::string password_file(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(file("password")) << text;
    ::chmod(file("password").c_str(), mode);
    return file("password");
  }
  std::filesystem::path path;
};

inline constexpr int kPatienceMs = 30'000;  // past it a test fails rather than hangs

class ConsoleClient {
 public:
  explicit ConsoleClient(const std::string& socket_file) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::strncpy(address.sun_path, socket_file.c_str(), sizeof address.sun_path - 1);
    connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  explicit ConsoleClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  ~ConsoleClient() { ::close(socket_); }
  ConsoleClient(const ConsoleClient&) = delete;
  ConsoleClient& operator=(const ConsoleClient&) = delete;

  // False when the server has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }
  // All that comes up to and with `expected`; what came, when the server closed before.
  std::string receive_until(const std::string& expected) {
    for (;;) {
      if (const auto at = received_.find(expected); at != std::string::npos) {
        auto text = received_.substr(0, at + expected.size());
        received_.erase(0, text.size());
        return text;
      }
      pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, kPatienceMs) <= 0) throw std::runtime_error("nothing came; before: " + received_);
      char bytes[16 * 1024];
      const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
      if (count <= 0) return std::exchange(received_, {});
      received_.append(bytes, static_cast<std::size_t>(count));
    }
  }
  std::string receive_all() { return receive_until(std::string("\0never sent\0", 12)); }
  void expect_prompt() {
    const auto text = receive_until(kConsolePrompt);
    if (text != kConsolePrompt) throw std::runtime_error("no prompt, but: " + text);
  }
  // The answer to one line, without the prompt after it.
  std::string ask(const std::string& line) {
    send(line + "\n");
    auto text = receive_until(kConsolePrompt);
    return text.substr(0, text.size() - std::strlen(kConsolePrompt));
  }

 private:
  void connect_to(const sockaddr* address, socklen_t size) {
    if (::connect(socket_, address, size) != 0)
      throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
  }
  const int socket_;
  std::string received_;
};

struct RunningConsole {
  explicit RunningConsole(ConsoleSettings settings = {}, const std::string& password = "")
      : server(prepared(std::move(settings), password), {.backend = backend, .clock = clock}) {
    server.start();
  }
  ~RunningConsole() { backend.gated.open(); }

  ConsoleSettings prepared(ConsoleSettings settings, const std::string& password) const {
    settings.socket_file = socket_file();
    if (settings.listen.empty()) settings.listen = "127.0.0.1:0";
    if (!password.empty()) settings.password_file = folder.password_file(password);
    return settings;
  }
  std::string socket_file() const { return folder.file(kConsoleSocketName); }
  std::string metric(const std::string& name) const {
    MetricsWriter writer;
    server.write_metrics(writer);
    const auto text = writer.take();
    const auto at = text.find("\n" + name + " ") + name.size() + 2;
    return text.substr(at, text.find('\n', at) - at);
  }

  TemporaryFolder folder;
  FakeBackend backend;
  ManualClock clock{FakeBackend::kNow};
  ConsoleServer server;
};

}  // namespace weir::testing
