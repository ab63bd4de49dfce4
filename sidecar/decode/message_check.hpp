// Whether a datagram is what its version says, as far as its header tells: asked of senders that are not known. Pure.
#pragma once
#include <cstdint>
#include <span>

namespace weir {

struct MessageCheck {
  bool valid = false;         // a whole header, and something whole behind it
  bool has_template = false;  // v9 and IPFIX
};

// `payload` begins with one of the versions that are decoded.
MessageCheck check_message(std::span<const std::uint8_t> payload);

}  // namespace weir
