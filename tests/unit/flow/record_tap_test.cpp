// What readers of a tap get: what comes after they have asked, in order, and how much they have missed.
#include "flow/record_tap.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

std::vector<FlowRecord> records(std::uint32_t first, std::uint32_t count) {
  std::vector<FlowRecord> all(count);
  for (std::uint32_t i = 0; i < count; ++i) all[i].octets = first + i;
  return all;
}
std::vector<std::uint64_t> octets(const TappedRecords& tapped) {
  std::vector<std::uint64_t> all;
  for (const auto& t : tapped.records) all.push_back(t.record.octets);
  return all;
}

}  // namespace

TEST_CASE("a tap is wanted from the first question until nobody has asked for ten seconds") {
  ManualClock clock(1'000);
  RecordTap tap(clock);
  CHECK_FALSE(tap.is_wanted());
  tap.add(records(1, 3), 5);
  CHECK(octets(tap.read(0, 100, 0, nullptr)).empty());  // what came before is not kept
  CHECK(tap.is_wanted());
  clock.advance(RecordTap::kForgottenMs);
  tap.add(records(4, 1), 6);
  CHECK(tap.is_wanted());
  clock.advance(1);
  tap.add(records(5, 1), 7);
  CHECK_FALSE(tap.is_wanted());
}

TEST_CASE("two readers of a tap get the same records, each as far as it has read") {
  ManualClock clock(1'000);
  RecordTap tap(clock);
  const auto one = tap.read(0, 2, 0, nullptr).next, other = tap.read(0, 2, 0, nullptr).next;
  tap.add(records(1, 3), 5);
  const auto first = tap.read(one, 2, 0, nullptr);
  CHECK(octets(first) == std::vector<std::uint64_t>{1, 2});
  CHECK(first.records[0].at_ms == 5);
  CHECK(octets(tap.read(first.next, 2, 0, nullptr)) == std::vector<std::uint64_t>{3});
  CHECK(octets(tap.read(other, 9, 0, nullptr)) == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("a tap that is read too slowly says how many records are missed") {
  ManualClock clock(1'000);
  RecordTap tap(clock);
  const auto from = tap.read(0, 1, 0, nullptr).next;
  for (int i = 0; i < 2; ++i) tap.add(records(1, RecordTap::kKept), 5);
  tap.add(records(7, 3), 5);
  const auto late = tap.read(from, 1, 0, nullptr);
  CHECK(late.missed == RecordTap::kKept + 3);
  CHECK(octets(late) == std::vector<std::uint64_t>{4});
  const auto next = tap.read(late.next, RecordTap::kKept, 0, nullptr);
  CHECK(next.missed == 0);
  CHECK(next.records.size() == RecordTap::kKept - 1);
  CHECK(next.records.back().record.octets == 9);
}

TEST_CASE("a cancelled reader of a tap does not wait") {
  ManualClock clock(1'000);
  RecordTap tap(clock);
  const std::atomic<bool> cancelled{true};
  CHECK(tap.read(0, 1, 60'000, &cancelled).records.empty());
}
