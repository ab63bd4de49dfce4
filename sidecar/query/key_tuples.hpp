// Tuples of numbers, one per group-by field, numbered in order of appearance. Four numbers fill a key of a table; a
// longer tuple goes on in a further table, whose keys begin with the number of the part before. One thread.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "query/key_table.hpp"
#include "query/query.hpp"

namespace weir {

class KeyTuples {
 public:
  using Numbers = std::array<std::uint32_t, kMaxGroupFields>;

  explicit KeyTuples(std::size_t fields) : tables_(fields <= kFirst ? 1 : 1 + (fields - kFirst + kMore - 1) / kMore) {}

  std::uint32_t size() const { return last().size(); }
  std::uint32_t find_or_add(const Numbers& numbers) { return last().find_or_add(last_key(numbers)); }
  // KeyTable::kAbsent when there is none.
  std::uint32_t find(const Numbers& numbers) const {
    auto key = first_key(numbers);
    for (std::size_t t = 1; t < tables_.size(); ++t) {
      const auto number = tables_[t - 1].find(key);
      if (number == KeyTable::kAbsent) return number;
      key = next_key(number, numbers, t);
    }
    return last().find(key);
  }
  // The number that a field has in a tuple.
  std::uint32_t number(std::uint32_t tuple, std::size_t field) const {
    const auto table = field < kFirst ? 0 : 1 + (field - kFirst) / kMore;
    for (auto t = tables_.size() - 1; t > table; --t) tuple = part(tables_[t].key(tuple), 0);
    return part(tables_[table].key(tuple), table == 0 ? field : 1 + (field - kFirst) % kMore);
  }
  Numbers numbers(std::uint32_t tuple) const {
    Numbers all{};
    for (auto t = tables_.size() - 1; t > 0; --t) {
      const auto& key = tables_[t].key(tuple);
      for (std::size_t n = 0; n < kMore && kFirst + (t - 1) * kMore + n < all.size(); ++n)
        all[kFirst + (t - 1) * kMore + n] = part(key, n + 1);
      tuple = part(key, 0);
    }
    for (std::size_t n = 0; n < kFirst; ++n) all[n] = part(tables_[0].key(tuple), n);
    return all;
  }

  // For many look-ups at once: the parts before the last are added, and what is left is looked up in last().
  RawKey last_key(const Numbers& numbers) {
    auto key = first_key(numbers);
    for (std::size_t t = 1; t < tables_.size(); ++t) key = next_key(tables_[t - 1].find_or_add(key), numbers, t);
    return key;
  }
  KeyTable& last() { return tables_.back(); }

  std::size_t memory_bytes() const {
    std::size_t bytes = 0;
    for (const auto& table : tables_) bytes += table.memory_bytes();
    return bytes;
  }

 private:
  static constexpr std::size_t kFirst = 4,
                               kMore = 3;  // numbers that the first table's keys have, and that further ones add
  static_assert((kMaxGroupFields - kFirst) <= 2 * kMore);

  static RawKey packed(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    return {.a = std::uint64_t{a} << 32 | b, .b = std::uint64_t{c} << 32 | d};
  }
  static std::uint32_t part(const RawKey& key, std::size_t at) {
    const auto word = at < 2 ? key.a : key.b;
    return static_cast<std::uint32_t>(at % 2 == 0 ? word >> 32 : word);
  }
  static RawKey first_key(const Numbers& n) { return packed(n[0], n[1], n[2], n[3]); }
  static RawKey next_key(std::uint32_t before, const Numbers& n, std::size_t table) {
    const auto from = kFirst + (table - 1) * kMore;
    const auto at = [&](std::size_t field) { return field < n.size() ? n[field] : 0; };
    return packed(before, at(from), at(from + 1), at(from + 2));
  }
  const KeyTable& last() const { return tables_.back(); }

  std::vector<KeyTable> tables_;
};

}  // namespace weir
