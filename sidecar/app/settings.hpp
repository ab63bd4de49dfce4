// The settings: weir.toml checked against schemas/config.schema.json, which holds every key, range and default. Read
// once at start; immutable afterwards, any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "api/settings_report.hpp"

namespace weir {

class Settings {
 public:
  // All defaults.
  Settings();
  // What the file says over the defaults. Throws std::runtime_error: file, key, what is allowed.
  static Settings load(const std::filesystem::path& file);

  // `key` is "section.name" as in the schema; asking for another is our bug.
  std::int64_t integer(const std::string& key) const;
  bool flag(const std::string& key) const;
  const std::string& text(const std::string& key) const;
  const std::vector<std::string>& list(const std::string& key) const;

  // A flag of the command line, checked as the file is. `origin` ("--listen") opens the message of a mistake.
  void set(const std::string& key, const std::string& value, const std::string& origin);
  void set(const std::string& key, std::vector<std::string> value, const std::string& origin);

  // A path of the settings: relative ones are taken from the folder of weir.toml (or the current folder without one).
  std::filesystem::path path(const std::string& key) const;

  // Keys that differ from their default, with their values as text. Secrets are files, so none is in here; of a URL
  // only scheme and host, for its path may be one.
  std::vector<std::pair<std::string, std::string>> changed() const;
  // Every key with its value and default, in the order of the schema; told as changed() tells them.
  std::vector<SettingReport> report() const;
  const std::filesystem::path& file() const { return file_; }

 private:
  using Value = SettingReport::Value;
  const Value& value(const std::string& key) const;
  void assign(const std::string& key, Value value, const std::string& where);

  std::filesystem::path file_;
  std::map<std::string, Value> values_;
};

}  // namespace weir
