// How fast passwords can be guessed, whoever guesses.
#include "console/guess_brake.hpp"

#include <random>

#include "support/catch.hpp"

using namespace weir;

namespace {

ClientNetwork network(unsigned number) { return client_network(IpAddress::from_v4(0xc0000200u + number)); }
constexpr std::int64_t kPatience = 15'000;

}  // namespace

TEST_CASE("the first guess is checked at once, and the pause doubles with each wrong one") {
  GuessBrake brake(1000);
  std::int64_t now = 1'000'000;
  CHECK(brake.wait_ms(network(1), now, kPatience) == 0);
  for (const std::int64_t pause : {2000, 4000, 8000, 15'000, 15'000}) {
    brake.wrong(network(1), now);
    const auto wait = brake.wait_ms(network(1), now, kPatience);
    REQUIRE(wait);
    CHECK(*wait == pause);
    now += *wait;
  }
}

TEST_CASE("guesses at the same time are checked one after the other, and those that would wait too long not at all") {
  GuessBrake brake(1000);
  int checked = 0;
  for (int i = 0; i < 100; ++i) checked += brake.wait_ms(network(1), 5000, kPatience).has_value();
  CHECK(checked == 16);
}

TEST_CASE("the right password, or ten quiet minutes, ends the pause") {
  GuessBrake brake(1000);
  for (int i = 0; i < 5; ++i) brake.wrong(network(1), 1000), brake.wrong(network(2), 1000);
  brake.right(network(1));
  CHECK(brake.wait_ms(network(1), 2000, kPatience) == 0);
  CHECK(brake.wait_ms(network(2), 1000 + GuessBrake::kForgetMs, kPatience) == 0);
  const auto next = brake.wait_ms(network(2), 1000 + GuessBrake::kForgetMs, kPatience);
  REQUIRE(next);
  CHECK(*next == 1000);
}

TEST_CASE("however many networks guess, a day has few guesses, and who does not guess is let in soon") {
  for (const unsigned networks : {1u, 10u, 5000u}) {
    std::mt19937 random(networks);
    GuessBrake brake(1000);
    std::multimap<std::int64_t, unsigned> due;
    int checked = 0;
    constexpr std::int64_t kHour = 3'600'000;
    for (std::int64_t now = 0; now < kHour; now += 50) {
      for (int i = 0; i < 5; ++i) {
        const auto guesser = static_cast<unsigned>(random() % networks);
        if (const auto wait = brake.wait_ms(network(guesser), now, kPatience)) due.emplace(now + *wait, guesser);
      }
      while (!due.empty() && due.begin()->first <= now) {
        brake.wrong(network(due.begin()->second), now);
        due.erase(due.begin());
        ++checked;
      }
    }
    CAPTURE(networks);
    CHECK(checked <= 3600 + 1500);
    CHECK(checked >= 100);
  }
}
