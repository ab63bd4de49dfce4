// The account of what is missing, against a plain model: exporters that fall silent, collectors that stop or are
// killed, losses that turn out to be none.
#include "store/sqlite/quality_ledger.hpp"

#include <memory>

#include "support/catch.hpp"
#include "support/generated_sessions.hpp"
#include "unit/store/temporary_folder.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

constexpr std::int64_t kBegin = 1'800'000'000'000, kSecond = 1000, kMinute = 60'000;
constexpr std::uint32_t kExporters = 3;

struct Span {
  std::int64_t from_ms = 0, to_ms = 0;
};
bool within(const Span& part, const std::vector<Span>& allowed, std::int64_t slack_ms) {
  // What of the part is not allowed, moment by moment: spans are few.
  for (auto at = part.from_ms; at < part.to_ms; at += kSecond) {
    const bool ok = std::any_of(allowed.begin(), allowed.end(),
                                [&](const Span& s) { return at >= s.from_ms - slack_ms && at < s.to_ms + slack_ms; });
    if (!ok) return false;
  }
  return true;
}

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), clock_(kBegin), catalog_(folder_ / "catalog.sqlite", clock_) {
    start();
  }

  void run(std::int64_t seconds) {
    for (std::int64_t s = 0; s < seconds; ++s) second();
    if (ledger_) stop(true);
  }

  void check(const TimeRange& range, const std::vector<std::uint32_t>& ids) {
    const auto quality = catalog_.with([&](Catalog& c) { return c.quality().in_range(range, ids, now_ms_, false); });
    for (const auto& of : quality.exporters) {
      std::int64_t lost = 0;
      for (const auto& [key, n] : saved_) {
        if (key.second == of.exporter && key.first * kMinute < range.to_ms && (key.first + 1) * kMinute > range.from_ms)
          lost += n;
      }
      CAPTURE(range.from_ms, range.to_ms, of.exporter);
      REQUIRE(of.lost == static_cast<std::uint64_t>(lost));
    }
    for (const auto& gap : quality.gaps) {
      REQUIRE(gap.from_ms >= range.from_ms);
      REQUIRE(gap.to_ms <= range.to_ms);
      if (gap.reason == GapReason::kNotHeard) REQUIRE(std::find(ids.begin(), ids.end(), gap.exporter) != ids.end());
    }
  }

  void check_gaps() {
    const TimeRange all{.from_ms = kBegin, .to_ms = now_ms_};
    const auto quality = catalog_.with([&](Catalog& c) {
      return c.quality().in_range(all, {1, 2, 3}, now_ms_, false);
    });
    std::vector<Span> down, heard[kExporters + 1];
    for (const auto& gap : quality.gaps) {
      (gap.reason == GapReason::kCollectorDown ? down : heard[gap.exporter]).push_back({gap.from_ms, gap.to_ms});
    }
    // A kill is known to the last beat.
    for (const auto& gap : down) REQUIRE(within(gap, down_, kBeatMs + 2 * kSecond));
    for (const auto& time : down_) REQUIRE(within(time, down, 2 * kSecond));
    for (std::uint32_t e = 1; e <= kExporters; ++e) {
      CAPTURE(e);
      auto allowed = silent_[e];
      allowed.insert(allowed.end(), down_.begin(), down_.end());
      for (const auto& gap : heard[e]) {
        CAPTURE(gap.from_ms - kBegin, gap.to_ms - kBegin);
        REQUIRE(within(gap, allowed, 2 * kSecond));
      }
      for (const auto& time : certain_[e]) {
        CAPTURE(time.from_ms - kBegin, time.to_ms - kBegin);
        REQUIRE(within(time, heard[e], 2 * kSecond));
      }
    }
  }
  std::int64_t now_ms() const { return now_ms_; }
  Random& random() { return random_; }
  std::size_t certain() const { return certain_[1].size() + certain_[2].size() + certain_[3].size(); }

 private:
  struct Sender {
    std::int64_t silent_for = 0;  // seconds
    std::int64_t sending_since_ms = 0, silent_since_ms = 0;
    std::vector<std::pair<std::int64_t, std::int64_t>> outstanding;  // minute, lost
  };

  void start() {
    table_ = std::make_unique<ExporterTable>(16);
    for (std::uint32_t id = 1; id <= kExporters; ++id) table_->restore(id, IpAddress::from_v4(0xc000'0200 + id));
    table_->place_restored([](const IpAddress&) { return false; });
    for (std::uint32_t id = 1; id <= kExporters; ++id) table_->admit(IpAddress::from_v4(0xc000'0200 + id), now_ms_);
    ledger_ = std::make_unique<QualityLedger>(*table_, catalog_, QualityLedger::Of::kCollector);
    ledger_->restore(now_ms_);
    for (std::uint32_t e = 1; e <= kExporters; ++e) {
      senders_[e].outstanding.clear();
      senders_[e].sending_since_ms = now_ms_;
    }
    started_ms_ = now_ms_;
  }
  void stop(bool cleanly) {
    if (cleanly) {
      ledger_->look(now_ms_);
      save();
    }
    ledger_.reset();
    unsaved_.clear();
    // What the collector was told of is certain only when it was saved.
    for (std::uint32_t e = 1; e <= kExporters; ++e) {
      for (const auto& span : ended_[e]) {
        if (cleanly || span.to_ms + kBeatMs + 2 * kSecond < now_ms_) certain_[e].push_back(span);
      }
      ended_[e].clear();
      if (senders_[e].silent_for > 0) silent_[e].push_back({senders_[e].silent_since_ms, now_ms_});
    }
    down_since_ms_ = now_ms_;
  }
  void save() {
    ledger_->save(now_ms_);
    for (const auto& [key, n] : unsaved_) saved_[key] += n;
    unsaved_.clear();
  }

  void second() {
    now_ms_ += kSecond;
    clock_.set(now_ms_);
    if (!ledger_) {
      if (--down_for_ > 0) return;
      down_.push_back({down_since_ms_, now_ms_});
      start();
    }
    if (random_.one_in(2500)) {
      down_for_ = 5 + static_cast<std::int64_t>(random_.below(900));
      return stop(random_.one_in(2));
    }
    ledger_->look(now_ms_);
    if (ledger_->is_save_due(now_ms_)) save();
    for (std::uint32_t e = 1; e <= kExporters; ++e) send(e);
  }

  void send(std::uint32_t e) {
    auto& sender = senders_[e];
    if (sender.silent_for > 0 && --sender.silent_for == 0) {
      const Span silent{std::max(sender.silent_since_ms, started_ms_), now_ms_};
      silent_[e].push_back(silent);
      const bool known =
          sender.silent_since_ms > started_ms_ && sender.silent_since_ms - sender.sending_since_ms > 5 * kMinute;
      if (known && silent.to_ms - silent.from_ms > 2 * kMinute) ended_[e].push_back(silent);
      sender.sending_since_ms = now_ms_;
    }
    if (sender.silent_for > 0) return;
    auto& exporter = *table_->find(e);
    exporter.last_seen_ms = now_ms_;
    const auto minute = now_ms_ / kMinute;
    if (random_.one_in(40)) {
      const auto n = 1 + static_cast<std::int64_t>(random_.below(50));
      exporter.lost += static_cast<std::uint64_t>(n);
      unsaved_[{minute, e}] += n;
      sender.outstanding.emplace_back(minute, n);
    } else if (random_.one_in(60) && !sender.outstanding.empty()) {
      // Some of the last loss comes late after all.
      auto& [of, n] = sender.outstanding.back();
      const auto late = 1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(n)));
      exporter.lost -= static_cast<std::uint64_t>(late);
      unsaved_[{of, e}] -= late;
      if ((n -= late) == 0) sender.outstanding.pop_back();
    }
    if (random_.one_in(900)) {
      sender.silent_for = 1 + static_cast<std::int64_t>(random_.below(600));
      sender.silent_since_ms = now_ms_;
    }
  }

  TemporaryFolder folder_;
  Random random_;
  ManualClock clock_;
  LiveCatalog catalog_;
  std::unique_ptr<ExporterTable> table_;
  std::unique_ptr<QualityLedger> ledger_;
  std::int64_t now_ms_ = kBegin, started_ms_ = kBegin, down_for_ = 0, down_since_ms_ = 0;
  Sender senders_[kExporters + 1];
  std::map<std::pair<std::int64_t, std::uint32_t>, std::int64_t> unsaved_, saved_;
  std::vector<Span> down_, silent_[kExporters + 1], ended_[kExporters + 1], certain_[kExporters + 1];
};

}  // namespace

