// A row of a rule's window: who (the key) and how much (the figures), and the numbers that conditions may name.
// Plain values and pure functions; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "query/query.hpp"

namespace weir {

struct RowFigures {
  std::uint64_t octets = 0, packets = 0, flows = 0, sessions = 0;
  std::uint64_t octets_in = 0, octets_out = 0, octets_client = 0, octets_server = 0;  // as in ResultRow
  std::uint64_t distinct = 0;  // different values of the rule's `distinct` fields
  // Of `source = "exporters"`, over the window; silent_ms is since the last datagram.
  std::uint64_t datagrams = 0, records = 0, lost = 0, malformed = 0, drops = 0;
  std::int64_t silent_ms = 0;
  friend bool operator==(const RowFigures&, const RowFigures&) = default;
};

using RowKey = std::vector<KeyValue>;

struct RuleRow {
  RowKey key;
  RowFigures figures;
};

enum class RowMeasure : std::uint8_t {
  kOctets,
  kPackets,
  kFlows,
  kSessions,
  kOctetsIn,
  kOctetsOut,
  kOctetsClient,
  kOctetsServer,
  kDistinct,
  kOctetsPerS,
  kBitsPerS,
  kBitsInPerS,
  kBitsOutPerS,
  kPacketsPerS,
  kFlowsPerS,
  kSessionsPerS,
  kOctetsPerPacket,
  kPercent,
  kSilentS,
  kDatagrams,
  kRecords,
  kRecordsPerS,
  kLost,
  kLostPercent,
  kMalformed,
  kDrops,
};
inline constexpr std::size_t kRowMeasureCount = 26;
enum class RowUnit : std::uint8_t { kCount, kOctets, kBitsPerS, kOctetsPerS, kPerS, kPercent, kSeconds };

struct RowMeasureInfo {
  RowMeasure id;
  std::string_view name;
  RowUnit unit;
  bool of_exporters;  // only with source = "exporters"
};
const RowMeasureInfo& row_measure_info(RowMeasure measure);
std::optional<RowMeasure> find_row_measure(std::string_view name);
// "octets, packets, …" for error messages.
std::string row_measure_names(bool of_exporters);

// `totals`: of the whole window, for kPercent.
double row_value(const RowFigures& figures, RowMeasure measure, std::int64_t window_ms, const RowFigures& totals);
// "12.3 Mbit/s", "4.1 GB", "17": for messages.
std::string row_value_text(double value, RowUnit unit);

// "a measure compared with a number".
struct RowCondition {
  enum class Compare : std::uint8_t { kAbove, kAtLeast, kBelow, kAtMost, kEqual };
  RowMeasure measure = RowMeasure::kOctets;
  Compare compare = Compare::kAbove;
  double threshold = 0;
  bool holds(double value) const;
};
// Of the text ">100M", ">= 1.5k", "< 10", "5" (at least). Numbers are those of core/count_text, with the unit of the
// measure or without: ">1MB", ">100Mbit/s", ">50%"; of silent_s seconds, or a duration.
Result<RowCondition> parse_row_condition(RowMeasure measure, std::string_view text);
bool all_hold(const std::vector<RowCondition>& conditions, const RowFigures& figures, std::int64_t window_ms,
              const RowFigures& totals);

// Keys as text. One value: "10.0.0.1". Several: joined by commas, in the order of the fields; none: "all".
std::string row_key_text(const RowKey& key);
// The reverse; nothing when `text` is not of these fields.
std::optional<RowKey> parse_row_key(const std::vector<FieldId>& by, std::string_view text);
// The exporter that a key of these fields names; none: it is not one of the fields.
std::optional<IpAddress> row_key_exporter(const std::vector<FieldId>& by, std::string_view text);
// For people: "10.0.0.1", or "exporter 10.0.0.1, interface 3".
std::string row_key_title(const std::vector<FieldId>& by, const RowKey& key);
// A filter that selects the key within `filter`: "(tcp) and server 10.0.0.1".
std::string row_key_filter(const std::string& filter, const std::vector<FieldId>& by, const RowKey& key);

}  // namespace weir
