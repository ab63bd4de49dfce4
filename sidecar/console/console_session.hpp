// One connection of the console: password, prompt, line, answer, prompt. The console's network thread; commands run in
// the pool. Kept alive by its own handlers.
#pragma once
#include <array>
#include <atomic>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "api/connection_places.hpp"
#include "api/query_pool.hpp"
#include "console/console_server.hpp"
#include "console/guess_brake.hpp"
#include "console/line_reader.hpp"
#include "core/refusal_tally.hpp"

namespace weir {

class ConsoleSession;

struct ConsoleCounters {
  std::atomic<std::uint64_t> connections{0}, telnet_connections{0}, accepted{0}, connections_refused{0}, commands{0},
      lines_refused{0}, answers_cut{0}, idle_closed{0}, login_timeouts{0}, foreign_closed{0}, answers_given_up{0};

  RefusalTally passwords_refused{"console", "a wrong password at telnet",
                                 "somebody guesses: close console.listen to that network, or use the socket of the "
                                 "data folder (weir console) alone"};
  RefusalTally displaced{"console", "a telnet connection was closed before its login, to make room for a newcomer",
                         "somebody opens connections to console.listen and does not log in: close it to that network"};
};

// What the connections share.
struct ConsoleShared {
  const ConsoleSettings settings;
  const ConsoleServices services;
  const std::string password;  // "": telnet asks for none
  ConsoleCounters counters{};
  // Network thread only. Telnet has places, and threads, of its own: whatever happens there, the socket answers.
  std::set<ConsoleSession*> local_sessions{};
  ConnectionPlaces telnet_places{{.members = settings.max_telnet_connections,
                                  .strangers = settings.max_telnet_connections,
                                  .strangers_per_network = (settings.max_telnet_connections + 3) / 4}};
  GuessBrake brake{settings.wrong_password_ms};
  boost::asio::io_context io{1};
  QueryPool local_pool{2, settings.max_connections};
  QueryPool telnet_pool{2, settings.max_telnet_connections};
};

class ConsoleSession final : public Connection, public std::enable_shared_from_this<ConsoleSession> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  // `telnet`: who calls; none: the socket in the data folder.
  ConsoleSession(ConsoleShared& shared, Socket socket, std::optional<ClientNetwork> telnet);
  ~ConsoleSession() override;

  void start();
  // At once; a command that runs is given up.
  void close() override;

 private:
  void ask();
  void read();
  void next_line();
  void on_line(ConsoleLine line);
  void on_password(const std::string& text);
  void check_password(const std::string& text);
  // Of telnet: has a place as somebody who may use the console. False, and closed, when there is none.
  bool admit();
  void run(std::string line);
  void answer(std::string text);
  // Writes and goes on with `then`.
  void write(std::string text, void (ConsoleSession::*then)());
  void wait_for_a_line();
  void close_when_idle();

  ConsoleShared& shared_;
  Socket socket_;
  const std::optional<ClientNetwork> telnet_;
  ConnectionPlaces::Id place_ = 0;  // of telnet
  boost::asio::steady_timer idle_, deadline_, login_;
  LineReader reader_;
  std::array<char, 4096> buffer_{};
  std::string_view unread_;  // of buffer_
  std::string outgoing_;
  std::shared_ptr<std::atomic<bool>> cancelled_;  // of the command that runs
  bool admitted_, ended_ = false, closed_ = false;
  int wrong_passwords_ = 0;
};

}  // namespace weir
