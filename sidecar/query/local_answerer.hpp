// The answers of one store. Borrows it; any thread.
#pragma once
#include <functional>
#include <utility>

#include "core/clock.hpp"
#include "query/answerer.hpp"

namespace weir {

class LocalAnswerer final : public Answerer {
 public:
  // `exporter_address`: of an exporter's id in the store.
  // `collector`: as Answer has it.
  LocalAnswerer(Store& store, const Clock& clock, std::function<IpAddress(std::uint32_t)> exporter_address,
                std::string collector = {})
      : store_(store),
        clock_(clock),
        exporter_address_(std::move(exporter_address)),
        collector_(std::move(collector)) {}
  Result<Answer<QueryResult>> answer(const Query& query, const QueryControl& control) override;
  Result<Answer<SessionResult>> sessions(const SessionQuery& query, const QueryControl& control) override;

 private:
  AnswerGaps gaps(const TimeRange& range, const QualitySummary& quality) const;

  Store& store_;
  const Clock& clock_;
  const std::function<IpAddress(std::uint32_t)> exporter_address_;
  const std::string collector_;
};

}  // namespace weir
