// Which item is which interface, by key, OID, tags and name.
#include "monitor/zabbix/interface_items.hpp"
#include "fake_zabbix.hpp"
#include "fixture.hpp"

using namespace weir;
using namespace weir::testing;

TEST_CASE("interfaces: ifIndex from the key or the OID") {
  using What = InterfaceKey::What;
  const auto key = [](const char* k, const char* oid = "") {
    const auto found = parse_interface_key(k, oid);
    if (!found) return std::string();
    return std::to_string(static_cast<int>(found->what)) + ":" +
           (found->index == 0 ? found->name : std::to_string(found->index)) + (found->high_capacity ? "h" : "");
  };
  CHECK(parse_interface_key("net.if.in[ifHCInOctets.3]", "")->what == What::kIn);
  CHECK(key("net.if.in[ifHCInOctets.3]") == "0:3h");
  CHECK(key("net.if.out[ifHCOutOctets.12]") == "1:12h");
  CHECK(key("net.if.out[ifOutOctets.4294967295]") == "1:4294967295");
  CHECK(key("net.if.speed[ifHighSpeed.3]") == "2:3h");
  CHECK(key("net.if.in[Gi0/3]", "1.3.6.1.2.1.31.1.1.1.6.3") == "0:3h");
  CHECK(key("net.if.in[Gi0/3]", "get[.1.3.6.1.2.1.31.1.1.1.10.7]") == "1:7h");
  CHECK(key("net.if.in[Gi0/3]", "IF-MIB::ifInOctets.5") == "0:5");
  CHECK(key("net.if.in[3]", "1.3.6.1.2.1.31.1.1.1.6.3") == "0:3h");
  CHECK(key("net.if.in[eth0]") == "0:eth0");
  CHECK(key("net.if.out[\"eth0\"]") == "1:eth0");
  CHECK(key("net.if.out[ \"a, \\\"b\\\"\" ,bytes]") == "1:a, \"b\"");
  CHECK(key("net.if.speed[node_exporter,\"eth0\"]") == "2:eth0");
  for (const char* other :
       {"net.if.in[\"eth0\",errors]", "net.if.in[\"eth0\",dropped]", "net.if.in[]", "net.if.total[eth0]",
        "net.if.in.errors[ifInErrors.3]", "net.if.in[ifHCInOctets.3", "net.if.in[ifHCInOctets.x]",
        "net.if.in[ifHCInOctets.0]", "net.if.in[ifHCInOctets.99999999999]", "system.cpu", ""}) {
    CHECK(key(other).empty());
  }
}

TEST_CASE("interfaces: collector and module read items as the fixtures say") {
  const auto cases = fixture(WEIR_SOURCE_DIR, "interface_items.json");
  for (const auto& entry : cases) {
    const auto& c = entry.as_object();
    CAPTURE(text_of(c, "key"), text_of(c, "oid"));
    const auto found = parse_interface_key(text_of(c, "key"), text_of(c, "oid"));
    CHECK(found.has_value() == c.at("traffic").as_bool());
    if (!found) continue;
    CHECK(found->index == (c.contains("index") ? c.at("index").to_number<std::uint32_t>() : 0));
    CHECK(found->name == text_of(c, "name"));
  }
}

