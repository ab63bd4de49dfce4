// What people read for the bits of a record's or session's `quality`. Pure; any thread.
#pragma once
#include <vector>

#include "flow/flow_record.hpp"

namespace weir {

// In the order of the bits, from the lowest.
inline std::vector<const char*> quality_words(std::uint16_t quality) {
  struct Word {
    Quality bit;
    const char* text;
  };
  static constexpr Word kWords[] = {{kQualityTimeRepaired, "time repaired"},
                                    {kQualitySamplingUnknown, "sampling unknown"},
                                    {kQualityNoCounters, "no counters"},
                                    {kQualityReloaded, "reloaded"},
                                    {kQualityCountersUncertain, "counters uncertain"}};
  std::vector<const char*> words;
  for (const auto& word : kWords) {
    if (quality & word.bit) words.push_back(word.text);
  }
  return words;
}

}  // namespace weir
