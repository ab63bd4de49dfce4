// What is remembered of an agent's data sources stays within its bounds.
#include "decode/sample_sources.hpp"

#include "support/catch.hpp"

using namespace weir;

TEST_CASE("Data sources are remembered up to the bound of rates, and only within the memory for state") {
  SampleSources sources(4);
  for (std::uint32_t i = 0; i < 100; ++i) sources.advance({.index = i}, {.sequence = 1}, i, true);
  CHECK(sources.bytes() == 4 * SampleSources::kSourceBytes);
  CHECK(sources.advance({.index = 99}, {.sequence = 5}, 100, true).lost == 3);
  CHECK(sources.advance({.index = 200}, {.sequence = 5}, 100, false).lost == 0);
  CHECK(sources.bytes() == 4 * SampleSources::kSourceBytes);
  sources.forget_before(100);
  CHECK(sources.bytes() == 2 * SampleSources::kSourceBytes);
  SampleSources none(4);
  none.advance({.index = 1}, {.sequence = 1}, 0, false);
  CHECK(none.bytes() == 0);
}
