// DATA/catalog.sqlite: exporters, templates, settings, what exporters lost per minute, and which days there are. One
// thread at a time (Guarded by its owner); errors are SqliteError.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ip_address.hpp"
#include "sqlite/database.hpp"
#include "store/rate_copy.hpp"
#include "store/sqlite/quality_tables.hpp"
#include "store/store.hpp"
#include "store/template_copy.hpp"
#include "store/told_copy.hpp"

namespace weir {

struct CatalogExporter {
  std::uint32_t id = 0;
  IpAddress address;
  std::string name;
  std::uint32_t configured_sampling = 0;
  std::int64_t first_seen_ms = 0, last_seen_ms = 0;
  std::uint32_t protocols = 0;
  std::uint32_t metering = 0;
  std::vector<LateRate> late_rates{};
  friend bool operator==(const CatalogExporter&, const CatalogExporter&) = default;
};

struct CatalogDay {
  std::int32_t day = 0;
  bool open = false;  // the numbers are not valid
  std::int64_t min_start_ms = 0, max_end_ms = 0;
  std::uint64_t sessions = 0, segments = 0;
  friend bool operator==(const CatalogDay&, const CatalogDay&) = default;
};

struct ImportedCapture {
  std::string fingerprint, name;
  std::int64_t imported_ms = 0;
  std::uint64_t records = 0, sessions = 0;
};

class Catalog {
 public:
  Catalog(const std::string& path, Database::Access access);

  std::vector<CatalogExporter> exporters();
  void save_exporters(const std::vector<CatalogExporter>& exporters);

  std::vector<TemplateCopy> templates();
  // In one transaction.
  void save_templates(const std::vector<TemplateCopy>& copies);
  // An exporter that was forgotten: its templates go.
  void forget_templates(const IpAddress& exporter);
  // Sampling rates that exporters announced.
  std::vector<RateCopy> rates();
  void save_rates(const std::vector<RateCopy>& copies);
  void forget_rates(const IpAddress& exporter);
  // What exporters told of themselves.
  std::vector<ToldCopy> told();
  void save_told(const std::vector<ToldCopy>& copies);
  void forget_told(const IpAddress& exporter);

  std::optional<std::string> setting(std::string_view key);
  void save_setting(std::string_view key, std::string_view value);

  // What is missing, and when.
  QualityTables quality() { return QualityTables(database_); }

  // A capture that was imported before, by the fingerprint of its content.
  std::optional<ImportedCapture> imported(std::string_view fingerprint);
  void save_imported(const ImportedCapture& capture);

  std::vector<CatalogDay> days();
  void save_day(const CatalogDay& day);
  void forget_day(std::int32_t day);

  void checkpoint(bool finish);
  // See Database.
  bool is_in_place() const { return database_.is_in_place(); }
  void copy_to(const std::string& path) { database_.copy_to(path); }

 private:
  bool has_all_tables();
  // A catalog of an earlier version has not, until it is written to.
  bool has_table(std::string_view name, bool& known);

  Database database_;
  bool has_metering_ = false, has_late_rates_ = false, has_told_ = false;
};

}  // namespace weir
