// Written for being obviously right.
#include "scenario/conservation/reference.hpp"

#include <algorithm>
#include <cstdio>

#include "flow/column_access.hpp"

namespace weir::testing {

namespace {

std::uint64_t sent_by(std::uint64_t whole, std::int64_t start, std::int64_t end, std::int64_t t) {
  if (t <= start) return 0;
  if (t >= end) return whole;
  return static_cast<std::uint64_t>(static_cast<Uint128>(whole) * static_cast<std::uint64_t>(t - start) /
                                    static_cast<std::uint64_t>(end - start));
}

std::uint64_t share(std::uint64_t whole, const Session& s, const TimeRange& range) {
  if (s.start_ms == s.end_ms) return whole;
  return sent_by(whole, s.start_ms, s.end_ms, range.to_ms) - sent_by(whole, s.start_ms, s.end_ms, range.from_ms);
}

// One end of a half: of the client or of the server, sending or receiving.
struct End {
  bool is_client, sends;
};

// Bit by bit.
KeyValue prefix_of(const IpAddress& address, const PrefixLengths& lengths) {
  if (address.is_unset()) return address;
  IpAddress kept;
  const int first = address.is_v4() ? 96 : 0, length = address.is_v4() ? lengths.v4 : lengths.v6;
  const auto bits = address.text() == "::" ? IpAddress{} : address;
  for (int bit = 0; bit < 128; ++bit) {
    const auto at = static_cast<std::size_t>(bit / 8);
    const auto mask = static_cast<std::uint8_t>(0x80 >> (bit % 8));
    if (bit < first + length) kept.bytes[at] = static_cast<std::uint8_t>(kept.bytes[at] | (bits.bytes[at] & mask));
  }
  return (kept.is_unset() ? "::" : kept.text()) + "/" + std::to_string(length);
}

KeyValue value_of(const World& world, const Session& s, SessionSide side, const End& end, FieldId field,
                  const PrefixLengths& prefix) {
  const auto& half = s.halves[side];
  const bool client_sends = side == kToServer;
  const auto number = [](auto n) { return KeyValue(static_cast<std::uint64_t>(n)); };
  const auto mac = [](std::uint64_t bits) {
    char text[18];
    std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", static_cast<unsigned>(bits >> 40 & 0xff),
                  static_cast<unsigned>(bits >> 32 & 0xff), static_cast<unsigned>(bits >> 24 & 0xff),
                  static_cast<unsigned>(bits >> 16 & 0xff), static_cast<unsigned>(bits >> 8 & 0xff),
                  static_cast<unsigned>(bits & 0xff));
    return bits == 0 ? std::string() : std::string(text);
  };
  switch (field) {
    case FieldId::kClient: return s.client;
    case FieldId::kServer: return s.server;
    case FieldId::kHost: return end.is_client ? s.client : s.server;
    case FieldId::kClientPort: return number(s.client_port);
    case FieldId::kServerPort: return number(s.server_port);
    case FieldId::kPort: return number(end.is_client ? s.client_port : s.server_port);
    case FieldId::kProtocol: return number(s.protocol);
    case FieldId::kExporter:
      for (const auto& e : world.exporters) {
        if (e.id == s.exporter) return e.address;
      }
      return IpAddress{};
    case FieldId::kInIf: return number(half.in_if);
    case FieldId::kOutIf: return number(half.out_if);
    case FieldId::kInterface: return number(end.sends ? half.in_if : half.out_if);
    case FieldId::kVlan: return number(half.vlan);
    case FieldId::kTos: return number(half.tos);
    case FieldId::kSrcAs: return number(client_sends ? s.client_as : s.server_as);
    case FieldId::kDstAs: return number(client_sends ? s.server_as : s.client_as);
    case FieldId::kAs: return number(end.is_client ? s.client_as : s.server_as);
    case FieldId::kApplication: {
      const auto name = reference_application(s);
      if (name.empty()) return number(s.application);
      return name;
    }
    case FieldId::kNetwork: return reference_network(end.is_client ? s.client : s.server);
    case FieldId::kClientNetwork: return reference_network(s.client);
    case FieldId::kServerNetwork: return reference_network(s.server);
    case FieldId::kCountry: return world.country_of(end.is_client ? s.client : s.server);
    case FieldId::kClientCountry: return world.country_of(s.client);
    case FieldId::kServerCountry: return world.country_of(s.server);
    case FieldId::kAsName: return reference_as_name(end.is_client ? s.client : s.server);
    case FieldId::kClientAsName: return reference_as_name(s.client);
    case FieldId::kServerAsName: return reference_as_name(s.server);
    case FieldId::kPrefix: return prefix_of(end.is_client ? s.client : s.server, prefix);
    case FieldId::kClientPrefix: return prefix_of(s.client, prefix);
    case FieldId::kServerPrefix: return prefix_of(s.server, prefix);
    case FieldId::kIcmpType: return number(half.icmp / 256);
    case FieldId::kIcmpCode: return number(half.icmp % 256);
    case FieldId::kTcpFlags: return number(half.tcp_flags);
    case FieldId::kNextHop: return half.next_hop;
    case FieldId::kIcmp: return number(half.icmp);
    case FieldId::kSampling: return number(s.sampling);
    case FieldId::kClientAs: return number(s.client_as);
    case FieldId::kServerAs: return number(s.server_as);
    case FieldId::kInVlan: return number(half.vlan);
    case FieldId::kOutVlan: return number(half.out_vlan);
    case FieldId::kDscp: return number(half.tos >> 2);
    case FieldId::kMac: return mac(end.is_client ? s.client_mac : s.server_mac);
    case FieldId::kClientMac: return mac(s.client_mac);
    case FieldId::kServerMac: return mac(s.server_mac);
    case FieldId::kNat: return end.is_client ? s.client_nat : s.server_nat;
    case FieldId::kClientNat: return s.client_nat;
    case FieldId::kServerNat: return s.server_nat;
    case FieldId::kNatPort: return number(end.is_client ? s.client_nat_port : s.server_nat_port);
    case FieldId::kClientNatPort: return number(s.client_nat_port);
    case FieldId::kServerNatPort: return number(s.server_nat_port);
    case FieldId::kMask: return number(end.is_client ? s.client_mask : s.server_mask);
    case FieldId::kClientMask: return number(s.client_mask);
    case FieldId::kServerMask: return number(s.server_mask);
    case FieldId::kDirection: return std::string(half.direction == 0 ? "ingress" : half.direction == 1 ? "egress" : "");
    case FieldId::kReason: return std::string(server_reason_name(s.reason));
    case FieldId::kQuality: return number(s.quality);
    default: break;
  }
  // A carried field: its column is all that there is to know.
  const auto& info = field_info(field);
  if (info.columns == 0) return number(0);
  const auto column = info.source[side][info.either_end && !end.sends ? 1 : 0];
  KeyValue value = number(0);
  load_columns(s, [&](ColumnId id, const auto& stored) {
    if (id == column) value = stored;
  });
  return value;
}

// "in", "out" or "" for what the half is to the key, by the first field that is an end; and whether as client.
struct Role {
  bool received = false, sent = false, as_client = false, as_server = false;
};
Role role_of(const std::vector<FieldId>& by, SessionSide side, const End& end) {
  const bool client_sends = side == kToServer;
  for (const auto field : by) {
    switch (field) {
      case FieldId::kClientCountry:
      case FieldId::kClientNetwork:
      case FieldId::kClientAsName:
      case FieldId::kClientPrefix:
      case FieldId::kClientAs:
      case FieldId::kClientMac:
      case FieldId::kClientNat:
      case FieldId::kClientNatPort:
      case FieldId::kClientMask:
      case FieldId::kClient:
      case FieldId::kClientPort: return client_sends ? Role{.sent = true, .as_client = true} : Role{.received = true};
      case FieldId::kServerCountry:
      case FieldId::kServerNetwork:
      case FieldId::kServerAsName:
      case FieldId::kServerPrefix:
      case FieldId::kServerAs:
      case FieldId::kServerMac:
      case FieldId::kServerNat:
      case FieldId::kServerNatPort:
      case FieldId::kServerMask:
      case FieldId::kServer:
      case FieldId::kServerPort: return client_sends ? Role{.received = true} : Role{.sent = true, .as_server = true};
      case FieldId::kMac:
      case FieldId::kNat:
      case FieldId::kNatPort:
      case FieldId::kMask:
      case FieldId::kHost:
      case FieldId::kPort:
      case FieldId::kAs:
      case FieldId::kCountry:
      case FieldId::kAsName:
      case FieldId::kPrefix:
      case FieldId::kNetwork:
        return end.sends ? Role{.sent = true, .as_client = end.is_client, .as_server = !end.is_client}
                         : Role{.received = true};
      case FieldId::kSrcAs: return Role{.sent = true, .as_client = client_sends, .as_server = !client_sends};
      case FieldId::kDstAs: return Role{.received = true};
      case FieldId::kInVlan:
      case FieldId::kInIf: return Role{.received = true};
      case FieldId::kOutVlan:
      case FieldId::kOutIf: return Role{.sent = true};
      case FieldId::kInterface: return end.sends ? Role{.received = true} : Role{.sent = true};
      default: break;
    }
  }
  return {};
}

// The keys of a half: of its sending end, of its receiving end, or of both.
std::vector<std::pair<End, std::vector<KeyValue>>> keys_of(const World& world, const Session& s, SessionSide side,
                                                           const Query& query) {
  const bool either =
      std::any_of(query.by.begin(), query.by.end(), [](FieldId id) { return field_info(id).either_end; });
  std::vector<End> ends;
  if (!either || query.direction != Direction::kListeners)
    ends.push_back({.is_client = side == kToServer, .sends = true});
  if (either && query.direction != Direction::kTalkers)
    ends.push_back({.is_client = side != kToServer, .sends = false});
  std::vector<std::pair<End, std::vector<KeyValue>>> keys;
  for (const auto& end : ends) {
    if (query.by.empty()) break;
    auto& key = keys.emplace_back(end, std::vector<KeyValue>{}).second;
    for (const auto field : query.by) key.push_back(value_of(world, s, side, end, field, query.prefix));
  }
  return keys;
}

void count_half(ReferenceRow& row, const Session& s, SessionSide side, std::uint64_t rate, const TimeRange& range) {
  const auto octets = static_cast<Uint128>(s.halves[side].octets) * rate,
             packets = static_cast<Uint128>(s.halves[side].packets) * rate;
  row.octets += share(capped(octets), s, range);
  row.packets += share(capped(packets), s, range);
  row.flows += s.halves[side].flow_count();
  row.saturated = row.saturated || octets > kMost || packets > kMost;
}

}  // namespace

