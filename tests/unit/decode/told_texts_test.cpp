// What exporters tell of themselves: options tables as routers send them, counter samples of sFlow.
#include "decoding.hpp"
#include "support/sflow_wire.hpp"

using namespace weir;
using namespace weir::test;

namespace {

struct Telling : Decoding {
  explicit Telling(const DecodeLimits& limits = {}) : Decoding(limits) {
    decoder.on_name([this](const StoredName& name) { kept.push_back(name); });
  }
  std::string told(ToldKind kind, std::uint64_t id) const {
    return exporter().told.with([&](const ToldNames& names) {
      const auto* text = names.find(kind, id);
      return text == nullptr ? std::string() : *text;
    });
  }
  std::size_t names() const {
    return exporter().told.with([](const ToldNames& names) { return names.size(); });
  }
  std::vector<StoredName> kept;
};

Wire text_of(std::string_view text, std::size_t length) { return Wire().text(text).zeros(length - text.size()); }
Wire long_text(std::string_view text) { return Wire().u8(text.size()).text(text); }

// Cisco IOS XE, "option interface-table": scope system, then ingressInterface, interfaceName, interfaceDescription.
Wire interface_table9() {
  return Wire().u16(257).u16(4).u16(12).u16(1).u16(4).u16(10).u16(4).u16(82).u16(8).u16(83).u16(24);
}
Wire interface9(std::uint32_t index, std::string_view name, std::string_view description) {
  return Wire().ip("192.0.2.1").u32(index).add(text_of(name, 8)).add(text_of(description, 24));
}

}  // namespace

TEST_CASE("v9 options: the interface table of Cisco") {
  Telling d;
  d.send(v9(Wire()
                .set(1, interface_table9())
                .set(257, interface9(3, "Gi0/3", "uplink to carrier").add(interface9(4, "Gi0/4", "")))));
  CHECK(d.told(ToldKind::kInterfaceName, 3) == "Gi0/3");
  CHECK(d.told(ToldKind::kInterfaceDescription, 3) == "uplink to carrier");
  CHECK(d.told(ToldKind::kInterfaceName, 4) == "Gi0/4");
  CHECK(d.names() == 3);
  CHECK(d.counters().options_records == 2);
  REQUIRE(d.kept.size() == 3);
  CHECK(d.kept[0].exporter == d.exporter().address);
  CHECK(d.kept[0].text == "Gi0/3");

  // The table comes every minute: only what is new is kept.
  d.send(v9(Wire().set(257, interface9(3, "Gi0/3", "uplink to carrier").add(interface9(4, "Gi0/4", "customer")))));
  REQUIRE(d.kept.size() == 4);
  CHECK(d.kept[3].text == "customer");
  CHECK(d.kept[3].id == 4);
}

TEST_CASE("v9 options: the scope is the interface") {
  Telling d;
  d.send(v9(Wire()
                .set(1, Wire().u16(257).u16(4).u16(4).u16(2).u16(2).u16(82).u16(6))
                .set(257, Wire().u16(7).add(text_of("wlan0", 6)))));
  CHECK(d.told(ToldKind::kInterfaceName, 7) == "wlan0");
}

