// Sampling rates: in the records, in options of every shape, and when nobody says.
#include "decode/sampling.hpp"
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

// Flow template 300: octets, ingress interface, and a selector (IE 302) of this length.
Wire flows(std::uint16_t selector_length = 0) {
  return Wire().u16(300).u16(3).u16(1).u16(4).u16(10).u16(4).u16(302).u16(selector_length);
}

Wire v9_options(std::uint16_t scope_type, std::uint16_t scope_length,
                std::initializer_list<std::pair<int, int>> options) {
  Wire w = Wire().u16(301).u16(4).u16(4 * options.size()).u16(scope_type).u16(scope_length);
  for (const auto& [ie, length] : options)
    w.u16(static_cast<std::uint64_t>(ie)).u16(static_cast<std::uint64_t>(length));
  return w;
}
Wire ipfix_options(std::initializer_list<std::pair<int, int>> scope_then_option) {
  Wire w = Wire().u16(301).u16(scope_then_option.size()).u16(1);
  for (const auto& [ie, length] : scope_then_option)
    w.u16(static_cast<std::uint64_t>(ie)).u16(static_cast<std::uint64_t>(length));
  return w;
}

}  // namespace

TEST_CASE("A rate in the record itself") {
  Decoding d;
  const auto once = [&](std::initializer_list<std::pair<int, int>> fields, const Wire& record) {
    Wire w;
    for (const auto& [ie, length] : fields)
      w.u16(static_cast<std::uint64_t>(ie)).u16(static_cast<std::uint64_t>(length));
    d.send(ipfix_once(static_cast<std::uint16_t>(fields.size()), w, record));
    return d.record().sampling;
  };
  SECTION("samplingInterval") {
    CHECK(once({{34, 4}, {1, 4}}, Wire().u32(2048).u32(1)) == 2048);
    CHECK(d.exporter().announced_sampling == 2048);
  }
  SECTION("samplerRandomInterval") { CHECK(once({{50, 4}, {1, 4}}, Wire().u32(100).u32(1)) == 100); }
  SECTION("one packet, then a space") { CHECK(once({{305, 4}, {306, 4}}, Wire().u32(1).u32(9)) == 10); }
  SECTION("one packet, then the largest space") {
    CHECK(once({{305, 4}, {306, 4}}, Wire().u32(1).u32(0xffffffff)) == 0xffffffff);
  }
  SECTION("samplingPacketInterval alone is the rate") {
    CHECK(once({{305, 4}, {1, 4}}, Wire().u32(500).u32(1)) == 500);
  }
  SECTION("n of N") { CHECK(once({{309, 4}, {310, 4}}, Wire().u32(2).u32(2000)) == 1000); }
  SECTION("a probability") { CHECK(once({{311, 8}, {1, 4}}, Wire().u64(0x3f847ae147ae147b).u32(1)) == 100); }  // 0.01
  SECTION("no rate") {
    CHECK(once({{34, 4}, {1, 4}}, Wire().u32(0).u32(1)) == 0);
    CHECK(d.record().quality == 0);
  }
  SECTION("absurd numbers") {
    CHECK(once({{311, 8}, {1, 4}}, Wire().u64(0x7ff8000000000000).u32(1)) == 0);
  }  // not a number
}

TEST_CASE("v9 options: a rate for the whole source id") {
  Decoding d;
  d.send(v9(Wire()
                .set(0, flows())
                .set(1, v9_options(1, 4, {{34, 4}, {35, 1}}))
                .set(301, Wire().u32(0).u32(100).u8(2))
                .set(300, Wire().u32(1).u32(7))));
  CHECK(d.record().sampling == 100);
  CHECK(d.counters().options_records == 1);
  CHECK(d.exporter().options_records == 1);
  CHECK(d.exporter().announced_sampling == 100);
}

TEST_CASE("v9 options: a scope of length zero (v9-akv-juniper)") {
  Decoding d;
  d.send(v9(Wire()
                .set(0, flows())
                .set(1, v9_options(1, 0, {{34, 4}, {35, 1}}))
                .set(301, Wire().u32(100).u8(2))
                .set(300, Wire().u32(1).u32(7))));
  CHECK(d.record().sampling == 100);
}

TEST_CASE("v9 options: rates of interfaces") {
  Decoding d;
  d.send(v9(Wire()
                .set(0, flows())
                .set(1, v9_options(2, 4, {{34, 4}}))
                .set(301, Wire().u32(7).u32(100).u32(8).u32(200))
                .set(300, Wire().u32(1).u32(7).u32(1).u32(8).u32(1).u32(9))));
  CHECK(d.record(0).sampling == 100);
  CHECK(d.record(1).sampling == 200);
  CHECK(d.record(2).sampling == 0);
  CHECK((d.record(2).quality & kQualitySamplingUnknown) != 0);
}

