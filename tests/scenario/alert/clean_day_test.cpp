// All shipped rules, those that are off included, over generated traffic without anything wrong in it: no alert. And a
// day with every kind of trouble in it, so that the silence means something.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "alert/back_test.hpp"
#include "store/memory_store.hpp"
#include "support/catch.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;

namespace {

constexpr std::int64_t kMidnight = 1'700'006'400'000;  // 2023-11-15T00:00:00Z
constexpr std::int64_t kMinute = 60'000, kDay = 86'400'000;
constexpr int kDays = 5;  // the last one is looked at, the others are its past

// An office: web, mail, name service and backups of 300 addresses behind two exporters, more by day than by night.
class Office {
 public:
  explicit Office(MemoryStore& store) : store_(store) {
    for (std::uint32_t e = 1; e <= 2; ++e)
      store_.add_exporter({.id = e, .address = IpAddress::from_v4(0xc0000200u + e)});
  }

  void fill() {
    for (int day = 0; day < kDays; ++day) {
      for (int minute = 0; minute < 1440; ++minute) {
        const double of_day = 0.5 - 0.5 * std::cos(2 * 3.14159265358979 * minute / 1440);
        const auto from = kMidnight + day * kDay + minute * kMinute;
        for (std::uint32_t exporter = 1; exporter <= 2; ++exporter) {
          const auto sessions = 20 + static_cast<int>(of_day * 20) + static_cast<int>(random_.below(4));
          for (int i = 0; i < sessions; ++i) talk(from, exporter);
        }
      }
      hand_over();
    }
  }

  void add(Session s) {
    s.id = ++id_;
    batch_.sessions.push_back(s);
  }
  void hand_over() { store_.on_sessions(std::exchange(batch_, {})); }

