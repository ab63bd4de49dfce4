// NetFlow v8: each scheme's records as Cisco's tables have them, and schemes that nobody decodes.
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

// Version, count, uptime, seconds, nanoseconds, sequence, engine type and id, scheme, its version, reserved.
Wire v8(std::uint8_t scheme, std::uint16_t count, const Wire& records, std::uint32_t sequence = 1) {
  return Wire()
      .u16(8)
      .u16(count)
      .u32(kUptimeMs)
      .u32(kNowSeconds)
      .u32(0)
      .u32(sequence)
      .u8(1)
      .u8(2)
      .u8(scheme)
      .u8(2)
      .u32(0)
      .add(records);
}
// Flows, packets, octets, first, last.
Wire sums() { return Wire().u32(7).u32(20).u32(3000).u32(kUptimeMs - 5000).u32(kUptimeMs - 1000); }

}  // namespace

TEST_CASE("NetFlow v8: what every scheme has") {
  Decoding d;
  d.send(v8(1, 1, sums().u16(65001).u16(65002).u16(3).u16(4)));
  const auto& r = d.record();
  CHECK(r.packets == 20);
  CHECK(r.octets == 3000);
  CHECK(r.start_ms == kNowMs - 5000);
  CHECK(r.end_ms == kNowMs - 1000);
  CHECK(r.src.is_unset());
  CHECK(r.src_as == 65001);
  CHECK(r.dst_as == 65002);
  CHECK(r.in_if == 3);
  CHECK(r.out_if == 4);
  CHECK(d.exporter().protocols == kProtocolV8);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("NetFlow v8: by protocol and port, with and without ToS") {
  Decoding d;
  d.send(v8(2, 2, sums().u8(6).zeros(3).u16(443).u16(50000).add(sums()).u8(1).zeros(3).u16(0).u16(0x0800)));
  CHECK(d.record(0).protocol == 6);
  CHECK(d.record(0).src_port == 443);
  CHECK(d.record(0).dst_port == 50000);
  CHECK(d.record(1).icmp == 0x0800);
  CHECK(d.record(1).dst_port == 0);
  d.send(v8(10, 1, sums().u8(17).u8(0xb8).u16(0).u16(53).u16(40000).u16(3).u16(4)));
  CHECK(d.record(2).tos == 0xb8);
  CHECK(d.record(2).src_port == 53);
  CHECK(d.record(2).in_if == 3);
  CHECK(d.record(2).out_if == 4);
}

TEST_CASE("NetFlow v8: by prefix, of the source, of the destination, of both, with ports") {
  Decoding d;
  d.send(v8(3, 1, sums().ip("10.1.0.0").u8(16).u8(0).u16(65001).u16(3).u16(0)));
  CHECK(d.record(0).src.text() == "10.1.0.0");
  CHECK(d.record(0).src_mask == 16);
  CHECK(d.record(0).src_as == 65001);
  CHECK(d.record(0).in_if == 3);
  d.send(v8(4, 1, sums().ip("10.2.0.0").u8(24).u8(0).u16(65002).u16(4).u16(0)));
  CHECK(d.record(1).dst.text() == "10.2.0.0");
  CHECK(d.record(1).dst_mask == 24);
  CHECK(d.record(1).out_if == 4);
  d.send(v8(5, 1, sums().ip("10.1.0.0").ip("10.2.0.0").u8(16).u8(24).u16(0).u16(65001).u16(65002).u16(3).u16(4)));
  CHECK(d.record(2).src.text() == "10.1.0.0");
  CHECK(d.record(2).dst.text() == "10.2.0.0");
  CHECK(d.record(2).dst_as == 65002);
  d.send(v8(11, 1, sums().ip("10.1.0.0").u8(16).u8(0xb8).u16(65001).u16(3).u16(0)));
  CHECK(d.record(3).tos == 0xb8);
  d.send(v8(12, 1, sums().ip("10.2.0.0").u8(24).u8(0xb8).u16(65002).u16(4).u16(0)));
  CHECK(d.record(4).tos == 0xb8);
  d.send(
      v8(13, 1, sums().ip("10.1.0.0").ip("10.2.0.0").u8(16).u8(24).u8(0xb8).u8(0).u16(65001).u16(65002).u16(3).u16(4)));
  CHECK(d.record(5).tos == 0xb8);
  CHECK(d.record(5).out_if == 4);
  d.send(
      v8(14, 1, sums().ip("10.1.0.0").ip("10.2.0.0").u8(16).u8(24).u8(0xb8).u8(6).u16(443).u16(50000).u16(3).u16(4)));
  CHECK(d.record(6).protocol == 6);
  CHECK(d.record(6).dst_port == 50000);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("NetFlow v8: the flow masks of Catalyst switches") {
  Decoding d;
  // Destination, packets, octets, first, last, output, ToS, marked ToS, extra packets, shortcut router.
  const auto counts = [] { return Wire().u32(20).u32(3000).u32(kUptimeMs - 5000).u32(kUptimeMs - 1000); };
  d.send(v8(6, 1, Wire().ip("10.0.0.2").add(counts()).u16(4).u8(8).u8(0).u32(0).ip("10.0.0.254")));
  CHECK(d.record(0).dst.text() == "10.0.0.2");
  CHECK(d.record(0).octets == 3000);
  CHECK(d.record(0).out_if == 4);
  d.send(
      v8(7, 1,
         Wire().ip("10.0.0.2").ip("10.0.0.1").add(counts()).u16(4).u16(3).u8(8).u8(0).u16(0).u32(0).ip("10.0.0.254")));
  CHECK(d.record(1).src.text() == "10.0.0.1");
  CHECK(d.record(1).in_if == 3);
  d.send(v8(8, 1,
            Wire()
                .ip("10.0.0.2")
                .ip("10.0.0.1")
                .u16(443)
                .u16(50000)
                .add(counts())
                .u16(4)
                .u16(3)
                .u8(8)
                .u8(6)
                .u8(0)
                .u8(0)
                .u32(0)
                .ip("10.0.0.254")));
  CHECK(d.record(2).dst_port == 443);
  CHECK(d.record(2).src_port == 50000);
  CHECK(d.record(2).protocol == 6);
  CHECK(d.record(2).tos == 8);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("NetFlow v8: loss is seen within a scheme") {
  Decoding d;
  const auto one = [](std::uint32_t sequence) { return v8(1, 1, sums().u16(1).u16(2).u16(3).u16(4), sequence); };
  d.send(one(1));
  d.send(one(5));
  CHECK(d.exporter().lost == 3);
  d.send(v8(2, 1, sums().u8(6).zeros(3).u16(443).u16(50000), 900));
  CHECK(d.exporter().lost == 3);
}

TEST_CASE("NetFlow v8: a count that is not there, an end inside the header, a scheme that is not decoded") {
  Decoding d;
  d.send(v8(1, 3, sums().u16(1).u16(2).u16(3).u16(4)));
  CHECK(d.records() == 1);
  CHECK(d.counters().malformed == 1);
  d.send(v8(1, 1, Wire()).cut(20));
  CHECK(d.counters().malformed == 2);
  d.send(v8(15, 1, Wire().zeros(40)));
  CHECK(d.counters().unsupported == 1);
  const auto senders = d.decoder.undecoded_senders();
  REQUIRE(senders.size() == 1);
  CHECK(senders[0].what == "NetFlow v8, scheme 15");
  CHECK(senders[0].hint.find("not decoded") != std::string::npos);
}

TEST_CASE("NetFlow v8: a trace shows the fields by their names") {
  Decoding d;
  const Wire message =
      v8(5, 1, sums().ip("10.1.0.0").ip("10.2.0.0").u8(16).u8(24).u16(0).u16(65001).u16(65002).u16(3).u16(4));
  d.send(message);
  const auto text = d.decoder.trace({.source = parse_ip_address(d.from).value(),
                                     .source_port = 1,
                                     .local_port = 2055,
                                     .arrival_ms = kNowMs,
                                     .payload = message.bytes()},
                                    1 << 16);
  CHECK(text.find("NetFlow v8 by prefix") != std::string::npos);
  CHECK(text.find("sourceIPv4PrefixLength") != std::string::npos);
  CHECK(text.find("10.2.0.0") != std::string::npos);
}
