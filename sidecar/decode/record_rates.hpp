// The sampling rates that an exporter's records have had lately. A router has a few; a sender that makes one up for
// every record would make the tables of every query grow by it. One per exporter, owned by its decoder; one thread.
#pragma once
#include <cstdint>
#include <unordered_map>

namespace weir {

class RecordRates {
 public:
  explicit RecordRates(std::uint32_t max_rates) : max_rates_(max_rates) {}

  // False when the exporter has had as many other rates within kKeptMs.
  bool take(std::uint32_t rate, std::int64_t now_ms) {
    if (rate == last_ && now_ms - last_ms_ < kTouchMs && now_ms >= last_ms_) return true;
    return take_other(rate, now_ms);
  }

 private:
  static constexpr std::int64_t kKeptMs = 3'600'000, kTouchMs = 60'000, kSweepMs = 10'000;

  bool take_other(std::uint32_t rate, std::int64_t now_ms) {
    const auto known = used_ms_.find(rate);
    if (known == used_ms_.end()) {
      if (used_ms_.size() >= max_rates_) {
        if (now_ms >= swept_ms_ && now_ms - swept_ms_ < kSweepMs) return false;
        swept_ms_ = now_ms;
        // Later than now: the clock was set back.
        std::erase_if(used_ms_, [&](const auto& entry) {
          return entry.second < now_ms - kKeptMs || entry.second > now_ms + kKeptMs;
        });
        if (used_ms_.size() >= max_rates_) return false;
      }
      used_ms_.emplace(rate, now_ms);
    } else {
      known->second = now_ms;
    }
    last_ = rate;
    last_ms_ = now_ms;
    return true;
  }

  const std::uint32_t max_rates_;
  std::unordered_map<std::uint32_t, std::int64_t> used_ms_;
  std::uint32_t last_ = 0;
  std::int64_t last_ms_ = INT64_MIN / 2, swept_ms_ = INT64_MIN / 2;
};

}  // namespace weir
