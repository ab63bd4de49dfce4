// Recordings of some 45 kinds of devices, which are other projects' test data and not part of this one: found by
// WEIR_TEST_DATA or beside the project. What EXPECTED.json there says is the answer, but for the differences named
// here.
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "replayed_capture.hpp"

using namespace weir;
using namespace weir::test;
namespace json = boost::json;

namespace {

std::string data_folder() {
  const char* named = std::getenv("WEIR_TEST_DATA");
  return named != nullptr ? named : WEIR_SOURCE_DIR "/../shared/data";
}
// False, and said so, when the data is not there.
bool have_data() {
  if (std::filesystem::exists(data_folder() + "/EXPECTED.json")) return true;
  WARN("skipped: no recordings of devices in " << data_folder()
                                               << "; set WEIR_TEST_DATA to the folder with EXPECTED.json");
  return false;
}
std::string capture_path(const std::string& set) {
  return data_folder() + (set.starts_with("exporters/") ? "/" : "/sets/") + set + ".pcap";
}

struct Answer {
  std::uint64_t records = 0, options = 0, packets = 0, octets = 0;
  bool operator==(const Answer&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Answer& a) {
  return out << "records " << a.records << " options " << a.options << " packets " << a.packets << " octets "
             << a.octets;
}

// Where we read more than the oracles did.
const std::map<std::string, Answer> kBetter = {
    // The options record lies past the header's count, as the flows do that the answer already has.
    {"v9-softflowd-invalid01", {.records = 2, .options = 1, .packets = 2, .octets = 194}},
    // The first set's template comes later in the same datagram.
    {"v9-akv-juniper", {.records = 21, .options = 1, .packets = 66, .octets = 58329}},
    {"v9-bitkeks-tpl-after-data", {.records = 8, .options = 0, .packets = 208, .octets = 164207}},
    // Each flow is told by an update and again, as a whole, by its end.
    {"v9-cisco-asa-graylog", {.records = 139, .options = 0, .packets = 0, .octets = 9134}},
    // There is nothing but a sampled_ipv4 record, which says 40 octets.
    {"sflow-nxthdr-ipv4rec", {.records = 1, .options = 0, .packets = 1, .octets = 40}},
    // Records of sampled frames without counters: each is one packet of the frame's size.
    {"ipfix-akv-datalink", {.records = 1, .options = 0, .packets = 1, .octets = 96}},
    {"ipfix-akv-srv6", {.records = 1, .options = 0, .packets = 1, .octets = 104}},
    {"ipfix-akv-juniper-cpid", {.records = 1, .options = 0, .packets = 1, .octets = 104}},
    {"exporters/softflowd-r-psamp", {.records = 1501, .options = 0, .packets = 1501, .octets = 1291360}},
};
// Initiator and responder octets: the answer adds up what we keep as two halves.
const std::set<std::string> kBothHalves = {"v9-cisco-asa-graylog"};

}  // namespace

TEST_CASE("Every recorded set has the records, options, packets and octets that are known to be right") {
  if (!have_data()) return;
  std::ifstream file(data_folder() + "/EXPECTED.json");
  const auto expected = json::parse(std::string(std::istreambuf_iterator<char>(file), {})).as_object();
  std::size_t compared = 0;
  for (const auto& [key, value] : expected) {
    const std::string set(key);
    CAPTURE(set);
    // The answers count sampled packets by their frames.
    const Replayed replayed(capture_path(set), {.sampled_octets = SampledOctets::kFrame});
    CHECK(replayed.counters.unsupported == 0);
    const auto& e = value.as_object();
    if (e.at("records").is_string()) continue;  // "robustness": there is no right answer
    ++compared;
    const auto number = [&](const char* name) { return e.at(name).to_number<std::uint64_t>(); };
    const auto better = kBetter.find(set);
    const Answer answer = better != kBetter.end() ? better->second
                                                  : Answer{.records = number("records"),
                                                           .options = number("opt_records_or_counter_samples"),
                                                           .packets = number("packets"),
                                                           .octets = number("octets")};
    const std::uint64_t other_half = kBothHalves.contains(set) ? replayed.reverse_octets : 0;
    CHECK(Answer{.records = replayed.counters.records,
                 .options = replayed.counters.options_records,
                 .packets = replayed.packets,
                 .octets = replayed.octets + other_half} == answer);
  }
  CHECK(compared > 100);
}

TEST_CASE("Exporters recorded completely have lost nothing") {
  if (!have_data()) return;
  for (const auto& entry : std::filesystem::directory_iterator(data_folder() + "/exporters")) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".pcap" || name == "source") continue;
    CAPTURE(name);
    const Replayed replayed(entry.path().string());
    CHECK(replayed.lost == 0);
    CHECK(replayed.counters.malformed == 0);
    CHECK(replayed.counters.waiting_for_template == 0);
  }
}

