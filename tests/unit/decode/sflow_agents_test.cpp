// Whose sFlow datagrams are, and what of them did not come.
#include "sflow_decoding.hpp"

using namespace weir;
using namespace weir::test;

TEST_CASE("The exporter is the agent, not who sent the datagram") {
  SflowDecoding d;
  d.from = "198.51.100.77";
  SECTION("an agent of IPv4") {
    d.with(0, {});
    CHECK(d.exporters.find(ip("192.0.2.1"))->records == 1);
    CHECK(d.exporters.find(ip("198.51.100.77")) == nullptr);
  }
  SECTION("an agent of IPv6") {
    d.send(sflow5({.agent = "2001:db8::7"}, 1, flow_sample({}, 1, tcp_frame())));
    CHECK(d.exporters.find(ip("2001:db8::7"))->records == 1);
  }
  SECTION("an address that no device has is none") {
    const auto* agent = GENERATE("0.0.0.0", "127.0.0.1", "224.0.0.5", "255.255.255.255", "::1", "ff02::1", "::");
    d.send(sflow5({.agent = agent}, 1, flow_sample({}, 1, tcp_frame())));
    CHECK(d.exporters.find(ip("198.51.100.77"))->records == 1);
    CHECK(d.exporters.all().size() == 1);
  }
  SECTION("no address at all") {
    d.send(Wire().u32(5).u32(0).u32(0).u32(1).u32(1000).u32(1).add(flow_sample({}, 1, tcp_frame())));
    CHECK(d.exporters.find(ip("198.51.100.77"))->records == 1);
  }
}

TEST_CASE("An agent waits for its admission under its own address, whoever sends for it") {
  SflowDecoding d({.admission = {.datagrams = 3, .probation_ms = 0}});
  for (const char* sender : {"198.51.100.1", "198.51.100.2", "198.51.100.3"}) {
    d.from = sender;
    d.with(0, {});
  }
  CHECK(d.exporters.find(ip("192.0.2.1"))->records == 3);
  CHECK(d.exporters.all().size() == 1);
}

TEST_CASE("Lost datagrams are counted for the sub-agent; a restart loses nothing") {
  SflowDecoding d;
  const auto send = [&](std::uint32_t sub_agent, std::uint32_t sequence, std::uint32_t uptime_ms = 3'600'000) {
    d.send(sflow5({.sub_agent = sub_agent, .sequence = sequence, .uptime_ms = uptime_ms}, 1,
                  flow_sample({}, 1, tcp_frame())));
  };
  for (std::uint32_t i = 10; i < 15; ++i) send(0, i);
  for (std::uint32_t i = 700; i < 705; ++i) send(1, i);
  CHECK(d.exporter().lost == 0);
  send(0, 18);
  CHECK(d.exporter().lost == 3);
  send(0, 16);  // late
  CHECK(d.exporter().lost == 2);
  d.now_ms += 60'000;
  send(0, 1, 5'000);
  send(0, 2, 6'000);
  CHECK(d.exporter().lost == 2);
  d.decoder.tick(d.now_ms);
  CHECK(d.exporter().domains.with([](const auto& domains) { return domains.size(); }) == 2);
}

TEST_CASE("Samples that did not come, that the agent dropped, and what they were chosen from") {
  SflowDecoding d;
  d.with(0, {}, {.sequence = 100, .pool = 51'200});
  d.with(0, {}, {.sequence = 101, .pool = 51'712});
  CHECK(d.exporter().samples_lost == 0);
  CHECK(d.exporter().sample_pool == 512);
  CHECK(d.exporter().sample_pool_by_rate == 512);
  d.with(0, {}, {.sequence = 111, .pool = 62'000, .drops = 7});
  CHECK(d.exporter().samples_lost == 9);
  CHECK(d.exporter().samples_dropped == 7);
  CHECK(d.exporter().sample_pool == 512 + 10'288);
  CHECK(d.exporter().sample_pool_by_rate == 512 + 5'120);
  d.with(0, {}, {.sequence = 4'000'000'000, .pool = 1});  // begun anew
  d.with(0, {}, {.sequence = 4'000'000'001, .pool = 513});
  CHECK(d.exporter().samples_lost == 9);
  CHECK(d.counters().samples_lost == 9);
  CHECK(d.counters().samples_dropped == 7);
}
