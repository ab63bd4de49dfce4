// Empties the queue of messages: one thread per target, in order, at least once. A target that cannot be reached is
// tried again after 1, 2, 4 … seconds; a message that it refuses waits alone.
#pragma once
#include <atomic>
#include <condition_variable>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "alert/ledger.hpp"
#include "alert/target.hpp"
#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "core/setting_defaults.hpp"

namespace weir {

struct DelivererLimits {
  std::uint32_t messages_per_minute = setting_defaults::kAlertMessagesPerMinute;  // per target that people read
  std::int64_t max_retry_ms = setting_defaults::kAlertMaxRetryMs;
  std::int64_t max_age_ms = setting_defaults::kAlertMaxMessageAgeHours * 3'600'000;  // then a message is given up
};

struct TargetStatus {
  std::string name;
  std::uint64_t sent = 0, failures = 0, given_up = 0;
  std::int64_t last_sent_ms = 0, last_failure_ms = 0;
  std::string last_error;  // "" when the last try went well
};

class Deliverer {
 public:
  Deliverer(Ledger& ledger, std::vector<std::unique_ptr<AlertTarget>> targets, const DelivererLimits& limits,
            const Clock& clock);
  ~Deliverer();

  void start();
  // What is being sent ends; it may have arrived, and is sent again after the next start.
  void interrupt() { interrupted_ = true; }
  // interrupt(), and ends the threads; the rest stays queued.
  void stop();
  // There may be something new in the queue.
  void wake();

  // One round for one target, as its thread makes it: what is due and within the rate; true: more is due. For tests,
  // without start().
  bool deliver_due(std::size_t target);
  std::size_t target_count() const { return targets_.size(); }
  std::vector<std::string> target_names() const;
  std::vector<TargetStatus> status() const;
  // Sends a message that says it is a test, past the queue, opening and closing. The error is the target's.
  Result<void> test(const std::string& target);

 private:
  struct Place {
    std::unique_ptr<AlertTarget> target;
    std::mutex sending;
    std::int64_t not_before_ms = 0;  // after failures in a row
    std::uint32_t failures_in_a_row = 0;
    std::int64_t minute = 0;  // the one that sent_in_minute counts
    std::uint32_t sent_in_minute = 0;
    Guarded<TargetStatus> status;
    std::thread thread;
  };
  void run(std::size_t target);
  std::int64_t retry_ms(std::uint32_t failures) const;

  Ledger& ledger_;
  const DelivererLimits limits_;
  const Clock& clock_;
  std::vector<std::unique_ptr<Place>> targets_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::uint64_t wakes_ = 0;
  bool stopping_ = false;
  std::atomic<bool> interrupted_{false};
};

}  // namespace weir
