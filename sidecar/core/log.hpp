// Logging: spdlog with one format for all, text or JSON lines, and the last warnings kept for status and bug reports.
// Any thread.
#pragma once
#include <spdlog/spdlog.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/clock.hpp"

namespace weir {

struct LogSettings {
  std::string level = "info";   // trace, debug, info, warning, error
  std::string format = "text";  // text or json
  std::string file;             // "": standard error
};

struct LoggedError {
  std::int64_t at_ms = 0;
  std::string stage, message;
};

// Makes the loggers of all stages follow `settings`. Throws std::runtime_error naming the setting.
void start_logging(const LogSettings& settings);

// The logger of a stage ("receive", "store", …); made when first asked for.
std::shared_ptr<spdlog::logger> log_of(const std::string& stage);

// The last warnings and errors, newest first, at most kKeptErrors.
inline constexpr std::size_t kKeptErrors = 50;
std::vector<LoggedError> recent_errors();

// For every stage, or for one. False when `level` is no level.
bool set_log_level(const std::string& level, const std::string& stage = "");

}  // namespace weir
