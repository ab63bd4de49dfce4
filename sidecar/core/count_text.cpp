// Splits a number into digits, prefix and unit.
#include "core/count_text.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "core/ip_address.hpp"

namespace weir {

namespace {

constexpr std::string_view kDigits = "0123456789";

struct Prefix {
  std::string_view name;  // in small letters; the longer ones first
  std::uint64_t factor;
};
constexpr Prefix kPrefixes[] = {{"ki", 1ull << 10},
                                {"mi", 1ull << 20},
                                {"gi", 1ull << 30},
                                {"ti", 1ull << 40},
                                {"pi", 1ull << 50},
                                {"ei", 1ull << 60},
                                {"k", 1'000},
                                {"m", 1'000'000},
                                {"g", 1'000'000'000},
                                {"t", 1'000'000'000'000},
                                {"p", 1'000'000'000'000'000},
                                {"e", 1'000'000'000'000'000'000},
                                {"", 1}};

struct Parts {
  std::string_view digits;
  std::uint64_t factor = 1;
};

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool same_letters(std::string_view text, std::string_view small_letters) {
  return std::equal(text.begin(), text.end(), small_letters.begin(), small_letters.end(),
                    [](char a, char b) { return small(a) == b; });
}

std::optional<Parts> take_apart(std::string_view text, UnitNames units) {
  const auto length = decimal_length(text);
  if (length == 0) return std::nullopt;
  auto rest = text.substr(length);
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  for (const auto& prefix : kPrefixes) {
    if (!same_letters(rest.substr(0, prefix.name.size()), prefix.name)) continue;
    const auto unit = rest.substr(prefix.name.size());
    if (unit.empty() || std::find(units.begin(), units.end(), unit) != units.end())
      return Parts{.digits = text.substr(0, length), .factor = prefix.factor};
  }
  return std::nullopt;
}

Error no_count(std::string_view text) {
  return error("expected a number such as 1500, 10k, 1.5M or 2Gi, found '" + std::string(text.substr(0, 60)) + "'");
}

}  // namespace

std::optional<std::uint64_t> parse_whole_number(std::string_view text) {
  const bool hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  if (hex) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::size_t decimal_length(std::string_view text) {
  const auto digits_from = [&](std::size_t at) {
    return std::min(text.find_first_not_of(kDigits, at), text.size()) - at;
  };
  auto length = digits_from(0);
  if (length == 0) return 0;
  if (length < text.size() && text[length] == '.' && digits_from(length + 1) > 0) length += 1 + digits_from(length + 1);
  if (length < text.size() && small(text[length]) == 'e') {
    const auto sign = length + 1 < text.size() && (text[length + 1] == '+' || text[length + 1] == '-') ? 1u : 0u;
    if (const auto digits = digits_from(std::min(length + 1 + sign, text.size())); digits > 0)
      length += 1 + sign + digits;
  }
  return length;
}

std::optional<std::uint64_t> parse_decimal_times(std::string_view digits, std::uint64_t unit) {
  if (digits.empty() || decimal_length(digits) != digits.size()) return std::nullopt;
  const auto exponent_at = std::min(digits.find_first_of("eE"), digits.size());
  int exponent = 0;
  if (exponent_at < digits.size()) {
    auto text = digits.substr(exponent_at + 1);
    if (text.front() == '+') text.remove_prefix(1);
    if (std::from_chars(text.data(), text.data() + text.size(), exponent).ec != std::errc{} || exponent < -30 ||
        exponent > 30)
      return std::nullopt;
  }
  const auto number = digits.substr(0, exponent_at);
  const auto dot = std::min(number.find('.'), number.size());
  const auto whole = parse_whole_number(number.substr(0, dot));
  // 18 digits behind the point are exact; further ones are less than one thousandth of the smallest unit.
  const auto fraction = number.substr(std::min(dot + 1, number.size())).substr(0, 18);
  if (!whole) return std::nullopt;
  Uint128 value = *whole;
  for (const char digit : fraction) {
    if (__builtin_mul_overflow(value, Uint128{10}, &value)) return std::nullopt;
    value += static_cast<unsigned>(digit - '0');
    --exponent;
  }
  if (__builtin_mul_overflow(value, Uint128{unit}, &value)) return std::nullopt;
  for (; exponent > 0; --exponent) {
    if (__builtin_mul_overflow(value, Uint128{10}, &value)) return std::nullopt;
  }
  for (; exponent < 0; ++exponent) value /= 10;
  if (value > ~std::uint64_t{0}) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

Result<std::uint64_t> parse_count(std::string_view text, UnitNames units) {
  if (const auto plain = parse_whole_number(text)) return *plain;
  const auto parts = take_apart(text, units);
  const auto value = parts ? parse_decimal_times(parts->digits, parts->factor) : std::nullopt;
  if (!value) return no_count(text);
  if (parts->factor == 1) {
    const auto thousandths = parse_decimal_times(parts->digits, 1000);
    if (thousandths && *thousandths % 1000 != 0)
      return error("expected a whole number, found '" + std::string(text.substr(0, 60)) + "'");
  }
  return *value;
}

Result<double> parse_amount(std::string_view text, UnitNames units) {
  if (const auto plain = parse_whole_number(text)) return static_cast<double>(*plain);
  const auto parts = take_apart(text, units);
  double value = 0;
  if (!parts ||
      std::from_chars(parts->digits.data(), parts->digits.data() + parts->digits.size(), value).ec != std::errc{})
    return no_count(text);
  return value * static_cast<double>(parts->factor);
}

}  // namespace weir
