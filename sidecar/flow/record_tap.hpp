// Flow records as they are decoded, for those who want to see them now. While nobody does, a worker pays one relaxed
// load per call. Workers put records in, console threads take them out. Any thread.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "core/clock.hpp"
#include "flow/flow_record.hpp"

namespace weir {

struct TappedRecord {
  std::int64_t at_ms = 0;  // when its datagram came
  FlowRecord record;
};

struct TappedRecords {
  std::vector<TappedRecord> records;
  std::uint64_t next = 0;    // what to ask for next
  std::uint64_t missed = 0;  // of those asked for: they came too fast
};

class RecordTap {
 public:
  explicit RecordTap(const Clock& clock) : clock_(clock) {}

  // At most `most` records from number `from` on; 0: from now on. Waits up to `patience_ms` for the first.
  TappedRecords read(std::uint64_t from, std::size_t most, std::int64_t patience_ms,
                     const std::atomic<bool>* cancelled);

  // For the workers.
  bool is_wanted() const { return wanted_.load(std::memory_order_relaxed); }
  void add(std::span<const FlowRecord> records, std::int64_t at_ms);

  static constexpr std::size_t kKept = 8192;            // for readers that come later
  static constexpr std::int64_t kForgottenMs = 10'000;  // without a reader for so long, nothing is kept

 private:
  void forget();

  const Clock& clock_;
  std::atomic<bool> wanted_{false};
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<TappedRecord> ring_;  // record number n is at n % kKept
  std::uint64_t end_ = 1;           // number of the next record
  std::uint64_t begin_ = 1;         // of the oldest that is kept
  std::int64_t read_ms_ = 0;        // when somebody asked last, by the steady clock
  unsigned waiting_ = 0;
};

}  // namespace weir
