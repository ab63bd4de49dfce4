// The service manager that started the program, if one did: it is told when flows are received, that the collector
// still works, and when it stops (the datagrams of sd_notify(3)). Main thread.
#pragma once
#include <chrono>
#include <string>

namespace weir {

class ServiceNotifier {
 public:
  // As the environment has it: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID. Without the first, nothing is told to
  // anybody.
  static ServiceNotifier from_environment();
  // `socket`: a path, or "@name" of the abstract namespace; "": there is no service manager.
  explicit ServiceNotifier(std::string socket, std::chrono::milliseconds watchdog = {});

  void tell_ready(const std::string& status) const;
  void tell_alive() const;
  // The stop may take `longest` from now on.
  void tell_stopping(std::chrono::milliseconds longest) const;

  // How often to tell that the collector works, so that one late message does no harm; 0: nobody waits for it.
  std::chrono::milliseconds alive_interval() const { return watchdog_ / 3; }

 private:
  void tell(const std::string& message) const;

  const std::string socket_;
  const std::chrono::milliseconds watchdog_;
};

}  // namespace weir
