// What an explanation says, in sentences: the one place for the API, the window, the console and `weir explain`. Pure;
// any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/key_names.hpp"
#include "core/time_zone.hpp"
#include "query/explain.hpp"

namespace weir {

enum class SentenceKind : std::uint8_t { kStretch, kVerdict, kComparison, kCause, kSampling, kLeftOut, kLargest };

struct ExplainSentence {
  SentenceKind kind = SentenceKind::kStretch;
  std::string text;
  std::string filter;  // of what it speaks about, beside the filter asked for; "": of all
};

struct SentenceWords {
  const KeyNames& names;
  std::function<IpAddress(std::uint32_t)> exporter_address;  // of an exporter's id
  const TimeZone& zone;
  bool names_zone = true;  // "02:55 UTC"; false: the reader knows
};

// In the order in which a person wants to read them.
std::vector<ExplainSentence> explain_sentences(const Explanation& explanation, const SentenceWords& words);

// The same as lines, each with the filter that shows it; for a terminal.
std::string explanation_text(const Explanation& explanation, const SentenceWords& words);

}  // namespace weir
