// Three rounds and a last one: the largest rows of each, those above a threshold, those that are missing; then just the
// rows of the answer, from everybody at one time, with their charts.
#include "query/merged_answerer.hpp"

#include <algorithm>

#include "core/saturating.hpp"
#include "query/asked_sources.hpp"
#include "query/joined_answers.hpp"
#include "query/merged_rows.hpp"

namespace weir {

namespace {

using QueryAnswers = std::vector<Answer<QueryResult>>;

// Each lists so many times the rows that are asked for, so that the first ones are mostly known at once: a round costs
// more than rows.
constexpr std::uint32_t kListedFor = 8;

// As `query`, without anything to draw.
Query listing_of(Query query) {
  query.buckets = 0;
  query.once = false;
  query.at_least = 0;  // holds for what all have together
  return query;
}

class MergedQuery {
 public:
  MergedQuery(const Query& query, const QueryControl& control, AskedSources& sources)
      : query_(query), control_(control), sources_(sources) {}

  Result<Answer<QueryResult>> run() {
    const bool rows_are_known = query_.by.empty() || query_.keys;
    auto listing = rows_are_known && query_.range ? query_ : listing_of(query_);
    if (query_.limit <= kMaxLimit) listing.limit = std::min(kMaxLimit, query_.limit * kListedFor);
    auto first = sources_.ask_first<QueryResult>(listing, control_);
    if (!first) return first.error();
    rows_.emplace(query_, sources_.size());
    if (rows_are_known && (query_.range || (query_.buckets == 0 && !query_.once))) return joined(*std::move(first));
    if (!query_.range) query_.range = hull(*first);
    if (!rows_are_known) {
      for (std::size_t i = 0; i < first->size(); ++i) rows_->add_largest(i, listing, (*first)[i].result);
      if (const auto settled = settle(); !settled) return settled.error();
    }
    auto last = query_;
    if (!rows_are_known) last.keys = rows_->first();
    auto answers = sources_.ask_more<QueryResult, Query>([&](std::size_t) { return last; }, control_);
    if (!answers) return answers.error();
    QueryAnswers told;
    for (auto& answer : *answers) told.push_back(*std::move(answer));
    auto all = joined(std::move(told));
    if (!rows_are_known && !query_.once) put_in_order(all.result);
    return all;
  }

 private:
  std::optional<TimeRange> hull(const QueryAnswers& answers) const {
    std::optional<TimeRange> hull;
    for (const auto& answer : answers) {
      const auto& range = answer.result.range;
      if (range.from_ms >= range.to_ms) continue;
      hull = hull ? TimeRange{.from_ms = std::min(hull->from_ms, range.from_ms),
                              .to_ms = std::max(hull->to_ms, range.to_ms)}
                  : range;
    }
    return hull;
  }

  // Asks until it is known which rows are the first.
  Result<void> settle() {
    if (!rows_->is_settled()) {
      auto deeper = listing_of(query_);
      deeper.at_least = rows_->threshold();
      deeper.limit = kMaxLimit;
      auto answers = sources_.ask_more<QueryResult, Query>(
          [&](std::size_t i) { return rows_->needs_more(i) ? std::optional(deeper) : std::nullopt; }, control_);
      if (!answers) return answers.error();
      for (std::size_t i = 0; i < answers->size(); ++i) {
        if ((*answers)[i]) rows_->add_largest(i, deeper, (*answers)[i]->result);
      }
      if (!rows_->is_settled()) {
        return error("by: these keys cannot be put in order over several collectors: each of them has more than " +
                     std::to_string(kMaxLimit) +
                     " that could be among the first; narrow the range or the filter, or group by fewer fields");
      }
    }
    std::vector<std::vector<MergedRows::Key>> unknown;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      unknown.push_back(rows_->unknown(i));
      if (unknown.back().size() > kMaxLimit)
        return error("by: more than " + std::to_string(kMaxLimit) +
                     " keys are about as large as the last row; ask for fewer rows");
    }
    auto named = listing_of(query_);
    auto answers = sources_.ask_more<QueryResult, Query>(
        [&](std::size_t i) {
          named.keys = unknown[i];
          return unknown[i].empty() ? std::nullopt : std::optional(named);
        },
        control_);
    if (!answers) return answers.error();
    for (std::size_t i = 0; i < answers->size(); ++i) {
      if ((*answers)[i]) rows_->add_named(i, (*answers)[i]->result);
    }
    return {};
  }

