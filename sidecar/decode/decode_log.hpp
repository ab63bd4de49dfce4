// What went wrong lately, for the log: one line a second at most, whatever is sent. Owned by one decoder; one thread.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weir {

enum class DecodeFault : std::uint8_t {
  kMalformed,
  kUnsupported,
  kTemplateRefused,
  kSamplingRefused,
  kDomainRefused,
  kWaitingDropped,
  kExporterRefused,
  kRecordRefused,
  kWithdrawal,
  kMisfit,
  kNameRefused,
  kCount
};

class DecodeLog {
 public:
  // Counts a fault; `text()` is only called when no line of its kind waits to be taken.
  template <class F>
  void note(DecodeFault kind, F&& text) {
    auto& slot = slots_[static_cast<std::size_t>(kind)];
    if (slot.count++ == 0) slot.text = std::forward<F>(text)();
  }
  void set_time(std::int64_t now_ms) { now_ms_ = now_ms; }
  // The next waiting line, kinds taking turns; nothing within a second of the last.
  std::vector<std::string> take();

 private:
  struct Slot {
    std::string text;
    std::uint64_t count = 0;
  };
  std::array<Slot, static_cast<std::size_t>(DecodeFault::kCount)> slots_;
  std::size_t turn_ = 0;
  std::int64_t now_ms_ = 0, taken_ms_ = INT64_MIN / 2;
};

}  // namespace weir
