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
    api.set_version("7.0.22");
  }

  Exporter& add_exporter(const char* address) {
    auto* e = exporters.find_or_add(*parse_ip_address(address));
    e->last_seen_ms = clock.now_ms();
    store.add_exporter({.id = e->id, .address = e->address});
    return *e;
  }

  void seed_zabbix() {
    api.set("host.get", json::array{json::object{{"hostid", "10084"}, {"host", "edge-r1"}, {"name", "Edge router"}, {"status", "0"}, {"inventory", json::array{}},
                                                 {"interfaces", json::array{{{"ip", "192.0.2.1"}, {"dns", ""}}}}, {"macros", json::array{}}}});
    json::array items;
    for (const int index : {3, 4}) {
      for (const bool in : {true, false}) {
        const auto n = std::to_string(index);
        items.push_back(json::object{{"itemid", n + (in ? "1" : "2")}, {"hostid", "10084"}, {"key_", std::string(in ? "net.if.in[ifHCInOctets." : "net.if.out[ifHCOutOctets.") + n + "]"},
                                     {"name", "Interface Gi0/" + n + "(link " + n + "): Bits " + (in ? "received" : "sent")}, {"snmp_oid", ""}, {"units", "bps"},
                                     {"value_type", "3"}, {"lastvalue", "0"}, {"tags", json::array{}}});
      }
    }
    api.set("item.get", std::move(items));
    api.set("history.get", json::array{});
  }
};

}  // namespace weir::testing
