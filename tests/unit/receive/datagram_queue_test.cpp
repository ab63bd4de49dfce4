// The fair queue: nobody's flood costs another, in room or in turns.
#include <algorithm>
#include <chrono>
#include <map>
#include <random>

#include "receive/datagram_queue.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

IpAddress address(std::uint32_t i) { return IpAddress::from_v4(0x0a000000u + i); }
constexpr std::chrono::milliseconds kNoWait{0};

struct Sent {
  DatagramQueue& queue;
  std::vector<std::uint8_t> payload = std::vector<std::uint8_t>(65'507);

  void send(std::uint32_t sender, std::size_t size, bool known = true, std::uint16_t serial = 0) {
    const Datagram d{.source = address(sender), .source_port = serial, .payload = std::span(payload).first(size)};
    const DatagramQueue::Arrival arrival{.datagram = &d, .known = known};
    queue.push({&arrival, 1});
  }
};

}  // namespace

TEST_CASE("What goes in comes out once, in the order of its sender") {
  DatagramQueue queue("q", 1 << 20);
  Sent sent{queue};
  for (std::uint16_t i = 0; i < 300; ++i) sent.send(1 + i % 3, 100, true, i);
  std::map<IpAddress, std::vector<std::uint16_t>> came;
  while (const auto batch = queue.pop(kNoWait)) {
    for (std::size_t i = 0; i < batch->size(); ++i) came[(*batch)[i].source].push_back((*batch)[i].source_port);
    queue.charge(1);
  }
  REQUIRE(came.size() == 3);
  for (const auto& [sender, serials] : came) {
    CHECK(serials.size() == 100);
    CHECK(std::is_sorted(serials.begin(), serials.end()));
  }
  CHECK(queue.status().size == 0);
  CHECK(queue.status().dropped == 0);
}

