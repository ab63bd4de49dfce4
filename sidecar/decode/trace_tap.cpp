// There is one place to wait in.
#include "decode/trace_tap.hpp"

#include <algorithm>
#include <chrono>

namespace weir {

namespace {
constexpr std::int64_t kLookMs = 100;  // how soon a cancelled trace ends
}  // namespace

Result<std::vector<std::string>> TraceTap::wait(const TraceRequest& request) {
  std::unique_lock lock(mutex_);
  if (taken_) return error("another trace is under way; try again when it has ended");
  taken_ = true;
  exporter_ = request.exporter;
  missing_ = request.datagrams;
  room_ = request.max_bytes;
  texts_.clear();
  wanted_.store(true, std::memory_order_relaxed);
  const auto is_over = [&] {
    return missing_ == 0 || room_ == 0 || (request.cancelled != nullptr && *request.cancelled);
  };
  for (std::int64_t waited = 0; !is_over() && waited < request.patience_ms; waited += kLookMs) {
    came_.wait_for(lock, std::chrono::milliseconds(std::min(kLookMs, request.patience_ms - waited)), is_over);
  }
  wanted_.store(false, std::memory_order_relaxed);
  taken_ = false;
  missing_ = 0;
  return std::move(texts_);
}

std::size_t TraceTap::room_for(const IpAddress& source) {
  const std::lock_guard lock(mutex_);
  return taken_ && missing_ != 0 && source == exporter_ ? room_ : 0;
}

void TraceTap::add(const IpAddress& source, std::string text) {
  const std::lock_guard lock(mutex_);
  if (!taken_ || missing_ == 0 || source != exporter_) return;
  room_ -= std::min(room_, text.size());
  texts_.push_back(std::move(text));
  if (--missing_ == 0 || room_ == 0) came_.notify_all();
}

}  // namespace weir
