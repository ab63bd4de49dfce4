// What does not fit in 64 bits is marked.
#include "query/joined_answers.hpp"

#include <algorithm>

#include "core/saturating.hpp"
#include "query/merged_rows.hpp"
#include "query/sampling_rates.hpp"

namespace weir {

namespace {

void add_series(Series& sum, const Series& more) {
  sum.saturated = sum.saturated || more.saturated;
  const auto add = [&](std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
    for (std::size_t b = 0; b < from.size() && b < to.size(); ++b)
      to[b] = saturating_add(to[b], from[b], sum.saturated);
  };
  add(sum.octets, more.octets);
  add(sum.packets, more.packets);
}

void add_quality(QualitySummary& sum, const QualitySummary& more) {
  sum.more_sampling_rates = sum.more_sampling_rates || more.more_sampling_rates;
  auto& rates = sum.sampling_rates;
  rates.insert(rates.end(), more.sampling_rates.begin(), more.sampling_rates.end());
  std::sort(rates.begin(), rates.end());
  rates.erase(std::unique(rates.begin(), rates.end()), rates.end());
  if (rates.size() > RateList::kMaxRates) {
    rates.resize(RateList::kMaxRates);
    sum.more_sampling_rates = true;
  }
  sum.sampling_unknown = sum.sampling_unknown || more.sampling_unknown;
  sum.unsampled = saturating_add(sum.unsampled, more.unsampled);
  sum.scaled_later = saturating_add(sum.scaled_later, more.scaled_later);
  sum.time_repaired = saturating_add(sum.time_repaired, more.time_repaired);
  sum.counters_uncertain = saturating_add(sum.counters_uncertain, more.counters_uncertain);
  sum.no_counters = saturating_add(sum.no_counters, more.no_counters);
}

void add_work(QueryWork& sum, const QueryWork& more) {
  sum.segments += more.segments;
  sum.ruled_out += more.ruled_out;
  sum.unreadable += more.unreadable;
  sum.read += more.read;
  sum.spared += more.spared;
  sum.sums += more.sums;
  if (sum.without_sums.empty()) sum.without_sums = more.without_sums;
  sum.passes = std::max(sum.passes, more.passes);
  sum.threads += more.threads;
  sum.column_bytes += more.column_bytes;
  for (std::size_t i = 0; i < sum.columns.size(); ++i) sum.columns[i] = sum.columns[i] || more.columns[i];
}

void add_range(TimeRange& sum, const TimeRange& more) {
  if (more.from_ms >= more.to_ms) return;
  sum = sum.from_ms >= sum.to_ms
            ? more
            : TimeRange{.from_ms = std::min(sum.from_ms, more.from_ms), .to_ms = std::max(sum.to_ms, more.to_ms)};
}

// Exporters get new numbers: each answer has its own.
class JoinedGaps {
 public:
  void add(AnswerGaps&& gaps) {
    for (auto& exporter : gaps.quality.exporters) {
      exporter.exporter = number_of(gaps.exporter_address(exporter.exporter));
      all_.quality.exporters.push_back(exporter);
    }
    for (auto& gap : gaps.quality.gaps) {
      if (gap.reason == GapReason::kNotHeard) gap.exporter = number_of(gaps.exporter_address(gap.exporter));
      all_.quality.gaps.push_back(gap);
    }
    all_.unlisted_exporters = saturating_add(all_.unlisted_exporters, gaps.unlisted_exporters);
    all_.quality.more_gaps = all_.quality.more_gaps || gaps.quality.more_gaps;
    numbers_.clear();
  }
  AnswerGaps take() {
    auto& gaps = all_.quality.gaps;
    std::stable_sort(gaps.begin(), gaps.end(), [](const Gap& a, const Gap& b) { return a.from_ms < b.from_ms; });
    if (gaps.size() > kMaxGaps) {
      gaps.resize(kMaxGaps);
      all_.quality.more_gaps = true;
    }
    return std::move(all_);
  }

 private:
  std::uint32_t number_of(const IpAddress& address) {
    const auto [at, is_new] = numbers_.try_emplace(address, next_);
    if (is_new) all_.exporters.emplace(next_++, address);
    return at->second;
  }

