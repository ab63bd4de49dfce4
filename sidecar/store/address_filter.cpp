// The salt, then blocks of 256 bits; an address sets one bit in each of the eight words of one block. Stored: hash and
// layout never change.
#include "store/address_filter.hpp"

#include <array>
#include <cstring>

namespace weir {

namespace {

constexpr std::size_t kWords = 8, kBlockBytes = kWords * sizeof(std::uint32_t);
constexpr std::size_t kBytesPerAddress = 1, kSaltBytes = sizeof(std::uint64_t);
// Odd numbers of the Parquet format.
constexpr std::array<std::uint32_t, kWords> kSalt{0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d,
                                                  0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31};

// The finalizer of MurmurHash3, over both halves of the address.
std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51'afd7'ed55'8ccdu;
  x ^= x >> 33;
  x *= 0xc4ce'b9fe'1a85'ec53u;
  return x ^ x >> 33;
}
std::uint64_t stored_hash_of(const IpAddress& address, std::uint64_t salt) {
  return mixed(mixed(IpAddress::in_host_order(address.high()) + salt) + IpAddress::in_host_order(address.low()));
}

std::size_t block_of(std::uint64_t hash, std::size_t blocks) {
  return static_cast<std::size_t>((hash >> 32) * blocks >> 32);
}
std::uint32_t bit_of(std::uint64_t hash, std::size_t word) {
  return std::uint32_t{1} << (static_cast<std::uint32_t>(hash) * kSalt[word] >> 27);
}

}  // namespace

std::vector<std::uint8_t> AddressFilter::build(std::span<const IpAddress> addresses, std::uint64_t salt) {
  const auto blocks = (addresses.size() * kBytesPerAddress + kBlockBytes - 1) / kBlockBytes;
  std::vector<std::uint32_t> words(blocks * kWords);
  for (const auto& address : addresses) {
    const auto hash = stored_hash_of(address, salt);
    auto* block = words.data() + block_of(hash, blocks) * kWords;
    for (std::size_t w = 0; w < kWords; ++w) block[w] |= bit_of(hash, w);
  }
  std::vector<std::uint8_t> bytes(kSaltBytes + words.size() * sizeof(std::uint32_t));
  std::memcpy(bytes.data(), &salt, kSaltBytes);
  std::memcpy(bytes.data() + kSaltBytes, words.data(), bytes.size() - kSaltBytes);
  return bytes;
}

bool AddressFilter::may_have(std::span<const std::uint8_t> bytes, const IpAddress& address) {
  if (bytes.size() <= kSaltBytes || bytes.size() % kBlockBytes != kSaltBytes) return true;
  std::uint64_t salt;
  std::memcpy(&salt, bytes.data(), kSaltBytes);
  bytes = bytes.subspan(kSaltBytes);
  const auto hash = stored_hash_of(address, salt);
  std::array<std::uint32_t, kWords> block;
  std::memcpy(block.data(), bytes.data() + block_of(hash, bytes.size() / kBlockBytes) * kBlockBytes, kBlockBytes);
  for (std::size_t w = 0; w < kWords; ++w) {
    if ((block[w] & bit_of(hash, w)) == 0) return false;
  }
  return true;
}

}  // namespace weir
