// Writes the report paragraph by paragraph, and leaves out what its reader may not know.
#include "api/about_text.hpp"

namespace weir {

namespace {

// A value with a slash that is no URL.
bool is_path(const std::string& value) {
  return value.find('/') != std::string::npos && value.find("://") == std::string::npos;
}

}  // namespace

AboutDetail about_detail(const TokenClaims& claims) {
  if (claims.exporters) return AboutDetail::kProgram;
  return claims.role == Role::kAdmin ? AboutDetail::kAll : AboutDetail::kUsers;
}

std::vector<std::pair<std::string, std::string>> told_settings(const AboutReport& about, AboutDetail detail) {
  if (detail == AboutDetail::kProgram) return {};
  auto settings = about.settings_changed;
  for (auto& [key, value] : settings) {
    if (detail == AboutDetail::kUsers && is_path(value)) value = "(a path)";
  }
  return settings;
}

std::string about_text(const AboutReport& about, AboutDetail detail) {
  std::string text = "Weir " + about.version + " (" + about.build + ")\n" + about.os + "\n\nLibraries:";
  for (const auto& [name, version] : about.libraries) text += "\n  " + name + " " + version;
  text += "\n";
  if (detail == AboutDetail::kProgram) return text;
  text += "\nSettings changed from their default:";
  const auto settings = told_settings(about, detail);
  for (const auto& [key, value] : settings) text += "\n  " + key + " = " + value;
  text += settings.empty() ? " none\n" : "\n";
  if (!about.collector.empty()) text += "\nCollector:\n";
  for (const auto& [name, figures] : about.collector) {
    if (detail == AboutDetail::kAll || !is_path(figures)) text += "  " + name + ": " + figures + "\n";
  }
  if (detail != AboutDetail::kAll || about.collector.empty()) return text;
  text += about.warnings.empty() ? "\nLast warnings: none\n" : "\nLast warnings:\n";
  for (const auto& warning : about.warnings) text += "  " + warning + "\n";
  return text;
}

}  // namespace weir