 private:
  void talk(std::int64_t from, std::uint32_t exporter) {
    Session s;
    const auto inside =
        IpAddress::from_v4(0x0a000000u + (exporter << 16) + 1 + static_cast<std::uint32_t>(random_.below(150)));
    s.client = inside;
    s.exporter = exporter;
    s.client_port = static_cast<std::uint16_t>(32768 + random_.below(28000));
    s.protocol = 6;
    s.server_port = 443;
    std::uint64_t to_server = 800 + random_.below(3000), to_client = 20'000 + random_.below(400'000);
    // Some hundred sites, most of them asked by everybody.
    s.server = IpAddress::from_v4(0x17000000u + static_cast<std::uint32_t>(random_.below(1 + random_.below(120))));
    switch (random_.below(10)) {
      case 0:
      case 1: {  // name service: clients ask ours, ours ask outside
        s.protocol = 17;
        s.server_port = 53;
        const bool resolver = random_.one_in(3);
        s.server =
            IpAddress::from_v4(resolver ? 0x17000100u + static_cast<std::uint32_t>(random_.below(40)) : 0x0a000035u);
        if (resolver) s.client = IpAddress::from_v4(0x0a000035u);
        to_server = 70;
        to_client = 100 + random_.below(300);
        break;
      }
      case 2:
        s.server_port = 25;
        to_client = 900;
        to_server = 5'000 + random_.below(50'000);
        break;
      case 3:
        s.protocol = 17;
        s.server_port = 123;
        to_server = to_client = 76;
        break;
      default: break;
    }
    s.start_ms = from + static_cast<std::int64_t>(random_.below(50'000));
    s.end_ms = s.start_ms + static_cast<std::int64_t>(random_.below(30'000));
    const std::uint16_t flags = s.protocol == 6 ? 0x1b : 0;
    s.halves[kToServer] = {
        .octets = to_server, .packets = 1 + to_server / 700, .flows = 1, .in_if = 1, .out_if = 2, .tcp_flags = flags};
    s.halves[kToClient] = {
        .octets = to_client, .packets = 1 + to_client / 1300, .flows = 1, .in_if = 2, .out_if = 1, .tcp_flags = flags};
    add(s);
  }

  MemoryStore& store_;
  testing::Random random_{11};
  SessionBatch batch_;
  std::uint64_t id_ = 0;
};

struct Half {
  std::uint64_t octets = 0, packets = 1;
  std::uint16_t flags = 0;
};
Session session(const char* client, const char* server, std::uint16_t port, std::uint8_t protocol, std::int64_t at,
                std::int64_t duration, Half out, Half back = {}) {
  Session s;
  s.client = *parse_ip_address(client);
  s.server = *parse_ip_address(server);
  s.server_port = port;
  s.client_port = 40000;
  s.protocol = protocol;
  s.exporter = 1;
  s.start_ms = at;
  s.end_ms = at + duration;
  if (out.octets)
    s.halves[kToServer] = {
        .octets = out.octets, .packets = out.packets, .flows = 1, .in_if = 1, .out_if = 2, .tcp_flags = out.flags};
  if (back.octets)
    s.halves[kToClient] = {
        .octets = back.octets, .packets = back.packets, .flows = 1, .in_if = 2, .out_if = 1, .tcp_flags = back.flags};
  return s;
}

std::map<std::string, std::size_t> alerts_of_last_day(MemoryStore& store) {
  std::map<std::string, std::size_t> alerts;
  for (const auto& entry : std::filesystem::directory_iterator(WEIR_SOURCE_DIR "/lua/alerts")) {
    const auto source = read_text_file(entry.path().string(), 1 << 20);
    auto file = RuleFile::load(entry.path().string(), *source, {});
    if (!file) FAIL(file.error().message);
    for (const auto& rule : (*file)->rules()) {
      const auto from = kMidnight + (kDays - 1) * kDay;
      const auto result = back_test(**file, rule, {from, from + kDay}, store, {}, {.evaluation_ms = 60'000});
      if (!result) FAIL(result.error().message);
      alerts[rule.name] = result->alerts.size();
      for (const auto& a : result->alerts) UNSCOPED_INFO(rule.name << ": " << a.message);
    }
  }
  return alerts;
}

}  // namespace

TEST_CASE("a clean day has no false alarm; a bad one has each alert") {
  MemoryStore store;
  Office office(store);
  office.fill();
  const auto clean = alerts_of_last_day(store);
  CHECK(clean.size() >= 13);
  for (const auto& [rule, count] : clean) {
    CAPTURE(rule);
    CHECK(count == 0);
  }

  const auto from = kMidnight + (kDays - 1) * kDay + 10 * 3'600'000;
  for (std::uint16_t port = 1; port <= 500; ++port)
    office.add(session("10.1.0.66", "10.1.0.7", port, 6, from + port * 500, 0, {44, 1, 2}));
  for (int i = 0; i < 400; ++i) {
    const auto server = "10.3." + std::to_string(i / 200) + "." + std::to_string(1 + i % 200);
    office.add(session("10.1.0.67", server.c_str(), 445, 6, from + i * 600, 0, {48, 1, 2}));
  }
  for (int i = 0; i < 60'000; ++i) office.add(session("198.18.0.1", "10.1.0.8", 80, 6, from + i * 3, 0, {40, 1, 2}));
  for (int i = 0; i < 100; ++i) {
    const auto server = "198.19.0." + std::to_string(i + 1);
    office.add(session("10.1.0.9", server.c_str(), 123, 17, from, 180'000, {}, {18'000'000, 40'000}));
  }
  for (int i = 0; i < 60; ++i) office.add(session("10.1.0.11", "198.18.0.53", 53, 17, from + i * 5000, 0, {70}, {200}));
  office.add(session("10.1.0.12", "203.0.113.5", 443, 6, from, 5000, {5000, 9}, {9000, 9}));
  office.add(session("10.1.0.213", "23.0.0.1", 443, 6, from, 400'000, {30'000'000'000, 30'000'000}));
  office.hand_over();
  const auto bad = alerts_of_last_day(store);
  for (const char* rule : {"port scan", "sweep", "SYN flood", "UDP amplification", "DNS to strangers",
                           "listed networks", "host rate", "new top talker"}) {
    CAPTURE(rule);
    CHECK(bad.at(rule) >= 1);
  }
}
