// `weir explain`: why a stretch differs from others, from a data folder, beside a running collector or without one.
#include <algorithm>
#include <chrono>
#include <iostream>

#include "api/explain_json.hpp"
#include "app/commands.hpp"
#include "app/pipeline.hpp"
#include "app/stored_names.hpp"
#include "app/wrong_usage.hpp"
#include "console/plain_text.hpp"
#include "core/log.hpp"
#include "core/time_text.hpp"
#include "core/time_zone.hpp"

namespace weir {

namespace {

// "2026-11-25T02:00/2026-11-25T03:00"
Result<TimeRange> parse_stretch(const std::string& text, const TimeBasis& basis) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return error("'" + text.substr(0, 60) + "' is not before, last_week or START/END");
  const auto from = parse_time(text.substr(0, slash), basis), to = parse_time(text.substr(slash + 1), basis);
  if (!from) return from.error();
  if (!to) return to.error();
  return TimeRange{.from_ms = *from, .to_ms = *to};
}

}  // namespace

int explain_command(const ExplainOptions& options) {
  Settings settings = load_settings(options.common);
  start_logging({.level = "warning", .format = "text", .file = ""});
  const SystemClock clock;
  const std::int64_t now_ms = clock.now_ms();
  const auto zone = TimeZone::named(options.time_zone);
  if (!zone) return wrong_usage("explain", "--tz: " + zone.error().message);
  const TimeBasis basis(now_ms, &*zone);
  ExplainQuery query{.range = {}, .filter = options.filter, .unscaled = options.unscaled};
  query.measure = static_cast<Measure>(std::find(kMeasureWords.begin(), kMeasureWords.end(), options.measure) -
                                       kMeasureWords.begin());
  const auto from = parse_time(options.from, basis);
  if (!from) return wrong_usage("explain", "--from: " + from.error().message);
  const auto to = options.to.empty() ? Result<std::int64_t>(now_ms) : parse_time(options.to, basis);
  if (!to) return wrong_usage("explain", "--to: " + to.error().message);
  query.range = {.from_ms = *from, .to_ms = *to};
  if (*from >= *to) return wrong_usage("explain", "--from has to be before --to");
  for (const auto& word : options.against) {
    if (word == "before" || word == "last_week") {
      query.against.push_back(word == "before" ? before_of(query.range) : last_week_of(query.range));
      continue;
    }
    const auto other = parse_stretch(word, basis);
    if (!other) return wrong_usage("explain", "--against: " + other.error().message);
    query.against.push_back({.against = Against::kRange, .range = *other});
  }

  const auto store = open_read_only(settings.path("store.dir").string(),
                                    static_cast<std::uint64_t>(settings.integer("store.cache_bytes")));
  StoredNames stored("explain", settings, clock);
  bool over_limit = false;
  const auto started = std::chrono::steady_clock::now();
  QueryMemory memory(query_memory_bytes(settings));
  const auto names = stored.names(*store);
  const auto explanation = explain(
      query, *store,
      {.derived = stored.sources(), .now_ms = now_ms, .zone = &*zone, .memory = &memory, .over_limit = &over_limit});
  const auto took_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count();
  if (!explanation) return tell_query_mistake("explain", explanation.error(), options.filter, over_limit);

  const auto address = [&](std::uint32_t id) { return stored.address(id); };
  const SentenceWords words{.names = names, .exporter_address = address, .zone = *zone};
  if (options.format == "json") {
    std::cout << explanation_json(*explanation,
                                  {.took_ms = took_ms, .now_ms = now_ms, .missing = {}, .exporter_address = address},
                                  words)
              << "\n";
    return 0;
  }
  std::cout << clean_text(explanation_text(*explanation, words), true);
  return 0;
}

}  // namespace weir
