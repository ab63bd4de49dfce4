// What a store knows to be missing, put together for an answer. Pure; any thread.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "store/range_quality.hpp"
#include "store/store.hpp"

namespace weir {

enum class LostUnit : std::uint8_t { kRecords, kDatagrams, kMixed };
std::string_view lost_unit_word(LostUnit unit);
// What the sequence numbers of these protocols (ProtocolBits) count.
LostUnit lost_unit(std::uint32_t protocols);

struct ExporterSums {
  ExporterQuality counts;
  std::int64_t late_ms = 0;       // of the range's end, not complete yet
  std::int64_t not_heard_ms = 0;  // of the range, by its own fault
};

struct QualitySums {
  ExporterQuality counts;  // of all; late and protocols are not set
  LostUnit unit = LostUnit::kRecords;
  std::int64_t late_ms = 0;             // of the slowest
  std::int64_t not_heard_ms = 0;        // of the range: gaps of any kind, each moment once
  std::vector<ExporterSums> exporters;  // those with something to tell, the worst first
  std::size_t in_question = 0;
};

QualitySums sum_quality(const RangeQuality& quality, const TimeRange& range, std::int64_t now_ms);

}  // namespace weir
