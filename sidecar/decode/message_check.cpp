// The headers of NetFlow 1, 5, 7 and 9, and of IPFIX; see netflow_v5.cpp, netflow_v9.cpp and ipfix.cpp for their
// layout.
#include "decode/message_check.hpp"

#include "decode/sets.hpp"

namespace weir {

namespace {

MessageCheck check_fixed(ByteCursor payload, std::size_t header, std::size_t record) {
  payload.skip(2);
  const std::uint16_t count = payload.u16();
  payload.skip(header - 4);
  return {.valid = !payload.failed() && count != 0 && payload.remaining() >= record};
}

MessageCheck check_sets(ByteCursor body, std::size_t header, const SetIds& ids) {
  MessageCheck check;
  body.skip(header);
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

MessageCheck check_netflow_v1(ByteCursor payload) { return check_fixed(payload, 16, 48); }
MessageCheck check_netflow_v5(ByteCursor payload) { return check_fixed(payload, 24, 48); }
MessageCheck check_netflow_v7(ByteCursor payload) { return check_fixed(payload, 24, 52); }

MessageCheck check_netflow_v9(ByteCursor payload) { return check_sets(payload, 20, kSetIds9); }
MessageCheck check_ipfix(ByteCursor payload) { return check_sets(payload, 16, kSetIdsIpfix); }

}  // namespace weir
