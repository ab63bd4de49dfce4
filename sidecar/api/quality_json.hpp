// What is known to be missing, scaled or repaired, in the contract's shape (schemas/shapes/quality.json). Any thread.
#pragma once
#include <cstdint>
#include <functional>

#include "api/json_writer.hpp"
#include "api/key_names.hpp"
#include "query/query.hpp"
#include "store/range_quality.hpp"

namespace weir {

// What the asker knows beside the result.
struct ResultContext {
  std::int64_t took_ms = 0;
  std::int64_t now_ms = 0;
  RangeQuality missing;                                        // by the store's account
  std::function<IpAddress(std::uint32_t)> exporter_address{};  // of an exporter's id
};

// The object "quality" of an answer.
void write_quality(JsonWriter& w, const QualitySummary& sessions, const TimeRange& range, const ResultContext& context, const KeyNames& names);

}  // namespace weir
