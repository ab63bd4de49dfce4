// Differences between the exporter table and the catalog.
#include "store/sqlite/exporter_ledger.hpp"

namespace weir {

CatalogExporter ExporterLedger::describe(const Exporter& e) {
  return {.id = e.id, .address = e.address, .name = e.name.with([](const std::string& name) { return name; }),
          .configured_sampling = e.configured_sampling, .first_seen_ms = e.first_seen_ms, .last_seen_ms = e.last_seen_ms,
          .protocols = e.protocols};
}

QualityMinute ExporterLedger::totals(const Exporter& e) {
  return {.exporter = e.id, .lost = e.lost, .malformed = e.malformed, .waiting_for_template = e.waiting_for_template,
          .kernel_drops = e.kernel_drops, .queue_drops = e.queue_drops, .time_repaired = e.time_repaired, .rejected = e.rejected};
}

void ExporterLedger::restore() {
  for (const auto& known : catalog_.with([](Catalog& c) { return c.exporters(); })) {
    Exporter* e = table_.restore(known.id, known.address);
    e->name.with([&](std::string& name) { name = known.name; });
    e->configured_sampling = known.configured_sampling;
    e->first_seen_ms = known.first_seen_ms;
    e->last_seen_ms = known.last_seen_ms;
    e->protocols = known.protocols;
    saved_[known.id] = known;
  }
}

void ExporterLedger::restore(std::uint32_t id, const IpAddress& address) {
  if (!table_.find(id)) table_.restore(id, address);
}

void ExporterLedger::save_new() {
  std::vector<CatalogExporter> fresh;
  for (const auto* e : table_.known()) {
    if (!saved_.count(e->id)) fresh.push_back(describe(*e));
  }
  if (fresh.empty()) return;
  catalog_.with([&](Catalog& c) { c.save_exporters(fresh); });
  for (auto& e : fresh) saved_[e.id] = std::move(e);
}

void ExporterLedger::save_changes(std::int64_t now_ms) {
  std::vector<CatalogExporter> changed;
  std::vector<QualityMinute> minutes;
  std::unordered_map<std::uint32_t, QualityMinute> counted;
  for (const auto* e : table_.known()) {
    auto now = describe(*e);
    if (const auto it = saved_.find(e->id); it == saved_.end() || !(it->second == now)) changed.push_back(std::move(now));
    const auto total = totals(*e);
    const auto before = counted_[e->id];
    const QualityMinute delta{.minute = now_ms / 60'000, .exporter = e->id, .lost = risen(total.lost, before.lost),
                              .malformed = risen(total.malformed, before.malformed),
                              .waiting_for_template = risen(total.waiting_for_template, before.waiting_for_template),
                              .kernel_drops = risen(total.kernel_drops, before.kernel_drops),
                              .queue_drops = risen(total.queue_drops, before.queue_drops),
                              .time_repaired = risen(total.time_repaired, before.time_repaired),
                              .rejected = risen(total.rejected, before.rejected)};
    if (delta.lost | delta.malformed | delta.waiting_for_template | delta.kernel_drops | delta.queue_drops | delta.time_repaired | delta.rejected) {
      minutes.push_back(delta);
    }
    counted[e->id] = total;
  }
  catalog_.with([&](Catalog& c) {
    c.save_exporters(changed);
    c.save_quality(minutes);
    c.checkpoint(false);
  });
  counted_ = std::move(counted);
  for (auto& e : changed) saved_[e.id] = std::move(e);
}

}  // namespace weir
