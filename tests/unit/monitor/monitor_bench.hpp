// Everything that the monitor stage borrows, with a Zabbix of one router: host 10084, interfaces 3 and 4.
#pragma once
#include "fake_zabbix.hpp"
#include "flow/exporter_table.hpp"
#include "monitor/monitor_settings.hpp"
#include "store/memory_store.hpp"
#include "unit/alert/scratch_folder.hpp"

namespace weir::testing {

struct MonitorBench {
  static constexpr const char* kToken = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  static constexpr std::int64_t kNow = 1'700'000'040'000;  // a whole minute

  ScratchFolder folder;
  FakeZabbixApi api;
  FakeTrapper trapper;
  MemoryStore store;
  ExporterTable exporters{10};
  ManualClock clock{kNow};
  MonitorSettings settings;

  MonitorBench() {
    folder.write("token", std::string(kToken) + "\n");
    settings.url = api.url();
    settings.token_file = folder.file("token");
    settings.server = trapper.address();
    settings.queue_file = folder.file("monitor.sqlite");
    settings.device_file = folder.file("devices.sqlite");
    api.set_version("7.0.22");
  }

  Exporter& add_exporter(const char* address) {
    auto* e = exporters.find_or_add(*parse_ip_address(address));
    e->last_seen_ms = clock.now_ms();
    store.add_exporter({.id = e->id, .address = e->address});
    return *e;
  }

  // All exporters send a datagram now.
  void hear() {
    for (auto* e : exporters.all()) {
      e->last_seen_ms = clock.now_ms();
      ++e->datagrams;
    }
  }

  // One session that lasts over [from, to) seconds before now: what comes in by `in_if` and goes out by `out_if`, no
  // answer.
  void add_flow(const Exporter& exporter, std::uint32_t in_if, std::uint32_t out_if, std::uint64_t octets,
                std::int64_t from_s_ago, std::int64_t to_s_ago, std::uint32_t sampling = 0) {
    Session s{.id = ++sessions,
              .start_ms = clock.now_ms() - from_s_ago * 1000,
              .end_ms = clock.now_ms() - to_s_ago * 1000,
              .client = *parse_ip_address("10.0.0.1"),
              .server = *parse_ip_address("10.0.0.2"),
              .exporter = exporter.id};
    s.halves[kToServer] = {.octets = octets, .packets = octets / 1000, .flows = 1, .in_if = in_if, .out_if = out_if};
    s.sampling = sampling;
    s.protocol = 17;
    store.on_sessions({.sessions = {s}, .final_below = sessions + 1});
  }
  std::uint64_t sessions = 0;

  // History of Zabbix: `bps` each minute for the last hour, of the items given.
  void set_history(const std::vector<std::pair<std::string, double>>& items) {
    json::array list;
    for (std::int64_t ago = 3600; ago >= 0; ago -= 60) {
      for (const auto& [itemid, bps] : items) {
        list.push_back(json::object{{"itemid", itemid},
                                    {"clock", std::to_string(clock.now_ms() / 1000 - ago)},
                                    {"value", std::to_string(static_cast<std::int64_t>(bps))}});
      }
    }
    api.set("history.get", std::move(list));
  }

  void seed_zabbix() {
    api.set("host.get", json::array{json::object{{"hostid", "10084"},
                                                 {"host", "edge-r1"},
                                                 {"name", "Edge router"},
                                                 {"status", "0"},
                                                 {"inventory", json::array{}},
                                                 {"groups", json::array{{{"groupid", "5"}}}},
                                                 {"hostgroups", json::array{{{"groupid", "5"}}}},
                                                 {"interfaces", json::array{{{"ip", "192.0.2.1"}, {"dns", ""}}}},
                                                 {"macros", json::array{}}}});
    json::array items;
    for (const int index : {3, 4}) {
      for (const bool in : {true, false}) {
        const auto n = std::to_string(index);
        items.push_back(
            json::object{{"itemid", n + (in ? "1" : "2")},
                         {"hostid", "10084"},
                         {"key_", std::string(in ? "net.if.in[ifHCInOctets." : "net.if.out[ifHCOutOctets.") + n + "]"},
                         {"name", "Interface Gi0/" + n + "(link " + n + "): Bits " + (in ? "received" : "sent")},
                         {"snmp_oid", ""},
                         {"units", "bps"},
                         {"value_type", "3"},
                         {"lastvalue", "0"},
                         {"tags", json::array{}}});
      }
    }
    api.set("item.get", std::move(items));
    api.set("history.get", json::array{});
    api.set("role.get", json::array{{{"roleid", "2"}, {"type", "2"}}, {{"roleid", "3"}, {"type", "3"}}});
    api.set("usergroup.get", json::array{});
    api.set("module.get", json::array{});
  }
};

}  // namespace weir::testing