std::set<std::uint32_t> reference_late_rates(const World& world, const Session& session) {
  std::set<std::uint32_t> rates;
  if (session.sampling != 0) return rates;
  for (const auto& e : world.exporters) {
    if (e.id != session.exporter) continue;
    for (const auto& late : e.late_rates) {
      if (session.end_ms >= late.from_ms && session.start_ms <= late.until_ms) rates.insert(late.rate);
    }
  }
  return rates;
}

std::uint64_t reference_rate(const World& world, const Session& session, bool unscaled) {
  if (unscaled) return 1;
  if (session.sampling != 0) return session.sampling;
  if (const auto late = reference_late_rates(world, session); late.size() == 1 && *late.begin() != 0)
    return *late.begin();
  for (const auto& e : world.exporters) {
    if (e.id == session.exporter && e.configured_sampling != 0) return e.configured_sampling;
  }
  return 1;
}

bool reference_touches(const Session& s, const TimeRange& range) {
  if (s.start_ms == s.end_ms) return range.from_ms <= s.start_ms && s.start_ms < range.to_ms;
  return s.start_ms < range.to_ms && s.end_ms > range.from_ms;
}

bool reference_selected(const World& world, const Session& s, SessionSide side, const Query& query,
                        const HalfPredicate& passes, const TimeRange& range) {
  if (!s.halves[side].reported() || !reference_touches(s, range)) return false;
  if (query.allowed_exporters) {
    const auto of = std::find_if(world.exporters.begin(), world.exporters.end(),
                                 [&](const ExporterName& e) { return e.id == s.exporter; });
    if (of == world.exporters.end() || std::find(query.allowed_exporters->begin(), query.allowed_exporters->end(),
                                                 of->address) == query.allowed_exporters->end())
      return false;
  }
  return passes(s, side);
}

