// Sums beside the sessions change no figure: of random sessions, some segments are summed in blocks, with units of
// random lengths and families left out at random, and every answer is checked against the reference.
#include <algorithm>

#include "query/local_answerer.hpp"
#include "scenario/conservation/checked_answer.hpp"
#include "store/memory_store.hpp"
#include "store/sums/memory_sums.hpp"
#include "store/sums/sum_merger.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

// A store with sums of some of its segments.
class SummedStore final : public Store {
 public:
  SummedStore(MemoryStore& store, Random& random) : store_(store) {
    auto segments = store_.snapshot({}).segments;
    while (!segments.empty()) {
      const auto count = 1 + random.below(segments.size());
      std::vector<std::shared_ptr<const Segment>> covered;
      for (std::size_t i = 0; i < count; ++i) {
        const auto at = random.below(segments.size());
        covered.push_back(segments[at]);
        segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(at));
      }
      if (!random.one_in(4)) add_block(std::move(covered), random);
    }
  }
  Snapshot snapshot(std::optional<TimeRange> range) override {
    auto snapshot = store_.snapshot(range);
    snapshot.sums = blocks_;
    return snapshot;
  }
  void on_sessions(SessionBatch&&) override {}
  void flush() override {}
  StoreStatus status() const override { return {}; }

 private:
  void add_block(std::vector<std::shared_ptr<const Segment>> covered, Random& random) {
    static constexpr std::int64_t kUnits[] = {1, 50, 250, 1000, 5000, 20'000, 100'000};
    SumLimits limits{.rows_per_segment = static_cast<std::uint32_t>(1 + random.below(40))};
    auto finest = kUnits[random.below(std::size(kUnits))];
    limits.units_ms = {finest};
    for (auto more = random.below(3); more > 0; --more)
      limits.units_ms.insert(limits.units_ms.begin(),
                             limits.units_ms.front() * static_cast<std::int64_t>(2 + random.below(5)));
    auto built = build_sums(covered, limits);
    if (random.one_in(2)) {
      // The same by way of several blocks.
      std::vector<std::shared_ptr<const SumBlock>> blocks;
      for (std::size_t at = 0; at < covered.size();) {
        const auto count = 1 + random.below(covered.size() - at);
        const std::vector<std::shared_ptr<const Segment>> some(
            covered.begin() + static_cast<std::ptrdiff_t>(at),
            covered.begin() + static_cast<std::ptrdiff_t>(at + count));
        auto of_some = build_sums(some, limits);
        REQUIRE(of_some.has_value());
        blocks.push_back(memory_sums(some, std::move(*of_some), limits));
        at += count;
      }
      built = merge_sums(blocks, limits);
    }
    REQUIRE(built.has_value());
    for (auto& level : built->levels) {
      for (auto& family : level.families) {
        if (random.one_in(8)) family.reset();
      }
    }
    blocks_.push_back(memory_sums(std::move(covered), std::move(*built), limits));
  }

  MemoryStore& store_;
  std::vector<std::shared_ptr<const SumBlock>> blocks_;
};

// What families have.
const std::vector<FieldId>& summed_fields() {
  static const std::vector<FieldId> kSummed{
      FieldId::kHost,     FieldId::kClient,   FieldId::kServer, FieldId::kHost,  FieldId::kServerPort,
      FieldId::kProtocol, FieldId::kExporter, FieldId::kInIf,   FieldId::kOutIf, FieldId::kInterface,
      FieldId::kTos,      FieldId::kSrcAs,    FieldId::kDstAs,  FieldId::kAs,    FieldId::kClientAs,
      FieldId::kCountry,  FieldId::kNetwork,  FieldId::kPrefix, FieldId::kDscp,  FieldId::kSampling,
      FieldId::kInVlan,   FieldId::kServerAs,
  };
  return kSummed;
}

Query summed_query(Random& random, const std::string& filter, bool unscaled) {
  auto query = random_query(random, filter, unscaled);
  query.by.clear();
  for (auto fields = random.below(3); fields > 0; --fields) {
    const auto field = summed_fields()[random.below(summed_fields().size())];
    if (std::find(query.by.begin(), query.by.end(), field) == query.by.end()) query.by.push_back(field);
  }
  if (query.rank != RankBy::kMeasure && query.rank != RankBy::kKey) query.rank = RankBy::kMeasure;
  if (random.one_in(3)) {
    // Whole units of any length that is used, as a window asks for long ranges.
    const auto unit = std::int64_t{20'000};
    const auto from = kWorldStartMs / unit * unit + unit * (static_cast<std::int64_t>(random.below(6)) - 1);
    const auto units = static_cast<std::int64_t>(1 + random.below(6));
    query.range = TimeRange{.from_ms = from, .to_ms = from + units * unit};
    if (query.buckets > 0) query.buckets = static_cast<std::uint32_t>(units * (random.one_in(2) ? 1 : 20));
  } else if (random.one_in(3)) {
    query.range.reset();
  }
  return query;
}

}  // namespace

TEST_CASE("sums beside sessions change no figure") {
  ManualClock clock{kWorldStartMs};
  std::uint64_t asked = 0, with_sums = 0, spared = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed + 9000);
    const auto world = random_world(random, 1 + random.below(seed % 10 == 0 ? 900 : 150));
    MemoryStore sessions(static_cast<std::uint32_t>(1 + random.below(60)));
    for (const auto& exporter : world.exporters) sessions.add_exporter(exporter);
    sessions.on_sessions({.sessions = world.sessions});
    SummedStore store(sessions, random);
    QueryControl control;
    control.derived = world.sources;
    CAPTURE(seed);
    for (int round = 0; round < 15; ++round) {
      const bool unscaled = random.one_in(5);
      const auto filter = random.one_in(2) ? RandomFilter{"", [](const Session&, SessionSide) { return true; }}
                                           : random_filter(random, world, unscaled, static_cast<int>(random.below(2)));
      const auto query = summed_query(random, filter.text, unscaled);
      std::string by;
      for (const auto field : query.by) by += std::string(field_info(field).word) + " ";
      CAPTURE(round, filter.text, by, query.buckets, query.limit, query.ascending);
      const Ask ask = [&](const Query& q) { return run_query(q, store, control); };
      const auto answer = ask(query);
      INFO((answer ? "" : answer.error().message));
      REQUIRE(answer.has_value());
      ++asked;
      with_sums += answer->work.sums != 0 ? 1 : 0;
      spared += answer->work.spared;
      check_table(query, *answer, reference_answer(world, query, filter.passes, answer->range));
      if (query.buckets > 0) check_chart(world, query, filter.passes, *answer);
      check_once(world, query, filter.passes, ask, *answer);
    }
    LocalAnswerer answerer(store, clock, [](std::uint32_t) { return IpAddress{}; });
    check_questions(random, world, answerer, control, 3);
  }
  CHECK(asked == 4500);
  CHECK(with_sums > 700);
  CHECK(spared > 1000);
}
