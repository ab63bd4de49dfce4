// Files that label addresses: countries, autonomous systems. Each is read again whenever it changes; an error keeps the
// last good one. One row of kAddressDatabases per file. Any thread.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "core/result.hpp"
#include "flow/derived_sources.hpp"

namespace weir {

struct AddressDatabaseRow {
  AddressDatabaseId id;
  std::string_view word;     // in the API and in metrics
  std::string_view what;     // in messages: "country database"
  std::string_view setting;  // has the file's path
};
inline constexpr std::array<AddressDatabaseRow, kAddressDatabaseCount> kAddressDatabases{{
    {.id = AddressDatabaseId::kCountry,
     .word = "country",
     .what = "country database",
     .setting = "enrich.country_database"},
    {.id = AddressDatabaseId::kAsName, .word = "as_name", .what = "AS database", .setting = "enrich.as_database"},
}};

// A file's labels, and what it says of itself.
struct LoadedLabels {
  std::shared_ptr<const AddressLabels> labels;
  std::string type;           // what the file calls itself
  std::int64_t built_ms = 0;  // 0: it does not say
};
// A file in MaxMind's format, a CSV file of first,last,… or a folder of such files. Errors name the file and the
// reason.
Result<LoadedLabels> load_address_labels(const AddressDatabaseRow& row, const std::string& path);

struct AddressDatabaseStatus {
  std::string file;            // "": none is set
  std::int64_t loaded_ms = 0;  // 0: never
  std::string type;            // of the one that is loaded
  std::int64_t built_ms = 0;
  std::string error;  // of the last attempt; "" when it went well
};

class AddressDatabase {
 public:
  // `path` "": there is none, and nothing is ever loaded.
  AddressDatabase(const AddressDatabaseRow& row, std::string path, const Clock& clock);

  // Looks whether the file changed (time, size or inode) and loads it if so. True when a new one was loaded or a new
  // error appeared.
  bool poll();
  // Loads regardless of the file's stamp. True as poll().
  bool reload();
  // Null while none was loaded.
  std::shared_ptr<const AddressLabels> current() const;
  AddressDatabaseStatus status() const;
  const AddressDatabaseRow& row() const { return row_; }

 private:
  struct State {
    std::shared_ptr<const AddressLabels> labels;
    AddressDatabaseStatus status;
  };
  bool load();

  const AddressDatabaseRow& row_;
  const std::string path_;
  const Clock& clock_;
  std::mutex loading_;  // one load at a time; guards stamp_
  std::string stamp_;
  Guarded<State> state_;
};

// One per row.
class AddressDatabases {
 public:
  // path_of(setting): where the file is.
  template <class PathOf>
  AddressDatabases(PathOf&& path_of, const Clock& clock) {
    for (const auto& row : kAddressDatabases)
      all_.push_back(std::make_unique<AddressDatabase>(row, path_of(row.setting), clock));
  }
  const std::vector<std::unique_ptr<AddressDatabase>>& all() const { return all_; }
  // What is loaded now, with the names of scripts; to be held while a query runs.
  DerivedSources sources(std::shared_ptr<const TrafficNames> names) const;

 private:
  std::vector<std::unique_ptr<AddressDatabase>> all_;
};

}  // namespace weir
