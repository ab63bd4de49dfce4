// A database that has to be sound at start: catalog, alerts and values for the monitor. The thread that starts the collector.
#pragma once
#include <cstdint>
#include <string>

namespace weir {

// Checks the database, which is made when it is missing, and gives `path` back. Damage is no reason not to collect: a damaged one
// is renamed to PATH.damaged-NOW_MS, and the log of `stage` says so and the `consequence`. Throws SqliteError when it cannot be
// opened for another reason.
const std::string& sound_database(const std::string& path, std::int64_t now_ms, const std::string& stage, const std::string& consequence);

}  // namespace weir