TEST_CASE("what is missing is what a plain model says, of any range and any exporters") {
  std::size_t certain = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    World world(seed);
    world.run(3 * 3600);
    world.check_gaps();
    certain += world.certain();
    for (int i = 0; i < 200; ++i) {
      auto& random = world.random();
      const auto span = static_cast<std::uint64_t>(world.now_ms() - kBegin);
      const auto from = kBegin + static_cast<std::int64_t>(random.below(span)),
                 to = kBegin + static_cast<std::int64_t>(random.below(span));
      std::vector<std::uint32_t> ids;
      for (std::uint32_t e = 1; e <= kExporters; ++e) {
        if (random.one_in(2)) ids.push_back(e);
      }
      if (from != to) world.check({.from_ms = std::min(from, to), .to_ms = std::max(from, to)}, ids);
    }
  }
  CHECK(certain > 5);  // the test looked at some
}

TEST_CASE("a data set that waited and got its template is missing no longer") {
  TemporaryFolder folder;
  const ManualClock clock(kBegin);
  LiveCatalog catalog(folder / "catalog.sqlite", clock);
  ExporterTable table(4);
  auto* exporter = table.find_or_add(*parse_ip_address("192.0.2.1"));
  QualityLedger ledger(table, catalog, QualityLedger::Of::kCollector);
  const auto waiting = [&] {
    const auto quality = catalog.with([&](Catalog& c) {
      return c.quality().in_range({.from_ms = kBegin - kMinute, .to_ms = kBegin + 60 * kMinute}, {exporter->id},
                                  kBegin + kMinute, true);
    });
    return quality.exporters.at(0).waiting;
  };
  exporter->waiting_for_template = 5;
  ledger.look(kBegin);
  ledger.save(kBegin);
  CHECK(waiting() == 5);
  exporter->waiting_for_template = 2;
  ledger.look(kBegin + 10 * kMinute);
  ledger.save(kBegin + 10 * kMinute);
  CHECK(waiting() == 2);
}

