// An exporter that begins to send has figures from its second sample on: what it would have sent before is not known.
#include "monitor/exporter_meter.hpp"

#include <algorithm>

namespace weir {

namespace {
double part(std::uint64_t lost, std::uint64_t received) {
  return lost == 0 ? 0.0 : static_cast<double>(lost) / static_cast<double>(lost + received);
}
}  // namespace

void ExporterMeter::measure(const Exporter& exporter, Account& account, const Counters& now,
                            const HeardTimes& heard) const {
  const auto then = account.since;
  const auto datagrams = now.datagrams - then.datagrams, drops = now.drops - then.drops;
  account.figures.reset();
  const bool is_broken = !account.is_heard || now.at_ms <= then.at_ms ||
                         heard.is_broken(exporter, {.from_ms = then.at_ms, .to_ms = now.at_ms});
  const bool came = datagrams + drops != 0;
  // A pause that is no silence: what comes next is of all the time.
  if (!is_broken && !came && !heard.is_silent(exporter)) return;
  account.since = now;
  account.is_heard = came;
  if (is_broken || !came) return;
  const auto records = now.records - then.records, lost = risen(now.lost, then.lost);
  const bool counts_datagrams =
      (exporter.protocols & kDatagramSequences) != 0 && (exporter.protocols & kRecordSequences) == 0;
  account.figures = {.records_per_s = static_cast<double>(records) * 1000 / static_cast<double>(now.at_ms - then.at_ms),
                     .loss = std::max(part(lost, counts_datagrams ? datagrams : records), part(drops, datagrams))};
}

void ExporterMeter::sample(std::int64_t now_ms, const HeardTimes& heard) {
  Counters sum;
  for (const auto* e : exporters_.known()) {
    const Counters now{.at_ms = now_ms,
                       .records = e->records,
                       .datagrams = e->datagrams,
                       .lost = e->lost,
                       .drops = e->kernel_drops + e->queue_drops};
    auto& account = accounts_[e->id];
    sum.records += now.records - account.last.records;
    sum.datagrams += now.datagrams - account.last.datagrams;
    sum.drops += now.drops - account.last.drops;
    measure(*e, account, now, heard);
    account.last = now;
  }
  const auto before_ms = std::exchange(last_ms_, now_ms);
  totals_.reset();
  if (before_ms == 0 || now_ms <= before_ms) return;
  const double seconds = static_cast<double>(now_ms - before_ms) / 1000;
  totals_ = {.records_per_s = static_cast<double>(sum.records) / seconds,
             .datagrams_per_s = static_cast<double>(sum.datagrams) / seconds,
             .drops_per_s = static_cast<double>(sum.drops) / seconds};
}

std::optional<ExporterFigures> ExporterMeter::figures(std::uint32_t id) const {
  const auto found = accounts_.find(id);
  return found == accounts_.end() ? std::nullopt : found->second.figures;
}

}  // namespace weir