ReferenceAnswer reference_answer(const World& world, const Query& query, const HalfPredicate& passes,
                                 const TimeRange& range) {
  ReferenceAnswer answer;
  for (const auto& s : world.sessions) {
    const auto rate = reference_rate(world, s, query.unscaled);
    std::set<std::vector<KeyValue>> keys_of_session;
    bool selected = false;
    for (const auto side : {kToServer, kToClient}) {
      if (!reference_selected(world, s, side, query, passes, range)) continue;
      selected = true;
      const auto octets = share(capped(static_cast<Uint128>(s.halves[side].octets) * rate), s, range);
      count_half(answer.totals, s, side, rate, range);
      std::set<std::vector<KeyValue>> keys_of_half;
      std::map<std::vector<KeyValue>, Role> roles_of_half;
      for (const auto& [end, key] : keys_of(world, s, side, query)) {
        auto& row = answer.rows[key];
        if (keys_of_half.insert(key).second) count_half(row, s, side, rate, range);
        if (keys_of_session.insert(key).second) ++row.sessions;
        const auto role = role_of(query.by, side, end);
        // A half counts once in each role of a key, though both of its ends may have the key.
        auto& had = roles_of_half[key];
        row.in += role.received && !std::exchange(had.received, true) ? octets : 0;
        row.out += role.sent && !std::exchange(had.sent, true) ? octets : 0;
        row.client += role.as_client && !std::exchange(had.as_client, true) ? octets : 0;
        row.server += role.as_server && !std::exchange(had.as_server, true) ? octets : 0;
      }
    }
    if (!selected) continue;
    ++answer.totals.sessions;
    if (rate != 1) answer.rates.insert(static_cast<std::uint32_t>(rate));
    answer.time_repaired += (s.quality & kQualityTimeRepaired) != 0 ? 1 : 0;
    answer.counters_uncertain += (s.quality & kQualityCountersUncertain) != 0 ? 1 : 0;
    answer.no_counters += (s.quality & kQualityNoCounters) != 0 ? 1 : 0;
    const auto late = reference_late_rates(world, s);
    const bool told_late = late.size() == 1 && *late.begin() != 0;
    const bool doubtful = !late.empty() ? !told_late : (s.quality & kQualitySamplingUnknown) != 0;
    if (doubtful && s.sampling == 0 && reference_rate(world, s, false) == 1) ++answer.unsampled;
    if (told_late && reference_rate(world, s, query.unscaled) != 1) ++answer.scaled_later;
  }
  return answer;
}

