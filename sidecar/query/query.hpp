// One question and its answer. run_query() is the whole stage: it reads a Snapshot and returns exact integers.
// Any thread; nothing is kept between calls.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "flow/derived_sources.hpp"
#include "flow/field_catalog.hpp"
#include "query/filter.hpp"
#include "query/query_memory.hpp"
#include "query/query_slots.hpp"
#include "store/store.hpp"

namespace weir {

enum class Direction : std::uint8_t { kBoth, kTalkers, kListeners };
enum class Measure : std::uint8_t { kOctets, kPackets, kFlows, kSessions };
inline constexpr std::array<std::string_view, 4> kMeasureWords{"octets", "packets", "flows", "sessions"};
// What else than their measure rows can be ranked by. Octets of a way or a role are of keys that are ends; kKey is no
// sum: rows are in the order of their keys.
enum class RankBy : std::uint8_t { kMeasure, kOctetsIn, kOctetsOut, kOctetsClient, kOctetsServer, kKey };
// The measures, then the other ranks. See rank_by().
inline constexpr std::array<std::string_view, 9> kRankWords{
    "octets", "packets", "flows", "sessions", "octets_in", "octets_out", "octets_client", "octets_server", "key"};
enum class SessionOrder : std::uint8_t {
  kOctets,
  kPackets,
  kStart,
  kEnd,
  kOctetsToServer,
  kOctetsToClient,
  kPacketsToServer,
  kPacketsToClient,
  kClientPort,
  kServerPort,
  kProtocol,
};
inline constexpr std::array<std::string_view, 11> kSessionOrderWords{"octets",
                                                                     "packets",
                                                                     "start",
                                                                     "end",
                                                                     "octets_to_server",
                                                                     "octets_to_client",
                                                                     "packets_to_server",
                                                                     "packets_to_client",
                                                                     "client_port",
                                                                     "server_port",
                                                                     "protocol"};

inline constexpr std::uint32_t kMaxBuckets = 2000;
inline constexpr std::uint32_t kMaxLimit = 10'000;
inline constexpr std::size_t kMaxGroupFields = 8;
inline constexpr std::uint32_t kMaxOffset = 1'000'000;       // of session lists
inline constexpr std::uint32_t kMaxGroups = 20'000'000;      // different keys of one query; memory is bounded apart
inline constexpr std::uint64_t kMaxSeriesCells = 2'500'000;  // (rows + 1) * buckets

// A number, or an address (also of an exporter), or text (country, network, an application that a rule names).
using KeyValue = std::variant<std::uint64_t, IpAddress, std::string>;

struct Query {
  std::optional<TimeRange> range;  // none: all that is stored
  std::string filter;              // "" : everything
  std::vector<FieldId> by;         // empty: totals only; then `other` is all there is
  PrefixLengths prefix{};          // of fields that are prefixes
  Direction direction = Direction::kBoth;
  Measure measure = Measure::kOctets;  // rows are the largest by this
  RankBy rank = RankBy::kMeasure;      // or by this; of kKey: the last keys
  bool ascending = false;              // the smallest instead; the first keys
  std::uint64_t at_least = 0;          // only rows that have as much of what they are ranked by
  // Instead of the largest, exactly these rows in this order, one value per field each; the sums of a key that no
  // session has are 0. Who puts the answers of several stores together asks so for what one of them has not told.
  std::optional<std::vector<std::vector<KeyValue>>> keys{};
  std::uint32_t limit = 24;
  std::uint32_t buckets = 0;  // 0: no series
  bool unscaled = false;      // as exported, before sampling
  // Where each octet has a key at both of its ends (direction kBoth): the series, ResultRow::once and `other` count it
  // for one end only, the one whose row comes first. They add up to the totals; the rows stay what the key has a part
  // in.
  bool once = false;
  // Enforced beside the filter: only these exporters; none: all.
  std::optional<std::vector<IpAddress>> allowed_exporters{};
  // A name in the filter that is not known here matches nothing, and is told in `unknown_names`: others may know it.
  bool foreign_names = false;
  bool alone = false;  // of this collector's own sessions: its peers are not asked
  // What times in the filter go by, when another collector asks: its now, and its offset from UTC such as "+02:00".
  // Absent: as QueryControl says.
  std::optional<std::int64_t> asked_ms{};
  std::string utc_offset{};
  bool tell_work = false;  // whoever writes the answer tells its QueryWork, too
};

// `word`: position in kRankWords.
inline void rank_by(Query& query, std::size_t word) {
  constexpr std::size_t kMeasures = 4;
  query.measure = word < kMeasures ? static_cast<Measure>(word) : Measure::kOctets;
  query.rank = word < kMeasures ? RankBy::kMeasure : static_cast<RankBy>(word - kMeasures + 1);
}

struct Measures {
  std::uint64_t octets = 0, packets = 0, flows = 0, sessions = 0;
  // The true octets or packets are more than is said here: what a sender claims does not fit in 64 bits.
  bool saturated = false;
  friend bool operator==(const Measures&, const Measures&) = default;
};

inline std::uint64_t value_of(const Measures& measures, Measure measure) {
  switch (measure) {
    case Measure::kOctets: return measures.octets;
    case Measure::kPackets: return measures.packets;
    case Measure::kFlows: return measures.flows;
    case Measure::kSessions: return measures.sessions;
  }
  return 0;
}

struct ResultRow {
  std::vector<KeyValue> key;  // one per field of Query::by
  // A session counts once for each key that one of its selected halves has; octets, packets and flows of a half count
  // once for each of the half's keys.
  Measures measures;
  // Of `measures.octets`, for keys that are an end: received, sent, and sent as client or as server. Of several fields
  // that are ends, the first. An interface receives what comes in by it. With talkers or listeners only one way counts.
  std::uint64_t octets_in = 0, octets_out = 0, octets_client = 0, octets_server = 0;
  std::optional<Measures> once{};  // see Query::once
  // Of each field of the key what another collector calls its value; empty: it was not asked, or has no names.
  std::vector<std::string> told_labels{};
};

struct Series {
  std::vector<std::uint64_t> octets, packets;  // one per bucket; they add up to the row exactly, or to its `once`
  bool saturated = false;                      // as of the row; then they need not add up
};

struct QualitySummary {
  std::vector<std::uint32_t> sampling_rates;  // the distinct rates that scaled the result (1 left out), ascending
  bool more_sampling_rates = false;           // there are larger ones, too many to list
  bool sampling_unknown = false;              // some sessions had no rate and none is configured
  std::uint64_t unsampled = 0;                // those sessions
  std::uint64_t scaled_later = 0;             // sessions scaled by a rate that was announced after them
  std::uint64_t time_repaired = 0;            // sessions
  std::uint64_t counters_uncertain = 0;       // sessions whose counters went on from an amount that is not known
  std::uint64_t no_counters = 0;              // sessions that came without counters
  std::vector<std::uint32_t> exporters;       // that the filter is about, of those that may be seen; ascending ids
};

// What a query read for its answer, and what it did not have to: segments = ruled_out + unreadable + read + spared.
struct QueryWork {
  std::uint64_t segments = 0;    // that touch the range
  std::uint64_t ruled_out = 0;   // of them: by what is known of their columns, without reading a row
  std::uint64_t unreadable = 0;  // of them: see the warnings
  std::uint64_t read = 0;        // of them: row by row
  std::uint64_t spared = 0;      // of them: sums stand for all of their rows
  std::uint64_t sums = 0;        // beside them: segments of sums, and of what sums keep, that were read
  std::string without_sums;      // why no sums were read, where there are some; "" otherwise
  std::uint64_t passes = 1;      // over those: a chart of rows needs a second one
  std::uint64_t threads = 1;
  std::uint64_t column_bytes = 0;            // of the columns that were held, decoded
  std::array<bool, kColumnCount> columns{};  // by column_index(): held for some segment
};

struct QueryResult {
  TimeRange range;
  Measures totals;
  std::vector<ResultRow> rows;
  ResultRow other;  // the sums of all keys that are not in rows; its key is empty
  std::uint64_t other_keys = 0;
  bool more_other_keys = false;  // there may be more: several stores answered, and nobody knows all of their keys
  std::vector<Series> series;    // aligned with rows, then one for other; empty without buckets
  std::uint32_t buckets = 0;     // bucket i is [from + i*span/buckets, from + (i+1)*span/buckets)
  QualitySummary quality;
  std::uint64_t sessions_scanned = 0;
  QueryWork work{};
  std::vector<std::string> warnings;
  std::vector<Error> unknown_names{};  // with Query::foreign_names
};

struct SessionQuery {
  std::optional<TimeRange> range;
  std::string filter;
  SessionOrder order = SessionOrder::kOctets;
  bool ascending = false;
  std::uint32_t limit = 100, offset = 0;
  bool unscaled = false;
  std::optional<std::vector<IpAddress>> allowed_exporters{};
  bool foreign_names = false;
  bool alone = false;  // as in Query, as are the next
  std::optional<std::int64_t> asked_ms{};
  std::string utc_offset{};
};

// One direction of a session, scaled unless asked otherwise.
struct ScaledHalf {
  std::uint64_t octets = 0, packets = 0;
};

struct SessionRow {
  IpAddress exporter{};
  Session session;  // whole, as stored: halves that were stored apart are merged by key where they overlap
  std::array<ScaledHalf, 2> halves;       // by SessionSide; each scaled by the rate it was stored with
  std::uint64_t octets = 0, packets = 0;  // of both, whole session
  bool saturated = false;                 // as of Measures
  std::uint64_t rate = 1;                 // what the client's half is scaled by; of a session of one half, that one
  std::string told_application{};         // as another collector calls it
};

struct SessionResult {
  TimeRange range;
  Measures totals;
  std::uint64_t total_sessions = 0;
  std::vector<SessionRow> sessions;
  QualitySummary quality;
  std::vector<std::string> warnings;
  std::vector<Error> unknown_names{};  // with SessionQuery::foreign_names
};

// Hooks of a running query; all optional.
struct QueryControl {
  const std::atomic<bool>* cancelled = nullptr;
  std::function<void(std::uint64_t done_rows, std::uint64_t total_rows)> on_progress;  // on the calling thread
  // What derived columns are made from; asking for one of which the source is absent is an error. Its prefix is the
  // query's.
  DerivedSources derived{};
  // What times in a filter go by, see TimeBasis.
  std::optional<std::int64_t> now_ms{};
  const TimeZone* zone = nullptr;
  std::uint64_t max_held_halves = 500'000;  // lone halves that a session list holds at once, about 100 bytes each
  unsigned threads = 2;                     // at most, the calling one included; the result does not depend on it
  // What is shared with the other queries of the process.
  QuerySlots* slots = nullptr;    // absent: starts at once and runs to its end
  QueryTurn::Asker asker{};       // with slots: who asks
  QueryMemory* memory = nullptr;  // absent: no limit but those of Query
  // Becomes true when the error is that the query takes more time or memory than it may have.
  bool* over_limit = nullptr;
};

// Shared by all queries of a process.
struct QueryLimits {
  QuerySlots slots;
  QueryMemory memory;
};

// Errors: a filter mistake (with its column), a range or limit out of bounds, a field that cannot be grouped by, more
// than kMaxGroups keys, "cancelled", the limits of time and memory (see over_limit). A segment that cannot be read is
// left out and named in the warnings.
Result<QueryResult> run_query(const Query& query, Store& store, const QueryControl& control = {});
Result<SessionResult> run_session_query(const SessionQuery& query, Store& store, const QueryControl& control = {});

// "client", "port", …: the field of a word; the error lists the words that can be used.
Result<FieldId> parse_group_field(std::string_view word);
// As that, "conversation" for client and server, and "prefix/24" for a prefix with its length: added to `query`.
Result<void> add_group_fields(std::string_view word, Query& query);

}  // namespace weir
