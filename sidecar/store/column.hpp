// One decoded column of a segment, in the compact form that queries work on: a constant, packed unsigned values over a
// base, or codes into a sorted dictionary. Immutable once built and shared between queries and the cache; any thread.
#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/ip_address.hpp"

namespace weir {

struct Column {
  enum class Form : std::uint8_t {
    kConstant = 0,    // every row is `base` (or `address`)
    kPacked = 1,      // row = base + raw[row]
    kDictionary = 2,  // row = values[raw[row]] (or addresses[raw[row]]), dictionary sorted ascending
  };
  Form form = Form::kConstant;
  std::uint8_t width = 0;  // bytes of one raw entry: 1, 2, 4 or 8, in the machine's (little-endian) order
  bool is_address = false;
  std::uint32_t rows = 0;
  std::uint64_t base = 0;
  IpAddress address;
  std::uint64_t min = 0, max = 0;     // of numeric columns
  std::vector<std::uint8_t> raw;      // rows * width
  std::vector<std::uint64_t> values;  // dictionary of a numeric column
  std::vector<IpAddress> addresses;   // dictionary of an address column

  std::uint64_t raw_at(std::uint32_t row) const {
    switch (width) {
      case 1: return raw[row];
      case 2: return load<std::uint16_t>(row);
      case 4: return load<std::uint32_t>(row);
      case 8: return load<std::uint64_t>(row);
      default: return 0;
    }
  }
  std::uint64_t number_at(std::uint32_t row) const {
    switch (form) {
      case Form::kConstant: return base;
      case Form::kPacked: return base + raw_at(row);
      case Form::kDictionary: return values[raw_at(row)];
    }
    return 0;
  }
  const IpAddress& address_at(std::uint32_t row) const {
    return form == Form::kConstant ? address : addresses[raw_at(row)];
  }
  std::size_t memory_bytes() const {
    return sizeof *this + raw.capacity() + values.capacity() * sizeof(std::uint64_t) +
           addresses.capacity() * sizeof(IpAddress);
  }
  // The raw entries as T; T's size must be `width`.
  template <class T>
  const T* raw_as() const {
    static_assert(sizeof(T) <= 8);
    return reinterpret_cast<const T*>(raw.data());
  }

 private:
  template <class T>
  std::uint64_t load(std::uint32_t row) const {
    T v;
    std::memcpy(&v, raw.data() + std::size_t{row} * sizeof(T), sizeof(T));
    return v;
  }
};

}  // namespace weir
