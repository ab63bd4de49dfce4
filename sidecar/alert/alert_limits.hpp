// The limits of what rules may cost, and the look-ups that they can use. The caller hands both in.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/ip_address.hpp"
#include "core/setting_defaults.hpp"
#include "flow/derived_sources.hpp"

namespace weir {

struct AlertLimits {
  std::uint32_t max_keys = setting_defaults::kAlertMaxKeys;           // pending and firing, per rule
  std::int64_t evaluation_ms = setting_defaults::kAlertEvaluationMs;  // of a rule's functions, per window; and after so
                                                                      // long a turn of a rule ends
  std::int64_t turn_ms = setting_defaults::kAlertTurnMs;              // of one turn of a rule, reading included
  std::int64_t test_ms = setting_defaults::kAlertTestMs;              // of a back-test
  std::uint32_t max_texts = UINT32_MAX;  // new alerts at once that get a text of their own; more are a storm
  std::uint32_t max_groups = setting_defaults::kAlertMaxGroups;  // keys of one scan that are summed at a time
  unsigned threads = 1;                                          // of one scan
};

// All may be absent.
struct AlertLookups {
  std::function<DerivedSources()> derived;  // as they are now
  std::function<std::uint64_t(const IpAddress& exporter, std::uint64_t interface)>
      interface_speed;  // bit/s; 0: unknown
  std::function<std::string(const IpAddress& exporter)>
      monitor_host;  // the monitor's host that is this exporter; "": none

  DerivedSources derived_sources() const { return derived ? derived() : DerivedSources{}; }
};

}  // namespace weir
