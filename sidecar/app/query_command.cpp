// `weir query`: one question to a data folder, beside a running collector or without one.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>

#include "api/export_csv.hpp"
#include "api/query_json.hpp"
#include "app/commands.hpp"
#include "app/pipeline.hpp"
#include "app/stored_names.hpp"
#include "app/wrong_usage.hpp"
#include "console/plain_text.hpp"
#include "console/quality_text.hpp"
#include "console/result_table.hpp"
#include "core/log.hpp"
#include "core/time_text.hpp"
#include "core/time_zone.hpp"
#include "query/local_answerer.hpp"

namespace weir {

namespace {

template <class T, std::size_t kCount>
T choice_of(const std::pair<const char*, T> (&choices)[kCount], const std::string& text) {
  for (const auto& [name, value] : choices) {
    if (text == name) return value;
  }
  return choices[0].second;
}

constexpr std::pair<const char*, Direction> kDirections[] = {
    {"both", Direction::kBoth}, {"talkers", Direction::kTalkers}, {"listeners", Direction::kListeners}};

// Times as --from and --to take them.
std::string head_lines(const QueryResult& result, const TimeZone& zone, std::int64_t took_ms) {
  const auto& totals = result.totals;
  auto text = zone.text(result.range.from_ms) + " to " + zone.text(result.range.to_ms) +
              (zone.is_utc() ? " (UTC)\n" : " (" + zone.name() + ")\n") +
              counted_text(totals.octets, "octet", "octets") + ", " +
              counted_text(totals.packets, "packet", "packets") + ", " + counted_text(totals.flows, "flow", "flows") +
              ", " + counted_text(totals.sessions, "session", "sessions") + " (" + std::to_string(took_ms) + " ms)\n";
  if (totals.saturated) text += std::string(kSaturatedNote) + "\n";
  if (result.quality.sampling_unknown)
    text += "Some exporters sample without saying how much: these figures are too small. Set the rate per exporter.\n";
  return text;
}

// From the first session to the last, of all collectors that are asked. Nothing: there is none.
std::optional<TimeRange> stored_range(Store& store, const PeerSet& peers, Answerer& answerer,
                                      const QueryControl& control) {
  if (peers.empty()) return store.snapshot(std::nullopt).stored;
  const auto all = answerer.answer({}, control);
  return all && all->result.range.to_ms != 0 ? std::optional(all->result.range) : std::nullopt;
}

}  // namespace

int query_command(const QueryOptions& options) {
  Settings settings = load_settings(options.common);
  start_logging({.level = "warning", .format = "text", .file = ""});
  const SystemClock clock;
  const std::int64_t now_ms = clock.now_ms();
  const auto zone = TimeZone::named(options.time_zone);
  if (!zone) return wrong_usage("query", "--tz: " + zone.error().message);

  Query query{.filter = options.filter,
              .direction = choice_of(kDirections, options.direction),
              .ascending = options.order == "asc",
              .limit = options.limit,
              .buckets = options.buckets,
              .unscaled = options.unscaled,
              .tell_work = options.explain};
  rank_by(query, static_cast<std::size_t>(std::find(kRankWords.begin(), kRankWords.end(), options.measure) -
                                          kRankWords.begin()));
  for (const auto& word : options.by) {
    if (const auto added = add_group_fields(word, query); !added)
      return wrong_usage("query", "--by: " + added.error().message);
  }

  const auto store = open_read_only(settings.path("store.dir").string(),
                                    static_cast<std::uint64_t>(settings.integer("store.cache_bytes")));
  StoredNames stored("query", settings, clock);
  bool over_limit = false;
  const auto started = std::chrono::steady_clock::now();
  QueryMemory memory(query_memory_bytes(settings));
  const auto names = stored.names(*store);
  LocalAnswerer own(*store, clock, [&](std::uint32_t id) { return stored.address(id); });
  const auto peers = peer_set(settings, clock);
  MergedAnswerer answerer(peers.sources(own));
  const QueryControl control{
      .derived = stored.sources(), .now_ms = now_ms, .zone = &*zone, .memory = &memory, .over_limit = &over_limit};
  if (!options.from.empty() || !options.to.empty()) {
    TimeRange range{.from_ms = 0, .to_ms = now_ms};
    for (const auto& [text, end, flag] :
         {std::tuple{&options.from, &range.from_ms, "--from"}, std::tuple{&options.to, &range.to_ms, "--to"}}) {
      if (text->empty()) continue;
      const auto time = parse_time(*text, TimeBasis(now_ms, &*zone));
      if (!time) return wrong_usage("query", std::string(flag) + ": " + time.error().message);
      *end = *time;
    }
    const auto all = stored_range(*store, peers, answerer, control);
    if (options.from.empty() && all && all->from_ms < range.to_ms) range.from_ms = all->from_ms;
    if (options.to.empty() && all) range.to_ms = std::max(all->to_ms, now_ms);
    range.from_ms = std::max<std::int64_t>(range.from_ms, 0);
    if (range.from_ms >= range.to_ms) {
      return wrong_usage("query", options.to.empty() ? "--from is later than now and than all that is stored"
                                                     : "--from has to be before --to, and --to after 1970");
    }
    query.range = range;
  }

  auto answer = answerer.answer(query, control);
  const auto took_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count();
  if (!answer) return tell_query_mistake("query", answer.error(), options.filter, over_limit);
  const auto* result = &answer->result;
  for (const auto& warning : result->warnings) std::cerr << "weir query: " << warning << "\n";
  if (!query.range && result->range.to_ms == 0 && options.format == "table" && result->warnings.empty()) {
    std::cout << "Nothing is stored in " << settings.path("store.dir").string() << " yet.\n";
    return 0;
  }

  const auto context = context_of(std::move(answer->gaps), took_ms, now_ms);
  const auto missing = quality_text(result->quality, result->range, context, names, *zone);
  const auto work = options.explain ? work_text(result->work, result->sessions_scanned) : std::string();
  if (options.format == "csv") {
    std::cout << query_result_csv(query, *result, *zone);
    std::cerr << missing << work;
    return 0;
  }
  if (options.format == "json") {
    std::cout << query_result_json(query, *result, context, names) << "\n";
    return 0;
  }
  std::cout << head_lines(*result, *zone, took_ms);
  if (!query.by.empty()) std::cout << result_table(query, *result, names);
  else if (!result->series.empty()) std::cout << spark_line(result->series.back()) << "\n";
  std::cout << missing << work;
  return 0;
}

}  // namespace weir