TEST_CASE("Devices' sampling rates reach their records") {
  if (!have_data()) return;
  const std::map<std::string, std::uint32_t> rates = {
      {"v5-graylog-softflowd", 100},  // header
      {"v9-akv-iosxr", 30000},        // a sampler in options
      {"v9-akv-juniper", 100},        // options whose scope has no length
      {"v9-akv-samplingrate", 2048},  // in every record
      {"ipfix-akv-mpls", 10},         // of a template, in options
      {"ipfix-pmacct-400a", 1},       // a selector in options
      {"exporters/softflowd-r-v5-s10", 10},
  };
  for (const auto& [set, rate] : rates) {
    CAPTURE(set);
    const Replayed replayed(capture_path(set));
    // The first records of a set may come before its options.
    REQUIRE_FALSE(replayed.records.empty());
    CHECK(replayed.records.back().sampling == rate);
    CHECK(replayed.exporters.all().front()->announced_sampling == rate);
  }
}

TEST_CASE("ICMP type and code are found where devices put them") {
  if (!have_data()) return;
  const Replayed replayed(capture_path("v9-akv-icmp"));
  std::multiset<std::uint16_t> seen;
  for (const auto& r : replayed.records) {
    seen.insert(r.icmp);
    CHECK(r.dst_port == 0);
  }
  CHECK(seen == std::multiset<std::uint16_t>{0, 0x0800, 0x8000, 0x8100});  // echo and its answer, both families
}

TEST_CASE("A device with uptimes in IPFIX and no boot time gets times near its export (ipfix-mikrotik)") {
  if (!have_data()) return;
  const Replayed replayed(capture_path("ipfix-mikrotik"));
  CHECK(replayed.counters.time_repaired == 0);
  for (const auto& r : replayed.records)
    CHECK(r.end_ms > 1'500'481'000'000);  // 2017-07-19 16:16:40, 84 s before the export
}

TEST_CASE("What agents say of a sampled packet reaches its record") {
  if (!have_data()) return;
  const auto one = [](const std::string& set) {
    const Replayed replayed(capture_path(set));
    REQUIRE_FALSE(replayed.records.empty());
    return replayed.records.front();
  };
  const auto address = [](std::string_view text) { return parse_ip_address(text).value(); };
  // An expanded sample with gateway, router and switch records.
  const auto expanded = one("sflow-expanded-49");
  CHECK(expanded.sampling == 1000);
  CHECK(expanded.octets == 126);  // a packet of 104
  CHECK(expanded.src_as == 203476);
  CHECK(expanded.dst_as == 203361);
  CHECK(one("sflow-akv-discard").out_if == 0);
  CHECK(one("sflow-akv-multi-if").out_if == 0);
  CHECK(one("sflow-akv-ipv4-data").octets == 1390);
  CHECK(one("sflow-path-vlan").vlan != 0);
  CHECK(one("sflow-path-flow").packets == 1);  // its header begins with IPv4
  CHECK_FALSE(one("sflow-path-flow").src.is_unset());
  // IPv6 transport, and an agent that gives an IPv6 address.
  const Replayed v6(capture_path("sflow-tcpdump-v6"));
  CHECK(v6.exporters.find(address("30::1:1:1")) != nullptr);
}

TEST_CASE("The interface counters of Open vSwitch are those of its ports") {
  if (!have_data()) return;
  std::map<std::uint32_t, InterfaceCounters> last;
  auto reader = CaptureReader::open(capture_path("exporters/ovs-sflow"));
  REQUIRE(reader.has_value());
  DatagramBatch batch;
  REQUIRE(reader->read(batch, SIZE_MAX).has_value());
  struct Nothing final : RecordSink {
    void on_records(std::span<const FlowRecord>) override {}
  } nothing;
  ExporterTable exporters(10);
  Decoder decoder({}, exporters, nothing);
  decoder.on_interface_counters([&](const InterfaceCounters& c) {
    CHECK(c.oper_up);
    CHECK(c.in_octets >= last[c.if_index].in_octets);
    last[c.if_index] = c;
  });
  for (std::size_t i = 0; i < batch.size(); ++i) decoder.decode(batch[i]);
  CHECK(last.size() >= 2);
}
