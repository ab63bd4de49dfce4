// Answers are kept under the text of their question.
#include "query/explain_questions.hpp"

#include <algorithm>

#include "query/key_text.hpp"

namespace weir {

namespace {

// More than can matter: a key that is not among them has less than a thousandth of the traffic.
constexpr std::uint32_t kRows = 1000;
// About what the questions of an explanation weigh together.
constexpr double kUsualWeight = 150;

double weight_of(const Question& question) {
  const double once = question.by.empty() ? 2 : 2 + 6 * static_cast<double>(question.by.size());
  return question.filter.empty() ? once : 1;
}

std::vector<TimeRange> ranges_to_hold(const ExplainQuery& query) {
  // What is asked and the time before are read together.
  std::vector<TimeRange> ranges{{.from_ms = before_of(query.range).range.from_ms, .to_ms = query.range.to_ms}};
  for (const auto& baseline : query.against) ranges.push_back(baseline.range);
  return ranges;
}

bool contains(const TimeRange& outer, const TimeRange& inner) {
  return outer.from_ms <= inner.from_ms && inner.to_ms <= outer.to_ms;
}

}  // namespace

HeldSnapshots::HeldSnapshots(Store& store, const std::vector<TimeRange>& ranges) : store_(store) {
  for (const auto& range : ranges) {
    if (std::none_of(held_.begin(), held_.end(), [&](const auto& one) { return contains(one.first, range); }))
      held_.emplace_back(range, store.snapshot(range));
  }
}

Snapshot HeldSnapshots::snapshot(std::optional<TimeRange> range) {
  const auto found =
      std::find_if(held_.begin(), held_.end(), [&](const auto& one) { return range && contains(one.first, *range); });
  if (found == held_.end()) return store_.snapshot(range);
  auto taken = found->second;
  std::erase_if(taken.segments, [&](const auto& segment) { return !may_touch(*segment, *range); });
  return taken;
}

ExplainQuestions::ExplainQuestions(const ExplainQuery& query, Store& store, const QueryControl& control)
    : query_(query), control_(control), held_(store, ranges_to_hold(query)) {}

std::int64_t ExplainQuestions::now_ms() const { return control_.now_ms.value_or(query_.range.to_ms); }

const QueryResult& ExplainQuestions::ask(const Question& question) {
  std::string name = std::to_string(question.range.from_ms) + ' ' + std::to_string(question.range.to_ms) + ' ' +
                     std::to_string(static_cast<int>(question.measure)) + ' ' + std::to_string(question.buckets);
  for (const auto field : question.by) name += " by " + std::to_string(static_cast<int>(field));
  for (const auto exporter : question.left_out) name += " without " + std::to_string(exporter);
  name += ' ' + question.filter;
  auto& answer = answers_[name];
  if (answer) return *answer;

  Query query{.range = question.range,
              .filter = question.filter.empty() ? query_.filter : both_filters(query_.filter, question.filter),
              .by = question.by,
              .measure = question.measure,
              .limit = kRows,
              .buckets = question.buckets,
              .unscaled = query_.unscaled,
              .allowed_exporters = query_.allowed_exporters};
  if (!question.left_out.empty()) {
    std::vector<IpAddress> left;
    for (const auto& exporter : held_.exporters()) {
      const bool allowed =
          !query_.allowed_exporters || std::find(query_.allowed_exporters->begin(), query_.allowed_exporters->end(),
                                                 exporter.address) != query_.allowed_exporters->end();
      if (allowed &&
          std::find(question.left_out.begin(), question.left_out.end(), exporter.id) == question.left_out.end())
        left.push_back(exporter.address);
    }
    query.allowed_exporters = std::move(left);
  }
  auto control = control_;
  weight_ = weight_of(question);
  if (control_.on_progress) {
    control.on_progress = [this](std::uint64_t done, std::uint64_t total) {
      report(total == 0 ? 0 : static_cast<double>(done) / static_cast<double>(total));
    };
  }
  auto result = run_query(query, held_, control);
  if (!result) throw ExplainFailure{result.error()};
  done_ += weight_;
  scanned_ += result->sessions_scanned;
  answer = std::make_unique<QueryResult>(*std::move(result));
  return *answer;
}

ChangeTable ExplainQuestions::changes(const Question& now, const Question& then) {
  const auto& first = ask(now);
  return ChangeTable(now.by, first, ask(then), now.measure);
}

RangeQuality ExplainQuestions::missing(const TimeRange& range, const std::vector<std::uint32_t>& exporters) {
  return held_.quality(range, exporters, now_ms());
}

std::vector<std::string> ExplainQuestions::warnings() const {
  std::vector<std::string> all;
  for (const auto& [name, answer] : answers_) {
    if (!answer) continue;
    for (const auto& warning : answer->warnings) {
      if (std::find(all.begin(), all.end(), warning) == all.end()) all.push_back(warning);
    }
  }
  return all;
}

// How many questions there will be is not known: it never goes back, and never says that it is done.
void ExplainQuestions::report(double of_this) {
  constexpr double kAll = 1000;
  const double done = done_ + of_this * weight_;
  told_ = std::max(told_, std::min(0.98, done / std::max(kUsualWeight, done * 1.1)));
  control_.on_progress(static_cast<std::uint64_t>(told_ * kAll), static_cast<std::uint64_t>(kAll));
}

}  // namespace weir
