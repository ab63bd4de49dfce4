// Columns of IF-MIB (RFC 2863 6) by name and by OID.
#include "monitor/zabbix/interface_items.hpp"

#include <charconv>
#include <cstdlib>
#include <vector>

#include "core/trimmed_text.hpp"
#include "monitor/zabbix/json_fields.hpp"

namespace weir {

namespace {

using What = InterfaceKey::What;

struct KeyColumn {
  std::string_view name, oid;
  What what;
  bool high_capacity;
};
constexpr KeyColumn kKeyColumns[] = {
    {"ifHCInOctets.", "1.3.6.1.2.1.31.1.1.1.6.", What::kIn, true},
    {"ifHCOutOctets.", "1.3.6.1.2.1.31.1.1.1.10.", What::kOut, true},
    {"ifHighSpeed.", "1.3.6.1.2.1.31.1.1.1.15.", What::kSpeed, true},
    {"ifInOctets.", "1.3.6.1.2.1.2.2.1.10.", What::kIn, false},
    {"ifOutOctets.", "1.3.6.1.2.1.2.2.1.16.", What::kOut, false},
    {"ifSpeed.", "1.3.6.1.2.1.2.2.1.5.", What::kSpeed, false},
};

std::optional<InterfaceKey> parse_column(std::string_view text) {
  for (const auto& column : kKeyColumns) {
    for (const auto prefix : {column.name, column.oid}) {
      if (!text.starts_with(prefix)) continue;
      InterfaceKey key{.what = column.what, .name = {}, .high_capacity = column.high_capacity};
      const auto* end = text.data() + text.size();
      const auto [rest, code] = std::from_chars(text.data() + prefix.size(), end, key.index);
      if (code == std::errc() && rest == end && key.index > 0) return key;
      return std::nullopt;
    }
  }
  return std::nullopt;
}

// The parameters of a key, without their quotes: eth0 and "eth0" are one.
std::vector<std::string> parameters_of(std::string_view text) {
  std::vector<std::string> all(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"') all.back() += text[++i];
    else if (text[i] == '"' && (quoted || trimmed(all.back()).empty())) quoted = !quoted;
    else if (text[i] == ',' && !quoted) all.emplace_back();
    else all.back() += text[i];
  }
  for (auto& one : all) one = std::string(trimmed(one));
  return all;
}

std::optional<What> what_of(std::string_view name) {
  if (name == "net.if.in") return What::kIn;
  if (name == "net.if.out") return What::kOut;
  return name == "net.if.speed" ? std::optional(What::kSpeed) : std::nullopt;
}

// net.if.in["eth0"], net.if.in["eth0",bytes], net.if.in[node_exporter,"eth0"]; not ["eth0",errors], which counts
// something else.
std::optional<InterfaceKey> parse_named(std::string_view name, std::string_view parameters) {
  const auto what = what_of(name);
  if (!what) return std::nullopt;
  auto all = parameters_of(parameters);
  if (all.size() > 1 && all.front() == "node_exporter") all.erase(all.begin());
  if (all.front().empty() || all.size() > 2 || (all.size() == 2 && !all[1].empty() && all[1] != "bytes"))
    return std::nullopt;
  // "ifHCInOctets.x": a column, and no index that there can be.
  for (const auto& column : kKeyColumns) {
    if (all.front().starts_with(column.name)) return std::nullopt;
  }
  return InterfaceKey{.what = *what, .name = all.front()};
}

// "Interface Gi0/3(uplink): Bits received" → name and alias.
void take_names(const std::string& name, InterfaceFacts& facts) {
  constexpr std::string_view kWord = "Interface ";
  const auto end = name.find("): ");
  if (!name.starts_with(kWord) || end == std::string::npos) return;
  const auto open = name.find('(', kWord.size());
  if (open == std::string::npos || open > end) return;
  if (facts.name.empty()) facts.name = without_macros(name.substr(kWord.size(), open - kWord.size()));
  if (facts.alias.empty()) facts.alias = without_macros(name.substr(open + 1, end - open - 1));
}

CounterUnit unit_of(const std::string& units) {
  if (units == "bps") return CounterUnit::kBitsPerSecond;
  if (units == "Bps" || units == "B/s") return CounterUnit::kOctetsPerSecond;
  return CounterUnit::kNone;
}

}  // namespace

std::string without_macros(std::string text) { return text.find("{#") == std::string::npos ? text : ""; }

std::optional<InterfaceKey> parse_interface_key(std::string_view key, std::string_view oid) {
  const auto open = key.find('[');
  if (!key.starts_with("net.if.") || open == std::string_view::npos || !key.ends_with(']')) return std::nullopt;
  const auto parameters = key.substr(open + 1, key.size() - open - 2);
  if (auto by_key = parse_column(parameters)) return by_key;
  if (oid.starts_with("get[") && oid.ends_with(']')) oid = oid.substr(4, oid.size() - 5);
  if (oid.starts_with("IF-MIB::")) oid.remove_prefix(8);
  if (oid.starts_with('.')) oid.remove_prefix(1);
  return oid.empty() ? parse_named(key.substr(0, open), parameters) : parse_column(oid);
}

bool add_interface_item(const boost::json::object& item, std::size_t max_interfaces, DeviceInterfaces& interfaces) {
  const auto key = parse_interface_key(text_field(item, "key_"), text_field(item, "snmp_oid"));
  if (!key) return true;
  std::string name, alias;
  for_each_object(item, "tags", [&](const boost::json::object& tag) {
    const auto word = text_field(tag, "tag");
    // Two of the stock templates say it in the plural.
    if ((word == "interface" || word == "interfaces") && name.empty()) name = without_macros(text_field(tag, "value"));
    if (word == "description" && alias.empty()) alias = without_macros(text_field(tag, "value"));
  });
  // Windows has a GUID in the key.
  const auto by_name = key->index != 0 ? std::string() : name.empty() ? key->name : name;
  const bool is_full = interfaces.by_index.size() + interfaces.by_name.size() >= max_interfaces;
  if (is_full && (key->index != 0 ? !interfaces.by_index.contains(key->index) : !interfaces.by_name.contains(by_name)))
    return false;
  auto& facts = key->index != 0 ? interfaces.by_index[key->index] : interfaces.by_name[by_name];
  if (facts.name.empty()) facts.name = key->index != 0 ? name : by_name;
  if (facts.alias.empty()) facts.alias = alias;
  take_names(text_field(item, "name"), facts);
  if (key->what == What::kSpeed) {
    const double speed = std::strtod(text_field(item, "lastvalue").c_str(), nullptr);
    if (speed > 0 && speed < 1e15 && (key->high_capacity || !facts.speed_bps))
      facts.speed_bps = static_cast<std::uint64_t>(speed);
    return true;
  }
  auto& counter = key->what == What::kIn ? facts.in : facts.out;
  if (counter.itemid.empty() || (key->high_capacity && !counter.high_capacity)) {
    counter = {.itemid = text_field(item, "itemid"),
               .unit = unit_of(text_field(item, "units")),
               .value_type = std::atoi(text_field(item, "value_type").c_str()),
               .high_capacity = key->high_capacity};
  }
  return true;
}

void add_named_interfaces(const NamedInterfaces& named, InterfaceMap& interfaces) {
  std::map<std::string, InterfaceFacts*> by_name;  // nullptr: two have it, and either would be a guess
  for (auto& [index, facts] : interfaces) {
    if (facts.name.empty()) continue;
    if (const auto [it, is_new] = by_name.try_emplace(facts.name, &facts); !is_new) it->second = nullptr;
  }
  for (const auto& [name, told] : named) {
    const auto found = by_name.find(name);
    if (found == by_name.end() || found->second == nullptr) continue;
    auto& facts = *found->second;
    if (facts.alias.empty()) facts.alias = told.alias;
    if (!facts.speed_bps) facts.speed_bps = told.speed_bps;
    if (!facts.in.is_comparable()) facts.in = told.in;
    if (!facts.out.is_comparable()) facts.out = told.out;
  }
}

}  // namespace weir
