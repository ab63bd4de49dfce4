// Opens the sockets, accepts connections, starts and stops.
#include "console/console_server.hpp"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstring>
#include <fstream>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "api/listen_endpoint.hpp"
#include "console/console_session.hpp"
#include "console/console_socket.hpp"

namespace weir {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using LocalStream = asio::local::stream_protocol;

constexpr std::size_t kMinPasswordLength = 8, kMaxPasswordLength = 1024;

std::string load_password(const std::string& path) {
  if (path.empty()) return "";
  const auto wrong = [&](const std::string& what) {
    return std::runtime_error("console.password_file: " + path + ": " + what);
  };
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw wrong(std::strerror(errno));
  if (status.st_mode & (S_IROTH | S_IWOTH)) throw wrong("every user can read it: chmod 600 it");
  std::ifstream file(path);
  std::string text(kMaxPasswordLength + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (!file && file.gcount() == 0)) throw wrong("cannot be read, or is empty");
  text.resize(static_cast<std::size_t>(file.gcount()));
  text.resize(text.find_last_not_of(" \t\r\n") + 1);
  if (text.size() < kMinPasswordLength || text.size() > kMaxPasswordLength) {
    throw wrong("a password has " + std::to_string(kMinPasswordLength) + " to " + std::to_string(kMaxPasswordLength) +
                " characters");
  }
  return text;
}

tcp::endpoint telnet_endpoint(const ConsoleSettings& settings) {
  const auto& text = settings.listen;
  const auto wrong = [&](const std::string& what) {
    return std::runtime_error("console.listen = \"" + text + "\": " + what);
  };
  const auto endpoint = parse_listen_endpoint(text);
  if (!endpoint) throw wrong(endpoint.error().message + "; write ADDRESS:PORT, such as 127.0.0.1:2323 or [::1]:2323");
  if (!endpoint->address().is_loopback() && settings.password_file.empty()) {
    throw wrong(
        "whoever reaches this address could use the console. Set console.password_file, or listen on 127.0.0.1");
  }
  return *endpoint;
}

// Whose connections end here: one accept loop.
template <class Protocol>
class Door {
 public:
  explicit Door(ConsoleShared& shared) : acceptor(shared.io), shared_(shared), pause_(shared.io) {}

  void accept() {
    acceptor.async_accept([this](boost::system::error_code failed, typename Protocol::socket socket) {
      if (failed == asio::error::operation_aborted || !acceptor.is_open()) return;
      if (failed) {  // out of descriptors, most likely: others close theirs in time
        pause_.expires_after(std::chrono::milliseconds(100));
        pause_.async_wait([this](boost::system::error_code ended) {
          if (!ended) accept();
        });
        return;
      }
      ++shared_.counters.accepted;
      take(std::move(socket));
      accept();
    });
  }
  void close() {
    boost::system::error_code ignored;
    acceptor.close(ignored);
    pause_.cancel();
  }

  typename Protocol::acceptor acceptor;

 private:
  void take(tcp::socket socket) {
    boost::system::error_code gone;
    const auto peer = socket.remote_endpoint(gone);
    if (!gone)
      std::make_shared<ConsoleSession>(shared_, ConsoleSession::Socket(std::move(socket)),
                                       client_network(peer.address()))
          ->start();
  }
  void take(LocalStream::socket socket) {
    if (shared_.local_sessions.size() >= shared_.settings.max_connections) ++shared_.counters.connections_refused;
    else std::make_shared<ConsoleSession>(shared_, ConsoleSession::Socket(std::move(socket)), std::nullopt)->start();
  }

  ConsoleShared& shared_;
  asio::steady_timer pause_;
};

}  // namespace

struct ConsoleServer::Impl {
  Impl(const ConsoleSettings& s, const ConsoleServices& services)
      : shared{.settings = s, .services = services, .password = load_password(s.password_file)} {
    shared.telnet_places.on_displaced([this](const ClientNetwork& from) {
      shared.counters.displaced.note(shared.services.clock.now_ms(), from.text());
    });
    if (!settings().listen.empty()) open_telnet();
    open_local();
  }
  ~Impl() {
    if (local.acceptor.is_open()) ::unlink(settings().socket_file.c_str());
  }
  const ConsoleSettings& settings() const { return shared.settings; }

