// Which times exporters have told all about: they were heard throughout, and for long enough after to have reported
// what passed. Of any other time nothing is known, and no figure is made of it, not even zero. A plain value that says
// how it is at one moment; any thread.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "flow/exporter_table.hpp"
#include "store/store.hpp"

namespace weir {

enum class Knowledge : std::uint8_t {
  kKnown,    // all that passed is stored
  kLater,    // it may still be reported
  kUnknown,  // for good
};

class HeardTimes {
 public:
  // Nothing is missing.
  HeardTimes() = default;
  // What the store says of `range`; questions are about times within it.
  HeardTimes(Store& store, const std::vector<const Exporter*>& exporters, const TimeRange& range, std::int64_t now_ms);

  // `stored_ms`: what has come is stored so long after, at the latest.
  Knowledge knowledge(const Exporter& exporter, const TimeRange& time, std::int64_t stored_ms) const;
  // The exporter was silent, or the collector was down, for a part of the time.
  bool is_broken(const Exporter& exporter, const TimeRange& time) const;
  // It was not heard for longer than is usual.
  bool is_silent(const Exporter& exporter) const;
  // What passed is reported so long after, at the latest.
  std::int64_t report_ms(const Exporter& exporter) const;
  // Something of the exporter was lost, or could not be read, somewhere within the range.
  bool missed_some(const Exporter& exporter) const { return incomplete_.contains(exporter.id); }

 private:
  struct State {
    std::int64_t first_ms = 0, last_ms = 0;  // heard
    std::int64_t report_ms = 0;              // what passed is reported so long after
    std::int64_t pause_ms = 0;               // it is heard again so long after
  };
  std::int64_t now_ms_ = 0;
  std::unordered_map<std::uint32_t, State> states_;
  std::vector<TimeRange> down_;
  std::unordered_map<std::uint32_t, std::vector<TimeRange>> silent_;
  std::unordered_set<std::uint32_t> unclear_;  // their silences are too many to be listed
  std::unordered_set<std::uint32_t> incomplete_;
};

// An exporter that is not heard for longer is silent: a minute, or the pause that it is known to make.
std::int64_t usual_pause_ms(const Exporter& exporter);

// How long it may take, at the longest, until a time is known for good.
inline constexpr std::int64_t kLongestKnowledgeMs = 70 * std::int64_t{60'000};

}  // namespace weir
