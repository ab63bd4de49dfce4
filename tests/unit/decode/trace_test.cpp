// A datagram as text, and the place where someone waits for it.
#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>
#include <thread>

#include "decode/element_names.hpp"
#include "decode/trace_tap.hpp"
#include "decode/trace_value.hpp"
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

std::string trace_of(Decoding& d, const Wire& message, std::size_t max_bytes = 64 << 10) {
  d.send(message);
  return d.decoder.trace({.source = *parse_ip_address(d.from),
                          .source_port = d.port,
                          .local_port = 2055,
                          .arrival_ms = d.now_ms,
                          .payload = message.bytes()},
                         max_bytes);
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("Every element that the field list stores has the registry's name in traces") {
  std::ifstream file(WEIR_SOURCE_DIR "/schemas/fields.json");
  std::stringstream text;
  text << file.rdbuf();
  const std::string json = text.str();
  const std::regex row(R"re(\{"ie": (\d+), "name": "(\w+)")re");
  int checked = 0;
  for (std::sregex_iterator it(json.begin(), json.end(), row), end; it != end; ++it) {
    CAPTURE((*it)[0].str());
    CHECK(iana_element_name(static_cast<std::uint16_t>(std::stoi((*it)[1]))) == (*it)[2].str());
    ++checked;
  }
  CHECK(checked > 60);
}

TEST_CASE("Names of elements: gaps, the reverse direction, enterprises") {
  CHECK(element_name(0, 1) == "octetDeltaCount");
  CHECK(element_name(0, 64) == "ipv6ExtensionHeaders");
  CHECK(element_name(0, 65) == "element 65");
  CHECK(element_name(0, 338) == "confidenceLevel");
  CHECK(element_name(29305, 1) == "reverse octetDeltaCount");
  CHECK(element_name(9, 12233) == "element 9:12233");
  CHECK(element_name(0, 0) == "element 0");
  CHECK(element_name(0, 65535) == "element 65535");
}

TEST_CASE("A v9 datagram with its template: header, sets, every field by name") {
  Decoding d;
  const auto text = trace_of(d, v9(Wire().set(0, small_template(256)).set(256, small_record(1234)), 7, 5));
  CHECK(text ==
        "2024-05-01 12:00:00.000 UTC from 192.0.2.1 port 50000 to port 2055, 53 octets\n"
        "  NetFlow v9: count 1, uptime 3600000 ms, exported 2024-05-01 12:00:00.000 UTC, sequence 7, source id 5\n"
        "  set 0, 20 octets: templates\n"
        "    template 256, 3 fields\n"
        "      octetDeltaCount             4 octets\n"
        "      packetDeltaCount            4 octets\n"
        "      protocolIdentifier          1 octets\n"
        "  set 256, 13 octets: data by template 256 of 3 fields\n"
        "    record 1\n"
        "      octetDeltaCount             1234\n"
        "      packetDeltaCount            1\n"
        "      protocolIdentifier          17\n");
}

TEST_CASE("Data without a template, lengths that lead nowhere, a protocol that is none") {
  Decoding d;
  CHECK(holds(trace_of(d, ipfix(Wire().set(300, Wire().u32(0xdeadbeef)))),
              "set 300, 8 octets: no template has come for it: de ad be ef\n"));
  CHECK(holds(trace_of(d, v9(Wire().u16(256).u16(1))), "set 256 has a length of 1: nothing after it can be read\n"));
  CHECK(holds(trace_of(d, v9(Wire().u16(256).u16(400))), "400 octets (only 4 of them are there)"));
  CHECK(holds(trace_of(d, Wire().u16(9).u16(1)), "NetFlow v9: ends inside its header\n"));
  CHECK(holds(trace_of(d, Wire().u32(3).u32(1)), "so shown as it is: 00 00 00 03 00 00 00 01\n"));
  CHECK(holds(trace_of(d, Wire()), "so shown as it is: empty"));
}

TEST_CASE("Values are shown by what the name says") {
  const auto value = [](std::string_view name, const Wire& wire) { return trace_value(name, wire.bytes()); };
  CHECK(value("sourceIPv4Address", Wire().u32(0xc0000201)) == "192.0.2.1");
  CHECK(value("sourceIPv4Address", Wire().u16(7)) == "7");
  CHECK(value("tcpControlBits", Wire().u8(0x12)) == "18 (SA)");
  CHECK(value("sourceMacAddress", Wire().u16(0x0011).u32(0x22334455)) == "00:11:22:33:44:55");
  CHECK(value("interfaceName", Wire().u32(0x65746830).u32(0)) == "\"eth0\"");
  CHECK(value("flowStartMilliseconds", Wire().u32(kNowMs >> 32).u32(static_cast<std::uint32_t>(kNowMs))) ==
        "2024-05-01 12:00:00.000 UTC");
  CHECK(value("flowStartDeltaMicroseconds", Wire().u32(1500)) == "1500");
  CHECK(value("flowStartMicroseconds", Wire().u32(2'208'988'800 + kNowSeconds).u32(0x80000000)) ==
        "2024-05-01 12:00:00.500 UTC");
  CHECK(value("flowStartMicroseconds", Wire().u32(0).u32(0x80000000)) ==
        "2036-02-07 06:28:16.500 UTC");  // the next era of NTP
  CHECK(value("flowDurationMilliseconds", Wire().u32(0).u32(1500)) == "1500");
  CHECK(value("ipPayloadPacketSection", Wire().u32(1).u32(2).u8(3)) == "00 00 00 01 00 00 00 02 03");
  CHECK(value("octetDeltaCount", Wire()) == "empty");
}

TEST_CASE("A trace has a size and says where it was cut") {
  Decoding d;
  Wire records;
  for (int i = 0; i < 100; ++i) records.add(small_record(1));
  const auto text = trace_of(d, v9(Wire().set(0, small_template(256)).set(256, records)), 2000);
  CHECK(text.size() < 2100);
  CHECK(text.ends_with("(cut here: a trace has at most 2000 bytes)\n"));
}

TEST_CASE("The tap hands over the next datagrams of one exporter, once") {
  TraceTap tap;
  const auto edge = *parse_ip_address("192.0.2.1"), other = *parse_ip_address("192.0.2.2");
  CHECK_FALSE(tap.is_wanted());
  std::vector<std::string> texts;
  std::thread waiting([&] { texts = *tap.wait({.exporter = edge, .datagrams = 2, .patience_ms = 60'000}); });
  while (tap.room_for(edge) == 0) std::this_thread::yield();
  CHECK(tap.room_for(other) == 0);
  CHECK_FALSE(tap.wait({.exporter = other}).has_value());
  tap.add(edge, "one");
  tap.add(other, "not wanted");
  tap.add(edge, "two");
  tap.add(edge, "too late");
  waiting.join();
  CHECK(texts == std::vector<std::string>{"one", "two"});
  CHECK_FALSE(tap.is_wanted());
}

TEST_CASE("A trace that nothing comes for ends by patience, or when it is cancelled") {
  TraceTap tap;
  const auto edge = *parse_ip_address("192.0.2.1");
  CHECK(tap.wait({.exporter = edge, .patience_ms = 1})->empty());
  const std::atomic<bool> cancelled{true};
  CHECK(tap.wait({.exporter = edge, .patience_ms = 3'600'000, .cancelled = &cancelled})->empty());
}