TEST_CASE("traffic is complete up to the longest report before the exporter was last heard") {
  TemporaryFolder folder;
  const ManualClock clock(kBegin);
  LiveCatalog catalog(folder / "catalog.sqlite", clock);
  ExporterTable table(4);
  auto* slow = table.find_or_add(*parse_ip_address("192.0.2.1"));
  auto* fast = table.find_or_add(*parse_ip_address("192.0.2.2"));
  QualityLedger ledger(table, catalog, QualityLedger::Of::kCollector);
  auto now = kBegin;
  for (int s = 0; s < 200; ++s, now += kSecond) {
    slow->last_seen_ms = fast->last_seen_ms = now;
    slow->longest_report_ms = 60 * kSecond;
    fast->longest_report_ms = 5 * kSecond;
    ledger.look(now);
  }
  std::vector<CatalogExporter> known;
  for (const auto* e : {slow, fast})
    known.push_back({.id = e->id, .address = e->address, .last_seen_ms = e->last_seen_ms});
  catalog.with([&](Catalog& c) { c.save_exporters(known); });
  ledger.save(now);
  const auto of = [&](bool running) {
    return catalog
        .with([&](Catalog& c) {
          return c.quality().in_range({.from_ms = kBegin, .to_ms = now}, {slow->id, fast->id}, now, running);
        })
        .exporters;
  };
  CHECK(of(true).at(0).complete_to_ms == slow->last_seen_ms - 60 * kSecond);
  CHECK(of(true).at(1).complete_to_ms == fast->last_seen_ms - 5 * kSecond);
  // Nothing more comes to a collector that does not run.
  CHECK(of(false).at(0).complete_to_ms == 0);
}

TEST_CASE("a capture covers its time, and fills the hole between two runs") {
  const std::vector<CollectedTime> times{{.start_ms = 1000, .end_ms = 2000},
                                         {.start_ms = 2500, .end_ms = 3000, .imported = true},
                                         {.start_ms = 4000, .end_ms = 5000}};
  const TimeRange all{.from_ms = 0, .to_ms = 10'000};
  using Gaps = std::vector<Gap>;
  CHECK(collector_gaps(times, all, 5500, true) ==
        Gaps{{.from_ms = 2000, .to_ms = 2500}, {.from_ms = 3000, .to_ms = 4000}});
  CHECK(collector_gaps(times, all, 5500, false) ==
        Gaps{{.from_ms = 2000, .to_ms = 2500}, {.from_ms = 3000, .to_ms = 4000}, {.from_ms = 5000, .to_ms = 5500}});
  CHECK(collector_gaps({}, all, 5500, false).empty());
  CHECK(collector_gaps({{.start_ms = 1000, .end_ms = 2000, .imported = true}}, all, 5500, false).empty());
  // A run that began before another ended, as clocks that are set may have it.
  CHECK(collector_gaps({{.start_ms = 1000, .end_ms = 4000}, {.start_ms = 2000, .end_ms = 3000}}, all, 4000, true)
            .empty());
}
