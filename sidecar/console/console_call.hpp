// What a command of the console is given and what it gives back: one line in, plain text out. Commands run on the
// console's query threads, several at once.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/backend.hpp"
#include "api/connection_log.hpp"
#include "core/clock.hpp"
#include "core/refusal_tally.hpp"
#include "query/query.hpp"

namespace weir {

// What the commands may ask. Borrowed; outlives the console.
struct ConsoleServices {
  ApiBackend& backend;
  const Clock& clock;
  // Who is and was connected to the API; absent: not told.
  std::function<std::vector<ApiConnection>()> connections{};
  // What API and console refused at the door; absent: not told.
  std::function<std::vector<RefusalStatus>()> refusals{};
};

struct ConsoleCall {
  const ConsoleServices& services;
  std::string_view arguments;                    // without blanks around it
  const std::atomic<bool>* cancelled = nullptr;  // for queries

  ApiBackend& backend() const { return services.backend; }
  std::int64_t now_ms() const { return services.clock.now_ms(); }
};

// The first word of `text`, taken from its front with the blanks around it; "" when there is none.
std::string_view take_word(std::string_view& text);

// Answers that are no answer begin with a mark, so that a program can tell: "? " what was typed is wrong (exit code 2),
// "! " it is right and did not work (exit code 1).
inline std::string not_understood(const std::string& what) { return "? " + what + "\n"; }
inline std::string not_done(const std::string& what) { return "! " + what + "\n"; }

std::string help_command(const ConsoleCall& call);
std::string flows_command(const ConsoleCall& call);
std::string exporter_command(const ConsoleCall& call);
std::string forget_command(const ConsoleCall& call);
std::string metering_command(const ConsoleCall& call);
std::string interfaces_command(const ConsoleCall& call);
std::string templates_command(const ConsoleCall& call);
std::string trace_command(const ConsoleCall& call);
std::string tap_command(const ConsoleCall& call);
std::string sessions_command(const ConsoleCall& call);
std::string top_command(const ConsoleCall& call);
std::string explain_command(const ConsoleCall& call);
std::string why_command(const ConsoleCall& call);
std::string rules_command(const ConsoleCall& call);
std::string alerts_command(const ConsoleCall& call);
std::string quality_command(const ConsoleCall& call);
std::string cache_command(const ConsoleCall& call);
std::string store_command(const ConsoleCall& call);
std::string queues_command(const ConsoleCall& call);
std::string ext_command(const ConsoleCall& call);
std::string peers_command(const ConsoleCall& call);
std::string lua_command(const ConsoleCall& call);
std::string log_command(const ConsoleCall& call);
std::string about_text_command(const ConsoleCall& call);
std::string doctor_command(const ConsoleCall& call);

// What sessions, top and why share: "-1h" in front of `text` is taken from it, the range that ends now. The error is
// the answer.
Result<std::optional<TimeRange>> take_range(std::string_view& text, std::int64_t now_ms);
// `over_limit`: as of QueryControl; query_mistake() wants to know it.
QueryControl control_of(const ConsoleCall& call, bool& over_limit);
// Why a query gave nothing, with a mark under the filter's mistake.
std::string query_mistake(const ConsoleCall& call, const Error& error, std::string_view filter, bool over_limit);
// "tcp"; "192.0.2.1:443", "[2001:db8::1]:443"
std::string protocol_text(std::uint64_t number);
std::string end_text(const IpAddress& address, std::uint16_t port);
// The name of an exporter, or its address; `otherwise` when there is none.
std::string exporter_text(const Exporter* exporter, const std::string& otherwise);

// The exporter of an address or a name; nullptr, with the answer in `failure`, when there is none.
Exporter* find_named_exporter(const ConsoleCall& call, std::string_view command, std::string& failure);
std::string exporter_name(const Exporter& exporter);
// "edge-1 (192.0.2.1)", in clean text
std::string exporter_title(const Exporter& exporter);
// "1 in 10, announced"
std::string sampling_text(const Exporter& exporter);
// What its sequence numbers count, and how much of that came.
struct SequenceUnits {
  std::string one, name;  // of one, of many
  std::uint64_t came = 0;
};
SequenceUnits sequence_units(const Exporter& exporter);
std::string metering_text(const Exporter& exporter);

}  // namespace weir