TEST_CASE("Options: samplers of different rates, and records that name none: the rate is unknown") {
  Decoding d;
  const Wire plain = Wire().u16(302).u16(1).u16(1).u16(4);
  d.send(v9(Wire()
                .set(0, plain)
                .set(1, v9_options(1, 4, {{48, 2}, {50, 4}}))
                .set(301, Wire().u32(0).u16(1).u32(1000))
                .set(302, Wire().u32(7))));
  CHECK(d.record(0).sampling == 1000);
  d.send(v9(Wire().set(301, Wire().u32(0).u16(2).u32(2000)).set(302, Wire().u32(7))));
  CHECK(d.record(1).sampling == 0);
  CHECK((d.record(1).quality & kQualitySamplingUnknown) != 0);
}

TEST_CASE("Options: rates of samplers, looked up by the record's selector") {
  Decoding d;
  d.send(v9(Wire()
                .set(0, flows(2))
                .set(1, v9_options(1, 4, {{48, 2}, {50, 4}}))
                .set(301, Wire().u32(0).u16(1).u32(1000).u32(0).u16(2).u32(2000))
                .set(300, Wire().u32(1).u32(7).u16(2).u32(1).u32(7).u16(1).u32(1).u32(7).u16(3).u32(1).u32(7).u16(0))));
  CHECK(d.record(0).sampling == 2000);
  CHECK(d.record(1).sampling == 1000);
  CHECK(d.record(2).sampling == 0);
  CHECK((d.record(2).quality & kQualitySamplingUnknown) != 0);
  CHECK(d.record(3).sampling == 0);  // selector 0: not sampled by any
  CHECK((d.record(3).quality & kQualitySamplingUnknown) == 0);
}

TEST_CASE("IPFIX options: the selector as scope") {
  Decoding d;
  d.send(ipfix(Wire()
                   .set(2, flows(4))
                   .set(3, ipfix_options({{302, 4}, {305, 4}, {304, 2}}))
                   .set(301, Wire().u32(5).u32(400).u16(1))
                   .set(300, Wire().u32(1).u32(7).u32(5))));
  CHECK(d.record().sampling == 400);
}

TEST_CASE("IPFIX options: rates of templates (ipfix-akv-mpls)") {
  Decoding d;
  const Wire options = Wire().u16(301).u16(4).u16(2).u16(149).u16(4).u16(145).u16(2).u16(305).u16(4).u16(306).u16(4);
  d.send(ipfix(Wire()
                   .set(2, flows())
                   .set(3, options)
                   .set(301, Wire().u32(0).u16(300).u32(1).u32(9))
                   .set(300, Wire().u32(1).u32(7))));
  CHECK(d.record().sampling == 10);
}

TEST_CASE("Options in domain 0 hold for the exporter's other domains (Open vSwitch)") {
  Decoding d;
  d.send(
      ipfix(Wire().set(3, ipfix_options({{144, 4}, {305, 4}, {306, 4}})).set(301, Wire().u32(1).u32(1).u32(3)), 0, 0));
  d.send(ipfix(Wire().set(2, flows()).set(300, Wire().u32(1).u32(7)), 0, 123));
  CHECK(d.record().sampling == 4);
}

TEST_CASE("A domain's own rate comes before another domain's") {
  Decoding d;
  const auto options = [&](std::uint32_t domain, std::uint32_t rate) {
    d.send(ipfix(Wire().set(3, ipfix_options({{149, 4}, {34, 4}})).set(301, Wire().u32(domain).u32(rate)), 0, domain));
  };
  options(1, 10);
  options(2, 20);
  d.send(ipfix(Wire().set(2, flows()).set(300, Wire().u32(1).u32(7)), 0, 1));
  CHECK(d.record().sampling == 10);
}

TEST_CASE("The only sampler's rate holds for records that name none; differing ones do not") {
  Decoding d;
  d.send(ipfix(Wire()
                   .set(2, flows())
                   .set(3, ipfix_options({{302, 4}, {34, 4}}))
                   .set(301, Wire().u32(1).u32(50))
                   .set(300, Wire().u32(1).u32(7))));
  CHECK(d.record(0).sampling == 50);
  d.send(ipfix(Wire().set(301, Wire().u32(2).u32(60)).set(300, Wire().u32(1).u32(7))));
  CHECK(d.record(1).sampling == 0);
}

