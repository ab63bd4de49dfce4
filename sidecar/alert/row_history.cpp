// Bounded: a few windows, and the hours of one baseline.
#include "alert/row_history.hpp"

#include <algorithm>
#include <cmath>

#include "core/durations.hpp"
#include "query/query.hpp"

namespace weir {

namespace {

constexpr std::size_t kKeptWindows = 8, kKeptHours = 64;
constexpr std::size_t kMaxHourKeys = 50'000;
constexpr std::uint32_t kMaxWindowKeys = 1'000'000;

RowPast::Statistics statistics_of(std::vector<float> samples) {
  RowPast::Statistics s;
  s.samples = samples.size();
  if (samples.empty()) return s;
  std::sort(samples.begin(), samples.end());
  double sum = 0, squares = 0;
  for (const double x : samples) sum += x;
  s.mean = sum / static_cast<double>(samples.size());
  for (const double x : samples) squares += (x - s.mean) * (x - s.mean);
  if (samples.size() > 1) s.stdev = std::sqrt(squares / static_cast<double>(samples.size() - 1));
  const auto rank = [&](std::size_t percent) {
    return static_cast<double>(samples[(samples.size() - 1) * percent / 100]);
  };
  s.min = rank(0);
  s.median = rank(50);
  s.p95 = rank(95);
  s.max = rank(100);
  return s;
}

}  // namespace

RowHistory::RowHistory(const Rule& rule, Store& store, const AlertLookups& lookups, const AlertLimits& limits,
                       const std::atomic<bool>* cancelled)
    : rule_(rule), store_(store), lookups_(lookups), limits_(limits), cancelled_(cancelled) {}

void RowHistory::look_at(const WindowRows& rows) {
  rows_ = &rows;
  range_ = rows.range();
  octets_by_value_.assign(rule_.query.by.size(), {});
  oldest_ms_ = -1;
  remark_.clear();
  while (!windows_.empty() && windows_.begin()->first + kMaxRuleHistoryMs < range_.to_ms)
    windows_.erase(windows_.begin());
}

Result<const RowHistory::FiguresByKey*> RowHistory::window_at(std::int64_t end_ms) {
  if (const auto known = windows_.find(end_ms); known != windows_.end()) return &known->second;
  FiguresByKey figures;
  const auto scanned = scan_windows({.rule = &rule_,
                                     .first_end_ms = end_ms,
                                     .last_end_ms = end_ms,
                                     .cancelled = cancelled_,
                                     .threads = limits_.threads,
                                     .derived = lookups_.derived_sources(),
                                     .max_groups = std::min(limits_.max_groups, kMaxWindowKeys)},
                                    store_, [&](const WindowGroups& groups) {
                                      figures.remark = groups.remark();
                                      for (std::size_t i = 0; i < groups.size(); ++i)
                                        figures.figures.emplace(row_key_text(groups.key(i)), groups.figures(i));
                                      return true;
                                    });
  if (!scanned) return scanned.error();
  std::size_t kept = figures.figures.size();
  for (const auto& [end, window] : windows_) kept += window.figures.size();
  while (!windows_.empty() && (windows_.size() >= kKeptWindows || kept > kMaxWindowKeys)) {
    kept -= windows_.begin()->second.figures.size();
    windows_.erase(windows_.begin());
  }
  return &windows_.insert_or_assign(end_ms, std::move(figures)).first->second;
}

Result<RowFigures> RowHistory::previous(const RowKey& key, std::int64_t windows) {
  const auto end_ms = range_.to_ms - windows * rule_.window_ms;
  if (end_ms - rule_.window_ms < 0) return RowFigures{};
  const auto figures = window_at(end_ms);
  if (!figures) return figures.error();
  const auto found = (*figures)->figures.find(row_key_text(key));
  if (found != (*figures)->figures.end()) return found->second;
  if (!(*figures)->remark.empty()) remark_ = "of a window before: " + (*figures)->remark;
  return RowFigures{};
}

std::int64_t RowHistory::oldest_ms() {
  if (oldest_ms_ < 0) {
    const auto stored = store_.snapshot(TimeRange{.from_ms = range_.to_ms - 1, .to_ms = range_.to_ms}).stored;
    oldest_ms_ = stored ? stored->from_ms : INT64_MAX;
  }
  return oldest_ms_;
}

Result<const RowHistory::Hour*> RowHistory::hour_at(std::int64_t from_ms, RowMeasure measure) {
  if (const auto known = hours_.find({from_ms, measure}); known != hours_.end()) return &known->second;
  Hour hour;
  hour.stored = from_ms >= oldest_ms() && from_ms >= 0;
  if (hour.stored) {
    Rule tumbling = rule_;
    tumbling.every_ms = rule_.window_ms;
    const auto span = std::max(kHourMs, rule_.window_ms);
    hour.windows = static_cast<std::size_t>(span / rule_.window_ms);
    const WindowScanRequest request{.rule = &tumbling,
                                    .first_end_ms = from_ms + rule_.window_ms,
                                    .last_end_ms = from_ms + static_cast<std::int64_t>(hour.windows) * rule_.window_ms,
                                    .cancelled = cancelled_,
                                    .threads = limits_.threads,
                                    .derived = lookups_.derived_sources(),
                                    .max_groups = limits_.max_groups};
    const auto scanned = scan_windows(request, store_, [&](const WindowGroups& groups) {
      if (!groups.remark().empty()) hour.remark = groups.remark();
      for (std::size_t i = 0; i < groups.size(); ++i) {
        auto text = row_key_text(groups.key(i));
        if (hour.samples.size() >= kMaxHourKeys && hour.samples.count(text) == 0) {
          hour.remark = "an hour has more than " + std::to_string(kMaxHourKeys) + " different keys";
          continue;
        }
        hour.samples[std::move(text)].push_back(
            static_cast<float>(row_value(groups.figures(i), measure, rule_.window_ms, groups.totals())));
      }
      return true;
    });
    if (!scanned) return scanned.error();
  }
  if (hours_.size() >= kKeptHours) hours_.erase(hours_.begin());
  return &hours_.insert_or_assign({from_ms, measure}, std::move(hour)).first->second;
}

Result<RowPast::Statistics> RowHistory::baseline(const RowKey& key, RowMeasure measure, std::int64_t days) {
  const auto hour_ms = range_.from_ms / kHourMs * kHourMs;
  const auto text = row_key_text(key);
  std::vector<float> samples;
  for (std::int64_t day = days; day >= 1; --day) {
    const auto hour = hour_at(hour_ms - day * kDayMs, measure);
    if (!hour) return hour.error();
    if (!(*hour)->stored) continue;
    const auto found = (*hour)->samples.find(text);
    if (found == (*hour)->samples.end() && !(*hour)->remark.empty()) {
      remark_ = "of a baseline: " + (*hour)->remark;
      continue;
    }
    const std::size_t present = found == (*hour)->samples.end() ? 0 : found->second.size();
    if (present) samples.insert(samples.end(), found->second.begin(), found->second.end());
    samples.insert(samples.end(), (*hour)->windows - present, 0.0f);
  }
  return statistics_of(std::move(samples));
}

Result<bool> RowHistory::is_new(const RowKey& key, std::int64_t span_ms) {
  // Where little is stored, everything would be new.
  if (oldest_ms() > range_.from_ms - std::min(span_ms, kDayMs)) return false;
  Query query{.filter = row_key_filter(rule_.query.filter, rule_.query.by, key)};
  // Most keys were seen a moment ago: the near past is asked first.
  std::int64_t asked = 0;
  for (const auto back : {kHourMs, 6 * kHourMs, kDayMs, span_ms}) {
    const auto reach = std::min(back, span_ms);
    if (reach <= asked) continue;
    query.range =
        TimeRange{.from_ms = std::max<std::int64_t>(0, range_.from_ms - reach), .to_ms = range_.from_ms - asked};
    if (query.range->from_ms >= query.range->to_ms) break;
    const auto result = run_query(
        query, store_, {.cancelled = cancelled_, .derived = lookups_.derived_sources(), .threads = limits_.threads});
    if (!result) return result.error();
    if (result->totals.sessions != 0) return false;
    asked = reach;
  }
  return true;
}

std::uint64_t RowHistory::octets_of_others(const RowKey& key, std::size_t field) {
  auto& sums = octets_by_value_[field];
  if (sums.empty()) {
    for (std::size_t i = 0; i < rows_->size(); ++i)
      sums[row_key_text({rows_->key(i)[field]})] += rows_->figures(i).octets;
  }
  const auto found = sums.find(row_key_text({key[field]}));
  return found == sums.end() ? 0 : found->second - rows_->find(key).octets;
}

std::uint64_t RowHistory::interface_speed(const IpAddress& exporter, std::uint64_t interface) {
  return lookups_.interface_speed ? lookups_.interface_speed(exporter, interface) : 0;
}

}  // namespace weir
