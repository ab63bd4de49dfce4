// Streams: devices behind one address, ports that change, restarts, and what is held rather than guessed.
#include "decode/stream_table.hpp"
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

// Template 256 of a device: ends, octets, packets, uptimes; and one with an octet more in front, so that records are
// read askew by the other.
Wire layout_a() {
  return Wire().u16(256).u16(6).u16(8).u16(4).u16(12).u16(4).u16(1).u16(4).u16(2).u16(4).u16(22).u16(4).u16(21).u16(4);
}
Wire layout_b() {
  return Wire()
      .u16(256)
      .u16(7)
      .u16(4)
      .u16(1)
      .u16(8)
      .u16(4)
      .u16(12)
      .u16(4)
      .u16(2)
      .u16(4)
      .u16(1)
      .u16(4)
      .u16(22)
      .u16(4)
      .u16(21)
      .u16(4);
}
Wire record_a(std::uint32_t octets, std::uint32_t uptime = kUptimeMs) {
  return Wire().ip("198.51.100.7").ip("203.0.113.9").u32(octets).u32(1).u32(uptime - 9000).u32(uptime - 1000);
}
Wire record_b(std::uint32_t octets, std::uint32_t uptime = kUptimeMs) {
  return Wire().u8(6).ip("198.51.100.7").ip("203.0.113.9").u32(1).u32(octets).u32(uptime - 9000).u32(uptime - 1000);
}
// The same length as layout A, the ends behind the counters.
Wire record_c(std::uint32_t octets, std::uint32_t uptime = kUptimeMs) {
  return Wire().u32(octets).u32(1).ip("198.51.100.7").ip("203.0.113.9").u32(uptime - 9000).u32(uptime - 1000);
}

struct Behind : Decoding {
  using Decoding::Decoding;
  std::uint32_t sequence = 100, uptime_ms = kUptimeMs, domain = 0;
  void from_port(std::uint16_t sender, const Wire& sets) {
    port = sender;
    now_ms += 10;
    send(Wire()
             .u16(9)
             .u16(1)
             .u32(uptime_ms)
             .u32(static_cast<std::uint64_t>(now_ms / 1000))
             .u32(++sequence)
             .u32(domain)
             .add(sets));
  }
  std::uint64_t octets() const {
    std::uint64_t sum = 0;
    for (const auto& r : sink.all) sum += r.octets;
    return sum;
  }
  bool all_right() const {
    return std::all_of(sink.all.begin(), sink.all.end(), [](const FlowRecord& r) {
      return r.src.text() == "198.51.100.7" && r.dst.text() == "203.0.113.9";
    });
  }
};

}  // namespace

