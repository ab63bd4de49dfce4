// sessions and top: the query stage's answers as text.
#include <algorithm>
#include <optional>

#include "api/key_names.hpp"
#include "console/console_call.hpp"
#include "console/plain_text.hpp"
#include "console/quality_text.hpp"
#include "console/result_table.hpp"
#include "core/time_text.hpp"
#include "flow/protocols.hpp"
#include "flow/quality.hpp"

namespace weir {

namespace {

constexpr std::uint32_t kShownSessions = 20, kShownRows = 20;

std::string summary(const TimeRange& range, const Measures& totals, const std::vector<std::string>& warnings) {
  if (range.to_ms == 0) return "Nothing is stored yet.\n";
  std::string text = utc_text(range.from_ms) + " to " + utc_text(range.to_ms) + ": " + count_text(totals.octets) +
                     " octets, " + count_text(totals.packets) + " packets, " + count_text(totals.flows) + " flows, " +
                     count_text(totals.sessions) + " sessions\n";
  if (totals.saturated) text += std::string(kSaturatedNote) + "\n";
  for (const auto& warning : warnings) text += "Left out: " + warning + "\n";
  return text;
}

std::string quality_bits_text(std::uint16_t quality) {
  std::string text;
  for (const auto* word : quality_words(quality)) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

// What is missing in the range, of the exporters that the filter is about.
std::string missing_text(const ConsoleCall& call, const TimeRange& range, const QualitySummary& quality,
                         AnswerGaps&& gaps) {
  return quality_text(quality, range, context_of(std::move(gaps), 0, call.now_ms()), key_names(call.backend()));
}

}  // namespace

Result<std::optional<TimeRange>> take_range(std::string_view& text, std::int64_t now_ms) {
  if (!text.starts_with('-')) return std::optional<TimeRange>();
  const auto word = take_word(text);
  const auto back = parse_duration(word.substr(1));
  if (!back) return error(back.error().message);
  if (*back == 0 || *back > now_ms)
    return error("'" + std::string(word.substr(0, 40)) +
                 "' is no time back from now: write -30s, -15min, -1h, -7d or -2w");
  return std::optional(TimeRange{.from_ms = now_ms - *back, .to_ms = now_ms});
}

QueryControl control_of(const ConsoleCall& call, bool& over_limit) {
  auto control = query_control(call.backend(), call.now_ms(), {.client = "console"}, call.cancelled);
  control.over_limit = &over_limit;
  return control;
}

std::string query_mistake(const ConsoleCall& call, const Error& error, std::string_view filter, bool over_limit) {
  if (call.cancelled != nullptr && *call.cancelled)
    return not_done("given up: it took too long; ask for less time (-1h) or by a narrower filter");
  if (error.column == 0 && over_limit) return not_done(error.message);
  if (error.column == 0) return not_understood(error.message);
  return not_understood(error.message) + "    " + clean_text(filter) + "\n    " + std::string(error.column - 1, ' ') +
         "^\n";
}

std::string protocol_text(std::uint64_t number) {
  const auto name = protocol_name(number);
  return name.empty() ? std::to_string(number) : std::string(name);
}

std::string end_text(const IpAddress& address, std::uint16_t port) {
  const auto text = address.text();
  return (address.is_v4() ? text : "[" + text + "]") + ":" + std::to_string(port);
}

std::string exporter_text(const Exporter* exporter, const std::string& otherwise) {
  if (exporter == nullptr) return otherwise;
  const auto name = exporter_name(*exporter);
  return name.empty() ? exporter->address.text() : name;
}

std::string sessions_command(const ConsoleCall& call) {
  auto rest = call.arguments;
  const auto range = take_range(rest, call.now_ms());
  if (!range) return not_understood(range.error().message);
  const SessionQuery query{
      .range = *range, .filter = std::string(rest), .order = SessionOrder::kEnd, .limit = kShownSessions};
  bool over_limit = false;
  auto answer = call.backend().answerer().sessions(query, control_of(call, over_limit));
  if (!answer) return query_mistake(call, answer.error(), rest, over_limit);
  const auto* result = &answer->result;

  auto text = summary(result->range, result->totals, result->warnings);
  const auto missing = missing_text(call, result->range, result->quality, std::move(answer->gaps));
  if (result->sessions.empty()) return text + missing;
  TextTable table({"start", "lasted", "client", "server", "protocol", "service", ">to server", ">to client", ">packets",
                   "in>out", "exporter", "server by", "quality"});
  for (const auto& row : result->sessions) {
    const auto& s = row.session;
    const auto& half = s.halves[kToServer].reported() ? s.halves[kToServer] : s.halves[kToClient];
    table.row({utc_text(s.start_ms), duration_text(s.duration_ms()), end_text(s.client, s.client_port),
               end_text(s.server, s.server_port), protocol_text(s.protocol),
               call.backend().service_name(s.protocol, s.server_port), count_text(row.halves[kToServer].octets),
               count_text(row.halves[kToClient].octets), count_text(row.packets),
               std::to_string(half.in_if) + ">" + std::to_string(half.out_if),
               exporter_text(call.backend().exporters().find(row.exporter), key_text(row.exporter)),
               server_reason_name(s.reason), quality_bits_text(s.quality)});
  }
  text += "The newest " + std::to_string(result->sessions.size()) + " of " + count_text(result->total_sessions) +
          "; octets of each way, sampling accounted for:\n";
  return text + table.text() + missing;
}

std::string top_command(const ConsoleCall& call) {
  auto rest = call.arguments;
  auto words = take_word(rest);
  if (words.empty())
    return not_understood("top needs a field: top client, top port -1h tcp, top client,server host 10.0.0.0/8");
  const auto range = take_range(rest, call.now_ms());
  if (!range) return not_understood(range.error().message);
  Query query{.range = *range, .filter = std::string(rest), .limit = kShownRows};
  while (!words.empty()) {
    const auto word = words.substr(0, words.find(','));
    if (const auto added = add_group_fields(word, query); !added) return not_understood(added.error().message);
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
  bool over_limit = false;
  auto answer = call.backend().answerer().answer(query, control_of(call, over_limit));
  if (!answer) return query_mistake(call, answer.error(), rest, over_limit);
  const auto* result = &answer->result;

  auto text = summary(result->range, result->totals, result->warnings);
  if (result->quality.sampling_unknown)
    text += "Some exporters may sample and do not say how: these figures may be too small. doctor names them.\n";
  const auto missing = missing_text(call, result->range, result->quality, std::move(answer->gaps));
  if (result->rows.empty()) return text + missing;
  return text + result_table(query, *result, key_names(call.backend())) + missing;
}

}  // namespace weir
