// Columns of IF-MIB (RFC 2863 6) by name and by OID.
#include "monitor/interface_items.hpp"

#include <charconv>
#include <cstdlib>

#include "monitor/json_fields.hpp"

namespace weir {

namespace {

using What = InterfaceKey::What;

struct Column {
  std::string_view name, oid;
  What what;
  bool high_capacity;
};
constexpr Column kColumns[] = {
    {"ifHCInOctets.", "1.3.6.1.2.1.31.1.1.1.6.", What::kIn, true},    {"ifHCOutOctets.", "1.3.6.1.2.1.31.1.1.1.10.", What::kOut, true},
    {"ifHighSpeed.", "1.3.6.1.2.1.31.1.1.1.15.", What::kSpeed, true}, {"ifInOctets.", "1.3.6.1.2.1.2.2.1.10.", What::kIn, false},
    {"ifOutOctets.", "1.3.6.1.2.1.2.2.1.16.", What::kOut, false},     {"ifSpeed.", "1.3.6.1.2.1.2.2.1.5.", What::kSpeed, false},
};

std::optional<InterfaceKey> parse_column(std::string_view text) {
  for (const auto& column : kColumns) {
    for (const auto prefix : {column.name, column.oid}) {
      if (!text.starts_with(prefix)) continue;
      InterfaceKey key{.what = column.what, .high_capacity = column.high_capacity};
      const auto* end = text.data() + text.size();
      const auto [rest, code] = std::from_chars(text.data() + prefix.size(), end, key.index);
      if (code == std::errc() && rest == end && key.index > 0) return key;
      return std::nullopt;
    }
  }
  return std::nullopt;
}

// "Interface Gi0/3(uplink): Bits received" → name and alias.
void take_names(const std::string& name, InterfaceFacts& facts) {
  constexpr std::string_view kWord = "Interface ";
  const auto end = name.find("): ");
  if (!name.starts_with(kWord) || end == std::string::npos) return;
  const auto open = name.find('(', kWord.size());
  if (open == std::string::npos || open > end) return;
  if (facts.name.empty()) facts.name = name.substr(kWord.size(), open - kWord.size());
  if (facts.alias.empty()) facts.alias = name.substr(open + 1, end - open - 1);
}

CounterUnit unit_of(const std::string& units) {
  if (units == "bps") return CounterUnit::kBitsPerSecond;
  if (units == "Bps" || units == "B/s") return CounterUnit::kOctetsPerSecond;
  return CounterUnit::kNone;
}

}  // namespace

std::optional<InterfaceKey> parse_interface_key(std::string_view key, std::string_view oid) {
  const auto open = key.find('[');
  if (!key.starts_with("net.if.") || open == std::string_view::npos || !key.ends_with(']')) return std::nullopt;
  if (const auto by_key = parse_column(key.substr(open + 1, key.size() - open - 2))) return by_key;
  if (oid.starts_with("get[") && oid.ends_with(']')) oid = oid.substr(4, oid.size() - 5);
  if (oid.starts_with("IF-MIB::")) oid.remove_prefix(8);
  if (oid.starts_with('.')) oid.remove_prefix(1);
  return parse_column(oid);
}

bool add_interface_item(const boost::json::object& item, std::size_t max_interfaces, InterfaceMap& interfaces) {
  const auto key = parse_interface_key(text_field(item, "key_"), text_field(item, "snmp_oid"));
  if (!key) return true;
  if (interfaces.size() >= max_interfaces && !interfaces.contains(key->index)) return false;
  auto& facts = interfaces[key->index];
  for_each_object(item, "tags", [&](const boost::json::object& tag) {
    const auto name = text_field(tag, "tag");
    if (name == "interface" && facts.name.empty()) facts.name = text_field(tag, "value");
    if (name == "description" && facts.alias.empty()) facts.alias = text_field(tag, "value");
  });
  take_names(text_field(item, "name"), facts);
  if (key->what == What::kSpeed) {
    const double speed = std::strtod(text_field(item, "lastvalue").c_str(), nullptr);
    if (speed > 0 && speed < 1e15 && (key->high_capacity || !facts.speed_bps)) facts.speed_bps = static_cast<std::uint64_t>(speed);
    return true;
  }
  auto& counter = key->what == What::kIn ? facts.in : facts.out;
  if (counter.itemid.empty() || (key->high_capacity && !counter.high_capacity)) {
    counter = {.itemid = text_field(item, "itemid"), .unit = unit_of(text_field(item, "units")), .value_type = std::atoi(text_field(item, "value_type").c_str()),
               .high_capacity = key->high_capacity};
  }
  return true;
}

}  // namespace weir
