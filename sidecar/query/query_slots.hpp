// Who may read segments, and when. Small queries have places of their own, so they never wait for large ones. Large
// ones take turns between clients: first one query of each. A large query that runs makes way, between two segments,
// for one that is much smaller, or for a client of whom none runs. Nobody reads longer than the time limit. Any thread.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>

#include "core/setting_defaults.hpp"

namespace weir {

// What a query costs, in rows read times what is done with each; one unit takes some nanoseconds.
using QueryCost = std::uint64_t;
// Up to this a query is small: about a tenth of a second.
inline constexpr QueryCost kSmallQueryCost = 16'000'000;

struct QuerySlotsSettings {
  std::uint32_t slots = 2;  // large queries at a time, and as many small ones beside them
  std::int64_t timeout_ms = setting_defaults::kQueryTimeoutMs;  // of reading; waiting does not count
  std::function<std::int64_t()> steady_ms{};                    // absent: the machine's steady clock
};

struct QuerySlotsStatus {
  std::uint32_t small_running = 0, large_running = 0;
  std::uint32_t waiting = 0;                // not begun
  std::uint32_t paused = 0;                 // begun, and made way
  std::uint64_t pauses = 0, timed_out = 0;  // since the start
};

class QuerySlots {
 public:
  explicit QuerySlots(QuerySlotsSettings settings);
  QuerySlots(const QuerySlots&) = delete;
  QuerySlots& operator=(const QuerySlots&) = delete;

  QuerySlotsStatus status() const;
  std::int64_t timeout_ms() const { return settings_.timeout_ms; }

 private:
  friend class QueryTurn;
  enum class Class : std::uint8_t { kSmall, kLarge, kBackground };
  enum class State : std::uint8_t { kWaiting, kRunning, kPaused };
  struct Ticket {
    std::string client;
    Class of = Class::kSmall;
    State state = State::kWaiting;
    QueryCost cost = 0;
    std::uint64_t order = 0;
    std::int64_t since_ms = 0;  // of the state
    std::int64_t ran_ms = 0;    // before that
  };

  std::int64_t now_ms() const { return settings_.steady_ms(); }
  bool is_small(const Ticket& t) const { return t.of == Class::kSmall; }
  void set_state(Ticket& ticket, State state);
  void hand_out();
  Ticket* next_of(bool small);
  bool goes_before(const Ticket& a, const Ticket& b) const;
  bool makes_way(const Ticket& running) const;
  std::uint32_t running(bool small) const;
  std::uint32_t running_of(const std::string& client) const;

  QuerySlotsSettings settings_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Ticket> tickets_;
  std::map<std::string, std::uint64_t> served_;  // by client with tickets: when a query of it last began, as `order`
  std::uint64_t next_order_ = 1;
  std::uint64_t pauses_ = 0, timed_out_ = 0;
};

// One query's place, from before its first segment to its end. go_on() from all threads of the query, the rest from
// one.
class QueryTurn {
 public:
  struct Asker {
    std::string client;       // who takes turns with others
    bool background = false;  // behind all others
  };
  // Without slots there is nothing to wait for.
  QueryTurn(QuerySlots* slots, Asker asker, const std::atomic<bool>* cancelled)
      : slots_(slots), asker_(std::move(asker)), cancelled_(cancelled) {}
  ~QueryTurn();
  QueryTurn(const QueryTurn&) = delete;
  QueryTurn& operator=(const QueryTurn&) = delete;

  // Asks for a place. True when it is there at once; else wait() for it, and hold nothing meanwhile.
  bool ask(QueryCost cost);
  // False: cancelled.
  bool wait();
  // Between two segments. Waits while others go first. False: the query has to end, see timed_out().
  bool go_on();
  bool timed_out() const { return timed_out_; }
  std::string refusal() const;
  // Beside other large queries a second thread would only take their time.
  unsigned threads(unsigned most) const;

 private:
  bool is_cancelled() const { return cancelled_ != nullptr && cancelled_->load(std::memory_order_relaxed); }
  bool wait_until_running(std::unique_lock<std::mutex>& lock);

  QuerySlots* const slots_;
  const Asker asker_;
  const std::atomic<bool>* const cancelled_;
  std::list<QuerySlots::Ticket>::iterator ticket_{};
  bool asked_ = false;
  std::atomic<bool> timed_out_{false};
};

}  // namespace weir
