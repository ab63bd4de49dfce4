// Octets and rates are written as alerts write them.
#include "api/explain_titles.hpp"

#include <algorithm>
#include <cmath>

#include "alert/rule_row.hpp"
#include "flow/protocols.hpp"

namespace weir {

namespace {

std::string with_label(const std::string& text, const std::string& label) {
  return label.empty() || label == text ? text : text + " (" + label + ")";
}

// One field of an item; "" when the item does not have it.
std::string field_title(const TrafficItem& item, FieldId field, const KeyNames& names) {
  const auto at = std::find(item.by.begin(), item.by.end(), field);
  if (at == item.by.end()) return {};
  const auto f = static_cast<std::size_t>(at - item.by.begin());
  const Query query{.filter = {}, .by = item.by};
  const ResultRow row{.key = item.key, .measures = {}};
  auto text = key_text(item.key[f]);
  return with_label(text.empty() ? "no address" : text, key_label(query, row, f, names));
}

std::string port_title(const TrafficItem& item, const KeyNames& names) {
  const auto value = [&](FieldId field) -> const std::uint64_t* {
    const auto at = std::find(item.by.begin(), item.by.end(), field);
    return at == item.by.end() ? nullptr
                               : std::get_if<std::uint64_t>(&item.key[static_cast<std::size_t>(at - item.by.begin())]);
  };
  const auto *protocol = value(FieldId::kProtocol), *port = value(FieldId::kServerPort);
  if (protocol == nullptr) return {};
  const auto name = std::string(protocol_name(*protocol));
  const auto protocol_text = name.empty() ? "protocol " + std::to_string(*protocol) : name;
  if (port == nullptr || *port == 0) return protocol_text;
  const auto service = names.service
                           ? names.service(static_cast<std::uint8_t>(*protocol), static_cast<std::uint16_t>(*port))
                           : std::string();
  return with_label(std::to_string(*port) + '/' + protocol_text, service);
}

std::string many(const std::optional<Pair>& count, bool rose, const char* one, const char* more) {
  if (!count) return {};
  return number_of(rose ? count->now : count->then, one, more);
}

}  // namespace

std::string grouped(std::uint64_t number) {
  auto text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string number_of(std::uint64_t number, const char* one, const char* many) {
  return grouped(number) + ' ' + (number == 1 ? one : many);
}

std::string percent(double part) {
  const auto rounded = std::lround(part * 100);
  if (rounded == 0 && part != 0) return "less than 1 %";
  return std::to_string(rounded) + " %";
}

std::string length_text(std::int64_t ms) {
  struct Unit {
    std::int64_t ms;
    const char* name;
  };
  static constexpr Unit kUnits[] = {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "min"}, {1000, "s"}, {1, "ms"}};
  std::string text;
  int parts = 0;
  for (const auto& unit : kUnits) {
    if (ms < unit.ms || (unit.ms == 1 && parts > 0)) continue;
    text += (text.empty() ? "" : " ") + std::to_string(ms / unit.ms) + ' ' + unit.name;
    ms %= unit.ms;
    if (++parts == 2) break;
  }
  return text;
}

std::string octets_text(std::uint64_t octets) { return row_value_text(static_cast<double>(octets), RowUnit::kOctets); }

std::string rate_of_octets(std::uint64_t octets, std::int64_t ms) {
  return row_value_text(static_cast<double>(octets) * 8000 / static_cast<double>(std::max<std::int64_t>(1, ms)),
                        RowUnit::kBitsPerS);
}

std::string amount(const Measures& measures, Measure measure) {
  const auto value = value_of(measures, measure);
  switch (measure) {
    case Measure::kOctets: return octets_text(value);
    case Measure::kPackets: return number_of(value, "packet", "packets");
    case Measure::kFlows: return number_of(value, "flow", "flows");
    case Measure::kSessions: return number_of(value, "session", "sessions");
  }
  return {};
}

std::string level(const Measures& measures, Measure measure, std::int64_t ms) {
  return measure == Measure::kOctets ? rate_of_octets(measures.octets, ms) : amount(measures, measure);
}

std::string level_of(std::uint64_t value, Measure measure, std::int64_t ms) {
  Measures measures;
  measures.octets = measures.packets = measures.flows = measures.sessions = value;
  return level(measures, measure, ms);
}

std::string cause_title(const Cause& cause, const KeyNames& names) {
  using enum FieldId;
  auto text = item_title(cause.item, names);
  const auto has = [&](FieldId field) {
    return std::find(cause.item.by.begin(), cause.item.by.end(), field) != cause.item.by.end();
  };
  const auto clients = many(cause.clients, cause.rose, "client", "clients"),
             servers = many(cause.servers, cause.rose, "server", "servers");
  const auto ports = many(cause.ports, cause.rose, "port", "ports");
  std::string counts;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) counts += (counts.empty() ? "" : ", ") + part;
  };
  if (has(kClient)) add(servers.empty() ? "" : "to " + servers);
  else if (has(kServer)) add(clients.empty() ? "" : "from " + clients);
  else {
    add(clients.empty() ? "" : "from " + clients);
    add(servers.empty() ? "" : "to " + servers);
  }
  add(ports.empty() ? "" : "on " + ports);
  return counts.empty() ? text : text + ", " + counts;
}

std::string item_title(const TrafficItem& item, const KeyNames& names) {
  using enum FieldId;
  const auto client = field_title(item, kClient, names), server = field_title(item, kServer, names),
             host = field_title(item, kHost, names);
  const auto port = port_title(item, names);
  std::string text;
  if (!client.empty() && !server.empty()) text = client + " → " + server;
  else if (!client.empty()) text = "client " + client;
  else if (!server.empty()) text = "server " + server;
  else if (!host.empty()) text = "host " + host;
  for (const auto field : {kNetwork, kApplication}) {
    const auto title = field_title(item, field, names);
    if (!title.empty()) text += (text.empty() ? "" : ", ") + std::string(field_info(field).word) + ' ' + title;
  }
  const auto exporter = field_title(item, kExporter, names);
  if (const auto interface = field_title(item, kInterface, names); !interface.empty())
    text += (text.empty() ? "" : ", ") + std::string("interface ") + interface + " of " + exporter;
  else if (!exporter.empty()) text += (text.empty() ? "" : ", ") + std::string("exporter ") + exporter;
  if (port.empty()) return text;
  return text.empty() ? port : text + " on " + port;
}

}  // namespace weir
