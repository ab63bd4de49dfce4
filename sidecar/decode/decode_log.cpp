// Rate limiting of the decoder's log lines.
#include "decode/decode_log.hpp"

namespace weir {

std::vector<std::string> DecodeLog::take() {
  constexpr std::int64_t kOneSecondMs = 1000;
  if (now_ms_ >= taken_ms_ && now_ms_ - taken_ms_ < kOneSecondMs) return {};  // earlier: the clock was set back
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    auto& slot = slots_[(turn_ + i) % slots_.size()];
    if (slot.count == 0) continue;
    std::string line = std::move(slot.text);
    if (slot.count > 1) line += " (and " + std::to_string(slot.count - 1) + " more like it)";
    slot = Slot{};
    turn_ = (turn_ + i + 1) % slots_.size();
    taken_ms_ = now_ms_;
    return {std::move(line)};
  }
  return {};
}

}  // namespace weir
