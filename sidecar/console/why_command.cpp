// why: which of the reasons made one end of a session the server, with what the list of server ports says today.
#include "console/console_call.hpp"
#include "console/plain_text.hpp"

namespace weir {

namespace {

constexpr std::uint32_t kExplained = 5;

std::string port_text(const PortTable& ports, std::uint8_t protocol, std::uint16_t port) {
  const auto name = ports.name(protocol, port);
  return protocol_text(protocol) + "/" + std::to_string(port) + (name.empty() ? "" : " (" + std::string(name) + ")");
}

// "F has tcp/443 (https), and not tcp/51000."
std::string list_text(const std::string& file, const PortTable& ports, const Session& s) {
  const bool server = ports.is_server(s.protocol, s.server_port), client = ports.is_server(s.protocol, s.client_port);
  const auto server_text = port_text(ports, s.protocol, s.server_port),
             client_text = port_text(ports, s.protocol, s.client_port);
  if (s.server_port == s.client_port) return file + (server ? " has " : " has no ") + server_text + ".";
  if (server && client) return file + " has both " + server_text + " and " + client_text + ".";
  if (!server && !client) return file + " has neither " + server_text + " nor " + client_text + ".";
  return file + " has " + (server ? server_text : client_text) + ", and not " + (server ? client_text : server_text) +
         ".";
}

std::string reason_text(const std::string& file, const PortTable& ports, const Session& s) {
  const auto client = end_text(s.client, s.client_port);
  const auto list = list_text(file, ports, s);
  switch (s.reason) {
    case ServerReason::kBiflow:
      return "the exporter named " + client +
             " the initiator (biflowDirection or initiatorOctets). Nothing outweighs that.";
    case ServerReason::kSyn: return "a SYN without ACK came from " + client + ": it opened the connection.";
    case ServerReason::kPortList: {
      const bool still = ports.is_server(s.protocol, s.server_port) && !ports.is_server(s.protocol, s.client_port);
      return list + (still ? "" : " The list was another when this session came; what is stored keeps its ends.");
    }
    case ServerReason::kFirstPacket:
      return "the half from " + client + " started clearly before the other. No SYN was reported, and " + list;
    case ServerReason::kLowerPort:
      return std::to_string(s.server_port) + " is lower than " + std::to_string(s.client_port) +
             ". No SYN was reported, no half started clearly first, and " + list +
             " A port in the list decides such sessions to come.";
    case ServerReason::kFirstSeen:
      return "nothing told the ends apart, so whose half came first is the client: both ports are " +
             std::to_string(s.server_port) + ". " + list;
  }
  return "";
}

}  // namespace

std::string why_command(const ConsoleCall& call) {
  auto rest = call.arguments;
  const auto range = take_range(rest, call.now_ms());
  if (!range) return not_understood(range.error().message);
  const SessionQuery query{
      .range = *range, .filter = std::string(rest), .order = SessionOrder::kEnd, .limit = kExplained};
  bool over_limit = false;
  const auto answer = call.backend().answerer().sessions(query, control_of(call, over_limit));
  if (!answer) return query_mistake(call, answer.error(), rest, over_limit);
  const auto* result = &answer->result;
  if (result->sessions.empty()) return "No session that is stored is selected by that.\n";

  const auto ports = call.backend().server_port_table();
  const auto file = call.backend().status().server_ports.file;
  std::string text = "The newest " + std::to_string(result->sessions.size()) + " of " +
                     counted_text(result->total_sessions, "session", "sessions") + ":\n";
  for (const auto& row : result->sessions) {
    const auto& s = row.session;
    text += utc_text(s.start_ms) + "  " + end_text(s.client, s.client_port) + " > " +
            end_text(s.server, s.server_port) + " " + protocol_text(s.protocol) + ", exporter " +
            clean_text(exporter_text(call.backend().exporters().find(row.exporter), key_text(row.exporter))) + "\n";
    text += "  " + end_text(s.server, s.server_port) + " is the server by " + server_reason_name(s.reason) + ": " +
            clean_text(reason_text(file, *ports, s)) + "\n";
  }
  return text;
}

}  // namespace weir
