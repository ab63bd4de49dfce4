// Files are told apart by inode, size and time, as the port list is.
#include "alert/rule_library.hpp"

#include <filesystem>
#include <set>

#include "core/file_stamp.hpp"

namespace weir {

namespace {

constexpr std::size_t kMaxRuleFileBytes = 1 << 20;

std::string stamp_of(const std::string& path) {
  const auto stamp = file_stamp(path);
  return stamp == "absent" ? stamp : path + ":" + stamp;
}

}  // namespace

bool RuleLibrary::poll(std::int64_t now_ms, bool all) {
  std::map<std::string, std::string> paths;  // by file name
  for (const auto& folder : folders_) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      const auto name = entry.path().filename().string();
      if (entry.path().extension() == ".lua" && name.front() != '.' &&
          (paths.size() < limits_.max_files || paths.count(name)))
        paths[name] = entry.path().string();
    }
  }
  bool changed = false;
  for (auto it = entries_.begin(); it != entries_.end();) {
    const bool gone = paths.count(it->first) == 0;
    changed = changed || gone;
    it = gone ? entries_.erase(it) : std::next(it);
  }
  for (const auto& [name, path] : paths) {
    auto& entry = entries_[name];
    const auto stamp = stamp_of(path);
    if (entry.stamp == stamp && !all) continue;
    changed = true;
    entry.stamp = stamp;
    entry.status.path = path;
    const auto source = read_text_file(path, kMaxRuleFileBytes);
    auto file = source ? RuleFile::load(path, *source, limits_.lua) : Result<std::unique_ptr<RuleFile>>(source.error());
    if (!file) {
      entry.status.error = file.error().message;
      continue;
    }
    entry.file = std::move(*file);
    entry.status.error.clear();
    entry.status.loaded_ms = now_ms;
    entry.status.rules = entry.file->rules().size();
  }
  return changed;
}

std::vector<std::pair<std::shared_ptr<RuleFile>, const Rule*>> RuleLibrary::rules() {
  std::vector<std::pair<std::shared_ptr<RuleFile>, const Rule*>> all;
  std::set<std::string> names;
  complaints_.clear();
  for (const auto& [name, entry] : entries_) {
    if (!entry.file) continue;
    for (const auto& rule : entry.file->rules()) {
      if (!names.insert(rule.name).second) {
        complaints_.push_back(rule.file + ":" + std::to_string(rule.line) + ": another file has a rule '" + rule.name +
                              "', too: this one is left out");
      } else if (all.size() >= limits_.max_rules) {
        complaints_.push_back(rule.file + ":" + std::to_string(rule.line) + ": rule '" + rule.name +
                              "' is beyond alert.max_rules (" + std::to_string(limits_.max_rules) + ")");
      } else {
        all.emplace_back(entry.file, &rule);
      }
    }
  }
  return all;
}

}  // namespace weir
