// Times and durations as people write them.
#include "core/time_text.hpp"
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

TEST_CASE("times are ISO 8601, epoch seconds or milliseconds, now, or before now") {
  CHECK(time("now") == kNow);
  CHECK(time("-1h") == kNow - 3'600'000);
  CHECK(time("now-1.5h") == kNow - 5'400'000);
  CHECK(time("-250ms") == kNow - 250);
  CHECK(time("-9999w") == 0);
  CHECK(time("0") == 0);
  CHECK(time("1700000000") == 1'700'000'000'000);
  CHECK(time("1700000000.25") == 1'700'000'000'250);
  CHECK(time("1700000000000") == 1'700'000'000'000);
  CHECK(time("2023-11-14") == 1'699'920'000'000);
  CHECK(time("2023-11-14T22:13") == 1'699'999'980'000);
  for (const char* text : {"2023-11-14T22:13:20", "2023-11-14T22:13:20Z", "2023-11-14t22:13:20z",
                           "2023-11-14 22:13:20 UTC", "2023-11-14T23:13:20+01:00", "2023-11-14T23:13:20+01",
                           "2023-11-14 16:43:20-0530", "2023-11-14T22:13:19.99999999+00:00"}) {
    CHECK(time(text) / 10 == 170'000'000'000 - (std::string(text).find(".9") == std::string::npos ? 0 : 1));
  }
  CHECK(time("2023-11-14T22:13:20.25Z") == 1'700'000'000'250);
  CHECK(time("2016-12-31T23:59:60Z") == time("2017-01-01T00:00:00Z"));
  CHECK(rfc3339_text(1'700'000'000'250) == "2023-11-14T22:13:20.250Z");
}

TEST_CASE("what is no time says what would be one") {
  for (const char* wrong : {"", "yesterday", "-1", "-1x", "now+1h", "2023-13-01", "2023-02-31", "2023-11-14T25:00",
                            "2023-11-14T22:13:20.Z", "2023-11-14T22:13Zx", "12:30", "1969-12-31"}) {
    CAPTURE(wrong);
    const auto t = parse_time(wrong, kNow);
    REQUIRE_FALSE(t.has_value());
    CHECK(t.error().message.find("is not a time") != std::string::npos);
  }
  for (const char* ambiguous :
       {"1", "20231114", "170000000", "17000000000", "170000000000", "1700000000000000", "1700000000000.5", "1.7"}) {
    CAPTURE(ambiguous);
    CHECK(parse_time(ambiguous, kNow).error().message.find("epoch seconds have 10 digits") != std::string::npos);
  }
  for (const char* relative : {"now", "-1h", "now-1h"})
    CHECK(parse_time(relative, std::nullopt).error().message.find("depends on when it is asked") != std::string::npos);
}

TEST_CASE("durations need a unit and do not overflow") {
  for (const auto& [text, ms] : std::initializer_list<std::pair<const char*, std::int64_t>>{{"250ms", 250},
                                                                                            {"90s", 90'000},
                                                                                            {"15m", 900'000},
                                                                                            {"5min", 300'000},
                                                                                            {"5 min", 300'000},
                                                                                            {"1.5h", 5'400'000},
                                                                                            {"2d", 172'800'000},
                                                                                            {"1w", 604'800'000},
                                                                                            {"2W", 1'209'600'000},
                                                                                            {"1h30min", 5'400'000},
                                                                                            {"5 min 3 s", 303'000},
                                                                                            {"1 week", 604'800'000},
                                                                                            {"0", 0},
                                                                                            {"0.5s", 500}}) {
    CAPTURE(text);
    const auto duration = parse_duration(text);
    REQUIRE(duration.has_value());
    CHECK(*duration == ms);
  }
  for (const char* wrong :
       {"", "15", "m", "-5m", "5y", "1 fortnight", "99999999999999999w", "1m1h", "1m1m", "1m5", "5M", "1h 2"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_duration(wrong).has_value());
  }
  CHECK(parse_duration("5M").error().message.find("month") != std::string::npos);
}
