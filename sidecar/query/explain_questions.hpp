// The queries that an explanation is made of, over one view of the store: each question is asked once. One thread.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/explain.hpp"
#include "query/explain_changes.hpp"

namespace weir {

// Snapshots taken at one time, as a store to be queried.
class HeldSnapshots final : public Store {
 public:
  HeldSnapshots(Store& store, const std::vector<TimeRange>& ranges);
  // Of the first range held that has `range` in it.
  Snapshot snapshot(std::optional<TimeRange> range) override;
  void on_sessions(SessionBatch&&) override {}
  void flush() override {}
  StoreStatus status() const override { return {}; }
  RangeQuality quality(const TimeRange& range, const std::vector<std::uint32_t>& exporters,
                       std::int64_t now_ms) override {
    return store_.quality(range, exporters, now_ms);
  }

  const std::optional<TimeRange>& stored() const { return held_.front().second.stored; }
  const std::vector<ExporterName>& exporters() const { return held_.front().second.exporters; }

 private:
  Store& store_;
  std::vector<std::pair<TimeRange, Snapshot>> held_;
};

struct Question {
  TimeRange range;
  std::vector<std::uint32_t> left_out{};  // exporters
  std::string filter{};                   // beside that of the explanation
  std::vector<FieldId> by{};
  Measure measure = Measure::kOctets;
  std::uint32_t buckets = 0;
};

class ExplainQuestions {
 public:
  // `query` and `control` are borrowed.
  ExplainQuestions(const ExplainQuery& query, Store& store, const QueryControl& control);

  // Throws ExplainFailure.
  const QueryResult& ask(const Question& question);
  ChangeTable changes(const Question& now, const Question& then);
  RangeQuality missing(const TimeRange& range, const std::vector<std::uint32_t>& exporters);
  const HeldSnapshots& held() const { return held_; }
  std::int64_t now_ms() const;
  bool knows_networks() const { return control_.derived.names && control_.derived.names->networks.prefix_count() > 0; }
  // What was said of all answers.
  std::vector<std::string> warnings() const;
  std::uint64_t sessions_scanned() const { return scanned_; }

 private:
  void report(double of_this);

  const ExplainQuery& query_;
  const QueryControl& control_;
  HeldSnapshots held_;
  std::map<std::string, std::unique_ptr<QueryResult>> answers_;
  std::uint64_t scanned_ = 0;
  double done_ = 0, weight_ = 0, told_ = 0;
};

struct ExplainFailure {
  Error error;
};

}  // namespace weir
