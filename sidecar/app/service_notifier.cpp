// Sends each message as one datagram. One that cannot be sent is dropped: the service manager notices that by itself.
#include "app/service_notifier.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace weir {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::int64_t whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

}  // namespace

ServiceNotifier ServiceNotifier::from_environment() {
  const auto watchdog_pid = variable("WATCHDOG_PID");
  const bool ours = watchdog_pid.empty() || whole_number(watchdog_pid) == getpid();
  const auto watchdog =
      std::chrono::microseconds(ours ? std::max<std::int64_t>(0, whole_number(variable("WATCHDOG_USEC"))) : 0);
  return ServiceNotifier(variable("NOTIFY_SOCKET"), std::chrono::duration_cast<std::chrono::milliseconds>(watchdog));
}

ServiceNotifier::ServiceNotifier(std::string socket, std::chrono::milliseconds watchdog)
    : socket_(std::move(socket)), watchdog_(socket_.empty() ? std::chrono::milliseconds(0) : watchdog) {}

void ServiceNotifier::tell_ready(const std::string& status) const { tell("READY=1\nSTATUS=" + status); }
void ServiceNotifier::tell_alive() const { tell("WATCHDOG=1"); }
void ServiceNotifier::tell_stopping(std::chrono::milliseconds longest) const {
  tell("STOPPING=1\nSTATUS=Stores what waits\nEXTEND_TIMEOUT_USEC=" +
       std::to_string(std::chrono::microseconds(longest).count()));
}

void ServiceNotifier::tell(const std::string& message) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::copy(socket_.begin(), socket_.end(), address.sun_path);
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  [[maybe_unused]] const auto sent =
      sendto(fd, message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length);
  close(fd);
}

}  // namespace weir
