// Values of exporters that sample against a plain model, through the decoder: they announce their rates late, again,
// never, are started anew at another one, and the collector is, too. What Zabbix is told is the truth about a whole
// minute, or nothing; whoever does not sample is told of in time.
#include <cmath>
#include <memory>
#include <tuple>

#include "accounted_store.hpp"
#include "core/durations.hpp"
#include "decode/decoder.hpp"
#include "monitor/zabbix/value_source.hpp"
#include "monitor_bench.hpp"
#include "store/sqlite/quality_ledger.hpp"
#include "support/catch.hpp"
#include "support/generated_sessions.hpp"
#include "support/wire_bytes.hpp"

using namespace weir;
using namespace weir::testing;
using test::Wire;

namespace {

constexpr std::int64_t kBegin = 1'800'000'000'000;  // a whole minute
constexpr std::int64_t kTick = 10 * kSecondMs;      // a datagram of each device
constexpr std::uint64_t kTickOctets = 6'000;        // as exported
constexpr std::int64_t kTable = 10 * kMinuteMs;     // between tables of options
constexpr std::int64_t kFirstWait = 31 * kMinuteMs;

struct Device {
  const char* host = "";
  std::uint32_t exporter = 0;
  std::uint16_t version = 9;
  std::uint32_t rate = 1;
  std::uint32_t sampler = 0;      // that its records name; 0: none
  std::int64_t announces_ms = 0;  // the first time, after its start; 0: never
  bool restarts = false;
  bool has_table = false;  // of two samplers, which its records do not name, in two datagrams
  std::uint16_t port = 0;
  std::int64_t booted_ms = 0, next_ms = 0;
  struct Start {
    std::int64_t ms = 0, told_ms = 0;  // when it announced its rate first
  };
  std::vector<Start> starts{};
  std::uint32_t sequence = 0;
  std::map<std::int64_t, std::uint64_t> passed{};  // octets, by tick
};

class World final : public RecordSink {
 public:
  explicit World(std::uint64_t seed) : random_(seed), clock_(kBegin), store_(clock_) {
    devices_ = {
        {.host = "old", .exporter = 1, .version = 5},
        {.host = "plain", .exporter = 2},
        {.host = "late", .exporter = 3, .rate = 100, .announces_ms = minutes(2, 28)},
        {.host = "sampler", .exporter = 4, .rate = 50, .sampler = 7, .announces_ms = minutes(1, 25), .restarts = true},
        {.host = "mute", .exporter = 5, .rate = 20, .sampler = 3},
        {.host = "behind one", .exporter = 6, .rate = 10, .announces_ms = minutes(0, 10)},
        {.host = "behind one", .exporter = 6, .rate = 200, .announces_ms = minutes(0, 20), .restarts = true},
        {.host = "two of a table", .exporter = 7, .rate = 30, .announces_ms = minutes(2, 10), .has_table = true}};
    for (std::uint32_t id = 1; id <= 7; ++id) seen_before_[id] = {};
    for (auto& d : devices_) {
      boot(d);
      view_.links[address_of(d.exporter)] = {.hostid = d.host, .host = d.host, .name = d.host};
    }
    start();
  }

  void run(std::int64_t seconds) {
    for (std::int64_t s = 0; s < seconds; ++s) second();
    if (source_) stop();
  }

  // Minutes that have a value, by host.
  std::map<std::string, std::size_t> check() {
    std::map<std::string, std::size_t> told;
    for (const auto& [item, values] : rates_) {
      for (const auto& [end_ms, octets] : values) {
        CAPTURE(item.first, item.second, (end_ms - kBegin) / kSecondMs);
        REQUIRE(is_heard({.from_ms = end_ms - kMinuteMs, .to_ms = end_ms}));
        REQUIRE(std::abs(octets - truth(item.first, end_ms)) < 1);
        ++told[item.first];
      }
    }
    return told;
  }

