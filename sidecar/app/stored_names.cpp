// Reads names from the scripts of the settings and from the store's exporters.
#include "app/stored_names.hpp"

#include <iostream>

#include "app/pipeline.hpp"
#include "app/told_traffic_names.hpp"
#include "app/wrong_usage.hpp"

namespace weir {

StoredNames::StoredNames(const std::string& command, const Settings& settings, const Clock& clock)
    : settings_(settings), clock_(clock), sources_(stored_sources(command, settings, clock)) {}

DerivedSources stored_sources(const std::string& command, const Settings& settings, const Clock& clock) {
  const AddressDatabases databases(path_of_setting(settings), clock);
  for (const auto& database : databases.all()) {
    if (const auto status = database->status(); !status.error.empty())
      std::cerr << "weir " << command << ": " << status.error << "\n";
  }
  return databases.sources(TrafficNameScripts(traffic_name_files(settings), lua_limits(settings), clock).current());
}

KeyNames StoredNames::names(Store& store) {
  const ServerPorts ports(server_ports_file(settings_), lua_limits(settings_), clock_,
                          own_server_ports_file(settings_));
  for (const auto& e : store.snapshot(std::nullopt).exporters) {
    names_[e.address] = e.name;
    addresses_[e.id] = e.address;
  }
  std::vector<std::pair<std::uint32_t, std::string>> applications;
  for (auto& n : store.told()) {
    if (n.kind == ToldKind::kApplication) applications.emplace_back(static_cast<std::uint32_t>(n.id), n.text);
    told_[n.exporter].set(n.kind, n.id, std::move(n.text));
  }
  if (!applications.empty()) sources_.names = with_told(*sources_.names, applications);
  return {
      .service = [table = ports.current()](std::uint8_t protocol,
                                           std::uint16_t port) { return std::string(table->name(protocol, port)); },
      .exporter =
          [this](const IpAddress& address) {
            const auto found = names_.find(address);
            return found == names_.end() ? std::string() : found->second;
          },
      .interface =
          [this](const IpAddress& address, std::uint32_t index) {
            const auto name = told(address, ToldKind::kInterfaceName, index);
            return name.empty() ? told(address, ToldKind::kInterfaceDescription, index) : name;
          },
      .vrf = [this](const IpAddress& address, std::uint64_t number) { return told(address, ToldKind::kVrf, number); },
      .derived = sources_};
}

std::string StoredNames::told(const IpAddress& exporter, ToldKind kind, std::uint64_t id) const {
  const auto found = told_.find(exporter);
  const auto* name = found == told_.end() ? nullptr : found->second.find(kind, id);
  return name == nullptr ? std::string() : *name;
}

IpAddress StoredNames::address(std::uint32_t id) const {
  const auto found = addresses_.find(id);
  return found == addresses_.end() ? IpAddress{} : found->second;
}

int tell_query_mistake(const std::string& command, const Error& error, const std::string& filter, bool over_limit) {
  if (over_limit) {
    std::cerr << "weir " << command << ": " << error.message << "\n";
    return 1;
  }
  if (!error.column) return wrong_usage(command, error.message);
  std::cerr << "weir " << command << ": --filter: " << error.message << "\n  " << filter << "\n  "
            << std::string(error.column - 1, ' ') << "^\n";
  return 2;
}

}  // namespace weir
