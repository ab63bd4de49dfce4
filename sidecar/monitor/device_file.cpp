// What is read back is only believed as far as the file is sound: KeptDatabase sees to that. Hosts are written when
// they changed.
#include "monitor/device_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>

#include "sqlite/row_copy.hpp"

namespace weir {

namespace {

constexpr std::int64_t kFlowTimeStepMs = 3'600'000;

constexpr const char* kVersion1 =
    "CREATE TABLE IF NOT EXISTS link (address TEXT NOT NULL, by_hand INTEGER NOT NULL, hostid TEXT NOT NULL, PRIMARY "
    "KEY (address, by_hand));"
    "CREATE TABLE IF NOT EXISTS templated (hostid TEXT PRIMARY KEY);"
    "CREATE TABLE IF NOT EXISTS flow_time (hostid TEXT NOT NULL, ifindex INTEGER NOT NULL, at_ms INTEGER NOT NULL, "
    "PRIMARY KEY (hostid, ifindex));"
    "CREATE TABLE IF NOT EXISTS device (address TEXT PRIMARY KEY, hostid TEXT NOT NULL, host TEXT NOT NULL, name TEXT "
    "NOT NULL);"
    "CREATE TABLE IF NOT EXISTS interface (hostid TEXT NOT NULL, ifindex INTEGER NOT NULL, name TEXT NOT NULL, alias "
    "TEXT NOT NULL, speed_bps INTEGER NOT NULL,"
    " PRIMARY KEY (hostid, ifindex))";
constexpr RowCopy kLinks{.select = "SELECT address, hostid, by_hand FROM link",
                         .insert = "INSERT OR REPLACE INTO link (address, hostid, by_hand) VALUES (?1, ?2, ?3)",
                         .columns = 3};
constexpr RowCopy kTemplated{.select = "SELECT hostid FROM templated",
                             .insert = "INSERT OR REPLACE INTO templated (hostid) VALUES (?1)",
                             .columns = 1};
constexpr RowCopy kFlowTimes{.select = "SELECT hostid, ifindex, at_ms FROM flow_time",
                             .insert = "INSERT OR REPLACE INTO flow_time (hostid, ifindex, at_ms) VALUES (?1, ?2, ?3)",
                             .columns = 3};
constexpr RowCopy kDevices{
    .select = "SELECT address, hostid, host, name FROM device",
    .insert = "INSERT OR REPLACE INTO device (address, hostid, host, name) VALUES (?1, ?2, ?3, ?4)",
    .columns = 4};
constexpr RowCopy kInterfaces{
    .select = "SELECT hostid, ifindex, name, alias, speed_bps FROM interface",
    .insert = "INSERT OR REPLACE INTO interface (hostid, ifindex, name, alias, speed_bps) VALUES (?1, ?2, ?3, ?4, ?5)",
    .columns = 5};

KeptDatabase::Plan device_plan(const std::string& path) {
  return {.path = path,
          .stage = "monitor",
          .content = "hosts of exporters and names of interfaces",
          .pragmas = "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 500",
          .versions = {kVersion1},
          .copy =
              [](Database& from, Database& to, bool) {
                bool whole = true;
                for (const auto* rows : {&kLinks, &kTemplated, &kFlowTimes, &kDevices, &kInterfaces})
                  whole = copy_rows(from, to, *rows) && whole;
                return whole;
              },
          .clear_live =
              [](Database& to) {
                to.execute(
                    "DELETE FROM link; DELETE FROM templated; DELETE FROM flow_time; DELETE FROM device; DELETE FROM "
                    "interface");
              }};
}

// Names alone: what a poll counts is Zabbix's.
InterfaceMap names_of(const InterfaceMap& interfaces) {
  InterfaceMap names;
  for (const auto& [index, facts] : interfaces)
    names[index] = {.name = facts.name, .alias = facts.alias, .speed_bps = facts.speed_bps, .in = {}, .out = {}};
  return names;
}

void write_interfaces(Database& database, const std::string& hostid, const InterfaceMap& interfaces) {
  database.prepare("DELETE FROM interface WHERE hostid = ?1").bind(1, hostid).run();
  for (const auto& [index, facts] : interfaces) {
    database.prepare(kInterfaces.insert)
        .bind(1, hostid)
        .bind(2, std::int64_t{index})
        .bind(3, facts.name)
        .bind(4, facts.alias)
        .bind_unsigned(5, facts.speed_bps.value_or(0))
        .run();
  }
}

void write_devices(Database& database, const std::map<IpAddress, DeviceLink>& links) {
  database.execute("DELETE FROM device");
  for (const auto& [address, link] : links) {
    const auto text = address.text();
    database.prepare(kDevices.insert).bind(1, text).bind(2, link.hostid).bind(3, link.host).bind(4, link.name).run();
  }
}

using HostsOfExporters = std::map<IpAddress, std::string>;

HostsOfExporters read_links(Database& database, bool by_hand) {
  HostsOfExporters hostids;
  auto rows = database.prepare(kLinks.select);
  while (rows.step()) {
    const auto address = parse_ip_address(rows.text(0));
    if (address && (rows.integer(2) != 0) == by_hand) hostids[*address] = rows.text(1);
  }
  return hostids;
}

void write_links(Database& database, const HostsOfExporters& hostids, bool by_hand) {
  for (const auto& [exporter, hostid] : hostids) {
    const auto text = exporter.text();
    database.prepare(kLinks.insert).bind(1, text).bind(2, hostid).bind(3, std::int64_t{by_hand}).run();
  }
}

std::set<std::string> read_templated(Database& database) {
  std::set<std::string> hostids;
  auto rows = database.prepare(kTemplated.select);
  while (rows.step()) hostids.insert(rows.text(0));
  return hostids;
}

FlowTimes read_flow_times(Database& database) {
  FlowTimes times;
  auto rows = database.prepare(kFlowTimes.select);
  while (rows.step()) times[{rows.text(0), static_cast<std::uint32_t>(rows.integer(1))}] = rows.integer(2);
  return times;
}

DeviceView read_view(Database& database) {
  DeviceView view;
  auto devices = database.prepare(kDevices.select);
  while (devices.step()) {
    const auto address = parse_ip_address(devices.text(0));
    if (address) view.links[*address] = {.hostid = devices.text(1), .host = devices.text(2), .name = devices.text(3)};
  }
  auto interfaces = database.prepare(kInterfaces.select);
  while (interfaces.step()) {
    const auto speed = interfaces.unsigned_integer(4);
    view.interfaces[interfaces.text(0)][static_cast<std::uint32_t>(interfaces.integer(1))] = {
        .name = interfaces.text(2),
        .alias = interfaces.text(3),
        .speed_bps = speed == 0 ? std::nullopt : std::optional(speed),
        .in = {},
        .out = {}};
  }
  return view;
}

}  // namespace

DeviceFile::DeviceFile(std::string path, const Clock& clock) : path_(std::move(path)), clock_(clock) {
  std::error_code ignored;
  if (path_.empty() || !std::filesystem::exists(path_, ignored)) return;
  open();
  by_hand_ = kept_->read([](Database& database) { return read_links(database, true); });
  found_ = kept_->read([](Database& database) { return read_links(database, false); });
  templated_ = kept_->read(read_templated);
  flow_times_ = kept_->read(read_flow_times);
  view_ = kept_->read(read_view);
}

void DeviceFile::open() {
  if (kept_ || path_.empty()) return;
  kept_ = std::make_unique<KeptDatabase>(device_plan(path_), clock_);
  generation_ = kept_->generation();
}

KeptLinks DeviceFile::links() const {
  const std::lock_guard lock(mutex_);
  KeptLinks links;
  for (const auto& [exporter, hostid] : by_hand_) links[exporter] = {.hostid = hostid, .by_hand = true};
  for (const auto& [exporter, hostid] : found_) links.try_emplace(exporter, KeptLink{.hostid = hostid});
  return links;
}

std::optional<KeptLink> DeviceFile::link(const IpAddress& exporter) const {
  const std::lock_guard lock(mutex_);
  if (const auto chosen = by_hand_.find(exporter); chosen != by_hand_.end())
    return KeptLink{.hostid = chosen->second, .by_hand = true};
  const auto found = found_.find(exporter);
  return found == found_.end() ? std::nullopt : std::optional(KeptLink{.hostid = found->second});
}

void DeviceFile::set_by_hand(const std::map<IpAddress, std::string>& hostids) {
  const std::lock_guard lock(mutex_);
  if (hostids == by_hand_) return;
  by_hand_ = hostids;
  open();
  if (!kept_) return;
  kept_->write([&](Database& database) {
    database.execute("DELETE FROM link WHERE by_hand = 1");
    write_links(database, by_hand_, true);
  });
}

void DeviceFile::keep_found(const std::map<IpAddress, std::string>& hostids) {
  const std::lock_guard lock(mutex_);
  HostsOfExporters added;
  for (const auto& one : hostids) {
    if (found_.insert(one).second) added.insert(one);
  }
  if (added.empty()) return;
  open();
  if (!kept_) return;
  kept_->write([&](Database& database) { write_links(database, added, false); });
}

std::set<std::string> DeviceFile::templated() const {
  const std::lock_guard lock(mutex_);
  return templated_;
}

void DeviceFile::add_templated(const std::set<std::string>& hostids) {
  const std::lock_guard lock(mutex_);
  std::set<std::string> added;
  for (const auto& hostid : hostids) {
    if (templated_.insert(hostid).second) added.insert(hostid);
  }
  if (added.empty()) return;
  open();
  if (!kept_) return;
  kept_->write([&](Database& database) {
    for (const auto& hostid : added) database.prepare(kTemplated.insert).bind(1, hostid).run();
  });
}

FlowTimes DeviceFile::flow_times() const {
  const std::lock_guard lock(mutex_);
  return flow_times_;
}

void DeviceFile::save_flow_times(const FlowTimes& times) {
  const std::lock_guard lock(mutex_);
  FlowTimes moved;
  for (const auto& [interface, at_ms] : times) {
    const auto before = flow_times_.find(interface);
    if (before == flow_times_.end() || std::abs(at_ms - before->second) >= kFlowTimeStepMs) moved[interface] = at_ms;
  }
  FlowTimes gone;
  std::copy_if(flow_times_.begin(), flow_times_.end(), std::inserter(gone, gone.end()),
               [&](const auto& one) { return !times.contains(one.first); });
  if (moved.empty() && gone.empty()) return;
  open();
  if (kept_) {
    kept_->write([&](Database& database) {
      for (const auto& [interface, at_ms] : gone) {
        database.prepare("DELETE FROM flow_time WHERE hostid = ?1 AND ifindex = ?2")
            .bind(1, interface.first)
            .bind(2, std::int64_t{interface.second})
            .run();
      }
      for (const auto& [interface, at_ms] : moved) {
        database.prepare(kFlowTimes.insert)
            .bind(1, interface.first)
            .bind(2, std::int64_t{interface.second})
            .bind(3, at_ms)
            .run();
      }
    });
  }
  for (const auto& [interface, at_ms] : gone) flow_times_.erase(interface);
  for (const auto& [interface, at_ms] : moved) flow_times_[interface] = at_ms;
}

DeviceView DeviceFile::saved_view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

void DeviceFile::save_view(const DeviceView& view) {
  const std::lock_guard lock(mutex_);
  if (view.links.empty() && !kept_) return;
  open();
  if (!kept_) return;
  // Rows that a damaged file has lost are in memory still.
  const bool anew = kept_->generation() != generation_;
  generation_ = kept_->generation();
  std::map<IpAddress, DeviceLink> links;
  for (const auto& [address, link] : view.links)
    links[address] = {.hostid = link.hostid, .host = link.host, .name = link.name};
  std::map<std::string, InterfaceMap> interfaces;
  for (const auto& [hostid, all] : view.interfaces) interfaces[hostid] = names_of(all);
  const bool same_links = !anew && links == view_.links;
  if (same_links && interfaces == view_.interfaces) return;
  kept_->write([&](Database& database) {
    if (anew) {
      write_links(database, by_hand_, true);
      write_links(database, found_, false);
      for (const auto& hostid : templated_) database.prepare(kTemplated.insert).bind(1, hostid).run();
    }
    if (!same_links) write_devices(database, links);
    for (const auto& [hostid, gone] : view_.interfaces) {
      if (!interfaces.contains(hostid)) write_interfaces(database, hostid, {});
    }
    for (const auto& [hostid, all] : interfaces) {
      const auto before = view_.interfaces.find(hostid);
      if (anew || before == view_.interfaces.end() || before->second != all) write_interfaces(database, hostid, all);
    }
  });
  view_.links = std::move(links);
  view_.interfaces = std::move(interfaces);
}

std::optional<KeptDatabaseStatus> DeviceFile::status() const {
  const std::lock_guard lock(mutex_);
  return kept_ ? std::optional(kept_->status()) : std::nullopt;
}

}  // namespace weir