TEST_CASE("The order of a sender is kept while it becomes known") {
  std::mt19937 random(GENERATE(range(0u, 20u)));
  DatagramQueue queue("q", 1 << 20);
  Sent sent{queue};
  std::map<IpAddress, std::uint16_t> known_from, next;
  for (std::uint32_t sender = 1; sender <= 5; ++sender)
    known_from[address(sender)] = static_cast<std::uint16_t>(random() % 100);
  std::map<IpAddress, std::vector<std::uint16_t>> came;
  const auto take = [&](std::size_t batches) {
    for (std::size_t n = 0; n < batches; ++n) {
      const auto batch = queue.pop(kNoWait);
      if (!batch) return;
      for (std::size_t i = 0; i < batch->size(); ++i) came[(*batch)[i].source].push_back((*batch)[i].source_port);
      queue.charge(random() % 100'000);
    }
  };
  for (int i = 0; i < 500; ++i) {
    const auto sender = 1 + static_cast<std::uint32_t>(random() % 5);
    const auto serial = next[address(sender)]++;
    sent.send(sender, 1 + random() % 3000, serial >= known_from[address(sender)], serial);
    if (random() % 4 == 0) take(1);
  }
  take(10'000);
  CHECK(queue.status().dropped == 0);
  for (const auto& [sender, serials] : came) {
    CHECK(serials.size() == next[sender]);
    CHECK(std::is_sorted(serials.begin(), serials.end()));
  }
}

TEST_CASE("A sender that sends less than its share loses nothing, and waits for no flood") {
  const auto seed = GENERATE(range(0u, 30u));
  std::mt19937 random(seed);
  INFO("seed " << seed);
  constexpr std::uint64_t kCapacity = 8 << 20;
  constexpr std::uint32_t kGood = 5;
  DatagramQueue queue("q", kCapacity);
  std::map<IpAddress, std::uint64_t> dropped;
  queue.on_drop([&](const IpAddress& sender, std::uint64_t n) { dropped[sender] += n; });
  Sent sent{queue};
  // The others: how many, how large, how dear, and how many pretend to be new.
  const std::uint32_t floods = 1 + random() % 20;
  std::vector<std::size_t> sizes;
  std::vector<std::uint64_t> work_per_datagram;
  for (std::uint32_t i = 0; i < floods; ++i) {
    sizes.push_back(std::size_t{1} << (random() % 16));
    // What a datagram costs is linear in its octets; how dear an octet is, its sender chooses.
    work_per_datagram.push_back(300 + sizes.back() * (1 + random() % 64));
  }
  const std::uint64_t good_work = 2000;
  // A worker does so much in a round. A good sender asks for a quarter of its share.
  const std::uint64_t lanes = floods + kGood + 1;
  const std::uint64_t capacity = 4 * good_work * lanes;
  std::uint64_t good_sent = 0, good_came = 0, worst_wait = 0;
  std::int64_t left = 0;
  for (std::uint64_t round = 0; round < 3000; ++round) {
    for (std::uint32_t i = 0; i < floods; ++i) {
      for (int n = 0; n < 8; ++n) sent.send(1000 + i, sizes[i]);
    }
    for (int n = 0; n < 20; ++n) sent.send(50'000 + random() % 1'000'000, 1 + random() % 1400, false);
    const auto good = 1 + round % kGood;
    sent.send(good, 1400, true, static_cast<std::uint16_t>(round));
    ++good_sent;
    left += static_cast<std::int64_t>(capacity);
    while (left > 0) {
      const auto batch = queue.pop(kNoWait);
      if (!batch) break;
      std::uint64_t work = 0;
      for (std::size_t i = 0; i < batch->size(); ++i) {
        const auto source = (*batch)[i].source;
        if (source >= address(1) && source <= address(kGood)) {
          work += good_work;
          ++good_came;
          worst_wait = std::max(worst_wait, round - (*batch)[i].source_port);
        } else if (source >= address(1000) && source < address(1000 + floods)) {
          work += work_per_datagram[source.v4() - address(1000).v4()];
        } else {
          work += 300;
        }
      }
      queue.charge(work);
      left -= static_cast<std::int64_t>(work);
    }
    REQUIRE(queue.status().size <= kCapacity);
  }
  for (std::uint32_t g = 1; g <= kGood; ++g) CHECK(dropped[address(g)] == 0);
  while (const auto batch = queue.pop(kNoWait)) {
    for (std::size_t i = 0; i < batch->size(); ++i)
      good_came += (*batch)[i].source >= address(1) && (*batch)[i].source <= address(kGood);
    queue.charge(1);
  }
  CHECK(good_came == good_sent);
  CHECK(worst_wait < 1000);
}

TEST_CASE("Forged senders share one queue, and fill no more than an eighth") {
  DatagramQueue queue("q", 1 << 20);
  std::uint64_t unknown = 0, known = 0;
  queue.on_drop([&](const IpAddress& sender, std::uint64_t n) { (sender.is_unset() ? unknown : known) += n; });
  Sent sent{queue};
  for (std::uint32_t i = 0; i < 10'000; ++i) sent.send(i, 1000, false);
  CHECK(queue.status().size <= (1 << 20) / 8);
  CHECK(unknown > 9'000);
  for (int i = 0; i < 500; ++i) sent.send(1, 1400);
  CHECK(known == 0);
}

TEST_CASE("What waits when the queue is closed can be taken or dropped, and nothing more comes in") {
  DatagramQueue queue("q", 1 << 20);
  std::map<IpAddress, std::uint64_t> dropped;
  queue.on_drop([&](const IpAddress& sender, std::uint64_t n) { dropped[sender] += n; });
  Sent sent{queue};
  for (int i = 0; i < 7; ++i) sent.send(1, 100);
  for (int i = 0; i < 5; ++i) sent.send(2, 100);
  queue.close();
  sent.send(3, 100);
  CHECK(dropped[address(3)] == 1);
  CHECK_FALSE(queue.closed_and_empty());
  CHECK(queue.drop_all() == 12);
  CHECK(dropped[address(1)] == 7);
  CHECK(dropped[address(2)] == 5);
  CHECK(queue.closed_and_empty());
  CHECK_FALSE(queue.pop(kNoWait).has_value());
}