  void open_local() {
    boost::system::error_code failed;
    const ConsoleEndpoint at(settings().socket_file);
    ::unlink(settings().socket_file.c_str());
    local.acceptor.open(LocalStream(), failed);
    if (!failed) local.acceptor.bind(at.endpoint(), failed);
    // Nobody can connect before listen(): the mode is right by then.
    if (!failed && ::chmod(settings().socket_file.c_str(), S_IRUSR | S_IWUSR) != 0)
      failed = {errno, boost::system::system_category()};
    if (!failed) local.acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed)
      throw std::runtime_error("console: cannot make the socket " + settings().socket_file + ": " + failed.message());
  }

  void open_telnet() {
    const auto endpoint = telnet_endpoint(settings());
    boost::system::error_code failed;
    telnet.acceptor.open(endpoint.protocol(), failed);
    if (!failed) telnet.acceptor.set_option(asio::socket_base::reuse_address(true), failed);
    if (!failed) telnet.acceptor.bind(endpoint, failed);
    if (!failed) telnet.acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed) throw std::runtime_error("console.listen = \"" + settings().listen + "\": " + failed.message());
    port = telnet.acceptor.local_endpoint().port();
  }

  ConsoleShared shared;
  Door<LocalStream> local{shared};
  Door<tcp> telnet{shared};
  std::uint16_t port = 0;
  std::thread thread;
};

ConsoleServer::ConsoleServer(const ConsoleSettings& settings, const ConsoleServices& services)
    : impl_(std::make_unique<Impl>(settings, services)) {}

ConsoleServer::~ConsoleServer() { stop(); }

std::uint16_t ConsoleServer::telnet_port() const { return impl_->port; }

void ConsoleServer::start() {
  impl_->local.accept();
  if (impl_->telnet.acceptor.is_open()) impl_->telnet.accept();
  impl_->thread = std::thread([this] {
    pthread_setname_np(pthread_self(), "weir-console");
    const auto guard = asio::make_work_guard(impl_->shared.io);
    impl_->shared.io.run();
  });
}

void ConsoleServer::stop() {
  auto& shared = impl_->shared;
  if (impl_->thread.joinable()) {
    std::promise<void> closed;
    asio::post(shared.io, [&] {
      if (impl_->local.acceptor.is_open()) ::unlink(impl_->settings().socket_file.c_str());
      impl_->local.close();
      impl_->telnet.close();
      const std::vector<ConsoleSession*> open(shared.local_sessions.begin(), shared.local_sessions.end());
      for (auto* session : open) session->close();
      for (auto* session : shared.telnet_places.all()) session->close();
      closed.set_value();
    });
    closed.get_future().wait();
  }
  shared.local_pool.stop();
  shared.telnet_pool.stop();
  shared.io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

std::vector<RefusalStatus> ConsoleServer::refusals() const {
  return {impl_->shared.counters.passwords_refused.status(), impl_->shared.counters.displaced.status()};
}

void ConsoleServer::write_metrics(MetricsWriter& w) const {
  const auto& c = impl_->shared.counters;
  w.gauge("weir_console_connections", "Open connections of the console.", c.connections);
  w.gauge("weir_console_telnet_connections", "Of these, over telnet.", c.telnet_connections);
  w.counter("weir_console_accepted_total", "Connections that came to the console.", c.accepted);
  w.counter("weir_console_connections_refused_total",
            "Connections past console.max_connections, or console.max_telnet_connections.", c.connections_refused);
  w.counter("weir_console_telnet_displaced_total",
            "Telnet connections closed before their login, to make room for newcomers.", c.displaced.count());
  w.counter("weir_console_login_timeouts_total", "Telnet connections closed after console.login_timeout_ms.",
            c.login_timeouts);
  w.counter("weir_console_commands_total", "Lines that were answered.", c.commands);
  w.counter("weir_console_lines_refused_total", "Lines longer than console.max_line_bytes.", c.lines_refused);
  w.counter("weir_console_answers_cut_total", "Answers longer than console.max_answer_bytes.", c.answers_cut);
  w.counter("weir_console_answers_given_up_total", "Commands that took longer than console.answer_timeout_ms.",
            c.answers_given_up);
  w.counter("weir_console_idle_closed_total", "Connections closed after console.idle_timeout_ms.", c.idle_closed);
  w.counter("weir_console_passwords_refused_total", "Wrong passwords.", c.passwords_refused.count());
  w.counter("weir_console_foreign_closed_total", "Connections closed because they spoke HTTP.", c.foreign_closed);
}

}  // namespace weir