TEST_CASE("The only sampler's rate may change; so may those of several, until they agree") {
  Decoding d;
  const auto announce = [&](std::uint32_t selector, std::uint32_t rate) {
    return Wire().set(301, Wire().u32(selector).u32(rate)).set(300, Wire().u32(1).u32(7));
  };
  d.send(ipfix(Wire().set(2, flows()).set(3, ipfix_options({{302, 4}, {34, 4}}))));
  for (const std::uint32_t rate : {50, 1000}) d.send(ipfix(announce(1, rate)));
  CHECK(d.record(0).sampling == 50);
  CHECK(d.record(1).sampling == 1000);
  for (const std::uint32_t rate : {60, 1000}) d.send(ipfix(announce(2, rate)));
  CHECK(d.record(2).sampling == 0);
  CHECK(d.record(3).sampling == 1000);
}

TEST_CASE("A changed rate holds for what follows") {
  Decoding d;
  d.send(v9(Wire()
                .set(0, flows())
                .set(1, v9_options(1, 4, {{34, 4}}))
                .set(301, Wire().u32(0).u32(100))
                .set(300, Wire().u32(1).u32(7))));
  d.send(v9(Wire().set(301, Wire().u32(0).u32(500)).set(300, Wire().u32(1).u32(7)), 2));
  CHECK(d.record(0).sampling == 100);
  CHECK(d.record(1).sampling == 500);
  CHECK(d.exporter().announced_sampling == 500);
}

TEST_CASE("Sampling rates of one exporter are bounded, and counted when refused") {
  Decoding d({.max_sampling_rates_per_exporter = 8});
  Wire options;
  for (std::uint32_t i = 1; i <= 10; ++i) options.u32(i).u32(100);
  d.send(v9(Wire()
                .set(0, flows())
                .set(1, v9_options(2, 4, {{34, 4}}))
                .set(301, options)
                .set(300, Wire().u32(1).u32(1).u32(1).u32(10))));
  CHECK(d.counters().sampling_refused == 6);
  CHECK(d.record(0).sampling == 100);
  CHECK(d.record(1).sampling == 0);
}

TEST_CASE("Rates of flow samplers, of time and of hashes") {
  SamplingElements e;
  SECTION("one flow, then nine left out") {
    e.flow_interval = 1, e.flow_space = 9;
    CHECK(e.rate() == 10);
  }
  SECTION("packets and flows") {
    e.interval = 100, e.flow_interval = 1, e.flow_space = 4;
    CHECK(e.rate() == 500);
  }
  SECTION("flows in time") {
    e.flow_time_interval = 1000, e.flow_time_space = 3000;
    CHECK(e.rate() == 4);
  }
  SECTION("packets in time") {
    e.time_interval = 1000, e.time_space = 99'000;
    CHECK(e.rate() == 100);
  }
  SECTION("a hash") {
    e.hash_output_max = 0xffff, e.hash_selected_min = 0x100, e.hash_selected_max = 0x1ff;
    CHECK(e.rate() == 256);
  }
  SECTION("nearest whole number") {
    e.packet_interval = 2, e.packet_space = 3, e.has_packet_space = true;
    CHECK(e.rate() == 3);
  }
  SECTION("past every bound") {
    e.interval = 0xffffffff, e.flow_interval = 1, e.flow_space = 0xffffffff;
    CHECK(e.rate() == 0xffffffff);
  }
}

TEST_CASE("A flow sampler's rate holds for its records (IE 396, 397)") {
  Decoding d;
  d.send(
      ipfix(Wire()
                .set(2, flows(4))
                .set(3, Wire().u16(301).u16(4).u16(1).u16(302).u16(4).u16(390).u16(2).u16(396).u16(4).u16(397).u16(4))
                .set(301, Wire().u32(5).u16(1).u32(1).u32(9))
                .set(300, Wire().u32(1).u32(7).u32(5))));
  CHECK(d.record().sampling == 10);
}

TEST_CASE("A sampler that has no rate of its own has the domain's") {
  Decoding d;
  d.send(v9(Wire()
                .set(0, flows(2))
                .set(1, v9_options(1, 4, {{34, 4}}))
                .set(301, Wire().u32(0).u32(2000))
                .set(300, Wire().u32(1).u32(7).u16(1))));
  CHECK(d.record().sampling == 2000);
  CHECK(d.record().quality == 0);
}

TEST_CASE(
    "A rate that comes behind the flow in its datagram holds for it; one in a later datagram does not, and no flow is "
    "marked before anybody has said") {
  Decoding d;
  d.send(v9(Wire().set(0, flows()).set(300, Wire().u32(1).u32(7)), 1));
  CHECK(d.record(0).sampling == 0);
  CHECK(d.record(0).quality == 0);
  d.send(v9(Wire().set(300, Wire().u32(1).u32(7)).set(1, v9_options(1, 4, {{34, 4}})).set(301, Wire().u32(0).u32(100)),
            2));
  CHECK(d.record(1).sampling == 100);
  CHECK(d.record(1).quality == 0);
}

