// Times and durations as typed on the command line.
#include "app/time_text.hpp"
#include "core/rfc3339.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {
constexpr std::int64_t kNow = 1'795'600'000'000;
std::int64_t time(const std::string& text) {
  const auto t = parse_time(text, kNow);
  CAPTURE(text);
  REQUIRE(t.has_value());
  return *t;
}
}  // namespace

TEST_CASE("times are ISO 8601, epoch milliseconds, now, or before now") {
  CHECK(time("now") == kNow);
  CHECK(time("-1h") == kNow - 3'600'000);
  CHECK(time("-250ms") == kNow - 250);
  CHECK(time("1700000000000") == 1'700'000'000'000);
  CHECK(time("2023-11-14") == 1'699'920'000'000);
  CHECK(time("2023-11-14T22:13") == 1'699'999'980'000);
  CHECK(time("2023-11-14T22:13:20Z") == 1'700'000'000'000);
  CHECK(time("2023-11-14T22:13:20.25Z") == 1'700'000'000'250);
  CHECK(time("2023-11-14T23:13:20+01:00") == 1'700'000'000'000);
  CHECK(time("2023-11-14 16:43:20-0530") == 1'700'000'000'000);
  CHECK(rfc3339_text(1'700'000'000'250) == "2023-11-14T22:13:20.250Z");
}

TEST_CASE("what is no time says what would be one") {
  for (const char* wrong : {"", "yesterday", "-1", "-1x", "2023-13-01", "2023-02-31", "2023-11-14T25:00", "2023-11-14T22:13:20.Z", "2023-11-14T22:13Zx", "12:30"}) {
    CAPTURE(wrong);
    const auto t = parse_time(wrong, kNow);
    REQUIRE_FALSE(t.has_value());
    CHECK(t.error().message.find("give ISO 8601") != std::string::npos);
  }
}

TEST_CASE("durations need a unit and do not overflow") {
  CHECK(*parse_duration("15m") == 900'000);
  CHECK(*parse_duration("2w") == 1'209'600'000);
  for (const char* wrong : {"15", "m", "-5m", "5 m", "99999999999999999w", "1.5h"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_duration(wrong).has_value());
  }
}
