// What the service manager hears, over a socket of the test's own.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "app/service_notifier.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

// The end of the service manager: a datagram socket by a path, or by a name of the abstract namespace ("@name").
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& name) : name_(name), fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(name.begin(), name.end(), address.sun_path);
    if (name.front() == '@') address.sun_path[0] = '\0';
    REQUIRE(bind(fd_, reinterpret_cast<const sockaddr*>(&address),
                 static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())) == 0);
  }
  ~NotifySocket() {
    close(fd_);
    if (name_.front() != '@') unlink(name_.c_str());
  }
  // "" when nothing waits.
  std::string heard() const {
    char text[512];
    const auto length = recv(fd_, text, sizeof text, 0);
    return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : "";
  }

 private:
  const std::string name_;
  const int fd_;
};

std::string socket_path() {
  return (std::filesystem::temp_directory_path() / ("weir-notify-" + std::to_string(getpid()))).string();
}

class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

}  // namespace

TEST_CASE("a service manager hears that the collector is ready, works and stops") {
  const std::string name = GENERATE(socket_path(), "@weir-notify-" + std::to_string(getpid()));
  const NotifySocket socket(name);
  const ServiceNotifier notifier(name, std::chrono::seconds(60));
  notifier.tell_ready("collects");
  CHECK(socket.heard() == "READY=1\nSTATUS=collects");
  notifier.tell_alive();
  CHECK(socket.heard() == "WATCHDOG=1");
  notifier.tell_stopping(std::chrono::seconds(65));
  CHECK(socket.heard() == "STOPPING=1\nSTATUS=Stores what waits\nEXTEND_TIMEOUT_USEC=65000000");
  CHECK(socket.heard().empty());
}

TEST_CASE("three messages fit into the time of the watchdog") {
  CHECK(ServiceNotifier("@any", std::chrono::seconds(60)).alive_interval() == std::chrono::seconds(20));
  CHECK(ServiceNotifier("@any").alive_interval().count() == 0);
}

TEST_CASE("without a service manager nothing is told, and nobody waits") {
  const ServiceNotifier notifier("", std::chrono::seconds(60));
  CHECK(notifier.alive_interval().count() == 0);
  notifier.tell_ready("collects");
}

TEST_CASE("a service manager that is gone or has too long a name does no harm") {
  ServiceNotifier(socket_path()).tell_alive();
  ServiceNotifier("/" + std::string(500, 'x')).tell_alive();
}

TEST_CASE("the environment names the service manager, and whom its watchdog watches") {
  const Variable socket("NOTIFY_SOCKET", "/run/notify");
  const Variable watchdog("WATCHDOG_USEC", "3000000");
  CHECK(ServiceNotifier::from_environment().alive_interval() == std::chrono::seconds(1));
  {
    const Variable pid("WATCHDOG_PID", std::to_string(getpid()));
    CHECK(ServiceNotifier::from_environment().alive_interval() == std::chrono::seconds(1));
  }
  {
    const Variable pid("WATCHDOG_PID", std::to_string(getpid() + 1));
    CHECK(ServiceNotifier::from_environment().alive_interval().count() == 0);
  }
  const Variable wrong("WATCHDOG_USEC", GENERATE("", "soon", "-5", "10s"));
  CHECK(ServiceNotifier::from_environment().alive_interval().count() == 0);
}