  // Whoever does not sample is told of, all of it, and after the first half hour at once.
  void check_plain() {
    for (const auto& run : runs_) {
      // A restart while it may still say a rate makes it wait anew.
      const auto wait_ends_ms = (run.from_ms < kBegin + kTick + kFirstWait ? run.from_ms : kBegin) + kFirstWait;
      for (auto end_ms = (run.from_ms / kMinuteMs + 3) * kMinuteMs; end_ms + 4 * kMinuteMs < run.to_ms;
           end_ms += kMinuteMs) {
        CAPTURE((end_ms - kBegin) / kSecondMs);
        REQUIRE(told_at_.contains({"old", end_ms}));
        REQUIRE(told_at_[{"old", end_ms}] - end_ms <= settings_.lateness_ms + 2 * kMinuteMs);
        const auto due_ms = std::max(end_ms, wait_ends_ms);
        if (due_ms + 6 * kMinuteMs >= run.to_ms) continue;
        REQUIRE(told_at_.contains({"plain", end_ms}));
        if (end_ms > wait_ends_ms + 5 * kMinuteMs)
          REQUIRE(told_at_[{"plain", end_ms}] - end_ms <= settings_.lateness_ms + 2 * kMinuteMs);
      }
    }
  }
  // What came before its rate was known is told when it is: after the first start of a device, and after each other.
  void check_late() {
    for (const auto& d : devices_) {
      if (std::string("late") != d.host && std::string("sampler") != d.host) continue;
      for (std::size_t i = 0; i < d.starts.size(); ++i) {
        const auto [started_ms, told_ms] = d.starts[i];
        // Of one that never did the address has records still: whose they are cannot be told.
        const auto after_ms = i == 0                         ? kBegin
                              : d.starts[i - 1].told_ms == 0 ? INT64_MAX
                                                             : d.starts[i - 1].told_ms + 12 * kMinuteMs;
        const auto before_ms = i + 1 == d.starts.size() ? INT64_MAX : d.starts[i + 1].ms;
        const bool is_alone = told_ms != 0 && after_ms <= started_ms && told_ms + 10 * kMinuteMs < before_ms;
        if (!is_alone || !is_heard({.from_ms = started_ms, .to_ms = told_ms + 10 * kMinuteMs})) continue;
        for (auto end_ms = (started_ms / kMinuteMs + 4) * kMinuteMs; end_ms < told_ms; end_ms += kMinuteMs) {
          CAPTURE(d.host, i, (end_ms - kBegin) / kSecondMs, (told_ms - kBegin) / kSecondMs);
          REQUIRE(told_at_.contains({d.host, end_ms}));
          ++(i == 0 ? told_of_first_ : told_of_later_);
        }
      }
    }
  }
  std::size_t told_of_first() const { return told_of_first_; }
  std::size_t told_of_later() const { return told_of_later_; }
  std::size_t late_values() const { return late_values_; }

