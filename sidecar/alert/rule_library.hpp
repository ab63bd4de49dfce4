// The folders of rule files: read, and read again when one changed. A file that does not load is named with its
// mistake, and the one loaded before stays in force. One thread; status is copied out by the engine.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "alert/rule_file.hpp"
#include "core/setting_defaults.hpp"

namespace weir {

struct RuleFileStatus {
  std::string path;
  std::int64_t loaded_ms = 0;  // 0: never
  std::size_t rules = 0;
  std::string error;  // of the last attempt
};

struct LibraryLimits {
  LuaLimits lua;
  std::uint32_t max_rules = setting_defaults::kAlertMaxRules;
  std::uint32_t max_files = 200;
};

class RuleLibrary {
 public:
  // Later folders win: a file with the name of an earlier folder's takes its place.
  RuleLibrary(std::vector<std::string> folders, const LibraryLimits& limits)
      : folders_(std::move(folders)), limits_(limits) {}

  // True when something changed. `all`: loads every file, changed or not.
  bool poll(std::int64_t now_ms, bool all);

  struct Entry {
    std::shared_ptr<RuleFile> file;  // may be null: never loaded
    RuleFileStatus status;
    std::string stamp;
  };
  const std::map<std::string, Entry>& entries() const { return entries_; }  // by file name
  // Rules with a name that another file has, and those beyond max_rules.
  const std::vector<std::string>& complaints() const { return complaints_; }
  // Every rule in force, with its file; names are unique.
  std::vector<std::pair<std::shared_ptr<RuleFile>, const Rule*>> rules();

 private:
  const std::vector<std::string> folders_;
  const LibraryLimits limits_;
  std::map<std::string, Entry> entries_;
  std::vector<std::string> complaints_;
};

}  // namespace weir
