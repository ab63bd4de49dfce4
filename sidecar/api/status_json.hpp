// The answers that describe the collector rather than the traffic: exporters, status, about, settings, fields. As JSON
// text in the shapes of schemas/methods. Any thread.
#pragma once
#include <string>

#include "api/backend.hpp"
#include "api/token.hpp"
#include "core/clock.hpp"

namespace weir {

// An exporter counts as active for so long after its last datagram.
inline constexpr std::int64_t kExporterActiveMs = 5 * 60'000;

// A path without its folders, and what stands for an error that names paths: for tokens with a list of exporters.
std::string file_name(const std::string& path);
inline const std::string kTroubleUntold = "it could not be read; the collector's log says why";

// Whether a token's list lets its holder see this exporter.
bool may_see(const TokenClaims& claims, const Exporter& exporter);
bool may_see(const TokenClaims& claims, const IpAddress& address);

std::string exporter_json(const ApiBackend& backend, const Exporter& exporter, std::int64_t now_ms);
std::string examination_json(const ExporterExamination& examination);
std::string exporters_json(ApiBackend& backend, const TokenClaims& claims, std::int64_t now_ms);
std::string status_json(ApiBackend& backend, const TokenClaims& claims, std::int64_t now_ms);
std::string about_json(const AboutReport& about, const TokenClaims& claims);
std::string settings_json(const SettingsReport& report);
std::string fields_json();
std::string login_json(const TokenClaims& claims, const std::string& version);

}  // namespace weir
