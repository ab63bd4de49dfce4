// Loading is the work of mmdb_labels and csv_labels.
#include "enrich/address_database.hpp"

#include <filesystem>

#include "core/file_stamp.hpp"
#include "enrich/csv_labels.hpp"
#include "enrich/mmdb_labels.hpp"

namespace weir {

namespace {

bool is_csv(const std::string& path) {
  std::error_code failure;
  return path.ends_with(".csv") || std::filesystem::is_directory(path, failure);
}

}  // namespace

Result<LoadedLabels> load_address_labels(const AddressDatabaseRow& row, const std::string& path) {
  return is_csv(path) ? load_csv_labels(row, path) : load_mmdb_labels(row, path);
}

AddressDatabase::AddressDatabase(const AddressDatabaseRow& row, std::string path, const Clock& clock)
    : row_(row), path_(std::move(path)), clock_(clock) {
  state_.with([&](State& s) { s.status.file = path_; });
  reload();
}

bool AddressDatabase::poll() {
  const std::lock_guard lock(loading_);
  return !path_.empty() && file_stamp(path_) != stamp_ && load();
}

bool AddressDatabase::reload() {
  const std::lock_guard lock(loading_);
  return !path_.empty() && load();
}

bool AddressDatabase::load() {
  stamp_ = file_stamp(path_);
  auto loaded = load_address_labels(row_, path_);
  return state_.with([&](State& s) {
    if (!loaded) {
      const bool news = s.status.error != loaded.error().message;
      s.status.error = loaded.error().message;
      return news;
    }
    s.labels = std::move(loaded->labels);
    s.status.loaded_ms = clock_.now_ms();
    s.status.type = loaded->type;
    s.status.built_ms = loaded->built_ms;
    s.status.error.clear();
    return true;
  });
}

std::shared_ptr<const AddressLabels> AddressDatabase::current() const {
  return state_.with([](const State& s) { return s.labels; });
}

AddressDatabaseStatus AddressDatabase::status() const {
  return state_.with([](const State& s) { return s.status; });
}

DerivedSources AddressDatabases::sources(std::shared_ptr<const TrafficNames> names) const {
  DerivedSources sources{.names = std::move(names)};
  for (const auto& database : all_)
    sources.databases[static_cast<std::size_t>(database->row().id)] = database->current();
  return sources;
}

}  // namespace weir