TEST_CASE("interfaces: names from tags or the item's name; the 64 bit counter wins") {
  DeviceInterfaces interfaces;
  auto& map = interfaces.by_index;
  const auto add = [&](json::object item) { return add_interface_item(item, 2, interfaces); };
  CHECK(add({{"itemid", "1"},
             {"key_", "net.if.in[ifInOctets.3]"},
             {"name", "Interface Gi0/3(up(link)): Bits received"},
             {"units", "bps"},
             {"value_type", "3"}}));
  CHECK(add(
      {{"itemid", "2"}, {"key_", "net.if.in[ifHCInOctets.3]"}, {"name", "x"}, {"units", "bps"}, {"value_type", "3"}}));
  CHECK(add({{"itemid", "3"}, {"key_", "net.if.in[ifInOctets.3]"}, {"name", "x"}, {"units", "bps"}}));
  CHECK(add({{"itemid", "4"}, {"key_", "net.if.speed[ifHighSpeed.3]"}, {"lastvalue", "1000000000"}}));
  CHECK(map.at(3).name == "Gi0/3");
  CHECK(map.at(3).alias == "up(link)");
  CHECK(map.at(3).speed_bps == 1'000'000'000);
  CHECK(map.at(3).in.itemid == "2");
  CHECK(map.at(3).in.is_comparable());
  CHECK_FALSE(map.at(3).out.is_comparable());
  CHECK(add({{"itemid", "5"},
             {"key_", "net.if.out[ifHCOutOctets.4]"},
             {"name", "x"},
             {"units", "B"},
             {"tags",
              json::array{{{"tag", "interface"}, {"value", "Gi0/4\n"}}, {{"tag", "description"}, {"value", "lab"}}}}}));
  CHECK(map.at(4).name == "Gi0/4 ");
  CHECK(map.at(4).alias == "lab");
  CHECK_FALSE(map.at(4).out.is_comparable());
  CHECK_FALSE(add({{"itemid", "6"}, {"key_", "net.if.in[ifHCInOctets.5]"}}));
  CHECK_FALSE(add({{"itemid", "6"}, {"key_", "net.if.in[eth0]"}}));
  CHECK(map.size() == 2);
  CHECK(interfaces.by_name.empty());
}

TEST_CASE("interfaces: a macro that the discovery did not fill is no name") {
  DeviceInterfaces interfaces;
  add_interface_item({{"itemid", "1"},
                      {"key_", "net.if.in[ifHCInOctets.3]"},
                      {"name", "Interface lan0({#IFALIAS}): Bits received"},
                      {"units", "bps"},
                      {"tags", json::array{{{"tag", "interface"}, {"value", "lan0"}},
                                           {{"tag", "description"}, {"value", "{#IFALIAS}"}}}}},
                     9, interfaces);
  CHECK(interfaces.by_index.at(3).name == "lan0");
  CHECK(interfaces.by_index.at(3).alias.empty());
}

TEST_CASE("interfaces: an agent's go by their names") {
  DeviceInterfaces interfaces;
  add_interface_item(
      {{"itemid", "1"}, {"key_", "net.if.in[\"eth0\"]"}, {"name", "Interface eth0: Bits received"}, {"units", "bps"}},
      9, interfaces);
  add_interface_item({{"itemid", "2"},
                      {"key_", "net.if.out[\"{F00}\"]"},
                      {"name", "x"},
                      {"units", "bps"},
                      {"tags", json::array{{{"tag", "interface"}, {"value", "LAN"}}}}},
                     9, interfaces);
  CHECK(interfaces.by_index.empty());
  CHECK(interfaces.by_name.at("eth0").in.itemid == "1");
  CHECK(interfaces.by_name.at("LAN").out.itemid == "2");
  // Where another item tells the ifIndex of that name, and of no other.
  InterfaceMap known{{3,
                      {.name = "eth0",
                       .alias = "",
                       .speed_bps = {},
                       .in = {},
                       .out = {.itemid = "9", .unit = CounterUnit::kBitsPerSecond}}},
                     {4, {.name = "LAN", .alias = "", .speed_bps = {}, .in = {}, .out = {}}},
                     {5, {.name = "LAN", .alias = "", .speed_bps = {}, .in = {}, .out = {}}}};
  add_named_interfaces(interfaces.by_name, known);
  CHECK(known.at(3).in.itemid == "1");
  CHECK(known.at(3).out.itemid == "9");
  CHECK(known.at(4).out.itemid.empty());
  CHECK(known.at(5).out.itemid.empty());
}
