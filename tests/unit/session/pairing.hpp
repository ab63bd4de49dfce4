// What a session table hands on, and records to put into it, for the tests of this folder.
#pragma once
#include <map>

#include "session/session_table.hpp"
#include "support/catch.hpp"

namespace weir::test {

inline constexpr std::int64_t kNoon = 1'700'000'000'000;

struct Collected final : SessionSink {
  std::map<std::uint64_t, Session> by_id;
  std::uint64_t final_below = 0;
  bool touched_final = false;
  void on_sessions(SessionBatch&& batch) override {
    for (auto& s : batch.sessions) {
      touched_final |= s.id < final_below;
      by_id[s.id] = s;
    }
    CHECK(batch.final_below >= final_below);
    final_below = batch.final_below;
  }
  const Session& only() const {
    REQUIRE(by_id.size() == 1);
    return by_id.begin()->second;
  }
};

inline IpAddress ip(std::uint32_t n) { return IpAddress::from_v4(0x0a000000u + n); }

inline FlowRecord tcp(std::uint32_t src, std::uint16_t src_port, std::uint32_t dst, std::uint16_t dst_port,
                      std::uint64_t octets) {
  FlowRecord r;
  r.src = ip(src);
  r.dst = ip(dst);
  r.src_port = src_port;
  r.dst_port = dst_port;
  r.protocol = kIpProtocolTcp;
  r.octets = octets;
  r.packets = 1;
  r.start_ms = kNoon;
  r.end_ms = kNoon + 1000;
  r.exporter = 1;
  return r;
}

}  // namespace weir::test
