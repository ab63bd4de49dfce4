// The sessions of a snapshot as the model compares them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace weir::testing {

// What the columns of one row say. The mark tells the sessions of a sequence apart, the version the contents of one.
struct ObservedRow {
  std::uint64_t mark = 0, version = 0;
  std::int64_t start_ms = 0, end_ms = 0;
  IpAddress client;
  std::uint32_t exporter = 0;
};

struct Observed {
  std::vector<ObservedRow> rows;  // by mark
  std::vector<std::string> warnings;
  std::vector<std::string> unread;  // segments that could not be read: why
  std::optional<TimeRange> stored;
  std::vector<ExporterName> exporters;

  bool tells_of_damage() const { return !warnings.empty() || !unread.empty(); }
};

// Reads all columns that a row needs.
Observed observe(const Snapshot& snapshot);

}  // namespace weir::testing