TEST_CASE("Any number of devices behind one address keep their own layouts") {
  Behind d;
  const std::uint16_t devices = GENERATE(2, 20, 300);
  for (std::uint16_t i = 0; i < devices; ++i) d.from_port(1000 + i, Wire().set(0, i % 2 ? layout_a() : layout_b()));
  for (int n = 0; n < 3; ++n) {
    for (std::uint16_t i = 0; i < devices; ++i)
      d.from_port(1000 + i, Wire().set(256, i % 2 ? record_a(1000) : record_b(1000).zeros(3)));
  }
  CHECK(d.records() == 3u * devices);
  CHECK(d.octets() == 3000u * devices);
  CHECK(d.all_right());
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("Data of a new port waits while there are several layouts, and is decoded when its template comes") {
  Behind d;
  d.from_port(1, Wire().set(0, layout_a()));
  d.from_port(2, Wire().set(0, layout_b()));
  d.from_port(3, Wire().set(256, record_a(1000)));
  CHECK(d.records() == 0);
  CHECK(d.counters().waiting_for_template == 1);
  d.from_port(3, Wire().set(0, layout_a()));
  CHECK(d.octets() == 1000);
  CHECK(d.all_right());
}

TEST_CASE("A new port may use the only layout there is, unless its data does not fit") {
  Behind d;
  d.from_port(1, Wire().set(0, layout_a()));
  SECTION("it fits") {
    d.from_port(2, Wire().set(256, record_a(1000)));
    CHECK(d.octets() == 1000);
  }
  SECTION("octets are left") { d.from_port(2, Wire().set(256, record_b(1000))); }
  SECTION("no octets are left, and stamps and addresses cannot be") { d.from_port(2, Wire().set(256, record_c(1000))); }
  SECTION("it was started at another time") {
    d.uptime_ms = 60'000;
    d.from_port(2, Wire().set(256, record_a(1000, 60'000)));
    CHECK(d.records() == 0);
    d.from_port(2, Wire().set(0, layout_a()));
    CHECK(d.octets() == 1000);
  }
  CHECK(d.all_right());
  CHECK(d.counters().waiting_for_template == (d.records() == 0 ? 1 : 0));
}

TEST_CASE("An exporter that was started anew has to announce its templates again; what comes before waits") {
  Behind d;
  const std::uint16_t port_after = GENERATE(1, 2);
  d.uptime_ms = 50'000'000;
  d.from_port(1, Wire().set(0, layout_a()).set(256, record_a(1000, d.uptime_ms)));
  d.uptime_ms = 60'000;
  d.sequence = 0;
  d.from_port(port_after, Wire().set(256, record_b(1000, d.uptime_ms)));
  d.from_port(port_after, Wire().set(256, record_a(7'000'000, d.uptime_ms)));  // by a layout of before
  CHECK(d.records() == 1);
  d.from_port(port_after, Wire().set(0, layout_b()));
  d.from_port(port_after, Wire().set(256, record_b(1000, d.uptime_ms)));
  CHECK(d.octets() == 3000);
  CHECK(d.all_right());
  CHECK(d.exporter().lost == 0);
}

TEST_CASE("An uptime that goes to and fro tells nothing, and holds nothing up for good") {
  Behind d;
  for (int i = 0; i < 20; ++i) {
    d.uptime_ms = i % 2 ? 50'000'000 : 60'000;
    d.sequence += 1000;
    d.from_port(1, (i == 0 ? Wire().set(0, layout_a()) : Wire()).set(256, record_a(1000, d.uptime_ms)));
  }
  CHECK(d.records() > 10);
  CHECK(d.all_right());
}

TEST_CASE("The uptime wraps after 49 days without a restart") {
  Behind d;
  d.uptime_ms = 0xffffff00u;
  d.from_port(1, Wire().set(0, layout_a()).set(256, record_a(1000, d.uptime_ms)));
  d.uptime_ms = 500;
  d.sequence += 5;  // some were lost
  d.now_ms += 756;
  d.from_port(1, Wire().set(256, record_a(1000, d.uptime_ms)));
  CHECK(d.records() == 2);
}

TEST_CASE("Templates of an earlier run are used while the exporter has not been started anew, and only for what fits") {
  std::vector<StoredTemplate> stored;
  {
    Behind d;
    d.decoder.on_template([&](const StoredTemplate& t) { stored.push_back(t); });
    d.from_port(1, Wire().set(0, layout_a()).set(256, record_a(1)));
  }
  REQUIRE(stored.size() == 1);
  Behind d;
  d.exporters.find_or_add(parse_ip_address(d.from).value());
  d.decoder.restore_template(stored[0]);
  SECTION("it goes on") {
    d.from_port(1, Wire().set(256, record_a(1000)));
    CHECK(d.octets() == 1000);
  }
  SECTION("from another port") {
    d.from_port(2, Wire().set(256, record_a(1000)));
    CHECK(d.octets() == 1000);
  }
  SECTION("another layout since") { d.from_port(1, Wire().set(256, record_b(1000))); }
  SECTION("another layout of the same length") { d.from_port(1, Wire().set(256, record_c(1000))); }
  SECTION("started anew since") {
    d.uptime_ms = 70'000;
    d.from_port(1, Wire().set(256, record_a(1000, d.uptime_ms)));
    CHECK(d.records() == 0);
  }
  CHECK(d.all_right());
}

TEST_CASE(
    "A set that does not fit its sender's own template waits; if the template is announced again as it was, the set is "
    "left out") {
  Behind d;
  d.from_port(1, Wire().set(0, layout_a()));
  // Five of them, so that the rest is longer than padding.
  const Wire five = record_b(1000).add(record_b(1000)).add(record_b(1000)).add(record_b(1000)).add(record_b(1000));
  d.from_port(1, Wire().set(256, five));
  CHECK(d.records() == 0);
  CHECK(d.counters().waiting_for_template == 1);
  SECTION("another template comes") {
    d.from_port(1, Wire().set(0, layout_b()));
    CHECK(d.octets() == 5000);
    CHECK(d.counters().malformed == 0);
  }
  SECTION("the same comes") {
    d.from_port(1, Wire().set(0, layout_a()));
    CHECK(d.records() == 0);
    CHECK(d.counters().malformed == 1);
    CHECK(d.counters().waiting_dropped == 1);
  }
}

TEST_CASE("An exporter that fills its sets with something is believed once it has announced its template again") {
  Behind d;
  d.from_port(1, Wire().set(0, layout_a()));
  const Wire odd = record_a(1000).text("filled");
  for (int i = 0; i < 3; ++i) d.from_port(1, Wire().set(256, odd));
  CHECK(d.records() == 0);
  d.from_port(1, Wire().set(0, layout_a()));
  CHECK(d.octets() == 3000);
  for (int i = 0; i < 3; ++i) d.from_port(1, Wire().set(256, odd));
  CHECK(d.octets() == 6000);
}

TEST_CASE("Padding longer than a record is no record") {
  Behind d;
  const std::size_t zeros = GENERATE(3u, 24u, 36u, 100u);
  d.from_port(1, Wire().set(0, layout_a()).set(256, record_a(1000).add(record_a(500)).zeros(zeros)));
  CHECK(d.records() == 2);
  CHECK(d.octets() == 1500);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("A datagram that comes twice counts once") {
  Behind d({}, 100, DecodeLimits{}.duplicate_window_ms);
  const Wire twice = v9(Wire().set(0, layout_a()).set(256, record_a(1000)), 7);
  d.send(twice);
  d.now_ms += 3;
  d.send(twice);
  CHECK(d.records() == 1);
  CHECK(d.exporter().duplicates == 1);
  CHECK(d.counters().duplicates == 1);
  CHECK(d.exporter().lost == 0);
  SECTION("from another port it is another device's") {
    d.port += 1;
    d.send(twice);
    CHECK(d.records() == 2);
  }
  SECTION("with another number it is another") {
    d.send(v9(Wire().set(0, layout_a()).set(256, record_a(1000)), 8));
    CHECK(d.records() == 2);
  }
  SECTION("much later it is another") {
    d.now_ms += 60'000;
    d.send(twice);
    CHECK(d.records() == 2);
  }
}

TEST_CASE("Each of two streams of copies counts once, whatever lies between") {
  Behind d({}, 100, DecodeLimits{}.duplicate_window_ms);
  std::vector<Wire> sent;
  for (std::uint32_t i = 0; i < 300; ++i)
    sent.push_back(v9((i == 0 ? Wire().set(0, layout_a()) : Wire()).set(256, record_a(i + 1)), i));
  const std::size_t behind = GENERATE(1u, 64u, 250u);
  for (std::size_t i = 0; i < sent.size() + behind; ++i) {
    if (i < sent.size()) d.send(sent[i]);
    if (i >= behind) d.send(sent[i - behind]);
  }
  CHECK(d.records() == 300);
  CHECK(d.exporter().duplicates == 300);
}

TEST_CASE("Templates that are repeated as they were are no duplicates") {
  Behind d({}, 100, DecodeLimits{}.duplicate_window_ms);
  const Wire announcement = ipfix(Wire().set(2, small_template(256)));
  for (int i = 0; i < 3; ++i) d.send(announcement);
  CHECK(d.counters().duplicates == 0);
}

TEST_CASE("Devices behind one address are counted by their boot times, or by their sequences") {
  Behind d({}, 100, DecodeLimits{}.duplicate_window_ms);
  const bool differ_by_boot = GENERATE(true, false);
  std::vector<std::uint32_t> sequences{10, 5'000, 900'000};
  for (int n = 0; n < 6; ++n) {
    for (std::uint16_t i = 0; i < 3; ++i) {
      d.uptime_ms = kUptimeMs + (differ_by_boot ? i * 7'000'000u : 0);
      d.sequence = sequences[i]++;
      d.from_port(1000 + i, Wire().set(0, layout_a()).set(256, record_a(1, d.uptime_ms)));
    }
  }
  d.decoder.tick(d.now_ms);
  const auto domains = d.exporter().domains.with([](const auto& all) { return all; });
  REQUIRE(domains.size() == 1);
  CHECK(domains[0].devices == 3);
}

TEST_CASE("Ports that sent one datagram are forgotten after an hour, and those that were heard for longer are not") {
  Behind d;
  d.from_port(9000, Wire().set(0, layout_a()).set(256, record_a(1)));
  d.now_ms += 2000;
  d.from_port(9000, Wire().set(256, record_a(1)));
  d.decoder.tick(d.now_ms + 60'000);
  const auto one = d.counters().state_bytes;
  for (std::uint16_t port = 10'000; port < 10'050; ++port) d.from_port(port, Wire().set(256, record_a(1)));
  d.decoder.tick(d.now_ms + 3'500'000);
  CHECK(d.counters().state_bytes == one + 50 * StreamTable::kStreamBytes);
  d.decoder.tick(d.now_ms + 3'700'000);
  CHECK(d.counters().state_bytes == one);
}