 private:
  static IpAddress address_of(std::uint32_t id) { return IpAddress::from_v4(0xc000'0200 + id); }
  std::int64_t minutes(std::int64_t least, std::uint64_t more) {
    return least * kMinuteMs + static_cast<std::int64_t>(random_.below(more * 60)) * kSecondMs + kSecondMs;
  }

  double truth(const std::string& host, std::int64_t end_ms) {
    double octets = 0;
    for (const auto& d : devices_) {
      if (host != d.host) continue;
      for (auto at = d.passed.lower_bound(end_ms - kMinuteMs); at != d.passed.end() && at->first < end_ms; ++at)
        octets += static_cast<double>(at->second);
    }
    return octets;
  }
  bool is_heard(const TimeRange& time) const {
    return std::any_of(runs_.begin(), runs_.end(),
                       [&](const TimeRange& run) { return run.from_ms <= time.from_ms && time.to_ms <= run.to_ms; });
  }

  void boot(Device& d) {
    const auto now = clock_.now_ms();
    const bool is_first = d.port == 0;
    d.booted_ms = is_first ? now - kHourMs * 30 : now - kTick / 2;
    d.port = next_port_++;
    d.sequence = 0;
    d.starts.push_back({.ms = now});
    if (!is_first && random_.one_in(2)) d.rate *= 2;
    d.next_ms = d.announces_ms == 0 ? INT64_MAX : now + (is_first ? d.announces_ms : minutes(0, 20));
  }

  void start() {
    const auto now = clock_.now_ms();
    table_ = std::make_unique<ExporterTable>(16);
    for (const auto& [id, e] : seen_before_) {
      auto* exporter = table_->restore(id, address_of(id));
      exporter->first_seen_ms = e.first_ms, exporter->last_seen_ms = e.last_ms,
      exporter->configured_sampling = e.configured;
      exporter->late_rates.with([&kept = e.late](auto& late) { late = kept; });
    }
    table_->place_restored([](const IpAddress&) { return false; });
    for (const auto& [id, e] : seen_before_) table_->admit(address_of(id), now);
    store_.table = table_.get();
    decoder_ = std::make_unique<Decoder>(DecodeLimits{}, *table_, *this);
    decoder_->on_template([&](const StoredTemplate& t) {
      templates_[{t.exporter, t.source_port, t.domain, t.record[0] << 8 | t.record[1]}] = t;
    });
    decoder_->on_rate([&](const StoredRate& r) {
      known_rates_[{r.exporter, r.announced.port, static_cast<int>(r.announced.scope), r.announced.id}] = r;
    });
    for (const auto& [key, t] : templates_) decoder_->restore_template(t);
    for (const auto& [key, r] : known_rates_) decoder_->restore_rate(r);
    ledger_ = std::make_unique<QualityLedger>(*table_, store_.catalog, QualityLedger::Of::kCollector);
    ledger_->restore(now);
    seen_ = std::make_unique<SeenInterfaces>(settings_, store_, *table_, clock_, &stopping_);
    source_ = std::make_unique<ValueSource>(settings_, store_, *table_, clock_, "1", *seen_);
    runs_.push_back({.from_ms = now, .to_ms = INT64_MAX});
  }
  void stop() {
    const auto now = clock_.now_ms();
    ledger_->look(now);
    ledger_->save(now);
    for (auto& [id, e] : seen_before_) {
      const auto& exporter = *table_->find(id);
      e = {.first_ms = exporter.first_seen_ms,
           .last_ms = exporter.last_seen_ms,
           .configured = exporter.configured_sampling,
           .late = exporter.late_rates.with([](const auto& late) { return late; })};
    }
    source_.reset(), seen_.reset(), ledger_.reset(), decoder_.reset();
    runs_.back().to_ms = now;
  }

  void second() {
    clock_.advance(kSecondMs);
    const auto now = clock_.now_ms();
    // Not within a table: half of it tells of a rate that is not that of the records.
    if (std::none_of(table_ends_.begin(), table_ends_.end(), [&](const auto& t) { return t.first >= now; })) {
      if (source_ && now > kBegin + kMinuteMs && random_.one_in(5000)) {
        stop();
        up_again_ms_ = now + kSecondMs * (5 + static_cast<std::int64_t>(random_.below(300)));
      } else if (!source_ && now >= up_again_ms_) {
        start();
      }
    }
    for (auto& d : devices_) {
      if (d.restarts && random_.one_in(4000)) boot(d);
      if (now >= d.next_ms) announce(d);
      if (now % kTick == 0) send_flows(d);
    }
    for (const auto& [at_ms, device] : table_ends_) {
      if (at_ms == now) announce_sampler(*device, 2, device->rate);
    }
    if (!source_) return;
    if (now == kBegin + 2 * kHourMs) table_->find(5)->configured_sampling = 20;  // by the operator
    ledger_->look(now);
    if (ledger_->is_save_due(now)) ledger_->save(now);
    seen_->listen();
    if ((now - runs_.back().from_ms) % settings_.values_ms == 0) round();
  }

  void send(Device& d, const Wire& sets, std::uint32_t count) {
    const auto now = clock_.now_ms();
    Wire message = Wire()
                       .u16(d.version)
                       .u16(count)
                       .u32(static_cast<std::uint64_t>(now - d.booted_ms))
                       .u32(static_cast<std::uint64_t>(now / kSecondMs));
    if (d.version == 5) message.u32(0).u32(d.sequence).u32(0);
    else message.u32(d.sequence).u32(0);
    d.sequence += 1;
    message.add(sets);
    if (decoder_)
      decoder_->decode({.source = address_of(d.exporter),
                        .source_port = d.port,
                        .local_port = 2055,
                        .arrival_ms = now,
                        .payload = message.bytes()});
  }
  void announce(Device& d) {
    d.next_ms += kTable;
    if (auto& last = d.starts.back(); last.told_ms == 0) last.told_ms = clock_.now_ms();
    if (d.has_table) {
      announce_sampler(d, 1, 10);
      table_ends_.push_back({clock_.now_ms() + 50 * kSecondMs, &d});
    } else if (d.sampler == 0) {
      send(
          d,
          Wire().set(1, Wire().u16(300).u16(4).u16(4).u16(1).u16(4).u16(34).u16(4)).set(300, Wire().u32(0).u32(d.rate)),
          2);
    } else {
      announce_sampler(d, d.sampler, d.rate);
    }
  }
  void announce_sampler(Device& d, std::uint32_t sampler, std::uint32_t rate) {
    send(d,
         Wire()
             .set(1, Wire().u16(301).u16(4).u16(8).u16(1).u16(4).u16(48).u16(4).u16(34).u16(4))
             .set(301, Wire().u32(0).u32(sampler).u32(rate)),
         2);
  }
  // Of the time since the tick before: what comes in by 3 leaves by 4.
  void send_flows(Device& d) {
    const auto now = clock_.now_ms();
    d.passed[now - kTick] = kTickOctets * d.rate;
    const auto up = static_cast<std::uint64_t>(now - d.booted_ms), since = up > 10'000 ? up - 10'000 : 0;
    if (d.version == 5) {
      send(d,
           Wire()
               .ip("10.0.0.1")
               .ip("10.0.0.2")
               .u32(0)
               .u16(3)
               .u16(4)
               .u32(6)
               .u32(kTickOctets)
               .u32(since)
               .u32(up)
               .u16(1000)
               .u16(443)
               .u8(0)
               .u8(0)
               .u8(17)
               .u8(0)
               .zeros(8),
           1);
      return;
    }
    Wire layout = Wire().u16(256).u16(d.sampler == 0 ? 8 : 9);
    for (const std::uint64_t field : {8, 12, 1, 2, 10, 14, 22, 21}) layout.u16(field).u16(4);
    Wire record = Wire().ip("10.0.0.1").ip("10.0.0.2").u32(kTickOctets).u32(6).u32(3).u32(4).u32(since).u32(up);
    if (d.sampler != 0) layout.u16(48).u16(4), record.u32(d.sampler);
    send(d, Wire().set(0, layout).set(256, record), 2);
  }

  void on_records(std::span<const FlowRecord> records) override {
    for (const auto& r : records) {
      Session session{.id = ++sessions_,
                      .start_ms = r.start_ms,
                      .end_ms = r.end_ms,
                      .client = r.src,
                      .server = r.dst,
                      .exporter = r.exporter};
      session.halves[kToServer] = {
          .octets = r.octets, .packets = r.packets, .flows = 1, .in_if = r.in_if, .out_if = r.out_if};
      session.sampling = r.sampling, session.quality = r.quality;
      store_.on_sessions({.sessions = {session}, .final_below = sessions_ + 1});
    }
  }

  void round() {
    const auto now = clock_.now_ms();
    for (const auto& v : source_->next(&view_, {}, seen_->read(&view_))) {
      if (v.key == "weir.interfaces") listed_.try_emplace(v.host, now);
      if (v.key != "weir.if.in[3]" && v.key != "weir.if.out[4]") continue;
      const auto end_ms = v.stamp.clock_s * kSecondMs;
      CAPTURE(v.host, v.key, v.value, (end_ms - kBegin) / kSecondMs);
      // Items of what has waited are there when its values come.
      REQUIRE(listed_.contains(v.host));
      if (now - end_ms > 3 * kMinuteMs) REQUIRE(listed_[v.host] < now);
      REQUIRE(rates_[{v.host, v.key}].emplace(end_ms, std::stod(v.value) / 8 * 60).second);
      told_at_[{v.host, end_ms}] = now;
      late_values_ += now - end_ms > 5 * kMinuteMs ? 1 : 0;
    }
  }

  struct Kept {
    std::int64_t first_ms = 0, last_ms = 0;
    std::uint32_t configured = 0;
    std::vector<LateRate> late;
  };

  Random random_;
  ManualClock clock_;
  AccountedStore store_;
  MonitorSettings settings_;
  DeviceView view_;
  std::atomic<bool> stopping_{false};
  std::vector<Device> devices_;
  std::vector<std::pair<std::int64_t, Device*>> table_ends_;  // when the second datagram of a table comes
  std::uint16_t next_port_ = 50'000;
  std::map<std::uint32_t, Kept> seen_before_;
  std::map<std::tuple<IpAddress, std::uint16_t, std::uint32_t, int>, StoredTemplate> templates_;
  std::map<std::tuple<IpAddress, std::uint16_t, int, std::uint64_t>, StoredRate> known_rates_;
  std::unique_ptr<ExporterTable> table_;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<QualityLedger> ledger_;
  std::unique_ptr<SeenInterfaces> seen_;
  std::unique_ptr<ValueSource> source_;
  std::vector<TimeRange> runs_;
  std::int64_t up_again_ms_ = 0;
  std::uint64_t sessions_ = 0;
  std::size_t late_values_ = 0, told_of_first_ = 0, told_of_later_ = 0;
  std::map<std::string, std::int64_t> listed_;  // since when
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> told_at_;
  std::map<std::pair<std::string, std::string>, std::map<std::int64_t, double>>
      rates_;  // octets of the minute, by its end
};

}  // namespace

TEST_CASE("values of exporters that sample: the truth about a whole minute, or none") {
  std::map<std::string, std::size_t> told;
  std::size_t late = 0, first = 0, later = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    World world(seed);
    world.run(4 * 3600);
    for (const auto& [host, count] : world.check()) told[host] += count;
    world.check_plain();
    world.check_late();
    late += world.late_values(), first += world.told_of_first(), later += world.told_of_later();
  }
  for (const char* host : {"old", "plain", "late", "sampler", "mute", "behind one"}) {
    CAPTURE(host);
    CHECK(told[host] > 100);
  }
  CHECK(told["two of a table"] == 0);  // which of the rates its records have is never known
  CHECK(late > 100);
  CHECK(first > 10);
  CHECK(later > 10);
}
