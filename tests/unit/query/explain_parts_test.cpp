// Which parts of two stretches are compared, by hand and by chance.
#include "query/explain_parts.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;

namespace {

constexpr TimeRange kNow{.from_ms = 10'000, .to_ms = 11'000}, kThen{.from_ms = 9'000, .to_ms = 10'000};
constexpr TimeRange kStored{.from_ms = 0, .to_ms = 20'000};
constexpr std::int64_t kLater = 100'000;

RangeQuality heard(std::vector<Gap> gaps, std::uint32_t exporters = 3) {
  RangeQuality quality{.exporters = {}, .gaps = std::move(gaps)};
  for (std::uint32_t id = 1; id <= exporters; ++id) quality.exporters.push_back({.exporter = id});
  return quality;
}
Gap down(std::int64_t from, std::int64_t to) {
  return {.from_ms = from, .to_ms = to, .reason = GapReason::kCollectorDown};
}
Gap silent(std::uint32_t exporter, std::int64_t from, std::int64_t to) {
  return {.from_ms = from, .to_ms = to, .reason = GapReason::kNotHeard, .exporter = exporter};
}

}  // namespace

TEST_CASE("all of it, when all was heard") {
  const auto part = compared_part(kNow, heard({}), kThen, heard({}), kStored, kLater);
  CHECK(part.comparable == Comparable::kWhole);
  CHECK(part.now == kNow);
  CHECK(part.then == kThen);
  CHECK(part.left_out.empty());
}

TEST_CASE("where the collector was down in one of the two, the same part of the other is left away") {
  const auto part =
      compared_part(kNow, heard({down(10'900, 11'000)}), kThen, heard({down(9'000, 9'300)}), kStored, kLater);
  CHECK(part.comparable == Comparable::kPart);
  CHECK(part.now == TimeRange{10'300, 10'900});
  CHECK(part.then == TimeRange{9'300, 9'900});
}

TEST_CASE("when less than half is left, nothing is compared") {
  CHECK(compared_part(kNow, heard({}), kThen, heard({down(9'200, 9'800)}), kStored, kLater).comparable ==
        Comparable::kNotHeard);
  CHECK(compared_part(kNow, heard({down(10'000, 11'000)}), kThen, heard({}), kStored, kLater).comparable ==
        Comparable::kNotHeard);
  CHECK(compared_part(kNow, heard({down(10'450, 10'550)}), kThen, heard({}), kStored, kLater).comparable ==
        Comparable::kNotHeard);
}

TEST_CASE("an exporter that was silent for long is left out; when it is the only one, its time is") {
  const auto three = compared_part(kNow, heard({silent(2, 10'600, 11'000)}), kThen, heard({}), kStored, kLater);
  CHECK(three.comparable == Comparable::kWhole);
  CHECK(three.left_out == std::vector<std::uint32_t>{2});
  const auto one = compared_part(kNow, heard({silent(1, 10'600, 11'000)}, 1), kThen, heard({}, 1), kStored, kLater);
  CHECK(one.comparable == Comparable::kPart);
  CHECK(one.left_out.empty());
  CHECK(one.now == TimeRange{10'000, 10'600});
}

TEST_CASE("what is not complete yet, or still to come, is no part of it") {
  auto late = heard({});
  late.exporters[0].complete_to_ms = 10'900;
  CHECK(compared_part(kNow, late, kThen, heard({}), kStored, kLater).now == TimeRange{10'000, 10'900});
  CHECK(compared_part(kNow, heard({}), kThen, heard({}), kStored, 10'700).now == TimeRange{10'000, 10'700});
}

TEST_CASE("before the first stored session nothing is known") {
  CHECK(compared_part(kNow, heard({}), kThen, heard({}), TimeRange{10'000, 20'000}, kLater).comparable ==
        Comparable::kNothingStored);
  CHECK(compared_part(kNow, heard({}), kThen, heard({}), std::nullopt, kLater).comparable ==
        Comparable::kNothingStored);
  CHECK(compared_part(kNow, heard({}), kThen, heard({}), TimeRange{9'300, 20'000}, kLater).then ==
        TimeRange{9'300, 10'000});
}

TEST_CASE("what is compared was heard in both, of everybody who is not left out") {
  testing::Random random(7);
  for (int round = 0; round < 20'000; ++round) {
    const auto exporters = static_cast<std::uint32_t>(1 + random.below(4));
    const auto some_quality = [&](const TimeRange& range) {
      std::vector<Gap> gaps;
      for (auto n = random.below(4); n > 0; --n) {
        const auto from = range.from_ms + static_cast<std::int64_t>(random.below(1000));
        const auto to =
            std::min(range.to_ms, from + 1 + static_cast<std::int64_t>(random.below(random.one_in(3) ? 900 : 100)));
        gaps.push_back(random.one_in(3) ? down(from, to)
                                        : silent(1 + static_cast<std::uint32_t>(random.below(exporters)), from, to));
      }
      std::sort(gaps.begin(), gaps.end(), [](const Gap& a, const Gap& b) { return a.from_ms < b.from_ms; });
      auto quality = heard(gaps, exporters);
      if (random.one_in(4))
        quality.exporters[random.below(exporters)].complete_to_ms =
            range.from_ms + static_cast<std::int64_t>(random.below(1001));
      return quality;
    };
    const auto now = some_quality(kNow), then = some_quality(kThen);
    const auto part = compared_part(kNow, now, kThen, then, kStored, kLater);
    if (part.comparable != Comparable::kWhole && part.comparable != Comparable::kPart) continue;
    CAPTURE(round);
    REQUIRE(part.now.to_ms - part.now.from_ms == part.then.to_ms - part.then.from_ms);
    REQUIRE((part.now.to_ms - part.now.from_ms) * 2 >= kNow.to_ms - kNow.from_ms);
    REQUIRE(part.now.from_ms - kNow.from_ms == part.then.from_ms - kThen.from_ms);
    REQUIRE((part.left_out.size() < exporters));
    const auto counts = [&](std::uint32_t exporter) {
      return std::find(part.left_out.begin(), part.left_out.end(), exporter) == part.left_out.end();
    };
    for (const auto& [quality, range] : {std::pair{&now, part.now}, std::pair{&then, part.then}}) {
      for (const auto& gap : quality->gaps) {
        if (gap.reason == GapReason::kNotHeard && !counts(gap.exporter)) continue;
        REQUIRE((gap.to_ms <= range.from_ms || gap.from_ms >= range.to_ms));
      }
      for (const auto& e : quality->exporters)
        REQUIRE((e.complete_to_ms == 0 || !counts(e.exporter) || e.complete_to_ms >= range.to_ms));
    }
  }
}