  AnswerGaps all_;
  std::map<IpAddress, std::uint32_t> numbers_;  // of the answer at hand
  std::uint32_t next_ = 1;
};

void add_warnings(std::vector<std::string>& sum, const std::vector<std::string>& more, const std::string& name) {
  for (const auto& warning : more) sum.push_back(name.empty() ? warning : name + ": " + warning);
}

}  // namespace

Answer<QueryResult> join_answers(std::vector<Answer<QueryResult>>&& answers,
                                 const std::function<std::string(std::size_t)>& name_of) {
  Answer<QueryResult> all;
  auto& sum = all.result;
  JoinedGaps gaps;
  std::uint64_t most_keys = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto& told = answers[i].result;
    add_range(sum.range, told.range);
    add_measures(sum.totals, told.totals);
    if (i == 0) {
      sum.rows.resize(told.rows.size());
      sum.series.resize(told.series.size());
      for (std::size_t r = 0; r < sum.rows.size(); ++r) sum.rows[r].key = told.rows[r].key;
      for (std::size_t s = 0; s < sum.series.size(); ++s)
        sum.series[s] = {.octets = std::vector<std::uint64_t>(told.series[s].octets.size()),
                         .packets = std::vector<std::uint64_t>(told.series[s].packets.size())};
    }
    std::uint64_t keys = told.other_keys;
    for (std::size_t r = 0; r < sum.rows.size(); ++r) {
      add_row(sum.rows[r], told.rows[r]);
      if (told.rows[r].measures.sessions != 0) ++keys;
      if (sum.rows[r].told_labels.empty()) sum.rows[r].told_labels = std::move(told.rows[r].told_labels);
      if (!told.rows[r].once) continue;
      if (!sum.rows[r].once) sum.rows[r].once = Measures{};
      add_measures(*sum.rows[r].once, *told.rows[r].once);
    }
    most_keys = std::max(most_keys, keys);
    add_row(sum.other, told.other);
    for (std::size_t s = 0; s < sum.series.size(); ++s) add_series(sum.series[s], told.series[s]);
    sum.buckets = told.buckets;
    add_quality(sum.quality, told.quality);
    sum.sessions_scanned += told.sessions_scanned;
    add_work(sum.work, told.work);
    add_warnings(sum.warnings, told.warnings, name_of(i));
    gaps.add(std::move(answers[i].gaps));
  }
  sum.other_keys = most_keys > sum.rows.size() ? most_keys - sum.rows.size() : 0;
  sum.more_other_keys = answers.size() > 1 && most_keys != 0;
  all.gaps = gaps.take();
  return all;
}

Answer<SessionResult> join_answers(std::vector<Answer<SessionResult>>&& answers,
                                   const std::function<std::string(std::size_t)>& name_of) {
  Answer<SessionResult> all;
  auto& sum = all.result;
  JoinedGaps gaps;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto& told = answers[i].result;
    add_range(sum.range, told.range);
    add_measures(sum.totals, told.totals);
    sum.total_sessions = saturating_add(sum.total_sessions, told.total_sessions);
    std::move(told.sessions.begin(), told.sessions.end(), std::back_inserter(sum.sessions));
    add_quality(sum.quality, told.quality);
    add_warnings(sum.warnings, told.warnings, name_of(i));
    gaps.add(std::move(answers[i].gaps));
  }
  all.gaps = gaps.take();
  return all;
}

std::uint64_t ordered_value(const SessionRow& row, SessionOrder order) {
  switch (order) {
    case SessionOrder::kOctets: return row.octets;
    case SessionOrder::kPackets: return row.packets;
    case SessionOrder::kStart: return static_cast<std::uint64_t>(row.session.start_ms);
    case SessionOrder::kEnd: return static_cast<std::uint64_t>(row.session.end_ms);
    case SessionOrder::kOctetsToServer: return row.halves[kToServer].octets;
    case SessionOrder::kOctetsToClient: return row.halves[kToClient].octets;
    case SessionOrder::kPacketsToServer: return row.halves[kToServer].packets;
    case SessionOrder::kPacketsToClient: return row.halves[kToClient].packets;
    case SessionOrder::kClientPort: return row.session.client_port;
    case SessionOrder::kServerPort: return row.session.server_port;
    case SessionOrder::kProtocol: return row.session.protocol;
  }
  return 0;
}

}  // namespace weir
