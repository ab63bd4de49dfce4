// Notices that an exporter began anew: the uptime in its headers fell. One per stream, owned by its decoder; one
// thread.
#pragma once
#include <cstdint>

#include "decode/sequence.hpp"

namespace weir {

class UptimeWatch {
 public:
  // A message that says `export_ms` by the exporter's own clock says `uptime_ms`. If both tell the same start as before
  // it came late. One whose number comes right after the last one's has gone on, whatever its uptime says; one that
  // goes back in number, and was up for less time than passed, has not. True: it was started anew since.
  bool observe(std::uint32_t uptime_ms, std::int64_t export_ms, std::int64_t arrival_ms, SequencePlace place);

  // Its uptimes go to and fro (several devices behind a relay with one port): they tell nothing.
  bool erratic() const { return erratic_; }

 private:
  bool known_ = false, erratic_ = false;
  std::uint32_t last_ms_ = 0;
  std::int64_t arrival_ms_ = 0, booted_ms_ = 0;
  std::int64_t counted_since_ms_ = 0, fell_ms_ = 0;
  std::uint32_t falls_ = 0;
};

}  // namespace weir
