// Sessions in memory, and the account of what is missing that a collector keeps, for tests of the monitor stage.
#pragma once
#include "flow/exporter_table.hpp"
#include "store/memory_store.hpp"
#include "store/sqlite/live_catalog.hpp"
#include "unit/store/temporary_folder.hpp"

namespace weir::testing {

class AccountedStore final : public Store {
 public:
  explicit AccountedStore(const Clock& clock) : catalog(folder_ / "catalog.sqlite", clock) {}
  void on_sessions(SessionBatch&& batch) override { sessions.on_sessions(std::move(batch)); }
  Snapshot snapshot(std::optional<TimeRange> range) override {
    if (table) {
      for (const auto* e : table->known()) {
        sessions.add_exporter({.id = e->id,
                               .address = e->address,
                               .name = {},
                               .configured_sampling = e->configured_sampling,
                               .late_rates = e->late_rates.with([](const auto& late) { return late; })});
      }
    }
    return sessions.snapshot(range);
  }
  void flush() override {}
  StoreStatus status() const override { return sessions.status(); }
  RangeQuality quality(const TimeRange& range, const std::vector<std::uint32_t>& exporters,
                       std::int64_t now_ms) override {
    return catalog.with([&](Catalog& c) { return c.quality().in_range(range, exporters, now_ms, true); });
  }

 private:
  TemporaryFolder folder_;

 public:
  MemoryStore sessions;
  LiveCatalog catalog;
  const ExporterTable* table = nullptr;  // whose rates hold; none: sessions have their own
};

}  // namespace weir::testing
