// The console stage: lines in, text out, over a Unix socket in the data folder and, if set, over telnet. One thread for
// the sockets, two for the commands of each: whatever is asked or sent, the collector goes on.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "console/console_call.hpp"
#include "core/metrics.hpp"
#include "core/refusal_tally.hpp"
#include "core/setting_defaults.hpp"

namespace weir {

// Names are those of [console] in weir.toml.
struct ConsoleSettings {
  std::string socket_file;    // made with mode 0600; required
  std::string listen;         // telnet: ADDRESS:PORT, port 0: any free one; "": none
  std::string password_file;  // telnet asks for what is in it; required beyond loopback
  std::uint32_t max_connections = setting_defaults::kConsoleMaxConnections;  // over the socket
  std::uint32_t max_telnet_connections =
      setting_defaults::kConsoleMaxTelnetConnections;  // over telnet that have logged in; as many may be about to
  std::uint32_t login_timeout_ms = setting_defaults::kConsoleLoginTimeoutMs;  // for the password
  std::uint32_t max_line_bytes = setting_defaults::kConsoleMaxLineBytes;      // longer ones are refused
  std::uint32_t max_answer_bytes = setting_defaults::kConsoleMaxAnswerBytes;  // longer ones are cut
  std::uint32_t idle_timeout_ms = setting_defaults::kConsoleIdleTimeoutMs;    // between lines
  std::uint32_t answer_timeout_ms =
      setting_defaults::kConsoleAnswerTimeoutMs;  // a question that takes longer is given up
  std::uint32_t wrong_password_ms = 1000;         // wait after a wrong one; doubles with each further one of a network
};

class ConsoleServer {
 public:
  // Binds both. Throws std::runtime_error naming the setting or file. An old socket file is replaced: the caller holds
  // the data folder's lock.
  ConsoleServer(const ConsoleSettings& settings, const ConsoleServices& services);
  ~ConsoleServer();
  ConsoleServer(const ConsoleServer&) = delete;
  ConsoleServer& operator=(const ConsoleServer&) = delete;

  void start();
  // Gives up what runs, closes the connections, removes the socket file. Harmless when repeated.
  void stop();
  // Of telnet; 0 without.
  std::uint16_t telnet_port() const;
  // Any thread.
  std::vector<RefusalStatus> refusals() const;
  void write_metrics(MetricsWriter& writer) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
