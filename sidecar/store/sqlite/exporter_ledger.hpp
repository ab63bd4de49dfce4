// Carries the exporter table to the catalog and back: ids before the first session that uses them is committed, the
// rest every few seconds. The writer's thread.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "flow/exporter_table.hpp"
#include "store/sqlite/live_catalog.hpp"

namespace weir {

class ExporterLedger {
 public:
  ExporterLedger(ExporterTable& table, LiveCatalog& catalog) : table_(table), catalog_(catalog) {}

  // Start-up: what the catalog knows goes into the table.
  void restore();
  // What only a day file knows (the catalog was lost).
  void restore(std::uint32_t id, const IpAddress& address);

  // Saves exporters that the catalog does not have; call before each commit. Throws SqliteError.
  void save_new();
  // Saves rates that were announced late. Call before what exporters have announced is saved: restored with that, they
  // do not announce anything new. Throws SqliteError.
  void save_late_rates();
  // Saves changes. Throws SqliteError.
  void save_changes();
  const std::unordered_map<std::uint32_t, CatalogExporter>& saved() const { return saved_; }
  // The catalog was made anew: everything is saved again.
  void forget_saved() { saved_.clear(); }

  static CatalogExporter describe(const Exporter& exporter);

 private:
  void save(std::vector<CatalogExporter>&& some);

  ExporterTable& table_;
  LiveCatalog& catalog_;
  std::unordered_map<std::uint32_t, CatalogExporter> saved_;
};

}  // namespace weir
