// The words for the stored reasons of direction.
#include "flow/session.hpp"

namespace weir {

const char* server_reason_name(ServerReason reason) {
  switch (reason) {
    case ServerReason::kBiflow: return "biflow";
    case ServerReason::kSyn: return "syn";
    case ServerReason::kPortList: return "port list";
    case ServerReason::kFirstPacket: return "first packet";
    case ServerReason::kLowerPort: return "lower port";
    case ServerReason::kFirstSeen: return "first seen";
  }
  return "unknown";
}

}  // namespace weir
