// explain: what changed lately, and why.
#include "api/explain_method.hpp"
#include "api/explain_text.hpp"
#include "console/console_call.hpp"
#include "core/durations.hpp"
#include "query/explain.hpp"

namespace weir {

namespace {

constexpr std::int64_t kExplainedMs = 15 * kMinuteMs;

}  // namespace

std::string explain_command(const ConsoleCall& call) {
  auto rest = call.arguments;
  const auto range = take_range(rest, call.now_ms());
  if (!range) return not_understood(range.error().message);
  auto& backend = call.backend();
  const ExplainQuery query{
      .range = range->value_or(TimeRange{.from_ms = call.now_ms() - kExplainedMs, .to_ms = call.now_ms()}),
      .filter = std::string(rest)};
  bool over_limit = false;
  const auto explanation = explain_own(backend, query, control_of(call, over_limit));
  if (!explanation) return query_mistake(call, explanation.error(), rest, over_limit);
  const auto names = key_names(backend);
  const TimeZone utc;
  const auto address = [&backend](std::uint32_t id) {
    const auto* exporter = backend.exporters().find(id);
    return exporter == nullptr ? IpAddress{} : exporter->address;
  };
  return explanation_text(*explanation, {.names = names, .exporter_address = address, .zone = utc});
}

}  // namespace weir
