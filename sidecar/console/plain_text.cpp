// Cleans texts, writes figures, aligns columns.
#include "console/plain_text.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "core/utf8.hpp"

namespace weir {

namespace {

// The character that the well-formed sequence stands for.
std::uint32_t code_point(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(sequence[i]); };
  if (sequence.size() == 1) return byte(0);
  std::uint32_t point = byte(0) & (0xff >> (sequence.size() + 1));
  for (std::size_t i = 1; i < sequence.size(); ++i) point = point << 6 | (byte(i) & 0x3f);
  return point;
}

bool is_harmful(std::uint32_t point) {
  const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
  // Unicode 16, table of Bidi_Control; line and paragraph separators.
  const bool turns = point == 0x061c || point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
                     (point >= 0x2066 && point <= 0x2069);
  return control || turns;
}

std::string formatted(const char* format, double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, format, value, unit);
  return text;
}

// Characters, not bytes: what a column is as wide as.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<std::uint8_t>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::string clean_text(std::string_view text, bool keep_lines) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const auto bytes = utf8_length(text);
    const auto sequence = text.substr(0, std::max<std::size_t>(1, bytes));
    const auto point = code_point(sequence);
    if (bytes == 0 || (is_harmful(point) && !(keep_lines && point == '\n'))) clean += '?';
    else clean.append(sequence);
    text.remove_prefix(sequence.size());
  }
  return clean;
}

std::string utc_text(std::int64_t ms) {
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm tm{};
  if (gmtime_r(&seconds, &tm) == nullptr) return "?";
  char text[64];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &tm);
  return text;
}

std::string duration_text(std::int64_t ms) {
  if (ms < 0) return "";
  if (ms < 1000) return std::to_string(ms) + " ms";
  struct Unit {
    std::int64_t ms;
    const char* name;
  };
  static constexpr Unit kUnits[] = {{86'400'000, " d"}, {3'600'000, " h"}, {60'000, " min"}, {1000, " s"}};
  std::string text;
  int shown = 0;
  for (const auto& unit : kUnits) {
    const auto count = ms / unit.ms;
    ms %= unit.ms;
    if (count == 0 && shown == 0) continue;
    if (count != 0) text += (text.empty() ? "" : " ") + std::to_string(count) + unit.name;
    if (++shown == 2) break;
  }
  return text;
}

std::string ago_text(std::int64_t at_ms, std::int64_t now_ms) {
  if (at_ms == 0) return "never";
  if (at_ms > now_ms) return "in " + duration_text(at_ms - now_ms);
  return duration_text(now_ms - at_ms) + " ago";
}

std::string count_text(std::uint64_t value) {
  if (value < 10'000) return std::to_string(value);
  static constexpr const char* kUnits[] = {"k", "M", "G", "T", "P", "E"};
  double scaled = static_cast<double>(value) / 1000;
  std::size_t unit = 0;
  for (; scaled >= 999.95 && unit < 5; ++unit) scaled /= 1000;
  return formatted("%.1f %s", scaled, kUnits[unit]);
}

std::string counted_text(std::uint64_t n, std::string_view one, std::string_view many) {
  return count_text(n) + " " + std::string(n == 1 ? one : many);
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  static constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double scaled = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; scaled >= 1023.95 && unit < 5; ++unit) scaled /= 1024;
  return formatted("%.1f %s", scaled, kUnits[unit]);
}

std::string rate_text(double per_second) {
  if (per_second < 10) return formatted("%.1f%s", per_second, "");
  return count_text(static_cast<std::uint64_t>(std::llround(per_second)));
}

std::string percent_text(std::uint64_t part, std::uint64_t whole) {
  return formatted("%.1f %s", whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole), "%");
}

TextTable::TextTable(const std::vector<std::string>& heads) {
  auto& first = rows_.emplace_back();
  for (const auto& head : heads) {
    const bool right = head.starts_with('>');
    to_the_right_.push_back(right);
    first.push_back(right ? head.substr(1) : head);
  }
}

void TextTable::row(std::vector<std::string> cells) {
  for (auto& cell : cells) cell = cell.empty() ? "-" : clean_text(cell);
  cells.resize(rows_.front().size(), "-");
  rows_.push_back(std::move(cells));
}

std::string TextTable::text() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - width_of(row[i]), ' ');
      line += (i == 0 ? "" : "  ") + (to_the_right_[i] ? blanks + row[i] : row[i] + blanks);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace weir
