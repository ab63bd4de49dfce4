// A session: both directions between two (address, port) pairs over one reporting interval, with its client and server
// and the reason for the choice. Plain value, about 280 bytes; stored column by column. Carried fields come from
// schemas/fields.json.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "core/ip_address.hpp"
#include "flow/flow_record.hpp"

namespace weir {

// Why this end is the server, best first. Stored: numbers never change meaning.
enum class ServerReason : std::uint8_t {
  kBiflow = 1,       // RFC 5103 biflowDirection or initiator octets
  kSyn = 2,          // a SYN without ACK came from the client
  kPortList = 3,     // lua/server_ports.lua
  kFirstPacket = 4,  // the client's half started clearly first
  kLowerPort = 5,
  kFirstSeen = 6,
};
const char* server_reason_name(ServerReason reason);

enum SessionSide : std::uint8_t { kToServer = 0, kToClient = 1 };

// Set in SessionHalf::flows of a half that was reported, though no record is its own: it came inside the other half's
// (RFC 5103), or it is a later day of a flow of several days. Stored.
inline constexpr std::uint32_t kInsideOtherRecord = std::uint32_t{1} << 31;

struct SessionHalf {
  std::uint64_t octets = 0, packets = 0;  // as exported
  std::uint32_t flows = 0;  // records merged into this half, or kInsideOtherRecord; 0: this half was not reported
#include "flow/half_members.inc"

  bool reported() const { return flows != 0; }
  std::uint32_t flow_count() const { return flows & ~kInsideOtherRecord; }
};

struct Session {
  std::uint64_t id = 0;  // ascending within a run of the collector
  std::int64_t start_ms = 0, end_ms = 0;
  IpAddress client, server;
  std::array<SessionHalf, 2> halves;  // by SessionSide
  std::uint32_t exporter = 0, sampling = 0;
  std::uint16_t client_port = 0, server_port = 0;
  std::uint16_t quality = 0;
  std::uint8_t protocol = 0;
  ServerReason reason = ServerReason::kFirstSeen;
#include "flow/session_members.inc"

  std::int64_t duration_ms() const { return end_ms - start_ms; }
};

// Session tables that share a store have ids in ranges of their own: table k starts at first + k * kSessionIdRange.
inline constexpr std::uint64_t kSessionIdRange = std::uint64_t{1} << 48;

// What the session stage hands to the store: rows new or changed (a later row of the same id replaces the earlier), and
// the id below which no row of its range (final_below / kSessionIdRange) will change again.
struct SessionBatch {
  std::vector<Session> sessions;
  std::uint64_t final_below = 0;
};

class SessionSink {
 public:
  virtual ~SessionSink() = default;
  virtual void on_sessions(SessionBatch&& batch) = 0;
};

}  // namespace weir
