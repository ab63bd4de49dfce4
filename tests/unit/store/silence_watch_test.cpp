// When the silence of an exporter counts.
#include "store/silence_watch.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace weir;

namespace {

constexpr std::int64_t kSecond = 1000, kMinute = 60'000, kBegin = 1'800'000'000'000;

// Looks once a second at an exporter that is heard at the times that `heard(seconds)` says.
struct Watched {
  SilenceWatch watch;
  std::int64_t now_ms = kBegin, heard_ms = 0;
  std::vector<SilentTime> told;

  template <class F>
  void run(std::int64_t seconds, F heard) {
    for (std::int64_t s = 0; s < seconds; ++s) {
      now_ms += kSecond;
      if (heard(s)) heard_ms = now_ms;
      if (const auto silence = watch.look(heard_ms, now_ms)) told.push_back(*silence);
    }
  }
  void send(std::int64_t seconds) {
    run(seconds, [](auto) { return true; });
  }
  void be_silent(std::int64_t seconds) {
    run(seconds, [](auto) { return false; });
  }
};

}  // namespace

TEST_CASE("one that sends all the time is silent after a minute") {
  Watched w;
  w.send(120);
  w.be_silent(60);
  CHECK(w.told.empty());
  w.be_silent(10);
  REQUIRE(w.told.size() == 1);
  CHECK(w.told[0] == SilentTime{.from_ms = kBegin + 120 * kSecond, .to_ms = 0});
  w.be_silent(300);
  w.send(1);
  REQUIRE(w.told.size() == 2);
  CHECK(w.told[1] == SilentTime{.from_ms = kBegin + 120 * kSecond, .to_ms = kBegin + 491 * kSecond});
  // And again: outages are not taken for its habit.
  for (int i = 0; i < 5; ++i) {
    w.send(120);
    w.be_silent(200);
  }
  w.send(1);
  CHECK(w.told.size() == 2 + 5 * 2);
}

TEST_CASE("one that sends now and then is silent when it pauses clearly longer than it does") {
  Watched w;
  w.run(60 * 60, [](auto s) { return s % 300 == 0; });
  CHECK(w.told.empty());
  w.be_silent(600);
  REQUIRE(w.told.size() == 1);
}

TEST_CASE("nothing is said of one that was hardly heard") {
  Watched w;
  w.send(20);
  w.be_silent(3600);
  CHECK(w.told.empty());
}

TEST_CASE("a report per minute is no silence, whatever it jitters") {
  Watched w;
  w.run(3 * 60 * 60, [](auto s) { return s % 60 == (s / 60 * 7) % 5; });
  CHECK(w.told.empty());
}

TEST_CASE("what an earlier run knew holds for the next") {
  // Silent from the start on: the time before was the collector's.
  Watched w{.watch = SilenceWatch(kMinute, std::nullopt, kBegin)};
  w.be_silent(61);
  REQUIRE(w.told.size() == 1);
  CHECK(w.told[0] == SilentTime{.from_ms = kBegin, .to_ms = 0});
  // The silence that went on when the collector stopped.
  Watched open{.watch = SilenceWatch(kMinute, kBegin - kMinute, kBegin)};
  open.be_silent(61);
  CHECK(open.told.empty());
  open.send(1);
  REQUIRE(open.told.size() == 1);
  CHECK(open.told[0] == SilentTime{.from_ms = kBegin - kMinute, .to_ms = kBegin + 62 * kSecond});
  // One that sends at once is not silent, however long the collector was down.
  Watched back{.watch = SilenceWatch(kMinute, std::nullopt, kBegin)};
  back.send(120);
  CHECK(back.told.empty());
}

TEST_CASE("a clock that is set makes no silence that lasts for ever") {
  Watched w;
  w.send(120);
  w.now_ms -= 3600 * kSecond;
  w.send(120);
  w.be_silent(70);
  w.send(5);
  REQUIRE(w.told.size() == 2);
  CHECK(w.told[0].to_ms == 0);
  CHECK(w.told[1].from_ms == w.told[0].from_ms);
}
