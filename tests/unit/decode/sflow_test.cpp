// sFlow datagrams, from the bytes to the records.
#include "sflow_decoding.hpp"

using namespace weir;
using namespace weir::test;

TEST_CASE("A sampled Ethernet frame becomes a record of one packet") {
  SflowDecoding d;
  d.with(0, {});
  const auto& r = d.record();
  CHECK(r.src == ip("198.51.100.1"));
  CHECK(r.dst == ip("203.0.113.2"));
  CHECK(r.src_port == 40000);
  CHECK(r.dst_port == 443);
  CHECK(r.protocol == 6);
  CHECK(r.tcp_flags == 0x12);
  CHECK(r.tos == 0x20);
  CHECK(r.src_mac == kSrcMac);
  CHECK(r.dst_mac == kDstMac);
  CHECK(r.packets == 1);
  CHECK(r.octets == 1400);  // of the IP packet
  CHECK(r.sampling == 512);
  CHECK(r.in_if == 3);
  CHECK(r.out_if == 7);
  CHECK(r.start_ms == kNowMs);
  CHECK(r.end_ms == kNowMs);
  CHECK(r.quality == 0);
  CHECK(r.sample);
  CHECK_FALSE(r.count_once);
  CHECK(d.exporter().protocols == kProtocolSflow);
  CHECK(d.exporter().announced_sampling == 512);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("The octets of a sampled packet are those of its frame if the setting says so") {
  SflowDecoding d({.sampled_octets = SampledOctets::kFrame});
  d.with(0, {});
  CHECK(d.record().octets == 1418);
}

TEST_CASE("An IP length that the frame cannot hold is not believed; a frame without IP counts as it is") {
  SflowDecoding d;
  d.sample(flow_sample({}, 1, sampled_header(ethernet(0x0800, ipv4_packet(6, 65535, tcp_header(1, 2, 0))), 64)));
  CHECK(d.record(0).octets == 64);
  d.sample(flow_sample({}, 1, sampled_header(ethernet(0x0806, Wire().zeros(28)), 64)));
  CHECK(d.record(1).octets == 64);
  CHECK(d.record(1).src.is_unset());
  CHECK(d.record(1).src_mac == kSrcMac);
}

TEST_CASE("Tags, labels and both families are read from the header") {
  SflowDecoding d;
  const Wire ip4 = ipv4_packet(17, 100, Wire().u16(53).u16(5353).u16(80).u16(0));
  d.sample(flow_sample(
      {}, 1, sampled_header(ethernet(0x88a8, Wire().u16(100).u16(0x8100).u16(200).u16(0x0800).add(ip4)), 126)));
  CHECK(d.record(0).vlan == 100);  // the outermost
  CHECK(d.record(0).src_port == 53);
  d.sample(flow_sample({}, 1, sampled_header(ethernet(0x8847, Wire().u32(16001 << 12 | 0x100).add(ip4)), 126)));
  CHECK(d.record(1).dst_port == 5353);
  d.sample(flow_sample({}, 1, sampled_header(ipv6_packet(58, 24, Wire().u8(128).u8(0).zeros(6)), 64, 12)));
  CHECK(d.record(2).src == ip("2001:db8::1"));
  CHECK(d.record(2).icmp == 0x8000);
  CHECK(d.record(2).octets == 64);
  d.sample(flow_sample({}, 1, sampled_header(Wire().u32(17 << 12 | 0x100).add(ip4), 104, 13)));
  CHECK(d.record(3).dst == ip("203.0.113.2"));
  d.sample(flow_sample({}, 1, sampled_header(Wire().u16(0xff03).u16(0x0021).add(ip4), 104, 7)));
  CHECK(d.record(4).dst_port == 5353);
  d.sample(flow_sample({}, 1, sampled_header(Wire().zeros(40), 104, 5)));  // frame relay: what is in it is not read
  CHECK(d.record(5).src.is_unset());
  CHECK(d.record(5).octets == 104);
}

TEST_CASE("A sampled IPv4, IPv6 or Ethernet record serves if there is no header") {
  SflowDecoding d;
  d.sample(flow_sample(
      {}, 1,
      sflow_part(3, Wire().u32(40).u32(6).ip("198.51.100.1").ip("203.0.113.2").u32(1024).u32(80).u32(2).u32(8))));
  CHECK(d.record(0).octets == 40);
  CHECK(d.record(0).dst_port == 80);
  CHECK(d.record(0).tcp_flags == 2);
  CHECK(d.record(0).tos == 8);
  d.sample(flow_sample(
      {}, 1,
      sflow_part(4, Wire().u32(60).u32(17).ip("2001:db8::1").ip("2001:db8::2").u32(1024).u32(53).u32(0).u32(0))));
  CHECK(d.record(1).dst == ip("2001:db8::2"));
  CHECK(d.record(1).octets == 60);
  d.sample(
      flow_sample({}, 1, sflow_part(2, Wire().u32(90).add(mac(kSrcMac)).u16(0).add(mac(kDstMac)).u16(0).u32(0x0800))));
  CHECK(d.record(2).octets == 90);
  CHECK(d.record(2).dst_mac == kDstMac);
  // Beside a header they say nothing new.
  d.with(1, sflow_part(3, Wire().u32(40).u32(17).ip("10.0.0.1").ip("10.0.0.2").u32(1).u32(2).u32(0).u32(0)));
  CHECK(d.record(3).dst_port == 443);
  CHECK(d.record(3).octets == 1400);
}

TEST_CASE("Switch, router, gateway and NAT records complete the flow, wherever they stand") {
  SflowDecoding d;
  const Wire path =
      Wire().u32(2).u32(2).u32(2).u32(64500).u32(64501).u32(1).u32(2).u32(64502).u32(64503);  // a sequence, a set
  d.sample(flow_sample(
      {}, 6,
      sflow_part(1001, Wire().u32(10).u32(0).u32(20).u32(0))
          .add(sflow_part(
              1003, sflow_address("192.0.2.9").u32(64496).u32(64510).u32(64511).add(path).u32(1).u32(99).u32(100)))
          .add(tcp_frame())
          .add(sflow_part(1002, sflow_address("192.0.2.8").u32(24).u32(16)))
          .add(sflow_part(1007, sflow_address("10.0.0.1").add(sflow_address("10.0.0.2"))))
          .add(sflow_part(1020, Wire().u32(1111).u32(2222)))));
  const auto& r = d.record();
  CHECK(r.vlan == 10);
  CHECK(r.out_vlan == 20);
  CHECK(r.src_as == 64510);
  CHECK(r.dst_as == 64503);
  CHECK(r.next_hop == ip("192.0.2.8"));  // the router's own before BGP's
  CHECK(r.src_mask == 24);
  CHECK(r.dst_mask == 16);
  CHECK(r.src_nat == ip("10.0.0.1"));
  CHECK(r.dst_nat_port == 2222);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("An interface that is none is 0: discarded, several, the device itself") {
  SflowDecoding d;
  d.with(0, {}, {.in = 0x3fffffff, .out = 1u << 30 | 258});
  CHECK(d.record(0).in_if == 0);
  CHECK(d.record(0).out_if == 0);
  d.with(0, {}, {.out = 2u << 30 | 5});
  CHECK(d.record(1).out_if == 0);
  d.sample(expanded_flow_sample({.source = 0x1000003, .in = 0x1000003, .out = 0x2000007}, 0, 1, tcp_frame()));
  CHECK(d.record(2).in_if == 0x1000003);
  CHECK(d.record(2).out_if == 0x2000007);
  CHECK(d.record(2).direction == 0);
  d.sample(expanded_flow_sample({.out = 1}, 2, 1, tcp_frame()));
  CHECK(d.record(3).out_if == 0);
}

TEST_CASE("A packet sampled where it left is left out if the interface where it came in samples too") {
  SflowDecoding d;
  const FlowSample in{.source = 3, .in = 3, .out = 7}, out{.source = 7, .in = 3, .out = 7};
  SECTION("of both, those of the way in count") {
    d.with(0, {}, out);  // not known yet
    d.with(0, {}, in);
    d.with(0, {}, out);
    CHECK(d.records() == 2);
    CHECK(d.record(0).direction == 1);
    CHECK(d.record(1).direction == 0);
    CHECK(d.exporter().left_out == 1);
    CHECK(d.counters().left_out == 1);
    d.now_ms += 700'000;  // it has not sampled there for long
    d.with(0, {}, out);
    CHECK(d.records() == 3);
  }
  SECTION("an interface that samples nothing that comes in has its packets counted where they leave") {
    d.with(0, {}, {.source = 4, .in = 4, .out = 7});
    d.with(0, {}, out);
    CHECK(d.records() == 2);
  }
  SECTION("another sub-agent has interfaces of its own") {
    d.send(sflow5({.sub_agent = 1}, 1, flow_sample(in, 1, tcp_frame())));
    d.send(sflow5({.sub_agent = 2}, 1, flow_sample(out, 1, tcp_frame())));
    CHECK(d.records() == 2);
  }
  SECTION("the operator wants both") {
    d.exporters.admit(ip("192.0.2.1"), kNowMs)->metering = Metering::kBoth;
    for (int i = 0; i < 3; ++i) {
      d.with(0, {}, in);
      d.with(0, {}, out);
    }
    CHECK(d.records() == 6);
  }
  SECTION("the operator wants those of the way out") {
    d.exporters.admit(ip("192.0.2.1"), kNowMs)->metering = Metering::kEgress;
    d.with(0, {}, in);
    d.with(0, {}, out);
    CHECK(d.records() == 1);
    CHECK(d.record().direction == 1);
  }
}

TEST_CASE("A rate of 0 is not known") {
  SflowDecoding d;
  d.with(0, {}, {.rate = 0});
  CHECK(d.record().sampling == 0);
  CHECK(d.record().quality == kQualitySamplingUnknown);
}

TEST_CASE("Versions 2 and 4 are read") {
  const std::uint32_t version = GENERATE(2, 4);
  SflowDecoding d;
  const Wire header = Wire().u32(1).u32(1).u32(1418).add(padded(kTcp));
  const Wire path = version == 2 ? Wire().u32(2).u32(64500).u32(64501)
                                 : Wire().u32(1).u32(2).u32(2).u32(64500).u32(64501).u32(1).u32(99).u32(100);
  const Wire extensions = Wire()
                              .u32(5)
                              .add(Wire().u32(1).u32(10).u32(0).u32(20).u32(0))
                              .add(Wire().u32(2).add(sflow_address("192.0.2.8")).u32(24).u32(16))
                              .add(Wire().u32(3).u32(64496).u32(64510).u32(64511).add(path))
                              .add(Wire().u32(4).add(padded(Wire().text("alice"))).add(padded(Wire().text("bob"))))
                              .add(Wire().u32(5).u32(1).add(padded(Wire().text("/index"))));
  const Wire first = sflow_head({.out = 0x80000002}).add(header).add(extensions);
  const Wire second =
      sflow_head({}).u32(2).u32(40).u32(6).ip("10.0.0.1").ip("10.0.0.2").u32(1024).u32(80).u32(2).u32(0).u32(0);
  const Wire third =
      sflow_head({}).u32(3).u32(60).u32(17).ip("2001:db8::1").ip("2001:db8::2").u32(1024).u32(53).u32(0).u32(0).u32(0);
  const Wire ethernet_counters = Wire().u32(9).u32(3).u32(30).u32(2).zeros(88 + 52),
             vlan_counters = Wire().u32(9).u32(3).u32(30).u32(7).zeros(28);
  d.send(sflow_old(version, {}, 5,
                   Wire()
                       .u32(1)
                       .add(first)
                       .u32(2)
                       .add(ethernet_counters)
                       .u32(1)
                       .add(second)
                       .u32(2)
                       .add(vlan_counters)
                       .u32(1)
                       .add(third)));
  REQUIRE(d.records() == 3);
  CHECK(d.counters().malformed == 0);
  CHECK(d.counters().options_records == 2);
  CHECK(d.record(0).octets == 1400);
  CHECK(d.record(0).out_if == 0);  // several
  CHECK(d.record(0).vlan == 10);
  CHECK(d.record(0).next_hop == ip("192.0.2.8"));
  CHECK(d.record(0).src_as == 64510);
  CHECK(d.record(0).dst_as == 64501);
  CHECK(d.record(1).dst == ip("10.0.0.2"));
  CHECK(d.record(1).octets == 40);
  CHECK(d.record(2).dst == ip("2001:db8::2"));
}

TEST_CASE("Interface counters are handed on") {
  SflowDecoding d;
  std::vector<InterfaceCounters> all;
  d.decoder.on_interface_counters([&](const InterfaceCounters& c) { all.push_back(c); });
  const Wire generic = Wire()
                           .u32(12)
                           .u32(6)
                           .u64(10'000'000'000)
                           .u32(1)
                           .u32(3)
                           .u64(123'456'789'012)
                           .u32(1)
                           .u32(2)
                           .u32(3)
                           .u32(4)
                           .u32(5)
                           .u32(6)
                           .u64(98'765'432'109)
                           .u32(7)
                           .u32(8)
                           .u32(9)
                           .u32(10)
                           .u32(11)
                           .u32(0);
  d.sample(
      sflow_part(2, Wire().u32(1).u32(12).u32(2).add(sflow_part(1, generic)).add(sflow_part(2, Wire().zeros(52)))));
  d.sample(sflow_part(4, Wire().u32(1).u32(0).u32(12).u32(1).add(sflow_part(1, generic))));
  REQUIRE(all.size() == 2);
  CHECK(all[0].if_index == 12);
  CHECK(all[0].speed_bps == 10'000'000'000);
  CHECK(all[0].admin_up);
  CHECK(all[0].oper_up);
  CHECK(all[0].in_octets == 123'456'789'012);
  CHECK(all[0].in_discards == 4);
  CHECK(all[0].out_octets == 98'765'432'109);
  CHECK(all[0].out_errors == 11);
  CHECK(all[0].at_ms == kNowMs);
  CHECK(all[0].exporter == d.exporter().id);
  CHECK(d.counters().options_records == 2);
}

TEST_CASE("What is of another kind is stepped over and counted") {
  SflowDecoding d;
  d.send(sflow5({}, 3,
                sflow_part(5, Wire().zeros(40))
                    .add(sflow_part(4413 << 12 | 1, Wire().zeros(16)))
                    .add(flow_sample({}, 2, sflow_part(9999, Wire().zeros(20)).add(tcp_frame())))));
  CHECK(d.records() == 1);
  CHECK(d.counters().samples_skipped == 2);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("What is whole of a broken datagram is used, and it counts as malformed once") {
  SflowDecoding d;
  d.with(0, {});
  SECTION("the datagram is cut inside its second sample") {
    Wire two = sflow5({.sequence = 2}, 2, flow_sample({}, 1, tcp_frame()).add(flow_sample({}, 1, tcp_frame())));
    d.send(two.cut(two.size() - 12));
    CHECK(d.records() == 3);  // of the header's octets there are enough
  }
  SECTION("it announces more samples than it holds") {
    d.send(sflow5({.sequence = 2}, 0xffffffff, flow_sample({}, 1, tcp_frame())));
    CHECK(d.records() == 2);
  }
  SECTION("a sample announces more records than it holds") {
    d.sample(flow_sample({}, 0xffffffff, tcp_frame()));
    CHECK(d.records() == 2);
  }
  SECTION("a record of a wrong length") {
    d.sample(flow_sample({}, 2, sflow_part(1001, Wire().u32(1)).add(tcp_frame())));
    CHECK(d.records() == 2);
  }
  SECTION("a path of more numbers than there are") {
    d.with(1, sflow_part(1003, sflow_address("192.0.2.9").u32(1).u32(2).u32(3).u32(0xffffffff).u32(2).u32(0xffffffff)));
    CHECK(d.records() == 2);
    CHECK(d.record(1).src_as == 0);
  }
  SECTION("a header") {
    d.send(sflow5({.sequence = 2}, 1, {}).cut(24));
    CHECK(d.records() == 1);
  }
  SECTION("an address of no kind") {
    d.from = "192.0.2.1";
    d.send(Wire().u32(5).u32(3).ip("192.0.2.1").u32(0).u32(2).u32(1).u32(1).add(flow_sample({}, 1, tcp_frame())));
    CHECK(d.records() == 1);
  }
  SECTION("v4 with a kind that it does not have") {
    d.send(sflow_old(4, {.sequence = 2}, 2,
                     Wire().u32(1).add(sflow_head({})).u32(1).u32(1).u32(1418).add(padded(kTcp)).u32(1).u32(77)));
    CHECK(d.records() == 2);
  }
  CHECK(d.counters().malformed == 1);
}

TEST_CASE("A sample that tells of no packet is refused, and trailing octets are none of anybody's") {
  SflowDecoding d;
  d.sample(flow_sample({}, 1, sflow_part(1001, Wire().u32(10).u32(0).u32(20).u32(0))));
  CHECK(d.records() == 0);
  CHECK(d.counters().rejected_empty == 1);
  d.send(sflow5({.sequence = 2}, 1, flow_sample({}, 1, tcp_frame())).zeros(8));
  CHECK(d.records() == 1);
  CHECK(d.counters().malformed == 0);
}

TEST_CASE("A trace shows the agent, the sample, and the packet's headers") {
  SflowDecoding d;
  d.from = "198.51.100.77";
  const Wire message =
      sflow5({}, 2,
             flow_sample({}, 2, tcp_frame().add(sflow_part(1001, Wire().u32(10).u32(0).u32(20).u32(0))))
                 .add(sflow_part(5, Wire().zeros(8))));
  d.send(message);
  const std::string text = d.decoder.trace({.source = ip(d.from),
                                            .source_port = 50000,
                                            .local_port = 6343,
                                            .arrival_ms = kNowMs,
                                            .payload = message.bytes()},
                                           1 << 16);
  const auto shows = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  CAPTURE(text);
  CHECK(shows("from 192.0.2.1 by 198.51.100.77 port 50000 to port 6343"));
  CHECK(shows("sFlow v5: agent 192.0.2.1, sub-agent 0, sequence 1, uptime 3600000 ms, 2 samples\n"));
  CHECK(shows("flow sample: sequence 1, source 0:3, 1 in 512, pool 512, drops 0, input 3, output 7\n"));
  CHECK(shows("sourceIPv4Address           198.51.100.1\n"));
  CHECK(shows("src_vlan                    10\n"));
  CHECK(shows("drop notification, not decoded: 00"));
}
