// Orders of one direction depend on which end is the client, and of two halves the first in time may decide that.
#include "query/session_order_value.hpp"

#include <algorithm>

#include "core/saturating.hpp"

namespace weir {

bool SessionOrderValue::is_directed() const {
  return order_ == SessionOrder::kOctetsToServer || order_ == SessionOrder::kOctetsToClient ||
         order_ == SessionOrder::kPacketsToServer || order_ == SessionOrder::kPacketsToClient;
}

bool SessionOrderValue::is_to_server() const {
  return order_ == SessionOrder::kOctetsToServer || order_ == SessionOrder::kPacketsToServer;
}

bool SessionOrderValue::is_oriented() const {
  return is_directed() || order_ == SessionOrder::kClientPort || order_ == SessionOrder::kServerPort;
}

ColumnId SessionOrderValue::counter_column(SessionSide side) const {
  const bool octets = order_ == SessionOrder::kOctetsToServer || order_ == SessionOrder::kOctetsToClient;
  return side == kToServer ? (octets ? ColumnId::kOctetsToServer : ColumnId::kPacketsToServer)
                           : (octets ? ColumnId::kOctetsToClient : ColumnId::kPacketsToClient);
}

std::optional<ColumnId> SessionOrderValue::number_column() const {
  switch (order_) {
    case SessionOrder::kClientPort: return ColumnId::kClientPort;
    case SessionOrder::kServerPort: return ColumnId::kServerPort;
    case SessionOrder::kProtocol: return ColumnId::kProtocol;
    case SessionOrder::kStart:
    case SessionOrder::kEnd:
    case SessionOrder::kOctets:
    case SessionOrder::kPackets:
    case SessionOrder::kOctetsToServer:
    case SessionOrder::kOctetsToClient:
    case SessionOrder::kPacketsToServer:
    case SessionOrder::kPacketsToClient: break;
  }
  return std::nullopt;
}

std::uint64_t SessionOrderValue::directed_value(const LoneHalf& half, bool client_low) const {
  return (half.from_low == client_low) == is_to_server() ? half.value : 0;
}

std::uint64_t SessionOrderValue::alone_value(const LoneHalf& half) const {
  return is_directed() ? directed_value(half, half.client_low) : half.value;
}

std::uint64_t SessionOrderValue::joint_value(const LoneHalf& a, const LoneHalf& b) const {
  // As they are merged: the one that is stored first comes first.
  const auto &first = a.place < b.place ? a : b, &second = a.place < b.place ? b : a;
  const bool client_low = first_decides(first, second) ? first.client_low : second.client_low;
  switch (order_) {
    case SessionOrder::kStart: return std::min(a.value, b.value);
    case SessionOrder::kEnd: return std::max(a.value, b.value);
    case SessionOrder::kOctets:
    case SessionOrder::kPackets: return saturating_add(a.value, b.value);
    case SessionOrder::kOctetsToServer:
    case SessionOrder::kOctetsToClient:
    case SessionOrder::kPacketsToServer:
    case SessionOrder::kPacketsToClient:
      return saturating_add(directed_value(a, client_low), directed_value(b, client_low));
    case SessionOrder::kClientPort: return client_low ? a.key.low_port : a.key.high_port;
    case SessionOrder::kServerPort: return client_low ? a.key.high_port : a.key.low_port;
    case SessionOrder::kProtocol: return a.value;
  }
  return 0;
}

}  // namespace weir
