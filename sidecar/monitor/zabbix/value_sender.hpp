// Delivers values to the trapper, in order. What Zabbix does not take waits in the queue on disk, and goes before newer
// ones; tries pause 1, 2, 4 … seconds. Lists for discovery rules do not wait: the next round has newer ones. One
// thread; status() any.
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "monitor/monitor_settings.hpp"
#include "monitor/zabbix/value_queue.hpp"

namespace weir {

struct SenderStatus {
  std::uint64_t sent = 0, refused = 0, waiting = 0, given_up = 0, failures = 0;
  std::string last_error;                        // "" when the last try went well
  std::int64_t since_ms = 0;                     // since when tries go well, or do not; 0: none was made
  std::uint64_t refused_lately = 0, lately = 0;  // of the values of the last round
  KeptDatabaseStatus file;                       // of the queue
};

class ValueSender {
 public:
  // Throws std::runtime_error naming zabbix.server when it is no host:port, or the queue's file when it is of a newer
  // version.
  ValueSender(const MonitorSettings& settings, const Clock& clock, const std::atomic<bool>* stopping);

  // Gives each value that has no stamp one of now and sends it, or keeps it.
  void deliver(std::vector<SenderValue> values);
  // Sends what waits, when its time has come.
  void drain();
  SenderStatus status() const {
    return status_.with([](const SenderStatus& s) { return s; });
  }

 private:
  bool is_due() const;
  // What Zabbix took and refused of it; none when it took nothing in.
  std::optional<SenderAnswer> send(std::span<const SenderValue> values);
  void keep(std::span<const SenderValue> values);
  void publish_queue();

  const MonitorSettings& settings_;
  const Clock& clock_;
  const std::atomic<bool>* stopping_;
  HostPort server_;
  ValueQueue queue_;
  RisingStamps stamps_;
  std::uint32_t failures_in_a_row_ = 0;
  std::int64_t not_before_ms_ = 0;
  Guarded<SenderStatus> status_;
};

}  // namespace weir
