// Values against a plain model, second by second: exporters that pause, fall silent and report late, and a collector
// that stops and starts. What Zabbix is told is the truth about a whole stretch, or nothing.
#include <cmath>
#include <memory>
#include <set>

#include "accounted_store.hpp"
#include "core/durations.hpp"
#include "monitor/zabbix/value_source.hpp"
#include "monitor_bench.hpp"
#include "store/sqlite/quality_ledger.hpp"
#include "support/catch.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

constexpr std::int64_t kBegin = 1'800'000'000'000;  // a whole minute
constexpr std::int64_t kTick = 10 * kSecondMs;      // a datagram of each exporter
constexpr std::uint64_t kTickOctets = 60'000;
constexpr std::uint32_t kShared = 3, kSentBy = 4;  // interfaces; the first is one of both exporters of the third host

struct Sender {
  std::uint32_t id = 0;
  const char* host = "";
  std::int64_t report_ms = 0;  // traffic is reported so long after it passed
  std::int64_t first_ms = 0, last_ms = 0;
  std::int64_t silent_until_ms = 0;
  bool is_pause = false;                   // and not a silence: there is no traffic
  std::vector<TimeRange> lost{};           // what passed then was never told
  std::map<std::int64_t, bool> carried{};  // whether traffic passed, by tick
};

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), clock_(kBegin), store_(clock_) {
    senders_ = {{.id = 1, .host = "direct"},
                {.id = 2, .host = "late", .report_ms = 120 * kSecondMs},
                {.id = 3, .host = "double"},
                {.id = 4, .host = "double", .report_ms = 60 * kSecondMs}};
    for (const auto& s : senders_) store_.sessions.add_exporter({.id = s.id, .address = address_of(s.id)});
    for (const auto& s : senders_) view_.links[address_of(s.id)] = {.hostid = s.host, .host = s.host, .name = s.host};
    start();
  }

  void run(std::int64_t seconds) {
    for (std::int64_t s = 0; s < seconds; ++s) second();
    if (source_) stop(true);
  }

  void check() {
    for (const auto& [item, values] : rates_) {
      const auto& [host, key] = item;
      for (const auto& [end_ms, octets] : values) {
        CAPTURE(host, key, (end_ms - kBegin) / kSecondMs);
        const TimeRange time{.from_ms = end_ms - kMinuteMs, .to_ms = end_ms};
        double truth = 0;
        for (const auto& s : senders_) {
          if (host != s.host || !has(s, key)) continue;
          for (auto at = time.from_ms; at < time.to_ms; at += kTick)
            truth += s.carried.at(at) && carries(s, key) ? static_cast<double>(kTickOctets) : 0;
          for (const auto& lost : s.lost) REQUIRE_FALSE((lost.from_ms < time.to_ms && time.from_ms < lost.to_ms));
        }
        REQUIRE(std::abs(octets - truth) < 1);
        zeros_ += truth == 0 ? 1 : 0;
      }
    }
    // Whatever is whole is told.
    for (const auto& run : runs_) {
      for (auto end_ms = (run.from_ms / kMinuteMs + 6) * kMinuteMs; end_ms + 10 * kMinuteMs < run.to_ms;
           end_ms += kMinuteMs) {
        for (const auto& s : senders_) {
          const bool is_alone = std::string("double") != s.host;
          const bool is_whole = std::none_of(s.lost.begin(), s.lost.end(), [&](const TimeRange& lost) {
            return lost.from_ms < end_ms + 5 * kMinuteMs && end_ms - 7 * kMinuteMs < lost.to_ms;
          });
          if (!is_alone || !is_whole) continue;
          CAPTURE(s.host, (end_ms - kBegin) / kSecondMs);
          REQUIRE(rates_[{s.host, "weir.if.in[3]"}].contains(end_ms));
          ++whole_;
        }
      }
    }
  }
  std::size_t zeros() const { return zeros_; }
  std::size_t whole() const { return whole_; }
  std::size_t silences() const { return silences_; }

 private:
  static IpAddress address_of(std::uint32_t id) { return IpAddress::from_v4(0xc000'0200 + id); }
  // What comes in by 3 leaves by 4; of the second exporter of "double", by 3 too.
  static bool has(const Sender& s, const std::string& key) { return s.id != 4 || key.ends_with("[3]"); }
  static bool carries(const Sender& s, const std::string& key) {
    return key == "weir.if.in[3]" || key == (s.id == 4 ? "weir.if.out[3]" : "weir.if.out[4]");
  }

  void start() {
    table_ = std::make_unique<ExporterTable>(16);
    for (const auto& s : senders_) {
      auto* e = table_->restore(s.id, address_of(s.id));
      e->first_seen_ms = s.first_ms, e->last_seen_ms = s.last_ms;
      e->announced_sampling = 1;
    }
    table_->place_restored([](const IpAddress&) { return false; });
    for (const auto& s : senders_) table_->admit(address_of(s.id), clock_.now_ms());
    ledger_ = std::make_unique<QualityLedger>(*table_, store_.catalog, QualityLedger::Of::kCollector);
    ledger_->restore(clock_.now_ms());
    seen_ = std::make_unique<SeenInterfaces>(settings_, store_, *table_, clock_, &stopping_);
    source_ = std::make_unique<ValueSource>(settings_, store_, *table_, clock_, "1", *seen_);
    runs_.push_back({.from_ms = clock_.now_ms(), .to_ms = INT64_MAX});
  }
  void stop(bool cleanly) {
    if (cleanly) {
      ledger_->look(clock_.now_ms());
      ledger_->save(clock_.now_ms());
    }
    source_.reset(), seen_.reset(), ledger_.reset();
    runs_.back().to_ms = clock_.now_ms();
  }

  void second() {
    clock_.advance(kSecondMs);
    const auto now = clock_.now_ms();
    if (source_ && random_.one_in(2500)) {
      stop(random_.one_in(2));
      up_again_ms_ = now + kSecondMs * (5 + static_cast<std::int64_t>(random_.below(700)));
    } else if (!source_ && now >= up_again_ms_) {
      start();
    }
    if (now % kTick == 0) {
      for (auto& s : senders_) tick(s);
    }
    if (!source_) return;
    ledger_->look(now);
    if (ledger_->is_save_due(now)) ledger_->save(now);
    seen_->listen();
    if ((now - runs_.back().from_ms) % settings_.values_ms == 0) round();
  }

  // What passed since the tick before; the datagram that tells of what passed report_ms before it.
  void tick(Sender& s) {
    const auto now = clock_.now_ms(), passed = now - kTick;
    if (now >= s.silent_until_ms) s.is_pause = false;
    const bool is_silent = now < s.silent_until_ms;
    // The idle minutes of an exporter are idle to its end.
    s.carried[passed] = !s.is_pause && (passed / kMinuteMs * 2654435761 + s.id) % 7 > 1;
    if (s.first_ms == 0) s.carried[passed] = false;
    if (is_silent || !source_) {
      // And all that would have been told in that time.
      if (!s.is_pause || !source_)
        s.lost.push_back({.from_ms = passed - s.report_ms, .to_ms = now - s.report_ms}),
            s.lost.push_back({.from_ms = passed, .to_ms = now});
      return;
    }
    auto& e = *table_->find(s.id);
    if (s.first_ms == 0) s.first_ms = now, e.first_seen_ms = now;
    e.last_seen_ms = s.last_ms = now;
    ++e.datagrams, ++e.records;
    e.protocols = kProtocolIpfix;
    e.longest_report_ms = std::max<std::int64_t>(e.longest_report_ms, kTick + s.report_ms);
    const auto of = passed - s.report_ms;
    if (const auto carried = s.carried.find(of); carried != s.carried.end() && carried->second) add_session(s, of);
    if (random_.one_in(90)) {
      s.is_pause = s.report_ms == 0 && random_.one_in(2);
      s.silent_until_ms = now + (s.is_pause ? 2 * kTick : kTick * (13 + static_cast<std::int64_t>(random_.below(60))));
      if (!s.is_pause) ++silences_;
    }
  }
  void add_session(const Sender& s, std::int64_t from_ms) {
    Session session{.id = ++sessions_,
                    .start_ms = from_ms,
                    .end_ms = from_ms + kTick,
                    .client = *parse_ip_address("10.0.0.1"),
                    .server = *parse_ip_address("10.0.0.2"),
                    .exporter = s.id};
    session.halves[kToServer] = {
        .octets = kTickOctets, .packets = 60, .flows = 1, .in_if = kShared, .out_if = s.id == 4 ? kShared : kSentBy};
    store_.on_sessions({.sessions = {session}, .final_below = sessions_ + 1});
  }

  void round() {
    const auto now = clock_.now_ms();
    for (const auto& v : source_->next(&view_, {}, seen_->read(&view_))) {
      CAPTURE(v.host, v.key, v.value, (now - kBegin) / kSecondMs);
      if (v.key.starts_with("weir.if.")) {
        const auto end_ms = v.stamp.clock_s * kSecondMs;
        REQUIRE(end_ms % kMinuteMs == 0);
        REQUIRE(end_ms <= now - settings_.lateness_ms);
        REQUIRE(rates_[{v.host, v.key}].emplace(end_ms, std::stod(v.value) / 8 * 60).second);
      } else if (v.key == "weir.exporter.records") {
        REQUIRE(std::stod(v.value) > 0);
      } else if (v.key == "weir.exporter.silence") {
        std::int64_t last_ms = 0;
        for (const auto& s : senders_) {
          if (v.host == s.host) last_ms = std::max(last_ms, s.last_ms);
        }
        std::int64_t listened = 0;
        for (const auto& run : runs_)
          listened += std::max<std::int64_t>(0, std::min(run.to_ms, now) - std::max(run.from_ms, last_ms));
        // A kill is known to the last beat.
        REQUIRE(std::stoll(v.value) * kSecondMs <= listened);
        REQUIRE(std::stoll(v.value) * kSecondMs > listened - kBeatMs - 2 * kSecondMs);
      }
    }
  }

  Random random_;
  ManualClock clock_;
  AccountedStore store_;
  MonitorSettings settings_;
  DeviceView view_;
  std::atomic<bool> stopping_{false};
  std::vector<Sender> senders_;
  std::unique_ptr<ExporterTable> table_;
  std::unique_ptr<QualityLedger> ledger_;
  std::unique_ptr<SeenInterfaces> seen_;
  std::unique_ptr<ValueSource> source_;
  std::vector<TimeRange> runs_;
  std::int64_t up_again_ms_ = 0;
  std::uint64_t sessions_ = 0;
  std::size_t zeros_ = 0, whole_ = 0, silences_ = 0;
  std::map<std::pair<std::string, std::string>, std::map<std::int64_t, double>>
      rates_;  // octets of the minute, by its end
};

}  // namespace

TEST_CASE("values: the truth about a whole stretch, or none") {
  std::size_t zeros = 0, whole = 0, silences = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    World world(seed);
    world.run(3 * 3600);
    world.check();
    zeros += world.zeros(), whole += world.whole(), silences += world.silences();
  }
  CHECK(zeros > 50);
  CHECK(whole > 100);
  CHECK(silences > 20);
}
