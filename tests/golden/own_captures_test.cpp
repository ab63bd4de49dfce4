// Our own recordings of softflowd, fprobe and pmacct (make_captures) against what tshark reads in them, flow by flow.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <tuple>

#include "replayed_capture.hpp"

using namespace weir;
using namespace weir::test;
namespace json = boost::json;

namespace {

const std::string kFolder = WEIR_SOURCE_DIR "/tests/golden/captures/";

json::object load(const std::string& path) {
  std::ifstream file(path);
  return json::parse(std::string(std::istreambuf_iterator<char>(file), {})).as_object();
}
std::uint64_t number(const json::object& o, std::string_view key) {
  const auto* value = o.if_contains(key);
  return value == nullptr ? 0 : value->to_number<std::uint64_t>();
}

// src, dst, src port, dst port, protocol, octets, packets, reverse octets, reverse packets.
using Flow = std::tuple<std::string, std::string, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                        std::uint64_t, std::uint64_t, std::uint64_t>;

std::vector<Flow> expected_flows(const json::object& expected) {
  std::vector<Flow> flows;
  for (const auto& entry : expected.at("flows").as_array()) {
    const auto& f = entry.as_object();
    const auto end = [&](const char* key) { return std::string(f.at(key).as_string()); };
    flows.emplace_back(end("src"), end("dst"), number(f, "src_port"), number(f, "dst_port"), number(f, "protocol"),
                       number(f, "octets"), number(f, "packets"), number(f, "reverse_octets"),
                       number(f, "reverse_packets"));
  }
  std::sort(flows.begin(), flows.end());
  return flows;
}
std::vector<Flow> decoded_flows(const Replayed& replayed) {
  std::vector<Flow> flows;
  for (const auto& r : replayed.records) {
    flows.emplace_back(r.src.text(), r.dst.text(), r.src_port, r.dst_port, r.protocol, r.octets, r.packets,
                       r.reverse_octets, r.reverse_packets);
  }
  std::sort(flows.begin(), flows.end());
  return flows;
}

}  // namespace

TEST_CASE("Every recording is decoded flow by flow as tshark reads it, with nothing repaired, lost or malformed") {
  std::size_t captures = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".json" || name == "traffic") continue;
    ++captures;
    CAPTURE(name);
    const auto expected = load(entry.path().string());
    const Replayed replayed(kFolder + name + ".pcap", {.sampled_octets = SampledOctets::kIp});  // as the others count
    CHECK(replayed.counters.datagrams == number(expected, "datagrams"));
    CHECK(replayed.counters.records == number(expected, "records"));
    CHECK(replayed.counters.options_records == number(expected, "options"));
    CHECK(replayed.octets == number(expected, "octets"));
    CHECK(replayed.packets == number(expected, "packets"));
    CHECK(replayed.reverse_octets == number(expected, "reverse_octets"));
    CHECK(replayed.reverse_packets == number(expected, "reverse_packets"));
    CHECK(decoded_flows(replayed) == expected_flows(expected));
    CHECK(replayed.counters.malformed == 0);
    CHECK(replayed.counters.unsupported == 0);
    CHECK(replayed.counters.waiting_for_template == 0);
    CHECK(replayed.counters.time_repaired == 0);
    CHECK(replayed.lost == 0);
    const bool sampled = name.find("sampled") != std::string::npos;
    for (const auto& r : replayed.records) CHECK((sampled ? r.sampling == 4 : r.sampling <= 1));
  }
  CHECK(captures == 11);
}

TEST_CASE("Unsampled recordings of v9 and IPFIX add up to the traffic itself") {
  const auto truth = load(kFolder + "traffic.json");
  for (const char* name : {"softflowd-v9", "softflowd-ipfix", "softflowd-ipfix-nano", "softflowd-ipfix-biflow"}) {
    CAPTURE(name);
    const Replayed replayed(kFolder + std::string(name) + ".pcap");
    CHECK(replayed.octets + replayed.reverse_octets == number(truth, "octets"));
    CHECK(replayed.packets + replayed.reverse_packets == number(truth, "packets"));
  }
}

TEST_CASE("v1, v5 and v7 of the same traffic agree") {
  const Replayed v1(kFolder + "softflowd-v1.pcap"), v5(kFolder + "softflowd-v5.pcap"), v7(kFolder + "fprobe-v7.pcap");
  CHECK(decoded_flows(v1) == decoded_flows(v5));
  CHECK(v7.octets == v5.octets);
  CHECK(v7.packets == v5.packets);
}

TEST_CASE("Uptimes of v9, uptimes of IPFIX and NTP stamps of the same traffic give the same times") {
  const auto starts = [](const char* name) {
    const Replayed replayed(kFolder + std::string(name) + ".pcap");
    std::map<std::tuple<std::string, std::uint16_t, std::uint16_t, std::uint64_t>, std::int64_t> all;
    for (const auto& r : replayed.records) {
      if (r.protocol == 6 || r.protocol == 17)
        all[{r.src.text() + ">" + r.dst.text(), r.src_port, r.dst_port, r.octets}] = r.start_ms;
    }
    return all;
  };
  const auto ntp = starts("softflowd-ipfix-nano"), ipfix = starts("softflowd-ipfix"), v9 = starts("softflowd-v9");
  REQUIRE(ntp.size() > 10);
  for (const auto& [flow, start] : ntp) {
    REQUIRE(ipfix.contains(flow));
    CHECK(std::abs(ipfix.at(flow) - start) <= 1);
    CHECK(start - v9.at(flow) >= 0);  // its header knows whole seconds
    CHECK(start - v9.at(flow) < 1000);
  }
}
