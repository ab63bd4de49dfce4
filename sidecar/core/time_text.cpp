// ISO 8601 over the calendar of the standard library.
#include "core/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "core/count_text.hpp"
#include "core/time_zone.hpp"

namespace weir {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr Unit kUnits[] = {{"ms", 1},
                           {"s", 1000},
                           {"sec", 1000},
                           {"m", 60'000},
                           {"min", 60'000},
                           {"h", 3'600'000},
                           {"hour", 3'600'000},
                           {"hours", 3'600'000},
                           {"d", 86'400'000},
                           {"day", 86'400'000},
                           {"days", 86'400'000},
                           {"w", 604'800'000},
                           {"week", 604'800'000},
                           {"weeks", 604'800'000}};
constexpr std::int64_t kLatestMs = 253'402'300'799'999;  // the end of the year 9999

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool same_letters(std::string_view text, std::string_view small_letters) {
  return std::equal(text.begin(), text.end(), small_letters.begin(), small_letters.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; });
}
std::string shown(std::string_view text) { return "'" + std::string(text.substr(0, 60)) + "'"; }
void skip_blanks(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
}

// Reads a text from its front.
class Front {
 public:
  explicit Front(std::string_view text) : text_(text) {}
  bool empty() const { return text_.empty(); }
  bool skip(std::string_view any_of) {
    if (text_.empty() || any_of.find(text_.front()) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool skip_word(std::string_view small_letters) {
    if (!same_letters(text_.substr(0, small_letters.size()), small_letters)) return false;
    text_.remove_prefix(small_letters.size());
    return true;
  }
  // Exactly `count` digits that are at most `most`.
  std::optional<int> number(std::size_t count, int most) {
    int value = 0;
    if (text_.size() < count) return std::nullopt;
    for (const char c : text_.substr(0, count)) {
      if (!is_digit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    if (value > most) return std::nullopt;
    text_.remove_prefix(count);
    return value;
  }
  // The first three digits behind a point; nothing when there is none.
  std::optional<int> thousandths() {
    int value = 0, digits = 0;
    for (; !text_.empty() && is_digit(text_.front()); text_.remove_prefix(1), ++digits) {
      if (digits < 3) value = value * 10 + (text_.front() - '0');
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 3; ++digits) value *= 10;
    return value;
  }

 private:
  std::string_view text_;
};

// Milliseconds east of UTC; nothing: this is no zone.
std::optional<std::int64_t> read_zone(Front& at) {
  if (at.empty() || at.skip("Zz")) return 0;
  at.skip(" ");
  if (at.skip_word("utc")) return 0;
  const bool east = at.skip("+");
  if (!east && !at.skip("-")) return std::nullopt;
  const auto hours = at.number(2, 23);
  at.skip(":");
  const auto minutes = hours && !at.empty() ? at.number(2, 59) : std::optional(0);
  if (!hours || !minutes) return std::nullopt;
  return (east ? 1 : -1) * (*hours * 3'600'000 + *minutes * 60'000);
}

struct IsoTime {
  std::int64_t ms = 0;
  bool has_zone = false;
};

std::optional<IsoTime> parse_iso_8601(std::string_view text) {
  bool has_zone = false;
  Front at(text);
  const auto year = at.number(4, 9999);
  const auto month = year && at.skip("-") ? at.number(2, 12) : std::nullopt;
  const auto day = month && at.skip("-") ? at.number(2, 31) : std::nullopt;
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  std::int64_t ms = std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86'400'000};
  if (!at.empty()) {
    if (!at.skip("Tt ")) return std::nullopt;
    const auto hour = at.number(2, 23);
    const auto minute = hour && at.skip(":") ? at.number(2, 59) : std::nullopt;
    if (!minute) return std::nullopt;
    ms += *hour * 3'600'000 + *minute * 60'000;
    if (at.skip(":")) {
      const auto second = at.number(2, 60);  // 60: a leap second (RFC 3339 5.6)
      if (!second) return std::nullopt;
      ms += *second * 1000;
      if (at.skip(".,")) {
        const auto part = at.thousandths();
        if (!part) return std::nullopt;
        ms += *part;
      }
    }
    has_zone = !at.empty();
    const auto zone = read_zone(at);
    if (!zone || !at.empty()) return std::nullopt;
    ms -= *zone;
  }
  if (ms < 0 || ms > kLatestMs) return std::nullopt;
  return IsoTime{.ms = ms, .has_zone = has_zone};
}

// A time that is all digits, perhaps with a fraction.
Result<std::int64_t> parse_epoch(std::string_view text) {
  const auto whole = text.substr(0, text.find('.'));
  const bool fraction = whole.size() < text.size();
  if (text == "0") return 0;
  if (whole.size() == 10 || (whole.size() == 13 && !fraction)) {
    if (const auto ms = parse_decimal_times(text, whole.size() == 10 ? 1000 : 1)) return static_cast<std::int64_t>(*ms);
  }
  return error(shown(text) +
               " is no time for sure: epoch seconds have 10 digits and epoch milliseconds 13; or write ISO 8601 "
               "(2026-03-10T11:00Z)");
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
  const auto failure =
      error(shown(text) + " is not a duration: write a number and its unit, such as 250ms, 90s, 5min, 1.5h, 2d or 1w");
  if (text == "0") return 0;
  auto rest = text;
  std::int64_t total = 0, last = INT64_MAX;
  do {
    const auto digits = rest.substr(0, decimal_length(rest));
    rest.remove_prefix(digits.size());
    skip_blanks(rest);
    const auto letters = static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_letter) - rest.begin());
    const auto name = rest.substr(0, letters);
    rest.remove_prefix(letters);
    skip_blanks(rest);
    if (name == "M") return error(shown(text) + ": is M a minute or a month? Write min for minutes, 30d for a month");
    const auto* unit =
        std::find_if(std::begin(kUnits), std::end(kUnits), [&](const auto& u) { return same_letters(name, u.name); });
    if (unit == std::end(kUnits) || unit->ms >= last) return failure;
    last = unit->ms;
    const auto part = parse_decimal_times(digits, static_cast<std::uint64_t>(unit->ms));
    if (!part || __builtin_add_overflow(total, *part, &total)) return failure;
  } while (!rest.empty());
  return total;
}

Result<std::int64_t> parse_time(std::string_view text, const TimeBasis& basis) {
  const auto& now_ms = basis.now_ms;
  auto back = text;
  const bool now = same_letters(back.substr(0, 3), "now");
  if (now) {
    back.remove_prefix(3);
    skip_blanks(back);
  }
  if ((now && back.empty()) || back.starts_with('-')) {
    if (!now_ms)
      return error(shown(text) +
                   " depends on when it is asked, which cannot be here: write a fixed time such as 2026-03-10T11:00Z");
    if (back.empty()) return *now_ms;
    back.remove_prefix(1);
    skip_blanks(back);
    const auto ms = parse_duration(back);
    if (!ms) return error(shown(text) + " is not a time: " + ms.error().message);
    return std::max<std::int64_t>(*now_ms - std::min(*ms, *now_ms), 0);
  }
  if (!text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos) return parse_epoch(text);
  if (const auto time = parse_iso_8601(text)) {
    if (time->has_zone || basis.zone == nullptr) return time->ms;
    return basis.zone->utc_of(time->ms);
  }
  const auto zone = basis.zone == nullptr ? std::string("UTC") : basis.zone->name();
  return error(shown(text) + " is not a time: write ISO 8601 (2026-03-10T11:00Z; " + zone +
               " without a zone), epoch seconds or milliseconds, now, or -1h");
}

}  // namespace weir
