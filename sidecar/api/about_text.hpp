// The report about the program as one text, with as much in it as its reader may know. Any thread.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "api/backend.hpp"
#include "api/token.hpp"

namespace weir {

enum class AboutDetail : std::uint8_t {
  kProgram,  // for who sees certain exporters only: version, system, libraries
  kUsers,    // also settings, without where files are, and the collector's figures
  kAll,      // also where files are, and the last warnings
};
AboutDetail about_detail(const TokenClaims& claims);

// The changed settings that a reader of `detail` may know.
std::vector<std::pair<std::string, std::string>> told_settings(const AboutReport& about, AboutDetail detail);
std::string about_text(const AboutReport& about, AboutDetail detail);

}  // namespace weir
