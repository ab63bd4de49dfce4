// Who is connected to the API, and who was lately: for the console's ext. Written by the API thread, read by any.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/guarded.hpp"

namespace weir {

struct ApiConnection {
  std::string peer;  // address:port; of the ended, the address
  std::string user;  // of its token; "": none yet, or the token names nobody
  std::string role;  // of its token; "": not logged in
  bool websocket = false;
  bool open = true;
  std::int64_t since_ms = 0, last_message_ms = 0;
  std::optional<std::int64_t> token_ends_ms;  // none: not logged in
  std::uint64_t connections = 1;              // in this entry: closed ones of one peer and user are merged
  std::uint64_t messages = 0, errors = 0;     // received; answered with an error
  std::string last_error;
};

class ConnectionLog {
 public:
  static constexpr std::size_t kKeptEnded = 32;  // the oldest is forgotten first

  // The number under which the others speak of it.
  std::uint64_t opened(std::string peer, bool websocket, std::int64_t now_ms);
  void message(std::uint64_t connection, std::int64_t now_ms);
  void logged_in(std::uint64_t connection, std::string user, std::string role, std::int64_t token_ends_ms);
  void error(std::uint64_t connection, std::string_view message);
  void closed(std::uint64_t connection);

  // The open ones, oldest first; then the ended, latest first.
  std::vector<ApiConnection> connections() const;

 private:
  struct State {
    std::uint64_t next = 1;
    std::map<std::uint64_t, ApiConnection> open;
    std::deque<ApiConnection> ended;  // latest first
  };
  template <class F>
  void change(std::uint64_t connection, F&& f) {
    state_.with([&](State& s) {
      if (const auto found = s.open.find(connection); found != s.open.end()) f(found->second);
    });
  }
  Guarded<State> state_;
};

}  // namespace weir
