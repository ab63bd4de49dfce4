// Differences between the exporter table and the catalog.
#include "store/sqlite/exporter_ledger.hpp"

namespace weir {

CatalogExporter ExporterLedger::describe(const Exporter& e) {
  return {.id = e.id,
          .address = e.address,
          .name = e.name.with([](const std::string& name) { return name; }),
          .configured_sampling = e.configured_sampling,
          .first_seen_ms = e.first_seen_ms,
          .last_seen_ms = e.last_seen_ms,
          .protocols = e.protocols,
          .metering = static_cast<std::uint32_t>(e.metering.load()),
          .late_rates = e.late_rates.with([](const std::vector<LateRate>& late) { return late; })};
}

void ExporterLedger::restore() {
  for (const auto& known : catalog_.with([](Catalog& c) { return c.exporters(); })) {
    Exporter* e = table_.restore(known.id, known.address);
    e->name.with([&](std::string& name) { name = known.name; });
    e->configured_sampling = known.configured_sampling;
    e->first_seen_ms = known.first_seen_ms;
    e->last_seen_ms = known.last_seen_ms;
    e->protocols = known.protocols;
    if (known.metering < kMeteringNames.size()) e->metering = static_cast<Metering>(known.metering);
    e->late_rates.with([&](std::vector<LateRate>& late) { late = known.late_rates; });
    saved_[known.id] = known;
  }
}

void ExporterLedger::restore(std::uint32_t id, const IpAddress& address) {
  if (!table_.find(id)) table_.restore(id, address);
}

void ExporterLedger::save(std::vector<CatalogExporter>&& some) {
  if (some.empty()) return;
  catalog_.with([&](Catalog& c) { c.save_exporters(some); });
  for (auto& e : some) saved_[e.id] = std::move(e);
}

void ExporterLedger::save_new() {
  std::vector<CatalogExporter> fresh;
  for (const auto* e : table_.known()) {
    if (!saved_.count(e->id)) fresh.push_back(describe(*e));
  }
  save(std::move(fresh));
}

void ExporterLedger::save_late_rates() {
  std::vector<CatalogExporter> changed;
  for (const auto* e : table_.known()) {
    const auto saved = saved_.find(e->id);
    const bool is_known = e->late_rates.with([&](const std::vector<LateRate>& late) {
      return saved == saved_.end() ? late.empty() : late == saved->second.late_rates;
    });
    if (!is_known) changed.push_back(describe(*e));
  }
  save(std::move(changed));
}

void ExporterLedger::save_changes() {
  std::vector<CatalogExporter> changed;
  for (const auto* e : table_.known()) {
    auto now = describe(*e);
    if (const auto it = saved_.find(e->id); it == saved_.end() || !(it->second == now))
      changed.push_back(std::move(now));
  }
  save(std::move(changed));
  catalog_.with([](Catalog& c) { c.checkpoint(false); });
}

}  // namespace weir