TEST_CASE("Rates of line cards are not those of the whole device") {
  Decoding d;
  d.send(v9(Wire()
                .set(0, flows())
                .set(1, v9_options(3, 4, {{34, 4}}))
                .set(301, Wire().u32(1).u32(100).u32(2).u32(1000))
                .set(300, Wire().u32(1).u32(7))));
  CHECK(d.record().sampling == 0);
  CHECK((d.record().quality & kQualitySamplingUnknown) != 0);
  CHECK(d.exporter().unsampled == 1);
}

TEST_CASE("A rate of an interface holds for what was metered there") {
  const Wire metered = Wire().u16(300).u16(4).u16(1).u16(4).u16(10).u16(4).u16(14).u16(4).u16(61).u16(1);
  const auto flow = [](std::uint32_t in, std::uint32_t out, std::uint8_t direction) {
    return Wire().u32(1).u32(in).u32(out).u8(direction);
  };
  Decoding d;
  SECTION("of both directions") {
    d.send(v9(Wire()
                  .set(0, metered)
                  .set(1, v9_options(2, 4, {{34, 4}}))
                  .set(301, Wire().u32(3).u32(10).u32(9).u32(1000))
                  .set(300, flow(3, 9, 0).add(flow(3, 9, 1)).add(flow(5, 9, 0)))));
    CHECK(d.record(0).sampling == 10);
    CHECK(d.record(1).sampling == 1000);
    CHECK(d.record(2).sampling == 0);
    CHECK((d.record(2).quality & kQualitySamplingUnknown) != 0);
  }
  SECTION("of one direction each, by IPFIX scopes") {
    d.send(ipfix(Wire()
                     .set(2, metered)
                     .set(3, Wire()
                                 .u16(301)
                                 .u16(2)
                                 .u16(1)
                                 .u16(10)
                                 .u16(4)
                                 .u16(34)
                                 .u16(4)
                                 .u16(302)
                                 .u16(2)
                                 .u16(1)
                                 .u16(14)
                                 .u16(4)
                                 .u16(34)
                                 .u16(4))
                     .set(301, Wire().u32(3).u32(100))
                     .set(302, Wire().u32(3).u32(2000))
                     .set(300, flow(3, 9, 0).add(flow(9, 3, 1)))));
    CHECK(d.record(0).sampling == 100);
    CHECK(d.record(1).sampling == 2000);
  }
  SECTION("of one direction each, by fields of v9") {
    const Wire options = Wire().u16(301).u16(4).u16(8).u16(2).u16(4).u16(61).u16(1).u16(34).u16(4);
    d.send(v9(Wire()
                  .set(0, metered)
                  .set(1, options)
                  .set(301, Wire().u32(3).u8(0).u32(100).u32(3).u8(1).u32(2000))
                  .set(300, flow(3, 9, 0).add(flow(9, 3, 1)))));
    CHECK(d.record(0).sampling == 100);
    CHECK(d.record(1).sampling == 2000);
  }
}

TEST_CASE("What a neighbour behind the same address announces does not hold") {
  Decoding d;
  const auto announce = [&](std::uint16_t port, std::uint32_t rate, std::uint32_t domain) {
    d.port = port;
    d.send(v9(
        Wire().set(0, flows(2)).set(1, v9_options(1, 4, {{48, 2}, {50, 4}})).set(301, Wire().u32(0).u16(1).u32(rate)),
        1, domain));
  };
  const auto send = [&](std::uint16_t port, std::uint32_t domain, std::uint32_t sequence) {
    d.port = port;
    d.send(v9(Wire().set(0, flows(2)).set(300, Wire().u32(1).u32(7).u16(1)), sequence, domain));
    return d.sink.all.back();
  };
  announce(1, 10, 0);
  announce(2, 1000, 0);
  CHECK(send(1, 0, 2).sampling == 10);
  CHECK(send(2, 0, 2).sampling == 1000);
  const auto third = send(3, 5, 2);
  CHECK(third.sampling == 0);
  CHECK((third.quality & kQualitySamplingUnknown) != 0);
}

TEST_CASE("Rates are told to be kept, once each, and bring a later decoder up to date") {
  std::vector<StoredRate> stored;
  {
    Decoding d;
    d.decoder.on_rate([&](const StoredRate& r) { stored.push_back(r); });
    for (std::uint32_t i = 0; i < 3; ++i)
      d.send(v9(Wire().set(1, v9_options(1, 4, {{34, 4}})).set(301, Wire().u32(0).u32(i < 2 ? 100 : 500)), i));
  }
  REQUIRE(stored.size() == 2);
  Decoding d;
  d.exporters.find_or_add(stored[1].exporter);
  for (const auto& r : stored) d.decoder.restore_rate(r);
  d.send(v9(Wire().set(0, flows()).set(300, Wire().u32(1).u32(7)), 9));
  CHECK(d.record().sampling == 500);
  CHECK(d.record().quality == 0);
}
