// What NetFlow v9 and IPFIX share below the header: walking sets, template sets, data sets, and the sets that wait for
// a template (RFC 3954 5, RFC 7011 3.3). On the decoder's thread.
#pragma once
#include "core/byte_cursor.hpp"
#include "decode/message.hpp"

namespace weir {

inline constexpr std::size_t kSetHeaderSize = 4;  // id u16, length u16 (RFC 3954 5.2, RFC 7011 3.3.2)

// The set ids of template and options template sets.
struct SetIds {
  std::uint16_t templates = 0, options_templates = 0;
};
inline constexpr SetIds kSetIds9{.templates = 0, .options_templates = 1};      // RFC 3954 5.2, 6.1
inline constexpr SetIds kSetIdsIpfix{.templates = 2, .options_templates = 3};  // RFC 7011 3.3.2

// Decodes every set of `body`. Lengths of sets are trusted, counts of headers are not (v9-softflowd-invalid01). False
// when some data records could not be counted: their template is missing, or the message is malformed.
bool decode_sets(ByteCursor body, std::uint16_t version, const SetIds& ids, Message& message);

}  // namespace weir
