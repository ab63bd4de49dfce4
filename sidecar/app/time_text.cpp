// ISO 8601 by hand over the C library's calendar.
#include "app/time_text.hpp"

#include <charconv>
#include <ctime>
#include <string_view>

namespace weir {

namespace {

// Digits at `at`, exactly `count` of them; -1 when they are not there.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool parse_iso(std::string_view text, std::int64_t& ms) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
  std::tm tm{};
  const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31) return false;
  int hour = 0, minute = 0, second = 0, millis = 0, offset_minutes = 0;
  std::size_t at = 10;
  if (at < text.size()) {
    if (text[at] != 'T' && text[at] != ' ') return false;
    hour = digits(text, at + 1, 2);
    minute = at + 3 < text.size() && text[at + 3] == ':' ? digits(text, at + 4, 2) : -1;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
    at += 6;
    if (at < text.size() && text[at] == ':') {
      second = digits(text, at + 1, 2);
      if (second < 0 || second > 59) return false;
      at += 3;
      if (at < text.size() && text[at] == '.') {
        std::size_t end = ++at;
        int scale = 100;
        for (; end < text.size() && text[end] >= '0' && text[end] <= '9'; ++end, scale /= 10) millis += (text[end] - '0') * scale;
        if (end == at) return false;
        at = end;
      }
    }
    if (at < text.size() && text[at] == 'Z') {
      ++at;
    } else if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
      const int h = digits(text, at + 1, 2);
      const std::size_t minutes_at = at + (at + 3 < text.size() && text[at + 3] == ':' ? 4 : 3);
      const int m = minutes_at < text.size() ? digits(text, minutes_at, 2) : 0;
      if (h < 0 || h > 14 || m < 0 || m > 59) return false;
      offset_minutes = (text[at] == '-' ? -1 : 1) * (h * 60 + m);
      at = minutes_at + (minutes_at < text.size() ? 2 : 0);
    }
  }
  if (at != text.size()) return false;
  tm.tm_year = year - 1900;
  tm.tm_mon = month - 1;
  tm.tm_mday = day;
  tm.tm_hour = hour;
  tm.tm_min = minute;
  tm.tm_sec = second;
  const std::time_t seconds = timegm(&tm);
  if (tm.tm_mday != day) return false;  // 31 February and such
  ms = (std::int64_t{seconds} - offset_minutes * 60) * 1000 + millis;
  return true;
}

}  // namespace

Result<std::int64_t> parse_duration(const std::string& text) {
  static constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"w", 604'800'000}};
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [name, ms] : kUnits) {
    if (code == std::errc{} && unit == name && number >= 0 && number < INT64_MAX / ms) return number * ms;
  }
  return error("'" + text + "' is not a duration: give a number with ms, s, m, h, d or w, such as 15m");
}

Result<std::int64_t> parse_time(const std::string& text, std::int64_t now_ms) {
  if (text == "now") return now_ms;
  if (!text.empty() && text.front() == '-') {
    if (const auto back = parse_duration(text.substr(1))) return now_ms - *back;
  }
  std::int64_t ms = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (code == std::errc{} && end == text.data() + text.size() && ms >= 0) return ms;
  if (parse_iso(text, ms)) return ms;
  return error("'" + text + "' is not a time: give ISO 8601 (2026-11-23T02:55Z), epoch milliseconds, now, or -1h");
}

}  // namespace weir
