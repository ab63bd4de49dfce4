// Keeps a map of open connections and a short list of closed ones.
#include "api/connection_log.hpp"

#include <algorithm>
#include <utility>

namespace weir {

namespace {
constexpr std::size_t kMaxErrorLength = 200;
constexpr std::size_t kMaxUserLength = 64;

std::string without_port(const std::string& peer) { return peer.substr(0, peer.rfind(':')); }
}  // namespace

std::uint64_t ConnectionLog::opened(std::string peer, bool websocket, std::int64_t now_ms) {
  return state_.with([&](State& s) {
    s.open.emplace(s.next, ApiConnection{.peer = std::move(peer), .websocket = websocket, .since_ms = now_ms});
    return s.next++;
  });
}

void ConnectionLog::message(std::uint64_t connection, std::int64_t now_ms) {
  change(connection, [&](ApiConnection& c) {
    c.last_message_ms = now_ms;
    ++c.messages;
  });
}

void ConnectionLog::logged_in(std::uint64_t connection, std::string user, std::string role,
                              std::int64_t token_ends_ms) {
  user.resize(std::min(user.size(), kMaxUserLength));
  change(connection, [&](ApiConnection& c) {
    c.user = std::move(user);
    c.role = std::move(role);
    c.token_ends_ms = token_ends_ms;
  });
}

void ConnectionLog::error(std::uint64_t connection, std::string_view message) {
  change(connection, [&](ApiConnection& c) {
    ++c.errors;
    c.last_error = message.substr(0, kMaxErrorLength);
  });
}

void ConnectionLog::closed(std::uint64_t connection) {
  state_.with([&](State& s) {
    const auto found = s.open.find(connection);
    if (found == s.open.end()) return;
    auto ended = std::move(found->second);
    s.open.erase(found);
    if (ended.messages == 0) return;  // became a WebSocket, or said nothing
    ended.open = false;
    ended.peer = without_port(ended.peer);
    const auto same = std::find_if(s.ended.begin(), s.ended.end(), [&](const ApiConnection& c) {
      return c.peer == ended.peer && c.user == ended.user && c.role == ended.role && c.websocket == ended.websocket;
    });
    if (same != s.ended.end()) {
      ended.since_ms = same->since_ms;
      ended.connections += same->connections;
      ended.messages += same->messages;
      ended.errors += same->errors;
      if (ended.last_error.empty()) ended.last_error = std::move(same->last_error);
      s.ended.erase(same);
    }
    s.ended.push_front(std::move(ended));
    if (s.ended.size() > kKeptEnded) s.ended.pop_back();
  });
}

std::vector<ApiConnection> ConnectionLog::connections() const {
  return state_.with([](const State& s) {
    std::vector<ApiConnection> all;
    for (const auto& [number, connection] : s.open) all.push_back(connection);
    all.insert(all.end(), s.ended.begin(), s.ended.end());
    return all;
  });
}

}  // namespace weir
