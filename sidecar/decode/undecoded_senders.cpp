// The list is short, so it is searched from its begin; only datagrams that are not decoded pay for that.
#include "decode/undecoded_senders.hpp"

#include <algorithm>

#include "core/byte_cursor.hpp"
#include "decode/netflow_v8.hpp"
#include "decode/protocol_table.hpp"

namespace weir {

UndecodedKind undecoded_kind(std::span<const std::uint8_t> payload) {
  ByteCursor c(payload);
  const std::uint32_t word = c.u32();
  if (c.failed()) return UndecodedKind::kShort;
  if (word >> 16 == 8) return UndecodedKind::kNetflow8;
  return UndecodedKind::kOther;
}

std::string undecoded_name(std::span<const std::uint8_t> payload) {
  switch (undecoded_kind(payload)) {
    case UndecodedKind::kNetflow8: {
      const auto scheme = netflow_v8_scheme(ByteCursor(payload));
      return scheme == 0 ? "NetFlow v8" : "NetFlow v8, scheme " + std::to_string(scheme);
    }
    case UndecodedKind::kShort: return std::to_string(payload.size()) + " octets";
    case UndecodedKind::kOther: return "version " + std::to_string(ByteCursor(payload).u16());
  }
  return "";
}

std::string undecoded_hint(UndecodedKind kind) {
  switch (kind) {
    case UndecodedKind::kNetflow8:
      return "this aggregation scheme of NetFlow v8 is not decoded; let it export v5 or v9, or another scheme";
    case UndecodedKind::kShort: return "that is no flow export; see what sends to this port";
    case UndecodedKind::kOther: return "that is none of " + decoded_protocols() + "; see what sends to this port";
  }
  return "";
}

void UndecodedSenders::note(const Datagram& datagram) {
  const auto kind = undecoded_kind(datagram.payload);
  senders_.with([&](std::vector<Sender>& senders) {
    auto at = std::find_if(senders.begin(), senders.end(), [&](const Sender& s) {
      return s.address == datagram.source && s.port == datagram.local_port && s.kind == kind;
    });
    if (at == senders.end()) {
      const Sender sender{.address = datagram.source,
                          .port = datagram.local_port,
                          .kind = kind,
                          .name = undecoded_name(datagram.payload),
                          .first_ms = datagram.arrival_ms};
      if (senders.size() < kMaxSenders) {
        at = senders.insert(senders.end(), sender);
      } else {
        at = std::min_element(senders.begin(), senders.end(), [](const Sender& a, const Sender& b) {
          return std::pair(a.datagrams, a.last_ms) < std::pair(b.datagrams, b.last_ms);
        });
        *at = sender;
      }
    }
    ++at->datagrams;
    at->last_ms = datagram.arrival_ms;
  });
}

std::vector<UndecodedSender> UndecodedSenders::newest() const {
  std::vector<UndecodedSender> list;
  senders_.with([&](const std::vector<Sender>& senders) {
    for (const auto& s : senders) {
      list.push_back({.address = s.address,
                      .port = s.port,
                      .what = s.name,
                      .hint = undecoded_hint(s.kind),
                      .datagrams = s.datagrams,
                      .first_ms = s.first_ms,
                      .last_ms = s.last_ms});
    }
  });
  std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.last_ms > b.last_ms; });
  return list;
}

}  // namespace weir
