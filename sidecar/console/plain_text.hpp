// How the console writes: aligned columns, times in UTC, sizes and rates to be read and pasted. Pure functions.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

// What came from the network or a person, made harmless for a terminal: control characters (C0, C1, DEL), the marks
// that turn the direction of writing, and bytes that are not UTF-8 become '?'. A line feed stays only with
// `keep_lines`.
std::string clean_text(std::string_view text, bool keep_lines = false);

// 2026-11-23 02:55:10 UTC
std::string utc_text(std::int64_t ms);
// 250 ms, 12 s, 5 min 3 s, 2 h 5 min, 3 d 4 h; "" for none of these below zero.
std::string duration_text(std::int64_t ms);
// "12 s ago"; "never" for 0; "in 5 s" for what is to come.
std::string ago_text(std::int64_t at_ms, std::int64_t now_ms);
// 1234, 12.3 k, 4.5 M
std::string count_text(std::uint64_t value);
// "1 query", "12.3 k queries"; see counted().
std::string counted_text(std::uint64_t n, std::string_view one, std::string_view many);
// 512 B, 1.5 KiB, 2.0 GiB
std::string bytes_text(std::uint64_t bytes);
// 0.4, 12, 1.2 k
std::string rate_text(double per_second);
// 12.3 %
std::string percent_text(std::uint64_t part, std::uint64_t whole);

// Columns as wide as their longest cell, two spaces apart. Cells are cleaned.
class TextTable {
 public:
  // A head that begins with '>' is a column of numbers: set to the right.
  explicit TextTable(const std::vector<std::string>& heads);
  // An empty cell is shown as '-'.
  void row(std::vector<std::string> cells);
  bool empty() const { return rows_.size() == 1; }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the first are the heads
  std::vector<bool> to_the_right_;
};

}  // namespace weir