std::vector<ReferenceRow> reference_once(const World& world, const Query& query, const HalfPredicate& passes,
                                         const TimeRange& range, const std::vector<std::vector<KeyValue>>& ranked) {
  std::vector<ReferenceRow> rows(ranked.size() + 1);
  for (const auto& s : world.sessions) {
    const auto rate = reference_rate(world, s, query.unscaled);
    auto of_session = rows.size();
    for (const auto side : {kToServer, kToClient}) {
      if (!reference_selected(world, s, side, query, passes, range)) continue;
      auto first = ranked.size();
      for (const auto& [end, key] : keys_of(world, s, side, query))
        first = std::min<std::size_t>(
            first, static_cast<std::size_t>(std::find(ranked.begin(), ranked.end(), key) - ranked.begin()));
      count_half(rows[first], s, side, rate, range);
      of_session = std::min(of_session, first);
    }
    if (of_session < rows.size()) ++rows[of_session].sessions;
  }
  return rows;
}

namespace {

std::uint64_t measured(const ReferenceRow& row, Measure measure, RankBy rank) {
  switch (rank) {
    case RankBy::kMeasure: break;
    case RankBy::kOctetsIn: return capped(row.in);
    case RankBy::kOctetsOut: return capped(row.out);
    case RankBy::kOctetsClient: return capped(row.client);
    case RankBy::kOctetsServer: return capped(row.server);
    case RankBy::kKey: return 0;
  }
  switch (measure) {
    case Measure::kOctets: return row.measures().octets;
    case Measure::kPackets: return row.measures().packets;
    case Measure::kFlows: return row.measures().flows;
    case Measure::kSessions: return row.measures().sessions;
  }
  return 0;
}

// Prefixes are in the order of their addresses, not of their texts.
bool precedes(const std::vector<FieldId>& by, const std::vector<KeyValue>& a, const std::vector<KeyValue>& b) {
  const auto first_of = [](const KeyValue& prefix) {
    const auto* text = std::get_if<std::string>(&prefix);
    return text == nullptr ? IpAddress{} : parse_ip_prefix(*text)->address;
  };
  for (std::size_t f = 0; f < by.size(); ++f) {
    if (a[f] == b[f]) continue;
    return field_info(by[f]).derived == DerivedId::kPrefix ? first_of(a[f]) < first_of(b[f]) : a[f] < b[f];
  }
  return false;
}

}  // namespace

std::vector<std::pair<std::vector<KeyValue>, ReferenceRow>> reference_order(const ReferenceAnswer& answer,
                                                                            const Query& query) {
  std::vector<std::pair<std::vector<KeyValue>, ReferenceRow>> rows(answer.rows.begin(), answer.rows.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const auto& a, const auto& b) { return precedes(query.by, a.first, b.first); });
  if (query.rank == RankBy::kKey) {
    if (!query.ascending) std::reverse(rows.begin(), rows.end());
    return rows;
  }
  std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
    const auto x = measured(a.second, query.measure, query.rank), y = measured(b.second, query.measure, query.rank);
    return query.ascending ? x < y : x > y;
  });
  return rows;
}

std::uint64_t reference_value(const SessionRow& row, SessionOrder order) {
  switch (order) {
    case SessionOrder::kOctets: return row.octets;
    case SessionOrder::kPackets: return row.packets;
    case SessionOrder::kStart: return static_cast<std::uint64_t>(row.session.start_ms);
    case SessionOrder::kEnd: return static_cast<std::uint64_t>(row.session.end_ms);
    case SessionOrder::kOctetsToServer: return row.halves[kToServer].octets;
    case SessionOrder::kOctetsToClient: return row.halves[kToClient].octets;
    case SessionOrder::kPacketsToServer: return row.halves[kToServer].packets;
    case SessionOrder::kPacketsToClient: return row.halves[kToClient].packets;
    case SessionOrder::kClientPort: return row.session.client_port;
    case SessionOrder::kServerPort: return row.session.server_port;
    case SessionOrder::kProtocol: return row.session.protocol;
  }
  return 0;
}

}  // namespace weir::testing
