// Keeps records in a ring while somebody reads them.
#include "flow/record_tap.hpp"

#include <algorithm>
#include <chrono>

namespace weir {

namespace {
constexpr std::int64_t kLookMs = 100;  // how soon a cancelled reader ends
}  // namespace

void RecordTap::forget() {
  wanted_.store(false, std::memory_order_relaxed);
  ring_ = {};
  begin_ = end_;
}

TappedRecords RecordTap::read(std::uint64_t from, std::size_t most, std::int64_t patience_ms,
                              const std::atomic<bool>* cancelled) {
  std::unique_lock lock(mutex_);
  if (ring_.empty()) ring_.resize(kKept);
  wanted_.store(true, std::memory_order_relaxed);
  if (from == 0 || from > end_) from = end_;
  const auto is_over = [&] { return end_ > from || (cancelled != nullptr && *cancelled); };
  ++waiting_;
  for (std::int64_t waited = 0; !is_over() && waited < patience_ms; waited += kLookMs) {
    came_.wait_for(lock, std::chrono::milliseconds(std::min(kLookMs, patience_ms - waited)), is_over);
  }
  --waiting_;
  read_ms_ = clock_.steady_ms();
  TappedRecords taken;
  if (from < begin_) {
    taken.missed = begin_ - from;
    from = begin_;
  }
  for (; from < end_ && taken.records.size() < most; ++from) taken.records.push_back(ring_[from % kKept]);
  taken.next = from;
  return taken;
}

void RecordTap::add(std::span<const FlowRecord> records, std::int64_t at_ms) {
  const std::lock_guard lock(mutex_);
  if (!is_wanted()) return;
  if (waiting_ == 0 && clock_.steady_ms() - read_ms_ > kForgottenMs) return forget();
  for (const auto& record : records) ring_[end_++ % kKept] = {.at_ms = at_ms, .record = record};
  if (end_ - begin_ > kKept) begin_ = end_ - kKept;
  came_.notify_all();
}

}  // namespace weir
