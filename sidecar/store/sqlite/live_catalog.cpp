// Setting aside, rescuing what can be read, and making anew.
#include "store/sqlite/live_catalog.hpp"

#include "sqlite/lost_file.hpp"
#include "store/sqlite/day_handle.hpp"

namespace weir {

LiveCatalog::LiveCatalog(std::string path, const Clock& clock) : path_(std::move(path)), clock_(clock) {
  state_.with([&](State& s) {
    finish_replacement(path_, aside_path());
    try {
      open(s);
    } catch (const SqliteError& e) {
      if (!e.is_damage()) throw;
      make_anew(s, e.what());
    }
  });
}

std::string LiveCatalog::aside_path() const { return path_ + kDamagedSuffix + std::to_string(clock_.now_ms()); }

void LiveCatalog::open(State& s) {
  s.catalog = std::make_unique<Catalog>(path_, Database::Access::kCreate);
  if (s.rescued_exporters.empty() && s.rescued_templates.empty() && s.rescued_rates.empty() && s.rescued_told.empty())
    return;
  s.catalog->save_exporters(s.rescued_exporters);
  s.catalog->save_templates(s.rescued_templates);
  s.catalog->save_rates(s.rescued_rates);
  s.catalog->save_told(s.rescued_told);
  s.rescued_exporters.clear();
  s.rescued_templates.clear();
  s.rescued_rates.clear();
  s.rescued_told.clear();
}

void LiveCatalog::make_anew(State& s, const std::string& why) {
  if (s.catalog) {
    // Names and rates that an operator set, and templates: what can still be read is kept.
    try {
      s.rescued_exporters = s.catalog->exporters();
    } catch (const SqliteError&) {}
    try {
      s.rescued_templates = s.catalog->templates();
    } catch (const SqliteError&) {}
    try {
      s.rescued_rates = s.catalog->rates();
    } catch (const SqliteError&) {}
    try {
      s.rescued_told = s.catalog->told();
    } catch (const SqliteError&) {}
    s.catalog.reset();
  }
  const auto aside = aside_path();
  rename_database(path_, aside);
  ++s.generation;
  s.notices.push_back("the catalog is damaged and was set aside as " + aside + " (" + why +
                      "); addresses of exporters come back from the day files" +
                      (s.rescued_exporters.empty() ? ", their names and sampling rates must be set again"
                                                   : ", their names and sampling rates were kept"));
  open(s);
}

void LiveCatalog::look() {
  state_.with([&](State& s) {
    if (!s.catalog) return open(s);
    if (s.catalog->is_in_place()) return;
    const auto fate = write_anew(
        path_, clock_.now_ms(), [&](const std::string& copy) { s.catalog->copy_to(copy); }, [&] { s.catalog.reset(); });
    open(s);
    s.notices.push_back(path_ + " " + fate);
  });
}

}  // namespace weir
