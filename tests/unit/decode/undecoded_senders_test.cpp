// Who sends what is not decoded is remembered, and a flood of such senders is not.
#include "decode/undecoded_senders.hpp"

#include "support/catch.hpp"

using namespace weir;

namespace {

const std::vector<std::uint8_t> kSyslog{'<', '1', '3', '>', 'a'}, kNetflow8{0, 8, 0, 1, 0, 0}, kShort{0, 5},
    kDns{0x12, 0x34, 1, 0};

Datagram datagram(std::uint32_t address, const std::vector<std::uint8_t>& payload, std::int64_t at_ms) {
  return {.source = IpAddress::from_v4(address),
          .source_port = 5000,
          .local_port = 6343,
          .arrival_ms = at_ms,
          .payload = payload};
}

}  // namespace

TEST_CASE("a sender is told with its port, what it sends, and what can be done") {
  UndecodedSenders senders;
  senders.note(datagram(0xc000'0201, kSyslog, 1000));
  senders.note(datagram(0xc000'0201, kSyslog, 2000));
  senders.note(datagram(0xc000'0202, kNetflow8, 3000));
  senders.note(datagram(0xc000'0203, kDns, 500));
  const auto list = senders.newest();
  REQUIRE(list.size() == 3);
  CHECK(list[0].what == "NetFlow v8");
  CHECK(list[1].address == *parse_ip_address("192.0.2.1"));
  CHECK(list[1].port == 6343);
  CHECK(list[1].what == "version 15409");
  CHECK(list[1].hint.find("NetFlow v9, IPFIX, sFlow v2, sFlow v4 or sFlow v5") != std::string::npos);
  CHECK(list[1].datagrams == 2);
  CHECK(list[1].first_ms == 1000);
  CHECK(list[1].last_ms == 2000);
  CHECK(list[2].what == "version 4660");
  CHECK(undecoded_name(kShort) == "2 octets");
}

TEST_CASE("a flood of forged senders does not push out the one that keeps sending") {
  UndecodedSenders senders;
  for (int i = 0; i < 10; ++i) senders.note(datagram(0xc000'0201, kSyslog, i));
  for (std::uint32_t forged = 0; forged < 10'000; ++forged)
    senders.note(datagram(0x0a00'0000 + forged, kDns, 1000 + forged));
  const auto list = senders.newest();
  CHECK(list.size() == UndecodedSenders::kMaxSenders);
  CHECK(list.back().address == *parse_ip_address("192.0.2.1"));
}
