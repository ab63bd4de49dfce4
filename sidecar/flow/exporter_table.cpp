// Lookup and growth of the exporter table.
#include "flow/exporter_table.hpp"

#include <algorithm>

namespace weir {

std::vector<std::string> protocol_names(std::uint32_t bits) {
  static constexpr std::pair<std::uint32_t, const char*> kNames[] = {
      {kProtocolV1, "v1"}, {kProtocolV5, "v5"}, {kProtocolV7, "v7"}, {kProtocolV9, "v9"}, {kProtocolIpfix, "ipfix"}};
  std::vector<std::string> names;
  for (const auto& [bit, name] : kNames) {
    if (bits & bit) names.emplace_back(name);
  }
  return names;
}

Exporter* ExporterTable::find_or_add(const IpAddress& address) {
  return state_.with([&](State& s) -> Exporter* {
    if (const auto it = s.by_address.find(address); it != s.by_address.end()) return it->second;
    if (s.entries.size() >= max_exporters_) {
      ++refused_;
      return nullptr;
    }
    auto* added = s.entries.emplace_back(std::make_unique<Exporter>(s.next_id++, address)).get();
    s.by_address.emplace(address, added);
    s.by_id.emplace(added->id, added);
    return added;
  });
}

Exporter* ExporterTable::find(const IpAddress& address) const {
  return state_.with([&](State& s) -> Exporter* {
    const auto it = s.by_address.find(address);
    return it == s.by_address.end() ? nullptr : it->second;
  });
}

Exporter* ExporterTable::find(std::uint32_t id) const {
  return state_.with([&](State& s) -> Exporter* {
    const auto it = s.by_id.find(id);
    return it == s.by_id.end() ? nullptr : it->second;
  });
}

Exporter* ExporterTable::restore(std::uint32_t id, const IpAddress& address) {
  return state_.with([&](State& s) -> Exporter* {
    if (const auto it = s.by_address.find(address); it != s.by_address.end()) return it->second;
    auto* added = s.entries.emplace_back(std::make_unique<Exporter>(id, address)).get();
    s.by_address.emplace(address, added);
    s.by_id.emplace(id, added);
    s.next_id = std::max(s.next_id, id + 1);
    return added;
  });
}

std::vector<Exporter*> ExporterTable::all() const {
  return state_.with([](State& s) {
    std::vector<Exporter*> all;
    for (const auto& e : s.entries) all.push_back(e.get());
    std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->id < b->id; });
    return all;
  });
}

}  // namespace weir