  // Sessions that came since the rounds before may have changed places.
  void put_in_order(QueryResult& result) const {
    if (query_.rank == RankBy::kKey) return;
    std::vector<std::size_t> order(result.rows.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto value = [&](std::size_t i) { return ranked_value(result.rows[i], query_.measure, query_.rank); };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return query_.ascending ? value(a) < value(b) : value(a) > value(b);
    });
    auto rows = std::move(result.rows);
    auto series = std::move(result.series);
    result.rows.clear();
    result.series.clear();
    for (const auto i : order) {
      result.rows.push_back(std::move(rows[i]));
      if (!series.empty()) result.series.push_back(std::move(series[i]));
    }
    if (!series.empty()) result.series.push_back(std::move(series.back()));
  }

  Answer<QueryResult> joined(QueryAnswers&& answers) {
    auto all = join_answers(std::move(answers), [this](std::size_t i) { return sources_.name(i); });
    all.result.buckets = query_.buckets;
    if (query_.range) all.result.range = *query_.range;
    if (!query_.by.empty() && !query_.keys && rows_->is_complete()) {
      all.result.other_keys = rows_->keys() - all.result.rows.size();
      all.result.more_other_keys = false;
    }
    all.gaps.away = sources_.take_away();
    return all;
  }

  Query query_;
  const QueryControl& control_;
  AskedSources& sources_;
  std::optional<MergedRows> rows_;
};

// As the lists of each are ordered.
bool precedes(const SessionRow& a, const SessionRow& b, SessionOrder order, bool ascending) {
  const auto x = ordered_value(a, order), y = ordered_value(b, order);
  if (x != y) return (x > y) != ascending;
  return a.session.start_ms > b.session.start_ms;
}

Answer<SessionResult> joined_sessions(std::vector<Answer<SessionResult>>&& answers, const SessionQuery& query,
                                      AskedSources& sources) {
  auto all = join_answers(std::move(answers), [&](std::size_t i) { return sources.name(i); });
  auto& rows = all.result.sessions;
  std::stable_sort(rows.begin(), rows.end(), [&](const SessionRow& a, const SessionRow& b) {
    return precedes(a, b, query.order, query.ascending);
  });
  rows.erase(rows.begin(),
             rows.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(query.offset, rows.size())));
  if (rows.size() > query.limit) rows.resize(query.limit);
  all.gaps.away = sources.take_away();
  return all;
}

}  // namespace

Result<Answer<QueryResult>> MergedAnswerer::answer(const Query& query, const QueryControl& control) {
  if (query.alone || sources_.size() == 1) return sources_.front().answerer->answer(query, control);
  AskedSources sources(sources_);
  for (;;) {
    try {
      return MergedQuery(query, control, sources).run();
    } catch (const SourcesLost& lost) {
      sources.leave_out(lost);
    }
  }
}

Result<Answer<SessionResult>> MergedAnswerer::sessions(const SessionQuery& query, const QueryControl& control) {
  if (query.alone || sources_.size() == 1) return sources_.front().answerer->sessions(query, control);
  AskedSources sources(sources_);
  auto each = query;
  each.offset = 0;
  each.limit = query.offset + query.limit;
  if (each.limit > kMaxLimit) {
    return error("offset: of several collectors the first " + std::to_string(kMaxLimit) +
                 " sessions can be listed, found " + std::to_string(query.offset) + " and " +
                 std::to_string(query.limit) + " more; narrow the range or the filter");
  }
  auto answers = sources.ask_first<SessionResult>(each, control);
  if (!answers) return answers.error();
  return joined_sessions(*std::move(answers), query, sources);
}

}  // namespace weir
