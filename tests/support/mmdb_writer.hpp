// Writes small databases in MaxMind's format (version 2.0 of its specification): a search tree, values, metadata.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/ip_address.hpp"

namespace weir::testing {

// Where an entry names its country.
enum class CountryLayout { kOfCountry, kPlain };

class MmdbWriter {
 public:
  // `ip_version` 4 or 6; `record_bits` 24, 28 or 32.
  explicit MmdbWriter(unsigned ip_version = 6, unsigned record_bits = 28)
      : ip_version_(ip_version), record_bits_(record_bits) {}

  // `prefix` such as 192.0.2.0/24; IPv4 lies at ::/96 of an IPv6 tree. Prefixes may not overlap.
  void add(const std::string& prefix, const std::string& country, CountryLayout layout = CountryLayout::kOfCountry) {
    add_value(prefix, layout == CountryLayout::kPlain ? map({{"country_code", text(country)}})
                                                      : map({{"country", map({{"iso_code", text(country)}})}}));
  }
  void add_value(const std::string& prefix, const std::string& value) {
    const auto parsed = *parse_ip_prefix(prefix);
    auto bytes = parsed.address.bytes;
    unsigned first = 0;
    if (parsed.address.is_v4()) {
      bytes[10] = bytes[11] = 0;
      first = ip_version_ == 4 ? 96 : 0;
    }
    std::size_t node = 0;
    for (unsigned bit = first; bit < parsed.length; ++bit) {
      const unsigned side = bytes[bit / 8] >> (7 - bit % 8) & 1;
      if (bit + 1 == parsed.length) {
        nodes_[node][side] = {.kind = Kind::kValue, .number = place_of(value)};
      } else {
        if (nodes_[node][side].kind == Kind::kEmpty) {
          const std::size_t next = nodes_.size();
          nodes_.emplace_back();
          nodes_[node][side] = {.kind = Kind::kNode, .number = next};
        }
        node = nodes_[node][side].number;
      }
    }
  }

  std::string bytes(const std::string& type = "Test-Country", std::uint64_t build_epoch = 1'700'000'000) const {
    std::string out;
    for (const auto& node : nodes_) append_node(out, record_of(node[0]), record_of(node[1]));
    out += std::string(16, '\0') + values_ + "\xab\xcd\xefMaxMind.com";
    out += map({{"binary_format_major_version", number(5, 2)},
                {"binary_format_minor_version", number(5, 0)},
                {"build_epoch", number(9, build_epoch)},
                {"database_type", text(type)},
                {"ip_version", number(5, ip_version_)},
                {"node_count", number(6, nodes_.size())},
                {"record_size", number(5, record_bits_)},
                {"description", map({{"en", text("for tests")}})},
                {"languages", std::string("\x01\x04", 2) + text("en")}});
    return out;
  }

  static std::string text(const std::string& t) { return control(2, t.size()) + t; }
  static std::string map(const std::map<std::string, std::string>& members) {
    std::string out = control(7, members.size());
    for (const auto& [key, value] : members) out += text(key) + value;
    return out;
  }
  // Types 5 (16 bits), 6 (32 bits), 9 (64 bits).
  static std::string number(unsigned type, std::uint64_t n) {
    std::string digits;
    for (; n; n >>= 8) digits.insert(digits.begin(), static_cast<char>(n & 0xff));
    return control(type, digits.size()) + digits;
  }

 private:
  enum class Kind { kEmpty, kNode, kValue };
  struct Record {
    Kind kind = Kind::kEmpty;
    std::size_t number = 0;
  };

  // Sizes below 285; types above 7 below 29.
  static std::string control(unsigned type, std::size_t size) {
    if (type <= 7 && size >= 29) return {static_cast<char>(type << 5 | 29), static_cast<char>(size - 29)};
    if (type <= 7) return {static_cast<char>(type << 5 | size)};
    return {static_cast<char>(size), static_cast<char>(type - 7)};
  }
  std::size_t place_of(const std::string& value) {
    const auto [known, fresh] = places_.emplace(value, values_.size());
    if (fresh) values_ += value;
    return known->second;
  }
  std::uint32_t record_of(const Record& r) const {
    const std::size_t count = nodes_.size();
    return static_cast<std::uint32_t>(r.kind == Kind::kEmpty  ? count
                                      : r.kind == Kind::kNode ? r.number
                                                              : count + 16 + r.number);
  }
  void append_node(std::string& out, std::uint32_t left, std::uint32_t right) const {
    const auto low = [&](std::uint32_t n, unsigned bytes) {
      for (unsigned i = bytes; i-- > 0;) out += static_cast<char>(n >> 8 * i & 0xff);
    };
    if (record_bits_ == 28) {
      low(left, 3);
      out += static_cast<char>((left >> 24 & 0xf) << 4 | (right >> 24 & 0xf));
      low(right, 3);
    } else {
      low(left, record_bits_ / 8);
      low(right, record_bits_ / 8);
    }
  }

  const unsigned ip_version_, record_bits_;
  std::vector<std::array<Record, 2>> nodes_ = std::vector<std::array<Record, 2>>(1);
  std::string values_;
  std::map<std::string, std::size_t> places_;
};

}  // namespace weir::testing
