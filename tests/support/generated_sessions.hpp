// Sessions for tests and measurements, from a seed: the same seed gives the same sessions on every machine.
#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

#include "flow/column_access.hpp"
#include "flow/session.hpp"

namespace weir::testing {

// SplitMix64 (Steele, Lea, Flood 2014): small, and unlike std::uniform_int_distribution the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e37'79b9'7f4a'7c15u);
    z = (z ^ z >> 30) * 0xbf58'476d'1ce4'e5b9u;
    z = (z ^ z >> 27) * 0x94d0'49bb'1331'11ebu;
    return z ^ z >> 31;
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

// Any value in any member: nothing in it compresses, and every column varies.
inline Session random_session(Random& random, std::uint64_t id, std::int64_t near_ms) {
  const auto address = [&]() -> IpAddress {
    switch (random.below(4)) {
      case 0: return {};
      case 1: return IpAddress::from_v4(static_cast<std::uint32_t>(random.next()));
      case 2: return IpAddress::from_v4(0x0a00'0000u + static_cast<std::uint32_t>(random.below(40)));
      default: {
        IpAddress v6;
        for (auto& byte : v6.bytes) byte = static_cast<std::uint8_t>(random.next());
        return v6;
      }
    }
  };
  // Magnitudes of every size, zero and the largest included.
  const auto number = [&]() -> std::uint64_t {
    const auto bits = random.below(66);
    return bits == 65 ? ~std::uint64_t{0} : bits == 0 ? 0 : random.next() >> (64 - std::min<std::uint64_t>(bits, 64));
  };
  Session s;
  store_columns(
      s, [&](ColumnId) { return number(); }, [&](ColumnId) { return address(); });
  s.id = id;
  s.start_ms = near_ms + static_cast<std::int64_t>(random.below(3'600'000));
  s.end_ms = s.start_ms + static_cast<std::int64_t>(random.one_in(4) ? 0 : random.below(600'000));
  s.quality &= static_cast<std::uint16_t>(~kQualityReloaded);
  s.reason = static_cast<ServerReason>(1 + random.below(6));
  return s;
}

// What a border router of a mid-sized network exports by NetFlow v5: a few thousand inside hosts, a long tail of
// outside ones (Zipf-like), mostly short web and DNS sessions, sizes and durations over many orders of magnitude.
class RouterSessions {
 public:
  struct Shape {
    std::uint32_t exporters = 1, inside_hosts = 4'000, outside_hosts = 200'000;
    double skew = 1.1;  // of the hosts' popularity
    std::uint32_t sessions_per_s = 20'000;
  };
  RouterSessions(std::uint64_t seed, Shape shape, std::int64_t from_ms, std::uint64_t first_id = 1)
      : random_(seed), shape_(shape), from_ms_(from_ms), next_id_(first_id), first_id_(first_id) {}

  Session next() {
    Session s;
    s.id = next_id_++;
    const auto now_ms = from_ms_ + static_cast<std::int64_t>((s.id - first_id_) * 1000 / shape_.sessions_per_s);
    const bool inward = random_.one_in(8);
    const auto inside = IpAddress::from_v4(0x0a10'0000u + scattered(rank(shape_.inside_hosts), 13));
    const auto outside = IpAddress::from_v4(0x1700'0000u + scattered(rank(shape_.outside_hosts), 29));
    s.client = inward ? outside : inside;
    s.server = inward ? inside : outside;
    s.exporter = 1 + static_cast<std::uint32_t>(random_.below(shape_.exporters));
    s.client_port = static_cast<std::uint16_t>(32768 + random_.below(28232));
    static constexpr std::uint16_t kPorts[] = {443, 443, 443, 443, 443, 443, 53,  53,
                                               53,  80,  80,  123, 22,  25,  993, 3389};
    s.server_port =
        random_.one_in(12) ? static_cast<std::uint16_t>(1024 + random_.below(50000)) : kPorts[random_.below(16)];
    s.protocol = s.server_port == 53 || s.server_port == 123 || (s.server_port == 443 && random_.one_in(4)) ? 17 : 6;
    const auto packets = static_cast<std::uint64_t>(std::exp(random_.unit() * random_.unit() * 9.0)) + 1;
    const auto duration = packets == 1 ? 0 : static_cast<std::int64_t>(std::exp(random_.unit() * 11.0));
    s.end_ms = now_ms - static_cast<std::int64_t>(random_.below(15'000));
    s.start_ms = s.end_ms - duration;
    const bool both = !random_.one_in(20);
    s.halves[kToServer] = half(packets, 40 + random_.below(200), inward);
    if (both) s.halves[kToClient] = half(packets + random_.below(packets + 1), 40 + random_.below(1460), !inward);
    s.reason = s.protocol == 6 ? ServerReason::kSyn : ServerReason::kPortList;
    s.client_mask = inward ? 16 : 20;
    s.server_mask = inward ? 20 : 16;
    return s;
  }

  std::vector<Session> next(std::size_t count) {
    std::vector<Session> sessions;
    sessions.reserve(count);
    for (std::size_t i = 0; i < count; ++i) sessions.push_back(next());
    return sessions;
  }

 private:
  SessionHalf half(std::uint64_t packets, std::uint64_t packet_size, bool inward) {
    return {.octets = packets * packet_size,
            .packets = packets,
            .flows = 1,
            .next_hop =
                IpAddress::from_v4(inward ? 0x0a00'0001u : 0xc000'0201u + static_cast<std::uint32_t>(random_.below(3))),
            .in_if = inward ? 2u : 1u,
            .out_if = inward ? 1u : 2u,
            .tcp_flags = static_cast<std::uint16_t>(random_.one_in(5) ? 0x1f : 0x1b)};
  }
  // A host's rank by popularity: mostly small numbers, now and then any.
  std::uint32_t rank(std::uint32_t hosts) {
    const double u = random_.unit(), power = 1.0 - shape_.skew;
    const double r = std::pow(1.0 + u * (std::pow(static_cast<double>(hosts), power) - 1.0), 1.0 / power);
    return static_cast<std::uint32_t>(r) - 1;
  }
  // Popular hosts are not neighbours; the mapping is one to one.
  static std::uint32_t scattered(std::uint32_t rank, int bits) {
    return static_cast<std::uint32_t>(rank * 2'654'435'761u) & ((1u << bits) - 1);
  }

  Random random_;
  Shape shape_;
  std::int64_t from_ms_;
  std::uint64_t next_id_, first_id_;
};

}  // namespace weir::testing
