// What must survive a restart: incidents, silences, the states of rules, and the queue of messages; one SQLite file.
// What belongs together is one transaction, so that kill -9 loses no alert and doubles none. Any thread; see
// KeptDatabase for what happens when the file is damaged or refuses.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "alert/incident.hpp"
#include "alert/key_states.hpp"
#include "core/clock.hpp"
#include "core/setting_defaults.hpp"
#include "sqlite/kept_database.hpp"

namespace weir {

struct LedgerLimits {
  std::uint32_t storm = setting_defaults::kAlertStorm;  // new alerts of one rule at once; more are one message
  std::uint64_t max_messages = setting_defaults::kAlertQueueMessages;    // waiting; beyond, the oldest are given up
  std::int64_t keep_ms = setting_defaults::kAlertKeepDays * 86'400'000;  // resolved incidents
};

struct LedgerCounts {
  std::uint64_t firing = 0, waiting_messages = 0, given_up_messages = 0, storms = 0;
};

// Which targets an opening or closing incident goes to, and with which text; see RouteScript.
using RouteFunction = std::function<std::vector<std::string>(Incident& incident)>;

class Ledger {
 public:
  // Throws std::runtime_error when the file is of a newer version of the program.
  Ledger(const std::string& path, const LedgerLimits& limits, const Clock& clock);

  // The outcome of a rule's windows. `steps` are incidents that opened (kFiring) and closed (kResolved), in order.
  // Steps of a window that is evaluated again have ids that the ledger has already, and change nothing. After the call
  // the open incidents of the rule are those of the keys in `firing`: other open incidents are closed, an incident that
  // was closed too early is opened again, and a key without an incident gets the one that missing() returns.
  struct Outcome {
    std::string rule;
    std::vector<Incident> steps;
    std::vector<std::pair<std::string, std::int64_t>> firing;  // key, since
    std::int64_t at_ms = 0;
    std::function<Incident(const std::string& key, std::int64_t since_ms)> missing;
    const KeyStates* settled = nullptr;
  };
  void record(const Outcome& outcome);
  // Puts into the queue what is due for it: not silenced, not said yet; a storm as one.
  void announce(std::int64_t now_ms, const RouteFunction& route);
  // Closes what rules that are gone or off had open.
  void close_others(const std::vector<std::string>& rules, std::int64_t now_ms);

  struct SavedStates {
    std::map<std::string, KeyState> states;
    std::int64_t end_ms = 0;
  };
  std::optional<SavedStates> saved_states(const std::string& rule);

  // Firing ones, or all; newest first.
  std::vector<Incident> incidents(bool firing_only, std::size_t limit, std::int64_t now_ms);
  // False when there is no such incident.
  bool acknowledge(const std::string& id, const std::string& by, std::int64_t now_ms);
  std::int64_t add_silence(const Silence& silence);
  bool remove_silence(std::int64_t id);
  std::vector<Silence> silences(std::int64_t now_ms);

  // Messages of a target whose time has come, oldest first; of one incident never a later before an earlier. Those
  // that would have to wait beyond `latest_ms` are due: the clock was set back.
  std::vector<Notification> due_messages(const std::string& target, std::int64_t now_ms, std::size_t limit,
                                         std::int64_t latest_ms = INT64_MAX);
  void delivered(std::int64_t delivery);
  void failed(std::int64_t delivery, std::int64_t next_ms, const std::string& why);
  void give_up(std::int64_t delivery);
  // Old incidents and silences that have ended.
  void prune(std::int64_t now_ms);
  LedgerCounts counts();

  KeptDatabaseStatus file_status() const { return kept_.status(); }
  // Rises when the file was made anew and rows may be missing: whoever has them in memory records them again.
  std::uint64_t generation();

 private:
  // What is to be said about an incident.
  struct Announcement {
    Incident incident;
    bool opens = true;
    int said = 0;             // afterwards, of the incident
    bool is_new = false;      // a storm that begins
    bool has_message = true;  // a storm speaks for its members
    std::vector<std::string> targets;
    std::string body;  // of the message
  };
  template <class F>
  decltype(auto) read(F&& f) {
    return kept_.read([&](Database& database) -> decltype(auto) {
      database_ = &database;
      return f();
    });
  }
  template <class F>
  decltype(auto) write(F&& f) {
    return kept_.write([&](Database& database) -> decltype(auto) {
      database_ = &database;
      begin_anew();
      return f();
    });
  }
  void begin_anew();
  std::vector<Incident> select(Statement&& statement);
  void open(const Incident& incident);
  void save_states(const std::string& rule, const KeyStates& states);
  bool is_silenced(const Incident& incident, std::int64_t now_ms);
  void mark(const Incident& incident, int said, const std::string& group);
  std::vector<Announcement> openings(std::int64_t now_ms);
  std::vector<Announcement> closings();
  // Of the incidents of one rule: the storm that is open speaks for them, or a new one.
  void add_storm(std::vector<Announcement>& all, std::vector<Incident>&& members);
  void say(std::vector<Announcement>&& all, std::int64_t now_ms, const RouteFunction& route);
  std::uint64_t enqueue(const Announcement& announcement, std::int64_t now_ms);
  std::uint64_t count(const char* sql);

  std::mutex mutex_;
  const LedgerLimits limits_;
  KeptDatabase kept_;
  Database* database_ = nullptr;  // the one in use, while it is
  std::uint64_t generation_ = 0;  // that messages are numbered for
  std::uint64_t given_up_ = 0, storms_ = 0;
};

}  // namespace weir
