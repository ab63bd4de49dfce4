// peers, and what the doctor says of them.
#include "console/console_call.hpp"
#include "console/peer_doctor.hpp"
#include "console/plain_text.hpp"

namespace weir {

std::string peers_command(const ConsoleCall& call) {
  const auto peers = call.backend().peers();
  if (peers.empty())
    return "This collector asks no other. Name them in peers.ask of weir.toml; the window then shows the flows of "
           "all.\n";
  TextTable table({"peer", "address", "state", "last answer", ">took", ">questions", ">failed", "last failure", "why"});
  std::size_t away = 0;
  for (const auto& p : peers) {
    away += p.is_away();
    const auto when = [&](std::int64_t ms) { return ms == 0 ? "never" : ago_text(ms, call.now_ms()); };
    table.row({p.name, p.address,
               p.is_away()          ? "away"
               : p.answered_ms == 0 ? "not asked yet"
                                    : "answers",
               when(p.answered_ms), p.answered_ms == 0 ? "" : std::to_string(p.took_ms) + " ms",
               count_text(p.questions), count_text(p.failures), when(p.failed_ms), p.last_error});
  }
  return std::to_string(peers.size()) + " peers, " + std::to_string(away) + " away\n" + table.text() +
         "Each question is asked of all peers. What one that is away has is missing in the answers, and they say so.\n";
}

void examine_peers(DoctorReport& report, const std::vector<PeerStatus>& peers, std::int64_t now_ms) {
  for (const auto& p : peers) {
    report.check(!p.is_away(),
                 "the peer " + p.name + " (" + p.address + ") did not answer " + ago_text(p.failed_ms, now_ms) + ": " +
                     p.last_error,
                 "its flows are missing in the answers until it does; see whether it runs and can be reached, and its "
                 "token and certificates in peers.ask");
  }
}

}  // namespace weir
