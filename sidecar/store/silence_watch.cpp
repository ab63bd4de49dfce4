// An exporter sends all the time, with pauses now and then, or it sends now and then, with pauses between. Of the first
// kind a pause of a minute is a silence; of the second one that is clearly longer than its others.
#include "store/silence_watch.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace weir {

SilenceWatch::SilenceWatch(std::int64_t tolerated_ms, std::optional<std::int64_t> open_since_ms, std::int64_t now_ms)
    : heard_ms_(now_ms), sending_since_ms_(now_ms), restored_ms_(tolerated_ms), open_(open_since_ms) {}

std::optional<SilentTime> SilenceWatch::look(std::int64_t heard_ms, std::int64_t now_ms) {
  if (heard_ms > heard_ms_ || (heard_in_this_run_ && heard_ms < heard_ms_)) {
    const bool first = !std::exchange(heard_in_this_run_, true) || heard_ms < heard_ms_;  // or the clock was set back
    const auto pause = heard_ms - heard_ms_;
    std::optional<SilentTime> ended;
    if (first) {
      if (open_) ended = end_silence(heard_ms);
      sending_since_ms_ = heard_ms;
    } else if (pause >= kShortMs) {
      const auto tolerated = tolerated_ms();
      // Looks may be far apart: then it began and ended between two of them.
      if (!open_ && tolerated != 0 && pause > tolerated) open_ = heard_ms_;
      if (open_) ended = end_silence(heard_ms);
      pauses_[noted_++ % kLearnt] = {.sent_ms = heard_ms_ - sending_since_ms_, .silent_ms = pause};
      sending_since_ms_ = heard_ms;
    }
    heard_ms_ = heard_ms;
    return ended;
  }
  if (open_ || heard_ms_ == 0) return std::nullopt;
  const auto tolerated = tolerated_ms();
  if (tolerated == 0 || now_ms - heard_ms_ <= tolerated) return std::nullopt;
  open_ = heard_ms_;
  return SilentTime{.from_ms = heard_ms_, .to_ms = 0};
}

std::optional<SilentTime> SilenceWatch::give_up(std::int64_t now_ms) {
  heard_ms_ = 0;
  heard_in_this_run_ = false;
  restored_ms_ = 0;
  noted_ = 0;
  sending_since_ms_ = 0;
  if (!open_) return std::nullopt;
  return end_silence(now_ms);
}

std::optional<SilentTime> SilenceWatch::end_silence(std::int64_t heard_ms) {
  const auto from = *std::exchange(open_, std::nullopt);
  return SilentTime{.from_ms = from, .to_ms = std::max(heard_ms, from + 1)};
}

std::int64_t SilenceWatch::tolerated_ms() const {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(noted_, kLearnt));
  const auto sending = heard_ms_ - sending_since_ms_;
  std::vector<std::int64_t> sent;
  for (std::size_t i = 0; i < count; ++i) sent.push_back(pauses_[i].sent_ms);
  if (sending >= kLeastMs) sent.push_back(sending);
  if (!sent.empty()) {
    std::nth_element(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(sent.size() / 2), sent.end());
    if (sent[sent.size() / 2] >= kLeastMs) return kLeastMs;
  }
  if (count < 3) return restored_ms_;
  std::array<std::int64_t, kLearnt> silent{};
  for (std::size_t i = 0; i < count; ++i) silent[i] = pauses_[i].silent_ms;
  // The longest of them may have been an outage.
  std::sort(silent.begin(), silent.begin() + static_cast<std::ptrdiff_t>(count));
  return std::max(kLeastMs, silent[count - 2] * 3 / 2);
}

}  // namespace weir
