// Differences between the counters of exporters, minute by minute.
#include "store/sqlite/quality_ledger.hpp"

#include <algorithm>

#include "core/durations.hpp"

namespace weir {

namespace {

constexpr std::int64_t kReportSpanMs = 5 * kMinuteMs;
// Of an exporter that is silent for so long nothing more is expected.
constexpr std::int64_t kGivenUpMs = std::int64_t{7} * 24 * 60 * kMinuteMs;
constexpr std::size_t kOutstandingMinutes = 64;

QualityMinute totals_of(const Exporter& e) {
  const auto n = [](const std::atomic<std::uint64_t>& counter) {
    return static_cast<std::int64_t>(counter.load(std::memory_order_relaxed));
  };
  return {.exporter = e.id,
          .lost = n(e.lost),
          .malformed = n(e.malformed),
          .waiting_for_template = n(e.waiting_for_template),
          .kernel_drops = n(e.kernel_drops),
          .queue_drops = n(e.queue_drops),
          .time_repaired = n(e.time_repaired),
          .rejected = n(e.rejected),
          .unsampled = n(e.unsampled),
          .duplicates = n(e.duplicates)};
}

}  // namespace

void QualityLedger::Outstanding::count(std::int64_t minute, std::uint64_t n) {
  if (!minutes_.empty() && minutes_.back().first == minute) {
    minutes_.back().second += n;
    return;
  }
  minutes_.emplace_back(minute, n);
  if (minutes_.size() > kOutstandingMinutes) minutes_.pop_front();
}

template <class F>
void QualityLedger::Outstanding::take_back(std::uint64_t n, F taken) {
  while (n > 0 && !minutes_.empty()) {
    auto& [minute, left] = minutes_.back();
    const auto part = std::min(n, left);
    taken(minute, static_cast<std::int64_t>(part));
    n -= part;
    left -= part;
    if (left == 0) minutes_.pop_back();
  }
}

void QualityLedger::restore(std::int64_t now_ms) {
  started_ms_ = now_ms;
  std::unordered_map<std::uint32_t, std::int64_t> open;
  std::vector<ExporterRhythm> rhythms;
  catalog_.with([&](Catalog& c) {
    for (const auto& silence : c.quality().open_silences()) open[silence.exporter] = silence.silence.from_ms;
    rhythms = c.quality().rhythms();
  });
  for (const auto& rhythm : rhythms) saved_rhythms_[rhythm.exporter] = rhythm;
  for (const auto* exporter : table_.known()) {
    const auto rhythm = saved_rhythms_.find(exporter->id);
    const auto since = open.find(exporter->id);
    auto& account = accounts_[exporter->id];
    const bool known = rhythm != saved_rhythms_.end();
    account.silence = SilenceWatch(known ? rhythm->second.tolerated_ms : 0,
                                   since == open.end() ? std::nullopt : std::optional(since->second), now_ms);
    account.report_before_ms = known ? rhythm->second.report_ms : 0;
    account.report_since_ms = now_ms;
  }
}

QualityMinute& QualityLedger::pending(std::int64_t minute, std::uint32_t exporter) {
  auto& of = minutes_[{minute, exporter}];
  of.minute = minute;
  of.exporter = exporter;
  return of;
}

void QualityLedger::look_at(Exporter& exporter, Account& account, std::int64_t minute, std::int64_t now_ms) {
  const auto total = totals_of(exporter);
  auto rise = total;
  rise.subtract(account.total);
  account.total = total;
  // What comes late after all, and what waited and has its template now, is missing no longer: in the minute that it
  // was counted in.
  const auto settle = [&](std::int64_t QualityMinute::*member, Outstanding& outstanding) {
    const auto n = std::exchange(rise.*member, 0);
    if (n > 0) outstanding.count(minute, static_cast<std::uint64_t>(n));
    if (n > 0) rise.*member = n;
    if (n < 0)
      outstanding.take_back(static_cast<std::uint64_t>(-n),
                            [&](std::int64_t of, std::int64_t part) { pending(of, exporter.id).*member -= part; });
  };
  settle(&QualityMinute::lost, account.lost);
  settle(&QualityMinute::waiting_for_template, account.waiting);
  if (rise.any()) pending(minute, exporter.id).add(rise);

  const auto report_ms = exporter.longest_report_ms.exchange(0, std::memory_order_relaxed);
  if (now_ms - account.report_since_ms >= kReportSpanMs || now_ms < account.report_since_ms) {
    account.report_before_ms = std::exchange(account.report_ms, 0);
    account.report_since_ms = now_ms;
  }
  account.report_ms = std::max(account.report_ms, report_ms);
  exporter.report_ms.store(std::max(account.report_ms, account.report_before_ms), std::memory_order_relaxed);

  const auto heard_ms = exporter.last_seen_ms.load(std::memory_order_relaxed);
  const bool gone = !exporter.has_place() || (heard_ms != 0 && now_ms - heard_ms > kGivenUpMs);
  if (const auto silence = gone ? account.silence.give_up(now_ms) : account.silence.look(heard_ms, now_ms)) {
    changes_.silences.push_back({.exporter = exporter.id, .silence = *silence});
  }
  exporter.tolerated_silence_ms.store(account.silence.is_silent() ? 0 : account.silence.tolerated_ms(),
                                      std::memory_order_relaxed);
}

void QualityLedger::look(std::int64_t now_ms) {
  if (started_ms_ == 0) started_ms_ = now_ms;
  const auto minute = (looked_ms_ == 0 ? now_ms : looked_ms_) / kMinuteMs;
  for (auto* exporter : table_.known()) look_at(*exporter, accounts_[exporter->id], minute, now_ms);
  looked_ms_ = now_ms;
}

// A silence goes at once: until it is taken down, its time looks as if the exporter had been heard.
bool QualityLedger::is_save_due(std::int64_t now_ms) const {
  return saved_ms_ == 0 || now_ms < saved_ms_ || now_ms - saved_ms_ >= kBeatMs ||
         now_ms / kMinuteMs != saved_ms_ / kMinuteMs || !changes_.silences.empty();
}

void QualityLedger::save(std::int64_t now_ms) {
  auto changes = changes_;
  for (const auto& [key, minute] : minutes_) {
    if (minute.any()) changes.minutes.push_back(minute);
  }
  if (of_ == Of::kCollector) {
    for (const auto& [id, account] : accounts_) {
      const ExporterRhythm rhythm{.exporter = id,
                                  .tolerated_ms = account.silence.tolerated_ms(),
                                  .report_ms = std::max(account.report_ms, account.report_before_ms)};
      const auto saved = saved_rhythms_.find(id);
      if (saved == saved_rhythms_.end() ? rhythm.tolerated_ms != 0 : !(saved->second == rhythm))
        changes.rhythms.push_back(rhythm);
    }
  }
  // A clock that was set back does not make the collector's time shorter.
  if (started_ms_ != 0)
    changes.times.push_back(
        {.start_ms = started_ms_, .end_ms = std::max(now_ms, started_ms_), .imported = of_ == Of::kImport});
  catalog_.with([&](Catalog& c) { c.quality().save(changes); });
  for (const auto& rhythm : changes.rhythms) saved_rhythms_[rhythm.exporter] = rhythm;
  minutes_.clear();
  changes_ = {};
  saved_ms_ = now_ms;
}

void QualityLedger::end_capture(std::int64_t now_ms) {
  look(now_ms);
  for (auto& [id, account] : accounts_) {
    if (const auto silence = account.silence.give_up(now_ms))
      changes_.silences.push_back({.exporter = id, .silence = *silence});
  }
  save(now_ms);
  for (auto& [id, account] : accounts_) {
    const auto total = account.total;
    account = {};
    account.total = total;
  }
  started_ms_ = looked_ms_ = 0;
}

}  // namespace weir
