// The query stage, and what the store knows to be missing.
#include "query/local_answerer.hpp"

namespace weir {

AnswerGaps LocalAnswerer::gaps(const TimeRange& range, const QualitySummary& quality) const {
  AnswerGaps gaps{.quality = store_.quality(range, quality.exporters, clock_.now_ms()),
                  .exporters = {},
                  .away = {},
                  .collector = collector_};
  for (const auto id : quality.exporters) gaps.exporters.emplace(id, exporter_address_(id));
  return gaps;
}

Result<Answer<QueryResult>> LocalAnswerer::answer(const Query& query, const QueryControl& control) {
  auto result = run_query(query, store_, control);
  if (!result) return result.error();
  auto missing = gaps(result->range, result->quality);
  return Answer<QueryResult>{.result = *std::move(result), .gaps = std::move(missing)};
}

Result<Answer<SessionResult>> LocalAnswerer::sessions(const SessionQuery& query, const QueryControl& control) {
  auto result = run_session_query(query, store_, control);
  if (!result) return result.error();
  auto missing = gaps(result->range, result->quality);
  return Answer<SessionResult>{.result = *std::move(result), .gaps = std::move(missing)};
}

}  // namespace weir
