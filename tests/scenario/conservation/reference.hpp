// What queries must answer, worked out the slow and plain way: one session after another, one half after another,
// 128-bit arithmetic, maps. Shares no code with the query stage but its question and answer types.
#pragma once
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "query/query.hpp"

namespace weir::testing {

// True when the half of the session passes the filter.
using HalfPredicate = std::function<bool(const Session&, SessionSide)>;

struct World {
  std::vector<Session> sessions;
  std::vector<ExporterName> exporters;
  std::function<std::string(const IpAddress&)> country_of;
  DerivedSources sources;
};

// What the rules of random_world() say, in plain words.
std::string reference_application(const Session& s);
std::string reference_network(const IpAddress& a);
std::string reference_as_name(const IpAddress& a);

inline constexpr std::uint64_t kMost = ~std::uint64_t{0};
inline std::uint64_t capped(Uint128 n) { return n > kMost ? kMost : static_cast<std::uint64_t>(n); }

// Sums that hold whatever there is, and what an answer can say of them.
struct ReferenceRow {
  Uint128 octets = 0, packets = 0, in = 0, out = 0, client = 0, server = 0;
  std::uint64_t flows = 0, sessions = 0;
  bool saturated = false;  // a half by itself was too large already
  Measures measures() const {
    return {.octets = capped(octets),
            .packets = capped(packets),
            .flows = flows,
            .sessions = sessions,
            .saturated = saturated || octets > kMost || packets > kMost};
  }
  void add(const ReferenceRow& r) {
    octets += r.octets, packets += r.packets, flows += r.flows, sessions += r.sessions;
    in += r.in, out += r.out, client += r.client, server += r.server;
    saturated = saturated || r.saturated;
  }
};

struct ReferenceAnswer {
  ReferenceRow totals;
  std::map<std::vector<KeyValue>, ReferenceRow> rows;
  std::set<std::uint32_t> rates;
  std::uint64_t unsampled = 0, scaled_later = 0;
  std::uint64_t time_repaired = 0, counters_uncertain = 0, no_counters = 0;
};

std::uint64_t reference_rate(const World& world, const Session& session, bool unscaled);
bool reference_touches(const Session& session, const TimeRange& range);
bool reference_selected(const World& world, const Session& session, SessionSide side, const Query& query,
                        const HalfPredicate& passes, const TimeRange& range);
ReferenceAnswer reference_answer(const World& world, const Query& query, const HalfPredicate& passes,
                                 const TimeRange& range);
// The rows in the order that the answer must have.
std::vector<std::pair<std::vector<KeyValue>, ReferenceRow>> reference_order(const ReferenceAnswer& answer,
                                                                            const Query& query);
// What a list of sessions in that order goes by.
std::uint64_t reference_value(const SessionRow& row, SessionOrder order);
// What each of the ranked keys has when a half counts for the first of them that is at one of its ends; last, what none
// of them has.
std::vector<ReferenceRow> reference_once(const World& world, const Query& query, const HalfPredicate& passes,
                                         const TimeRange& range, const std::vector<std::vector<KeyValue>>& ranked);

}  // namespace weir::testing
