// What a store knows to be missing within a range: what exporters lost, and times in which nothing could be heard.
// Plain values; any thread.
#pragma once
#include <cstdint>
#include <vector>

namespace weir {

// Of one exporter, by the time of arrival.
struct ExporterQuality {
  std::uint32_t exporter = 0;
  std::uint64_t lost = 0;           // by sequence: datagrams of NetFlow v9, records of the others
  std::uint64_t waiting = 0;        // data sets that came without their template
  std::uint64_t repaired = 0;       // records whose times were repaired
  std::uint64_t refused = 0;        // records with counters that cannot be, or nothing that is stored
  std::uint64_t malformed = 0;      // datagrams that could not be read
  std::uint64_t dropped = 0;        // datagrams, by the kernel or the queue
  std::uint64_t unsampled = 0;      // records of an unknown sampling rate
  std::uint64_t duplicates = 0;     // datagrams that came twice, and counted once
  std::int64_t complete_to_ms = 0;  // later traffic may still be reported; 0: it is not expected to send
  std::uint32_t protocols = 0;      // ProtocolBits
  bool any() const { return (lost | waiting | repaired | refused | malformed | dropped | unsampled | duplicates) != 0; }
};

enum class GapReason : std::uint8_t { kNotHeard, kCollectorDown };

// A time for which nothing is known: of one exporter, or of all when the collector was down.
struct Gap {
  std::int64_t from_ms = 0, to_ms = 0;
  GapReason reason = GapReason::kCollectorDown;
  std::uint32_t exporter = 0;  // kNotHeard
  friend bool operator==(const Gap&, const Gap&) = default;
};

struct RangeQuality {
  std::vector<ExporterQuality> exporters;  // in the order of ids; also those of whom nothing is missing
  std::vector<Gap> gaps;                   // within the range, ascending
  bool more_gaps = false;                  // than are listed
};

inline constexpr std::size_t kMaxGaps = 1000;

}  // namespace weir
