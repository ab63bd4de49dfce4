// localtime_r() knows the rules; which moment a shown time means follows from the offsets around it.
#include "core/time_zone.hpp"

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <set>

#include "core/durations.hpp"
#include "core/rfc3339.hpp"
#include "core/time_text.hpp"

namespace weir {

namespace {

std::int64_t floor_seconds(std::int64_t ms) { return ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000); }

// "+01:00"
std::string offset_text(std::int64_t offset_ms) {
  const auto minutes = (offset_ms < 0 ? -offset_ms : offset_ms) / kMinuteMs;
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return (offset_ms < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60);
}

bool is_in_database(const std::string& name) {
  namespace fs = std::filesystem;
  const char* set = std::getenv("TZDIR");
  std::error_code failed;
  const bool plain =
      !name.empty() && name.front() != '/' && name.front() != '.' && name.find("..") == std::string::npos;
  return plain && fs::is_regular_file(fs::path(set != nullptr ? set : "/usr/share/zoneinfo") / name, failed);
}

}  // namespace

Result<TimeZone> TimeZone::named(const std::string& name) {
  TimeZone zone;
  if (name == "UTC" || name == "utc" || name == "Z") return zone;
  zone.name_ = name;
  // An offset is what a time of that zone would end in.
  if (!name.empty() && (name.front() == '+' || name.front() == '-')) {
    const auto noon = parse_time("2000-01-01T12:00" + name, std::nullopt);
    if (!noon) return error("'" + name.substr(0, 60) + "' is not an offset from UTC such as +02:00");
    zone.offset_ms_ = *parse_time("2000-01-01T12:00", std::nullopt) - *noon;
    return zone;
  }
  zone.kind_ = Kind::kSystem;
  if (name != "local") {
    if (!is_in_database(name)) {
      return error("'" + name.substr(0, 60) +
                   "' is not a time zone: write UTC, local, an offset such as +02:00, or a name such as Europe/Berlin "
                   "(of the package tzdata)");
    }
    ::setenv("TZ", name.c_str(), 1);
  }
  ::tzset();
  return zone;
}

std::int64_t TimeZone::offset_ms(std::int64_t utc_ms) const {
  if (kind_ == Kind::kFixed) return offset_ms_;
  const auto seconds = static_cast<std::time_t>(floor_seconds(utc_ms));
  std::tm tm{};
  ::localtime_r(&seconds, &tm);
  return std::int64_t{tm.tm_gmtoff} * 1000;
}

Result<std::int64_t> TimeZone::utc_of(std::int64_t shown_ms) const {
  // No clock is more than a day away from UTC, and none changes twice within two days.
  std::set<std::int64_t> moments;
  for (const auto around : {shown_ms - kDayMs, shown_ms, shown_ms + kDayMs}) {
    const auto moment = shown_ms - offset_ms(around);
    if (moment + offset_ms(moment) == shown_ms) moments.insert(moment);
  }
  if (moments.size() == 1) return *moments.begin();
  const auto shown = rfc3339_text(shown_ms).substr(0, 16);
  if (moments.empty())
    return error("clocks in " + name_ + " skip " + shown + "; write it with its zone, such as " + shown + "Z");
  return error("clocks in " + name_ + " show " + shown + " twice; write " + shown +
               offset_text(offset_ms(*moments.begin())) + " or " + shown + offset_text(offset_ms(*moments.rbegin())));
}

std::string TimeZone::text(std::int64_t utc_ms) const {
  if (is_utc()) return rfc3339_text(utc_ms);
  const auto offset = offset_ms(utc_ms);
  auto text = rfc3339_text(utc_ms + offset);
  text.pop_back();
  return text + offset_text(offset);
}

}  // namespace weir
