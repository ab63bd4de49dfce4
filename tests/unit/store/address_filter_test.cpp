// Filters of addresses: what is there is never ruled out, and little else is let through.
#include "store/address_filter.hpp"

#include "store/sqlite/segment.hpp"
#include "support/catch.hpp"
#include "unit/store/stored_rows.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

IpAddress some_address(Random& random) {
  if (random.one_in(2)) return IpAddress::from_v4(static_cast<std::uint32_t>(random.next()));
  IpAddress address;
  for (auto& byte : address.bytes) byte = static_cast<std::uint8_t>(random.next());
  return address;
}

}  // namespace

TEST_CASE("an address that is in a filter is never ruled out, and of others three in a hundred are not") {
  Random random(5);
  for (const std::size_t count : {1u, 31u, 32u, 33u, 256u, 5'000u, 100'000u}) {
    std::vector<IpAddress> addresses;
    for (std::size_t i = 0; i < count; ++i) addresses.push_back(some_address(random));
    const auto filter = AddressFilter::build(addresses, random.next());
    INFO(count);
    CHECK(filter.size() >= count + 8);
    CHECK(std::all_of(addresses.begin(), addresses.end(),
                      [&](const auto& a) { return AddressFilter::may_have(filter, a); }));
    if (count < 5'000) continue;
    int let_through = 0;
    for (int i = 0; i < 20'000; ++i) let_through += AddressFilter::may_have(filter, some_address(random)) ? 1 : 0;
    CHECK(let_through < 20'000 * 4 / 100);
  }
}

TEST_CASE("an address that one segment lets through is not let through by the others, though all have the same hosts") {
  Random random(6);
  std::vector<IpAddress> hosts;
  for (std::uint32_t i = 0; i < 10'000; ++i) hosts.push_back(IpAddress::from_v4(0x0a10'0000u + i));
  std::vector<std::vector<std::uint8_t>> segments;
  for (int s = 0; s < 50; ++s) segments.push_back(AddressFilter::build(hosts, random.next()));
  for (std::uint32_t i = 0; i < 500; ++i) {
    const auto stranger = IpAddress::from_v4(0x0a4d'0000u + i);
    CHECK(std::count_if(segments.begin(), segments.end(),
                        [&](const auto& filter) { return AddressFilter::may_have(filter, stranger); }) < 12);
  }
}

TEST_CASE("bytes that are no filter rule nothing out") {
  const auto address = IpAddress::from_v4(1);
  CHECK(AddressFilter::may_have({}, address));
  CHECK(AddressFilter::may_have(std::vector<std::uint8_t>(41), address));
  CHECK_FALSE(AddressFilter::may_have(std::vector<std::uint8_t>(40), address));
}

TEST_CASE("the hash is that of the format, today and tomorrow") {
  // Of 1 address: its block, worked out once and kept.
  const auto filter = AddressFilter::build(std::vector{IpAddress::from_v4(0xc0000201)}, 7);
  CHECK(AddressFilter::may_have(filter, IpAddress::from_v4(0xc0000201)));
  CHECK_FALSE(AddressFilter::may_have(filter, IpAddress::from_v4(0xc0000202)));
  std::string hex;
  for (const auto byte : filter) hex += "0123456789abcdef"[byte >> 4], hex += "0123456789abcdef"[byte & 15];
  CHECK(hex == "07000000000000002000000008000000000001000000800000100000008000000000000200004000");
}

TEST_CASE("a sealed segment rules out addresses that it does not have") {
  TemporaryFolder folder;
  StoreUnderTest t(folder.path());
  std::vector<Session> rows;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    rows.push_back(plain_session(i));
    rows.back().client = IpAddress::from_v4(0x0a00'0000u + static_cast<std::uint32_t>(i));
  }
  t.store.on_sessions({.sessions = rows, .final_below = 1001});
  t.store.flush();
  const auto snapshot = t.store.snapshot(std::nullopt);
  REQUIRE(snapshot.segments.size() == 1);
  const auto& segment = *snapshot.segments[0];
  for (std::uint32_t i = 1; i <= 1000; ++i)
    CHECK(segment.may_have(ColumnId::kClient, IpAddress::from_v4(0x0a00'0000u + i)));
  int let_through = 0;
  for (std::uint32_t i = 1; i <= 1000; ++i)
    let_through += segment.may_have(ColumnId::kClient, IpAddress::from_v4(0x0b00'0000u + i)) ? 1 : 0;
  CHECK(let_through < 80);
  // Few different ones: no filter. None at all: known.
  CHECK(segment.may_have(ColumnId::kServer, IpAddress::from_v4(1)));
  CHECK_FALSE(segment.may_have(ColumnId::kClientNat, IpAddress::from_v4(1)));
  CHECK(segment.may_have(ColumnId::kClientNat, IpAddress{}));
}