TEST_CASE("IPFIX options: tables of interfaces, VRFs and selectors as Cisco IOS XR sends them") {
  Telling d;
  // Options template: id, fields, scope fields.
  const Wire interfaces = Wire().u16(257).u16(4).u16(2).u16(10).u16(4).u16(14).u16(4).u16(83).u16(20).u16(82).u16(20);
  const Wire vrfs = Wire().u16(258).u16(4).u16(1).u16(234).u16(4).u16(236).u16(8).u16(234).u16(4).u16(235).u16(4);
  const Wire selectors =
      Wire().u16(259).u16(4).u16(1).u16(302).u16(4).u16(305).u16(4).u16(84).u16(8).u16(335).u16(65535);
  d.send(ipfix(Wire()
                   .set(3, interfaces)
                   .set(3, vrfs)
                   .set(3, selectors)
                   .set(257, Wire()
                                 .u32(0x37)
                                 .u32(0x37)
                                 .add(text_of("HundredGigE0/0/0/11", 20))
                                 .add(text_of("HundredGigE0_0_0_11", 20)))
                   .set(258, Wire().u32(0x60000001).add(text_of("blue", 8)).u32(0x60000001).u32(0x60000001))
                   .set(259, Wire().u32(1).u32(1000).add(text_of("map", 8)).add(long_text("map-long")))));
  CHECK(d.told(ToldKind::kInterfaceName, 0x37) == "HundredGigE0_0_0_11");
  CHECK(d.told(ToldKind::kInterfaceDescription, 0x37) == "HundredGigE0/0/0/11");
  CHECK(d.told(ToldKind::kVrf, 0x60000001) == "blue");
  CHECK(d.told(ToldKind::kSampler, 1) == "map-long");
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("Options: the application table of NBAR, and descriptions where there is no name") {
  Telling d;
  const Wire table = Wire().u16(257).u16(4).u16(12).u16(1).u16(4).u16(95).u16(4).u16(96).u16(24).u16(94).u16(55);
  d.send(v9(Wire().set(1, table).set(257, Wire()
                                              .u32(1)
                                              .u32(0x01000022)
                                              .add(text_of("3pc", 24))
                                              .add(text_of("Third Party Connect Protocol", 55))
                                              .u32(1)
                                              .u32(0x0d0001c5)
                                              .add(text_of("", 24))
                                              .add(text_of("unnamed service", 55)))));
  CHECK(d.told(ToldKind::kApplication, 0x01000022) == "3pc");
  CHECK(d.names() == 1);

  d.send(ipfix(Wire()
                   .set(3, Wire().u16(258).u16(2).u16(1).u16(95).u16(3).u16(94).u16(65535))
                   .set(258, Wire().u8(13).u16(453).add(long_text("MS Teams")))));
  CHECK(d.told(ToldKind::kApplication, 13u << 24 | 453) == "MS Teams");
}

TEST_CASE("Options: what names nothing that flows have is left out") {
  Telling d;
  SECTION("a name without an interface (softflowd)") {
    d.send(ipfix(Wire()
                     .set(3, Wire().u16(257).u16(2).u16(1).u16(143).u16(4).u16(82).u16(8))
                     .set(257, Wire().u32(9).add(text_of("eth0", 8)))));
  }
  SECTION("interface 0") { d.send(v9(Wire().set(1, interface_table9()).set(257, interface9(0, "Null0", "none")))); }
  SECTION("an index of more than 32 bits") {
    d.send(ipfix(Wire()
                     .set(3, Wire().u16(257).u16(2).u16(1).u16(10).u16(8).u16(82).u16(4))
                     .set(257, Wire().u64(1ull << 32 | 3).text("eth0"))));
  }
  SECTION("an element of an enterprise") {
    d.send(ipfix(Wire()
                     .set(3, Wire().u16(257).u16(2).u16(1).u16(10).u16(4).u16(0x8000 | 82).u16(4).u32(9))
                     .set(257, Wire().u32(3).text("eth0"))));
  }
  SECTION("flow records that carry names") {
    d.send(ipfix(Wire()
                     .set(2, Wire().u16(256).u16(3).u16(10).u16(4).u16(1).u16(4).u16(82).u16(4))
                     .set(256, Wire().u32(3).u32(9).text("eth0"))));
  }
  CHECK(d.names() == 0);
  CHECK(d.kept.empty());
}

TEST_CASE("Names are one line of valid text, whatever is sent") {
  Telling d;
  const auto name = [&](std::string_view text) {
    d.send(ipfix(Wire()
                     .set(3, Wire().u16(257).u16(2).u16(1).u16(10).u16(4).u16(82).u16(65535))
                     .set(257, Wire().u32(3).u8(255).u16(text.size()).text(text))));
    return d.told(ToldKind::kInterfaceName, 3);
  };
  CHECK(name("eth0   ") == "eth0");
  CHECK(name(std::string_view("eth1\0garbage", 12)) == "eth1");
  CHECK(name("a\r\nb\x1b[31m") == "a  b [31m");
  CHECK(name("caf\xe9") == "caf?");
  CHECK(name(std::string(300, 'x')).size() <= kMaxToldBytes);
}

TEST_CASE(
    "Names of one exporter are bounded in number, and all together in octets; changes of a known name still come") {
  const auto table = [](std::uint32_t first, std::uint32_t count, std::string_view prefix) {
    Wire records;
    for (std::uint32_t i = first; i < first + count; ++i)
      records.u32(i).add(text_of(std::string(prefix) + std::to_string(i), 8));
    return ipfix(Wire().set(3, Wire().u16(257).u16(2).u16(1).u16(10).u16(4).u16(82).u16(8)).set(257, records));
  };
  SECTION("in number") {
    Telling d({.max_names_per_exporter = 10});
    d.send(table(1, 25, "a"));
    CHECK(d.names() == 10);
    CHECK(d.counters().names_refused == 15);
    d.send(table(1, 2, "b"));
    CHECK(d.told(ToldKind::kInterfaceName, 2) == "b2");
    d.decoder.tick(kNowMs);
    const auto lines = d.decoder.take_log_lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("decode.max_names_per_exporter") != std::string::npos);
  }
  SECTION("in octets") {
    Telling d({.max_name_bytes = 1000});
    d.send(table(1, 25, "a"));
    CHECK(d.names() < 11);
    CHECK(d.names() > 5);
    CHECK(d.counters().names_refused > 10);
    d.decoder.tick(kNowMs);
    CHECK(d.counters().name_bytes <= 1000);
  }
  SECTION("in changes") {
    Telling d;
    for (int i = 0; i < 10'000; ++i) d.send(table(1, 1, i % 2 == 0 ? "a" : "b"));
    CHECK(d.kept.size() == 8192);
    CHECK(d.counters().saves_deferred == (10'000 - 8192) / 2);  // of those that would change it
    CHECK(d.told(ToldKind::kInterfaceName, 1) == d.kept.back().text);
  }
}

TEST_CASE("sFlow: speeds and names of interfaces, and the host itself, out of counter samples") {
  Telling d;
  const auto text = [](std::string_view s) { return padded(Wire().text(s)); };
  // if_counters: index, type, speed, direction, status, and the rest.
  const Wire generic = sflow_part(1, Wire().u32(5).u32(6).u64(10'000'000'000).u32(1).u32(3).zeros(88 - 24));
  const Wire port_name = sflow_part(1005, text("swp5"));
  // host_descr: name, UUID, machine, system, release.
  const Wire host = sflow_part(2000, text("leaf-1").zeros(16).u32(3).u32(2).add(text("5.10.0-cumulus")));
  d.send(sflow5({}, 2,
                sflow_part(2, Wire().u32(1).u32(5).u32(2).add(generic).add(port_name))
                    .add(sflow_part(2, Wire().u32(1).u32(2u << 24 | 1).u32(1).add(host)))));
  CHECK(d.told(ToldKind::kInterfaceSpeed, 5) == "10000000000");
  CHECK(d.told(ToldKind::kInterfaceName, 5) == "swp5");
  CHECK(d.told(ToldKind::kDevice, 0) == "leaf-1");
  CHECK(d.told(ToldKind::kDevice, 1) == "Linux 5.10.0-cumulus");
  CHECK(d.names() == 4);
  CHECK(d.counters().malformed == 0);

  // A description that ends too early names nothing, and harms nothing else.
  d.send(sflow5(
      {.sequence = 2}, 1,
      sflow_part(
          2, Wire().u32(2).u32(2u << 24 | 1).u32(2).add(sflow_part(2000, Wire().u32(200).text("x"))).add(generic))));
  CHECK(d.counters().malformed == 0);
  CHECK(d.told(ToldKind::kDevice, 0) == "leaf-1");
}
