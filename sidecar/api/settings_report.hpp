// The settings in force, as app/settings reads them and settings.get tells them. Plain values.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace weir {

// A setting as it is in force. It tells no secrets: those are in files, and of a URL only scheme and host are told.
struct SettingReport {
  using Value = std::variant<std::int64_t, bool, std::string, std::vector<std::string>>;
  std::string key, description;  // key: "section.name"
  Value value, fallback;
  std::string allowed;  // in words
};
struct SettingsReport {
  std::string file;  // weir.toml; "": none
  std::vector<SettingReport> settings;
};

}  // namespace weir
