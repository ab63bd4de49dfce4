// What the collector does with damaged files at its start, on demand and with a report: for a folder that nobody has
// open. One thread.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/clock.hpp"

namespace weir {

struct RepairedFile {
  std::string path, aside;  // what is at its place now is sound; the damaged file, kept ("": `saved` tells where)
  std::string damage;       // the first that was found
  std::string saved;        // for people
};

struct RepairReport {
  std::uint64_t days = 0;
  std::vector<RepairedFile> repaired;
  std::vector<std::string> left;  // what cannot be repaired: a file of a newer version, a disk that refuses
};

// Reads and decodes everything. A day that is damaged anywhere gets a new file with all segments and batches that are
// whole; a damaged catalog is made anew with the exporters and templates that can be read. `on_segment` after each that
// was read. Throws std::runtime_error when another process has the folder.
RepairReport repair_folder(const std::string& dir, const Clock& clock, const std::function<void()>& on_segment = {});

}  // namespace weir
