// Messages written byte by byte, in network order, for tests of decoders.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/ip_address.hpp"

namespace weir::test {

class Wire {
 public:
  Wire& u8(std::uint64_t v) { return put(v, 1); }
  Wire& u16(std::uint64_t v) { return put(v, 2); }
  Wire& u32(std::uint64_t v) { return put(v, 4); }
  Wire& u64(std::uint64_t v) { return put(v, 8); }
  Wire& zeros(std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) bytes_.push_back(0);
    return *this;
  }
  // An address by its text: 4 or 16 octets.
  Wire& ip(std::string_view text) {
    auto a = parse_ip_address(text).value();
    if (a == IpAddress::any_v6()) a = {};
    if (a.is_unset()) return zeros(16);
    bytes_.insert(bytes_.end(), a.bytes.begin() + (a.is_v4() ? 12 : 0), a.bytes.end());
    return *this;
  }
  Wire& text(std::string_view s) {
    bytes_.insert(bytes_.end(), s.begin(), s.end());
    return *this;
  }
  Wire& add(const Wire& other) {
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
    return *this;
  }
  // A set of v9 or IPFIX: id, its length with the header, content.
  Wire& set(std::uint16_t id, const Wire& content) { return u16(id).u16(4 + content.size()).add(content); }
  Wire& cut(std::size_t size) {
    while (bytes_.size() > size) bytes_.pop_back();
    return *this;
  }

  std::size_t size() const { return bytes_.size(); }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  Wire& put(std::uint64_t v, int size) {
    for (int i = size - 1; i >= 0; --i) bytes_.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
    return *this;
  }
  std::vector<std::uint8_t> bytes_;
};

}  // namespace weir::test
