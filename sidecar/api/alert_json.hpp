// The answers of the methods about alerts, as JSON text. Pure functions; any thread.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "alert/alert_engine.hpp"
#include "core/metrics.hpp"

namespace weir {

std::string alerts_json(const std::vector<Incident>& alerts, std::size_t firing);
std::string silences_json(const std::vector<Silence>& silences);
// How many alerts of a rule fire, as far as a reader may know.
using FiringOfRule = std::function<std::size_t(const RuleStatus& rule)>;
// `whole`: with targets and what is pending, which tell of every exporter.
std::string rules_json(const AlertStatus& status, const FiringOfRule& firing, bool whole);
// At most `limit` alerts, the first to fire; `alerts_total` counts all.
std::string back_test_json(const BackTestResult& result, std::size_t limit, std::int64_t took_ms);

// The families weir_alert_….
void write_alert_metrics(MetricsWriter& writer, const AlertStatus& status);

}  // namespace weir
