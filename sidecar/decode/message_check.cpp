// The headers of NetFlow 1, 5, 7 and 9, and of IPFIX; see netflow_v5.cpp, netflow_v9.cpp and ipfix.cpp for their layout.
#include "decode/message_check.hpp"

#include "core/byte_cursor.hpp"
#include "decode/sets.hpp"

namespace weir {

namespace {

MessageCheck check_fixed(ByteCursor payload, std::size_t header, std::size_t record) {
  payload.skip(2);
  const std::uint16_t count = payload.u16();
  payload.skip(header - 4);
  return {.valid = !payload.failed() && count != 0 && payload.remaining() >= record};
}

MessageCheck check_sets(ByteCursor body, const SetIds& ids) {
  MessageCheck check;
  while (!body.failed() && body.remaining() >= kSetHeaderSize) {
    const std::uint16_t id = body.u16();
    const std::size_t length = body.u16();
    if (length < kSetHeaderSize) break;
    const bool is_template = id == ids.templates || id == ids.options_templates;
    // A set that is cut short still holds whole records.
    check.valid |= length > kSetHeaderSize && (is_template || id >= kFirstDataSet);
    check.has_template |= is_template;
    if (length - kSetHeaderSize > body.remaining()) break;
    body.skip(length - kSetHeaderSize);
  }
  return check;
}

}  // namespace

MessageCheck check_message(std::span<const std::uint8_t> payload) {
  ByteCursor cursor(payload);
  switch (ByteCursor(payload).u16()) {
    case 1: return check_fixed(cursor, 16, 48);
    case 5: return check_fixed(cursor, 24, 48);
    case 7: return check_fixed(cursor, 24, 52);
    case kVersion9: cursor.skip(20); return cursor.failed() ? MessageCheck{} : check_sets(cursor, kSetIds9);
    case kVersionIpfix: cursor.skip(16); return cursor.failed() ? MessageCheck{} : check_sets(cursor, kSetIdsIpfix);
    default: return {};
  }
}

}  // namespace weir
