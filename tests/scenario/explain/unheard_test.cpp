// Times in which the collector or an exporter was not heard: an explanation compares only what was heard in both
// stretches.
#include <algorithm>

#include "scenario/explain/planted_world.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

// A store that knows of times in which nothing was heard.
class UnheardStore final : public Store {
 public:
  UnheardStore(Store& store, std::vector<Gap> gaps, std::uint32_t exporters)
      : store_(store), gaps_(std::move(gaps)), exporters_(exporters) {}
  Snapshot snapshot(std::optional<TimeRange> range) override { return store_.snapshot(range); }
  void on_sessions(SessionBatch&&) override {}
  void flush() override {}
  StoreStatus status() const override { return {}; }
  RangeQuality quality(const TimeRange& range, const std::vector<std::uint32_t>&, std::int64_t) override {
    RangeQuality quality;
    for (std::uint32_t id = 1; id <= exporters_; ++id) quality.exporters.push_back({.exporter = id});
    for (auto gap : gaps_) {
      gap.from_ms = std::max(gap.from_ms, range.from_ms);
      gap.to_ms = std::min(gap.to_ms, range.to_ms);
      if (gap.from_ms < gap.to_ms) quality.gaps.push_back(gap);
    }
    return quality;
  }

 private:
  Store& store_;
  std::vector<Gap> gaps_;
  std::uint32_t exporters_;
};

}  // namespace

TEST_CASE("a time in which the collector did not listen is no fall, and what follows is no rise") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(1300 + seed);
    const bool now_is_missing = world.random().one_in(2);
    const auto missing = now_is_missing ? Stretch::kNow : Stretch::kBefore;
    const auto range = world.range_of(missing);
    // From nearly nothing to nearly all of the stretch.
    const double part = between(world.random(), 0.05, 0.98);
    const auto from = range.from_ms + static_cast<std::int64_t>(between(world.random(), 0, 1 - part) *
                                                                static_cast<double>(world.length()));
    const auto to = from + static_cast<std::int64_t>(part * static_cast<double>(world.length()));
    world.change(missing, [&](Session& s) { return s.end_ms < from || s.start_ms >= to; });
    UnheardStore store(world.store(), {{.from_ms = from - 40'000, .to_ms = to, .reason = GapReason::kCollectorDown}},
                       world.exporters());
    const auto e = explain({.range = world.range(), .filter = {}, .against = {before_of(world.range())}}, store,
                           {.now_ms = world.range().to_ms + 3'600'000});
    REQUIRE(e.has_value());
    const auto text = text_of(*e);
    CAPTURE(seed, part, now_is_missing, text);
    CHECK(e->comparisons.at(0).comparable != Comparable::kWhole);
    CHECK_FALSE(holds(text, "a rise of"));
    CHECK_FALSE(holds(text, "a fall of"));
    CHECK(holds(text, "not heard"));
    CHECK((e->verdict == ExplainVerdict::kNothingUnusual || e->verdict == ExplainVerdict::kNotComparable));
  }
}

TEST_CASE("an exporter that fell silent is named, and left out") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    PlantedWorld world(1400 + seed);
    if (world.exporters() < 2) continue;
    const auto at = world.range().from_ms + world.length() / 3;
    world.change(Stretch::kNow, [&](Session& s) { return s.exporter != 2 || s.end_ms < at; });
    UnheardStore store(
        world.store(),
        {{.from_ms = at, .to_ms = world.range().to_ms + 10'000, .reason = GapReason::kNotHeard, .exporter = 2}},
        world.exporters());
    const auto e = explain({.range = world.range(), .filter = {}}, store, {.now_ms = world.range().to_ms + 3'600'000});
    REQUIRE(e.has_value());
    const auto text = text_of(*e);
    CAPTURE(seed, text);
    CHECK(holds(text, "Exporter 192.0.2.2 is left out"));
    CHECK_FALSE(holds(text, "a fall of"));
    CHECK(e->causes.empty());
  }
}
