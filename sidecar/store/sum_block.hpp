// Sums of sealed sessions, kept beside them: for whole units of time (days, hours), by some of the sessions' columns. A
// question that needs no others reads a row where it would read hundreds of sessions, and gets the same figures. What
// sums cannot tell exactly stays a session: one that crosses the edge of a unit, for instance. Immutable; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "flow/field_catalog.hpp"
#include "store/column.hpp"

namespace weir {

class Segment;

// Columns by which sums are kept together. Small ones come first: a question takes the first that has what it needs.
enum class SumFamily : std::uint8_t { kLinks, kPorts, kSystems, kClients, kServers, kConversations };
inline constexpr std::size_t kSumFamilyCount = 6;

struct SumFamilyInfo {
  SumFamily family;
  std::string_view name;
  std::array<ColumnId, 7> columns;  // beside kSumColumns
  std::size_t count;                // of them
};
// What every sum is kept by.
inline constexpr std::array kSumColumns{
    ColumnId::kExporter,     ColumnId::kSampling,      ColumnId::kQuality,       ColumnId::kInIfToServer,
    ColumnId::kInIfToClient, ColumnId::kOutIfToServer, ColumnId::kOutIfToClient,
};
inline constexpr std::array<SumFamilyInfo, kSumFamilyCount> kSumFamilies{{
    {SumFamily::kLinks,
     "links",
     {ColumnId::kProtocol, ColumnId::kTosToServer, ColumnId::kTosToClient, ColumnId::kVlanToServer,
      ColumnId::kVlanToClient, ColumnId::kOutVlanToServer, ColumnId::kOutVlanToClient},
     7},
    {SumFamily::kPorts, "ports", {ColumnId::kProtocol, ColumnId::kServerPort, ColumnId::kApplication}, 3},
    {SumFamily::kSystems, "systems", {ColumnId::kClientAs, ColumnId::kServerAs}, 2},
    {SumFamily::kClients, "clients", {ColumnId::kClient}, 1},
    {SumFamily::kServers, "servers", {ColumnId::kServer}, 1},
    {SumFamily::kConversations, "conversations", {ColumnId::kClient, ColumnId::kServer}, 2},
}};
inline constexpr const SumFamilyInfo& family_info(SumFamily family) {
  return kSumFamilies[static_cast<std::size_t>(family)];
}
// Its own columns and kSumColumns: nothing else of its rows says what the sessions had.
std::span<const ColumnId> own_columns(SumFamily family);
bool has_column(SumFamily family, ColumnId column);

// One length of time. A row of a segment holds the sessions of one unit that have the same values in the family's
// columns: its start is the unit's, its duration 0, its counters are theirs added up, and `sessions` says how many.
struct SumLevel {
  std::int64_t unit_ms = 0;  // the units are whole multiples of it since 1970
  // Rows in order of time. Absent: the family has nearly as many rows as there are sessions.
  std::array<std::optional<std::vector<std::shared_ptr<const Segment>>>, kSumFamilyCount> families;
};

class SumBlock {
 public:
  virtual ~SumBlock() = default;
  // The sealed segments whose sessions it has, each with all of them.
  virtual std::span<const std::shared_ptr<const Segment>> covered() const = 0;
  // Of a covered segment: 1 where the session is odd or crosses units, 0 where it is in the sums of the finest level.
  // Throws std::runtime_error when the stored bytes are damaged.
  virtual std::shared_ptr<const Column> kept_rows(std::size_t covered) const = 0;
  // Coarse units first; each is a multiple of the next.
  virtual std::span<const SumLevel> levels() const = 0;
  // Sessions that no level of sums has.
  virtual std::span<const std::shared_ptr<const Segment>> odd_sessions() const = 0;
  // Sessions that lie within a unit of some coarser level, or of none, but not within one of the finest.
  virtual std::span<const std::shared_ptr<const Segment>> crossing_sessions() const = 0;
  // All times of its sessions, both ends included.
  virtual std::int64_t min_start_ms() const = 0;
  virtual std::int64_t max_end_ms() const = 0;
};

}  // namespace weir
