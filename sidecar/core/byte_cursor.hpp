// Bounds-checked reading of network-order bytes. The only way that wire bytes are read; reads past the end yield zero
// and leave the cursor failed, so a decoder checks once per structure. Borrows the bytes; any one thread.
#pragma once
#include <cstdint>
#include <span>

#include "core/ip_address.hpp"

namespace weir {

class ByteCursor {
 public:
  explicit ByteCursor(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  std::size_t remaining() const { return bytes_.size() - at_; }
  std::size_t position() const { return at_; }

  std::uint8_t u8() { return static_cast<std::uint8_t>(uint_of<1>()); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(uint_of<2>()); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(uint_of<4>()); }
  std::uint64_t u64() { return uint_of<8>(); }

  // An unsigned of 1 to 8 bytes, for reduced-size encoding (RFC 7011 6.2). Longer fields: the low 8 bytes.
  std::uint64_t uint_sized(std::size_t size) {
    const auto part = take(size);
    std::uint64_t v = 0;
    for (const auto b : part.size() > 8 ? part.last(8) : part) v = v << 8 | b;
    return v;
  }
  IpAddress v4() { return IpAddress::from_v4(u32()); }
  IpAddress v6() {
    const auto part = take(16);
    return part.size() == 16 ? IpAddress::from_v6(part.first<16>()) : IpAddress{};
  }

  // The next `size` bytes; empty and failed if there are fewer.
  std::span<const std::uint8_t> take(std::size_t size) {
    if (size > remaining()) {
      failed_ = true;
      at_ = bytes_.size();
      return {};
    }
    const auto part = bytes_.subspan(at_, size);
    at_ += size;
    return part;
  }
  void skip(std::size_t size) { take(size); }
  // A cursor over the next `size` bytes, which this one steps over.
  ByteCursor sub(std::size_t size) {
    ByteCursor c(take(size));
    c.failed_ = failed_;
    return c;
  }

 private:
  template <std::size_t kOctets>
  std::uint64_t uint_of() {
    if (kOctets > remaining()) {
      failed_ = true;
      at_ = bytes_.size();
      return 0;
    }
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < kOctets; ++i) v = v << 8 | bytes_[at_ + i];
    at_ += kOctets;
    return v;
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace weir
