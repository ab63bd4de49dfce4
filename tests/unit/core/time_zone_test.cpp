// The zones of weir query.
#include "core/time_zone.hpp"

#include <filesystem>

#include "core/time_text.hpp"
#include "support/catch.hpp"

using namespace weir;

TEST_CASE("an offset moves times that have no zone, and those that are shown") {
  const auto zone = TimeZone::named("+05:30");
  REQUIRE(zone.has_value());
  CHECK(*parse_time("2026-03-10T11:00", TimeBasis(std::nullopt, &*zone)) ==
        *parse_time("2026-03-10T05:30Z", std::nullopt));
  CHECK(*parse_time("2026-03-10T11:00Z", TimeBasis(std::nullopt, &*zone)) ==
        *parse_time("2026-03-10T11:00Z", std::nullopt));
  CHECK(*parse_time("1773140400", TimeBasis(std::nullopt, &*zone)) == 1'773'140'400'000);
  CHECK(zone->text(1'773'140'400'250) == "2026-03-10T16:30:00.250+05:30");
  CHECK(TimeZone().text(1'773'140'400'000) == "2026-03-10T11:00:00.000Z");
  CHECK(TimeZone::named("-0330")->text(1'773'140'400'000) == "2026-03-10T07:30:00.000-03:30");
  CHECK(*parse_time(zone->text(1'773'140'400'250), std::nullopt) == 1'773'140'400'250);
}

TEST_CASE("what is no zone is refused") {
  for (const char* wrong : {"", "Mars/Base", "../../etc/passwd", "/etc/localtime", "+25:00", "+1", "posixrules/.."}) {
    CAPTURE(wrong);
    CHECK(TimeZone::named(wrong).has_error());
  }
}

TEST_CASE("a time that clocks show twice or never is an error that says what to write") {
  if (!std::filesystem::exists("/usr/share/zoneinfo/Europe/Berlin")) {
    WARN("SKIPPED: there is no tz database here");
    return;
  }
  const auto zone = TimeZone::named("Europe/Berlin");
  REQUIRE(zone.has_value());
  const auto time = [&](const char* text) { return parse_time(text, TimeBasis(std::nullopt, &*zone)); };
  CHECK(*time("2026-01-10T12:00") == *parse_time("2026-01-10T11:00Z", std::nullopt));
  CHECK(*time("2026-07-10T12:00") == *parse_time("2026-07-10T10:00Z", std::nullopt));
  CHECK(time("2026-03-29T02:30").error().message.find("skip 2026-03-29T02:30") != std::string::npos);
  CHECK(time("2026-10-25T02:30").error().message.find("write 2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00") !=
        std::string::npos);
  CHECK(time("2026-10-25T02:30+01:00").has_value());
  // Every moment is read back from what is shown, but for the hour that comes twice.
  for (std::int64_t moment = 1'767'225'600'000; moment < 1'798'761'600'000; moment += 1'777'777) {
    const auto shown = zone->text(moment);
    CHECK(*parse_time(shown, std::nullopt) == moment);
    if (const auto read = time(shown.substr(0, 23).c_str())) CHECK(*read == moment);
  }
}
