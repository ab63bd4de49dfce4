// The first bucket of a rise or fall.
#include "query/explain_since.hpp"

#include <cmath>

#include "support/catch.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;

namespace {

using Sums = std::vector<std::uint64_t>;

Sums step(std::size_t count, std::size_t at, std::uint64_t low, std::uint64_t high) {
  Sums sums(count, low);
  for (auto i = at; i < count; ++i) sums[i] = high;
  return sums;
}

}  // namespace

TEST_CASE("a step up begins where it begins, and a step down") {
  for (const std::size_t at : {1u, 10u, 50u, 70u, 99u}) {
    CAPTURE(at);
    CHECK(first_risen(step(100, at, 10, 100), 50, true) == at);
    CHECK(first_risen(step(100, at, 0, 7), 50, true) == at);
    CHECK(first_risen(step(100, at, 100, 10), 50, false) == at);
  }
}

TEST_CASE("what rose for a while began where it rose") {
  auto sums = step(100, 60, 10, 90);
  for (std::size_t i = 65; i < 100; ++i) sums[i] = 10;
  CHECK(first_risen(sums, 50, true) == 60);
}

TEST_CASE("a single high bucket long before is not the beginning") {
  auto sums = step(100, 70, 10, 90);
  sums[20] = 120;
  CHECK(first_risen(sums, 50, true) == 70);
}

TEST_CASE("without a step there is no beginning") {
  CHECK_FALSE(first_risen(Sums(100, 5), 50, true));
  CHECK_FALSE(first_risen(Sums(100, 0), 50, false));
  CHECK_FALSE(first_risen({}, 0, true));
  CHECK_FALSE(first_risen({1}, 0, true));
  // Only before the stretch.
  auto sums = Sums(100, 0);
  sums[10] = 50;
  CHECK_FALSE(first_risen(sums, 50, true));
}

TEST_CASE("with noise the beginning is found to the bucket") {
  testing::Random random(3);
  for (int round = 0; round < 500; ++round) {
    const auto at = static_cast<std::size_t>(20 + random.below(150));
    Sums sums;
    for (std::size_t i = 0; i < 200; ++i) sums.push_back((i >= at ? 1000 : 100) + random.below(i >= at ? 300 : 100));
    CAPTURE(round, at);
    REQUIRE(first_risen(sums, 100, true) == at);
  }
}

TEST_CASE("noise is how much blocks of the whole vary") {
  CHECK(noise_of(Sums(64, 100)) == 0.0);
  CHECK_FALSE(noise_of(Sums(64, 0)));
  CHECK_FALSE(noise_of(Sums(7, 1)));
  auto sums = Sums(64, 0);
  sums[5] = 100;  // one block has it all
  CHECK(std::abs(*noise_of(sums) - 1) < 1e-9);
}
