// The statements of the catalog.
#include "store/sqlite/catalog.hpp"

#include <sqlite3.h>

#include <unordered_map>

#include "store/sqlite/day_handle.hpp"
#include "store/sqlite/schema.hpp"

namespace weir {

namespace {
constexpr std::int64_t kCatalogVersion = 1;
constexpr std::uint64_t kLogBytes = 4u << 20;
}  // namespace

Catalog::Catalog(const std::string& path, Database::Access access) : database_(path, access) {
  std::int64_t version = 0;
  {
    auto statement = database_.prepare("PRAGMA user_version");
    if (statement.step()) version = statement.integer(0);
  }
  if (version > kCatalogVersion) {
    throw SqliteError(path, "made by a newer version of Weir (format " + std::to_string(version) + "); update this one",
                      SQLITE_MISMATCH);
  }
  if (access == Database::Access::kReadOnly) {
    if (version != kCatalogVersion) throw SqliteError(path, "not a catalog of Weir yet", SQLITE_MISMATCH);
    return;
  }
  const bool is_new = version != kCatalogVersion;
  // A table that came later is added: every statement of the schema makes what is missing.
  if (!is_new && has_all_tables()) return;
  try {
    Transaction transaction(database_, true);
    database_.execute(kCatalogSchema);
    quality().upgrade();
    transaction.commit();
  } catch (const SqliteError& e) {
    if (is_new || !e.is_refusal()) throw;
  }
}

bool Catalog::has_all_tables() {
  constexpr std::string_view kSchema = kCatalogSchema, kCreate = "CREATE TABLE";
  std::int64_t wanted = 0;
  for (auto at = kSchema.find(kCreate); at != std::string_view::npos; at = kSchema.find(kCreate, at + 1)) ++wanted;
  auto statement =
      database_.prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  return statement.step() && statement.integer(0) >= wanted;
}

bool Catalog::has_table(std::string_view name, bool& known) {
  if (!known) known = database_.has_table(name);
  return known;
}

std::vector<CatalogExporter> Catalog::exporters() {
  std::vector<CatalogExporter> exporters;
  std::unordered_map<std::uint32_t, std::uint32_t> metering;
  if (has_table("exporter_metering", has_metering_)) {
    auto statement = database_.prepare("SELECT id, metering FROM exporter_metering");
    while (statement.step())
      metering.emplace(static_cast<std::uint32_t>(statement.integer(0)),
                       static_cast<std::uint32_t>(statement.integer(1)));
  }
  std::unordered_map<std::uint32_t, std::vector<LateRate>> late_rates;
  if (has_table("late_rate", has_late_rates_)) {
    auto statement =
        database_.prepare("SELECT exporter, from_ms, until_ms, rate FROM late_rate ORDER BY exporter, from_ms");
    while (statement.step()) {
      late_rates[static_cast<std::uint32_t>(statement.integer(0))].push_back(
          {.from_ms = statement.integer(1),
           .until_ms = statement.integer(2),
           .rate = static_cast<std::uint32_t>(statement.integer(3))});
    }
  }
  auto statement = database_.prepare(
      "SELECT id, address, name, configured_sampling, first_seen_ms, last_seen_ms, protocols FROM exporter ORDER BY "
      "id");
  while (statement.step()) {
    const auto address = parse_ip_address(statement.text(1));
    if (!address) continue;
    exporters.push_back({.id = static_cast<std::uint32_t>(statement.integer(0)),
                         .address = *address,
                         .name = statement.text(2),
                         .configured_sampling = static_cast<std::uint32_t>(statement.integer(3)),
                         .first_seen_ms = statement.integer(4),
                         .last_seen_ms = statement.integer(5),
                         .protocols = static_cast<std::uint32_t>(statement.integer(6))});
    if (const auto known = metering.find(exporters.back().id); known != metering.end())
      exporters.back().metering = known->second;
    if (auto known = late_rates.find(exporters.back().id); known != late_rates.end())
      exporters.back().late_rates = std::move(known->second);
  }
  return exporters;
}

void Catalog::save_exporters(const std::vector<CatalogExporter>& exporters) {
  if (exporters.empty()) return;
  Transaction transaction(database_, true);
  for (const auto& e : exporters) {
    const std::string address = e.address.text();
    database_
        .prepare(
            "INSERT OR REPLACE INTO exporter (id, address, name, configured_sampling, first_seen_ms, last_seen_ms, "
            "protocols) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .bind(1, e.id)
        .bind(2, std::string_view(address))
        .bind(3, std::string_view(e.name))
        .bind(4, e.configured_sampling)
        .bind(5, e.first_seen_ms)
        .bind(6, e.last_seen_ms)
        .bind(7, e.protocols)
        .run();
    if (!has_table("exporter_metering", has_metering_)) continue;
    if (e.metering == 0) {
      database_.prepare("DELETE FROM exporter_metering WHERE id = ?1").bind(1, e.id).run();
    } else {
      database_.prepare("INSERT OR REPLACE INTO exporter_metering (id, metering) VALUES (?1, ?2)")
          .bind(1, e.id)
          .bind(2, e.metering)
          .run();
    }
    if (!has_table("late_rate", has_late_rates_)) continue;
    database_.prepare("DELETE FROM late_rate WHERE exporter = ?1").bind(1, e.id).run();
    for (const auto& late : e.late_rates) {
      database_.prepare("INSERT OR REPLACE INTO late_rate (exporter, from_ms, until_ms, rate) VALUES (?1, ?2, ?3, ?4)")
          .bind(1, e.id)
          .bind(2, late.from_ms)
          .bind(3, late.until_ms)
          .bind(4, late.rate)
          .run();
    }
  }
  transaction.commit();
}

std::vector<TemplateCopy> Catalog::templates() {
  std::vector<TemplateCopy> templates;
  auto statement = database_.prepare(
      "SELECT exporter, source_port, domain, version, options, record, (SELECT booted_ms FROM stream s WHERE "
      "s.exporter = t.exporter AND "
      "s.source_port = t.source_port AND s.domain = t.domain AND s.version = t.version) FROM template t");
  while (statement.step()) {
    const auto address = parse_ip_address(statement.text(0));
    if (!address) continue;
    const auto record = statement.blob(5);
    templates.push_back({.exporter = *address,
                         .source_port = static_cast<std::uint16_t>(statement.integer(1)),
                         .domain = static_cast<std::uint32_t>(statement.integer(2)),
                         .version = static_cast<std::uint16_t>(statement.integer(3)),
                         .options = statement.integer(4) != 0,
                         .booted_ms = statement.integer(6),
                         .record = {record.begin(), record.end()}});
  }
  return templates;
}

void Catalog::save_templates(const std::vector<TemplateCopy>& copies) {
  if (copies.empty()) return;
  Transaction transaction(database_, true);
  for (const auto& copy : copies) {
    const std::string address = copy.exporter.text();
    database_
        .prepare(
            "INSERT OR REPLACE INTO template (exporter, source_port, domain, version, template_id, options, record) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .bind(1, std::string_view(address))
        .bind(2, copy.source_port)
        .bind(3, copy.domain)
        .bind(4, copy.version)
        .bind(5, copy.id())
        .bind(6, copy.options)
        .bind(7, std::span<const std::uint8_t>(copy.record))
        .run();
    // One that has changed its port since, and rows of an earlier version.
    database_
        .prepare(
            "DELETE FROM template AS t WHERE exporter = ?1 AND domain = ?2 AND version = ?3 AND template_id = ?4 AND "
            "source_port <> ?5 AND (source_port = 0 OR "
            "record = ?6 AND EXISTS (SELECT 1 FROM stream s WHERE s.exporter = ?1 AND s.source_port = t.source_port "
            "AND s.domain = ?2 AND s.version = ?3 "
            "AND ?7 <> 0 AND abs(s.booted_ms - ?7) < 5000))")
        .bind(1, std::string_view(address))
        .bind(2, copy.domain)
        .bind(3, copy.version)
        .bind(4, copy.id())
        .bind(5, copy.source_port)
        .bind(6, std::span<const std::uint8_t>(copy.record))
        .bind(7, copy.booted_ms)
        .run();
    database_
        .prepare(
            "INSERT OR REPLACE INTO stream (exporter, source_port, domain, version, booted_ms) VALUES (?1, ?2, ?3, ?4, "
            "?5)")
        .bind(1, std::string_view(address))
        .bind(2, copy.source_port)
        .bind(3, copy.domain)
        .bind(4, copy.version)
        .bind(5, copy.booted_ms)
        .run();
  }
  transaction.commit();
}

void Catalog::forget_templates(const IpAddress& exporter) {
  const std::string address = exporter.text();
  database_.prepare("DELETE FROM template WHERE exporter = ?1").bind(1, std::string_view(address)).run();
  database_.prepare("DELETE FROM stream WHERE exporter = ?1").bind(1, std::string_view(address)).run();
}

std::vector<RateCopy> Catalog::rates() {
  std::vector<RateCopy> rates;
  auto statement =
      database_.prepare("SELECT exporter, source_port, domain, scope, id, rate, booted_ms FROM sampling_rate");
  while (statement.step()) {
    const auto address = parse_ip_address(statement.text(0));
    if (!address) continue;
    rates.push_back({.exporter = *address,
                     .source_port = static_cast<std::uint16_t>(statement.integer(1)),
                     .domain = static_cast<std::uint32_t>(statement.integer(2)),
                     .scope = static_cast<std::uint8_t>(statement.integer(3)),
                     .id = statement.unsigned_integer(4),
                     .rate = static_cast<std::uint32_t>(statement.integer(5)),
                     .booted_ms = statement.integer(6)});
  }
  return rates;
}

void Catalog::save_rates(const std::vector<RateCopy>& copies) {
  if (copies.empty()) return;
  Transaction transaction(database_, true);
  for (const auto& copy : copies) {
    const std::string address = copy.exporter.text();
    database_
        .prepare(
            "INSERT OR REPLACE INTO sampling_rate (exporter, source_port, domain, scope, id, rate, booted_ms) VALUES "
            "(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .bind(1, std::string_view(address))
        .bind(2, copy.source_port)
        .bind(3, copy.domain)
        .bind(4, copy.scope)
        .bind_unsigned(5, copy.id)
        .bind(6, copy.rate)
        .bind(7, copy.booted_ms)
        .run();
  }
  transaction.commit();
}

void Catalog::forget_rates(const IpAddress& exporter) {
  const std::string address = exporter.text();
  database_.prepare("DELETE FROM sampling_rate WHERE exporter = ?1").bind(1, std::string_view(address)).run();
}

std::vector<ToldCopy> Catalog::told() {
  std::vector<ToldCopy> told;
  if (!has_table("told_name", has_told_)) return told;
  auto statement = database_.prepare("SELECT exporter, kind, id, text FROM told_name ORDER BY exporter, kind, id");
  while (statement.step()) {
    const auto address = parse_ip_address(statement.text(0));
    if (!address) continue;
    told.push_back({.exporter = *address,
                    .kind = static_cast<ToldKind>(statement.integer(1)),
                    .id = statement.unsigned_integer(2),
                    .text = statement.text(3)});
  }
  return told;
}

void Catalog::save_told(const std::vector<ToldCopy>& copies) {
  if (copies.empty() || !has_table("told_name", has_told_)) return;
  Transaction transaction(database_, true);
  for (const auto& copy : copies) {
    const std::string address = copy.exporter.text();
    database_.prepare("INSERT OR REPLACE INTO told_name (exporter, kind, id, text) VALUES (?1, ?2, ?3, ?4)")
        .bind(1, std::string_view(address))
        .bind(2, static_cast<std::uint32_t>(copy.kind))
        .bind_unsigned(3, copy.id)
        .bind(4, std::string_view(copy.text))
        .run();
  }
  transaction.commit();
}

void Catalog::forget_told(const IpAddress& exporter) {
  if (!has_table("told_name", has_told_)) return;
  const std::string address = exporter.text();
  database_.prepare("DELETE FROM told_name WHERE exporter = ?1").bind(1, std::string_view(address)).run();
}

std::optional<ImportedCapture> Catalog::imported(std::string_view fingerprint) {
  auto statement = database_.prepare(
      "SELECT fingerprint, name, imported_ms, records, sessions FROM imported WHERE fingerprint = ?1");
  statement.bind(1, fingerprint);
  if (!statement.step()) return std::nullopt;
  return ImportedCapture{.fingerprint = statement.text(0),
                         .name = statement.text(1),
                         .imported_ms = statement.integer(2),
                         .records = statement.unsigned_integer(3),
                         .sessions = statement.unsigned_integer(4)};
}

void Catalog::save_imported(const ImportedCapture& capture) {
  database_
      .prepare(
          "INSERT OR REPLACE INTO imported (fingerprint, name, imported_ms, records, sessions) VALUES (?1, ?2, ?3, ?4, "
          "?5)")
      .bind(1, std::string_view(capture.fingerprint))
      .bind(2, std::string_view(capture.name))
      .bind(3, capture.imported_ms)
      .bind_unsigned(4, capture.records)
      .bind_unsigned(5, capture.sessions)
      .run();
}

std::optional<std::string> Catalog::setting(std::string_view key) {
  auto statement = database_.prepare("SELECT value FROM setting WHERE key = ?1");
  statement.bind(1, key);
  if (!statement.step()) return std::nullopt;
  return statement.text(0);
}

void Catalog::save_setting(std::string_view key, std::string_view value) {
  database_.prepare("INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)").bind(1, key).bind(2, value).run();
}

std::vector<CatalogDay> Catalog::days() {
  std::vector<CatalogDay> days;
  auto statement =
      database_.prepare("SELECT name, open, min_start_ms, max_end_ms, sessions, segments FROM day ORDER BY name");
  while (statement.step()) {
    const auto day = parse_day_name(statement.text(0));
    if (!day) continue;
    days.push_back({.day = *day,
                    .open = statement.integer(1) != 0,
                    .min_start_ms = statement.integer(2),
                    .max_end_ms = statement.integer(3),
                    .sessions = statement.unsigned_integer(4),
                    .segments = statement.unsigned_integer(5)});
  }
  return days;
}

void Catalog::save_day(const CatalogDay& day) {
  const std::string name = day_name(day.day);
  database_
      .prepare(
          "INSERT OR REPLACE INTO day (name, open, min_start_ms, max_end_ms, sessions, segments) VALUES (?1, ?2, ?3, "
          "?4, ?5, ?6)")
      .bind(1, std::string_view(name))
      .bind(2, day.open)
      .bind(3, day.min_start_ms)
      .bind(4, day.max_end_ms)
      .bind_unsigned(5, day.sessions)
      .bind_unsigned(6, day.segments)
      .run();
}

void Catalog::forget_day(std::int32_t day) {
  const std::string name = day_name(day);
  database_.prepare("DELETE FROM day WHERE name = ?1").bind(1, std::string_view(name)).run();
}

void Catalog::checkpoint(bool finish) {
  if (finish) {
    database_.leave_log_mode();
  } else if (database_.log_bytes() > kLogBytes) {
    database_.checkpoint();
  }
}

}  // namespace weir
