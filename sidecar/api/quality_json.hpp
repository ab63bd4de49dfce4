// What is known to be missing, scaled or repaired, in the contract's shape (schemas/shapes/quality.json). Any thread.
#pragma once
#include <cstdint>
#include <functional>

#include "api/json_writer.hpp"
#include "api/key_names.hpp"
#include "query/answerer.hpp"

namespace weir {

// What the asker knows beside the result.
struct ResultContext {
  std::int64_t took_ms = 0;
  std::int64_t now_ms = 0;
  RangeQuality missing{};
  std::uint64_t unlisted_exporters = 0;                        // beside those in `missing`
  std::function<IpAddress(std::uint32_t)> exporter_address{};  // of an exporter's number in `missing`
  std::vector<AwayAnswerer> away{};
  std::string collector{};  // as AnswerGaps has it
};

// The same of an answer.
ResultContext context_of(AnswerGaps&& gaps, std::int64_t took_ms, std::int64_t now_ms);

// The object "quality" of an answer.
void write_quality(JsonWriter& w, const QualitySummary& sessions, const TimeRange& range, const ResultContext& context,
                   const KeyNames& names);

}  // namespace weir
