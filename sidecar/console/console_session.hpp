// One connection of the console: password, prompt, line, answer, prompt. The console's network thread; commands run in
// the pool. Kept alive by its own handlers.
#pragma once
#include <atomic>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <array>
#include <memory>
#include <set>
#include <string>

#include "api/query_pool.hpp"
#include "console/console_server.hpp"
#include "console/line_reader.hpp"

namespace weir {

class ConsoleSession;

struct ConsoleCounters {
  std::atomic<std::uint64_t> connections{0}, accepted{0}, connections_refused{0}, commands{0}, lines_refused{0}, answers_cut{0}, idle_closed{0},
      passwords_refused{0}, foreign_closed{0}, answers_given_up{0};
};

// What the connections share.
struct ConsoleShared {
  const ConsoleSettings settings;
  const ConsoleServices services;
  const std::string password;  // "": telnet asks for none
  ConsoleCounters counters{};
  std::set<ConsoleSession*> sessions{};  // network thread only
  boost::asio::io_context io{1};
  QueryPool pool{2, settings.max_connections};
};

class ConsoleSession : public std::enable_shared_from_this<ConsoleSession> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  ConsoleSession(ConsoleShared& shared, Socket socket, bool telnet);
  ~ConsoleSession();

  void start();
  // At once; a command that runs is given up.
  void close();

 private:
  void ask();
  void read();
  void next_line();
  void on_line(ConsoleLine line);
  void on_password(const std::string& text);
  void run(std::string line);
  void answer(std::string text);
  // Writes and goes on with `then`.
  void write(std::string text, void (ConsoleSession::*then)());
  void wait_for_a_line();
  void close_when_idle();

  ConsoleShared& shared_;
  Socket socket_;
  const bool telnet_;
  boost::asio::steady_timer idle_, deadline_;
  LineReader reader_;
  std::array<char, 4096> buffer_{};
  std::string_view unread_;  // of buffer_
  std::string outgoing_;
  std::shared_ptr<std::atomic<bool>> cancelled_;  // of the command that runs
  bool admitted_, ended_ = false, closed_ = false;
  int wrong_passwords_ = 0;
};

}  // namespace weir
