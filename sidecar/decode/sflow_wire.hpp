// How sFlow lays things out (XDR, RFC 4506): the header of a datagram, addresses, opaque data, formats, interfaces.
// Formats: "sFlow Version 5" (sflow.org, July 2004), section 5 (v5); RFC 3176, section 4 (v2 and v4). Pure; any thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>

#include "core/byte_cursor.hpp"

namespace weir {

inline constexpr std::uint32_t kSflowVersion5 = 5;

struct SflowHeader {
  std::uint32_t version = 0;    // 2, 4 or 5
  IpAddress agent;              // unset: none is given
  std::uint32_t sub_agent = 0;  // v5
  std::uint32_t sequence = 0, uptime_ms = 0, samples = 0;
};

// Formats of v5 are those of an enterprise, in the upper 20 bits: 0 is sflow.org, whose these are. Samples of v2 and v4
// have the first two.
enum class SflowSample : std::uint32_t {
  kFlow = 1,
  kCounters = 2,
  kExpandedFlow = 3,
  kExpandedCounters = 4,
  kDrop = 5
};
enum class SflowRecord : std::uint32_t {
  kHeader = 1,
  kEthernet = 2,
  kIpv4 = 3,
  kIpv6 = 4,
  kSwitch = 1001,
  kRouter = 1002,
  kGateway = 1003,
  kUser = 1004,
  kUrl = 1005,
  kMpls = 1006,
  kNat = 1007,
  kNatPort = 1020,
};
enum class SflowPacketV4 : std::uint32_t { kHeader = 1, kIpv4 = 2, kIpv6 = 3 };
enum class SflowExtensionV4 : std::uint32_t { kSwitch = 1, kRouter = 2, kGateway = 3, kUser = 4, kUrl = 5 };
// Of what a sampled header begins with ("enum header_protocol").
enum class SflowLink : std::uint32_t { kEthernet = 1, kPpp = 7, kIpv4 = 11, kIpv6 = 12, kMpls = 13, kPos = 14 };

// union address: a type, then 4, 16 or no octets. A type that is none leaves the cursor failed.
inline IpAddress sflow_address(ByteCursor& c) {
  switch (c.u32()) {
    case 0: return {};
    case 1: {
      const std::uint32_t v4 = c.u32();
      return v4 == 0 ? IpAddress{} : IpAddress::from_v4(v4);
    }
    case 2: return c.v6();
    default: c.skip(c.remaining() + 1); return {};
  }
}

// opaque<>: a length, the octets, padding to a whole word. Some agents leave out the padding of what comes last.
inline std::span<const std::uint8_t> sflow_opaque(ByteCursor& c) {
  const std::size_t size = c.u32();
  const auto bytes = c.take(size);
  c.skip(std::min((4 - size % 4) % 4, c.remaining()));
  return bytes;
}

// A MAC address as v5 lays it out: opaque[6], padded.
inline std::uint64_t sflow_mac(ByteCursor& c) {
  const std::uint64_t mac = c.uint_sized(6);
  c.skip(2);
  return mac;
}

inline SflowHeader decode_sflow_header(ByteCursor& c) {
  SflowHeader h;
  h.version = c.u32();
  h.agent = sflow_address(c);
  if (h.version >= kSflowVersion5) h.sub_agent = c.u32();
  h.sequence = c.u32();
  h.uptime_ms = c.u32();
  h.samples = c.u32();
  return h;
}

// What took a sample: type and index, packed into one word unless the sample is an expanded one.
struct SflowSource {
  std::uint32_t type = 0, index = 0;
};

inline SflowSource sflow_source(ByteCursor& c, bool expanded) {
  const std::uint32_t word = c.u32();
  if (expanded) return {.type = word, .index = c.u32()};
  return {.type = word >> 24, .index = word & 0xffffff};
}

// What names an interface: its ifIndex, or that there is none to name.
struct SflowInterface {
  static constexpr std::uint32_t kSingle = 0, kDiscarded = 1, kMultiple = 2;
  static constexpr std::uint32_t kInternal = 0x3fffffff;  // the packet ended or began in the device

  std::uint32_t format = kSingle, value = 0;
  // As flow records have it: 0 for none, several, or the device itself.
  std::uint32_t if_index() const { return format == kSingle && value != kInternal && value != 0xffffffff ? value : 0; }
};

// The packed form; in v2 and v4 only the uppermost bit is set apart ("several").
inline SflowInterface sflow_interface(std::uint32_t packed, std::uint32_t version) {
  if (version < kSflowVersion5)
    return {.format = (packed >> 31) * SflowInterface::kMultiple, .value = packed & 0x7fffffff};
  return {.format = packed >> 30, .value = packed & 0x3fffffff};
}

}  // namespace weir
