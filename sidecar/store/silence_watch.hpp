// Notices when an exporter that sent regularly falls silent. What is regular is learnt from its own silences. Time is
// given; one thread.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

namespace weir {

struct SilentTime {
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;  // 0: it goes on
  friend bool operator==(const SilentTime&, const SilentTime&) = default;
};

class SilenceWatch {
 public:
  SilenceWatch() = default;
  // As an earlier run left it: what it knew of the exporter, and the silence that went on then. The time before
  // `now_ms` was the collector's own.
  SilenceWatch(std::int64_t tolerated_ms, std::optional<std::int64_t> open_since_ms, std::int64_t now_ms);

  // Looks about once a second. `heard_ms`: the newest arrival, 0: none yet. A silence that began, or ended.
  std::optional<SilentTime> look(std::int64_t heard_ms, std::int64_t now_ms);
  // Nothing more is expected of the exporter: what goes on ends now.
  std::optional<SilentTime> give_up(std::int64_t now_ms);

  // A longer silence counts; 0: not known yet, or the exporter sends at random.
  std::int64_t tolerated_ms() const;
  bool is_silent() const { return open_.has_value(); }

 private:
  // One that sends all the time may be silent for so long, and for so long is nothing that is noted.
  static constexpr std::int64_t kLeastMs = 60'000, kShortMs = 30'000;
  static constexpr std::size_t kLearnt = 8;
  struct Pause {
    std::int64_t sent_ms = 0;  // how long it sent before
    std::int64_t silent_ms = 0;
  };

  std::optional<SilentTime> end_silence(std::int64_t heard_ms);

  std::array<Pause, kLearnt> pauses_{};  // the latest, in turn
  std::uint64_t noted_ = 0;
  std::int64_t heard_ms_ = 0;  // last; 0: never
  std::int64_t sending_since_ms_ = 0;
  std::int64_t restored_ms_ = 0;  // tolerated by an earlier run
  bool heard_in_this_run_ = false;
  std::optional<std::int64_t> open_;
};

}  // namespace weir
