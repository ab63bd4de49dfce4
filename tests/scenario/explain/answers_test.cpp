// What holds of every explanation: exact figures, the same answer twice, words where something is missing or wrong.
#include "scenario/explain/planted_world.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("figures are those of a query of the same filter and stretch, and two answers are the same") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    PlantedWorld world(1500 + seed);
    world.add(Stretch::kNow, {.client = world.inside(),
                              .server = world.outside(),
                              .server_port = 873,
                              .octets = 2 * world.ordinary_octets(),
                              .sent_by_client = 0.98});
    const auto e = world.explained();
    const auto text = text_of(e);
    CAPTURE(seed, text);
    CHECK(text == text_of(world.explained()));
    REQUIRE_FALSE(e.causes.empty());
    for (const auto& cause : e.causes) {
      for (std::size_t i = 0; i < e.comparisons.size(); ++i) {
        REQUIRE(cause.figures[i]);
        CHECK(cause.figures[i]->now ==
              run_query({.range = e.comparisons[i].now, .filter = cause.item.filter}, world.store())->totals);
        CHECK(cause.figures[i]->then ==
              run_query({.range = e.comparisons[i].then, .filter = cause.item.filter}, world.store())->totals);
      }
    }
  }
}

TEST_CASE("nothing is stored of last week: it says so, and calls nothing usual") {
  PlantedWorld world(1600);
  world.change(Stretch::kLastWeek, [](Session&) { return false; });
  const auto e = world.explained();
  const auto text = text_of(e);
  CAPTURE(text);
  CHECK(e.comparisons.at(1).comparable == Comparable::kNothingStored);
  CHECK(says(text, "Nothing is stored of the same time last week"));
  CHECK(e.verdict == ExplainVerdict::kNothingUnusual);

  world.store();
  MemoryStore empty;
  const auto nothing = explain({.range = world.range(), .filter = {}}, empty);
  REQUIRE(nothing.has_value());
  CHECK(nothing->verdict == ExplainVerdict::kNotComparable);
}

TEST_CASE("what is asked wrongly is refused in words") {
  PlantedWorld world(1700);
  const auto failure = [&](ExplainQuery query) {
    const auto e = explain(query, world.store());
    return e ? "" : e.error().message;
  };
  CHECK(says(failure({.range = {.from_ms = 5, .to_ms = 5}, .filter = {}}), "range"));
  CHECK(says(failure({.range = world.range(), .filter = "host"}), "host"));
  CHECK(says(failure({.range = world.range(),
                      .filter = {},
                      .against = {{.against = Against::kRange, .range = {.from_ms = 0, .to_ms = 10}}}}),
             "as long as the range"));
  CHECK(says(
      failure({.range = world.range(), .filter = {}, .against = std::vector<Baseline>(5, before_of(world.range()))}),
      "at most 4"));
}
