// The commands of the console, as people see them: the server runs them from here, the client completes from here, and
// `help` prints it. Constant; any thread.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "console/console_call.hpp"

namespace weir {

struct ConsoleCommand {
  std::string_view name, arguments, help;
  std::string (*run)(const ConsoleCall& call);  // nullptr: ends the connection
  bool changes = false;                         // something in the collector, when it has arguments
};

enum class ConsoleRights : std::uint8_t { kLook, kAll };

inline constexpr std::array kConsoleCommands{
    ConsoleCommand{"help", "[COMMAND]", "what there is, or one command's line", help_command},
    ConsoleCommand{"flows", "", "the exporters: protocols, rates, last seen, loss, name in the monitor", flows_command},
    ConsoleCommand{"exporter", "X", "all that is known of an exporter, by address or name", exporter_command},
    ConsoleCommand{"interfaces", "X", "the interfaces that are known of an exporter", interfaces_command},
    ConsoleCommand{"templates", "X", "templates and loss of an exporter's observation domains", templates_command},
    ConsoleCommand{"trace", "X [COUNT]",
                   "the next datagrams of an exporter, decoded field by field: 3, or COUNT, within 10 s",
                   trace_command},
    ConsoleCommand{"tap", "[json] [after N] [FILTER]",
                   "flow records as they come, one a line: the first that come within 10 s; weir tap goes on",
                   tap_command},
    ConsoleCommand{"forget", "ADDRESS", "an exporter that is none: it takes no place any more; its sessions stay",
                   forget_command, true},
    ConsoleCommand{"metering", "X [auto|ingress|egress|both]",
                   "which flows count, of an exporter that meters on ingress and on egress: auto counts once what was "
                   "metered twice",
                   metering_command, true},
    ConsoleCommand{"sessions", "[-1h] [FILTER]", "the newest sessions; -15m, -1h, -7d: of that time back to now",
                   sessions_command},
    ConsoleCommand{"top", "FIELD[,FIELD] [-1h] [FILTER]", "the largest by octets: top client,port -1h tcp",
                   top_command},
    ConsoleCommand{"explain", "[-15min] [FILTER]",
                   "what changed against the time before and the same time last week, and what explains it; without a "
                   "time: the last 15 min",
                   explain_command},
    ConsoleCommand{"why", "[-1h] [FILTER]", "of the newest sessions, which rule made this end the server", why_command},
    ConsoleCommand{"rules", "", "the alert rules: state, cost, errors with file and line", rules_command},
    ConsoleCommand{"alerts", "", "what fires, what fired lately, and where messages went", alerts_command},
    ConsoleCommand{"ext", "", "who is connected to the API, and was lately: since when, last message, token, errors",
                   ext_command},
    ConsoleCommand{"peers", "", "the other collectors that this one asks: state, last answer, failures", peers_command},
    ConsoleCommand{"doctor", "[X]", "what is wrong, in words, and how to fix it", doctor_command},
    ConsoleCommand{"quality", "", "what is missing or was repaired, per exporter", quality_command},
    ConsoleCommand{"store", "", "what is stored: size, span, days", store_command},
    ConsoleCommand{"cache", "", "the cache of decoded columns", cache_command},
    ConsoleCommand{"queues", "", "what waits between the stages, and what was dropped", queues_command},
    ConsoleCommand{"lua", "[reload]",
                   "the scripts that are loaded; reload: read them again, as happens when they change", lua_command,
                   true},
    ConsoleCommand{"log", "LEVEL [STAGE]",
                   "write more or less: trace, debug, info, warning, error; until the next start", log_command, true},
    ConsoleCommand{"about", "", "version, build, system, settings, last errors: for a bug report", about_text_command},
    ConsoleCommand{"quit", "", "end this connection", nullptr},
};

const ConsoleCommand* find_console_command(std::string_view name);

// The answer to one line; every character in it can be shown on a terminal. "" for an empty line and for quit.
std::string answer_console_line(const ConsoleServices& services, std::string_view line,
                                const std::atomic<bool>* cancelled = nullptr,
                                ConsoleRights rights = ConsoleRights::kAll);

}  // namespace weir
