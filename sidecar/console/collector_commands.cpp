// quality, store, cache, queues, log, about: the collector itself.
#include <algorithm>

#include "api/about_text.hpp"
#include "console/console_call.hpp"
#include "console/plain_text.hpp"
#include "core/counted.hpp"
#include "core/log.hpp"
#include "query/filter_lexer.hpp"

namespace weir {

std::string quality_command(const ConsoleCall& call) {
  auto& backend = call.backend();
  TextTable table({"exporter", "name", ">records", ">lost", ">share", ">malformed", ">no template", ">kernel drops",
                   ">queue drops", ">twice", ">time repaired", "sampling"});
  std::uint64_t lost = 0, drops = 0;
  for (const auto* e : backend.exporters().all()) {
    const auto came = sequence_units(*e).came;
    lost += e->lost, drops += e->kernel_drops + e->queue_drops;
    table.row({e->address.text(), exporter_name(*e), count_text(e->records), count_text(e->lost),
               percent_text(e->lost, e->lost + came), count_text(e->malformed), count_text(e->waiting_for_template),
               count_text(e->kernel_drops), count_text(e->queue_drops), count_text(e->duplicates),
               count_text(e->time_repaired), sampling_text(*e)});
  }
  const auto store = backend.store().status();
  std::string text = "Since the start: " + count_text(lost) + " lost on the way by sequence, " +
                     counted_text(drops, "datagram", "datagrams") + " dropped here, " +
                     counted_text(store.dropped_sessions, "session", "sessions") + " not stored, " +
                     counted_text(store.damaged_days, "damaged day", "damaged days") + " set aside\n";
  if (table.empty()) return text + "No exporter has sent anything yet.\n";
  return text + table.text() +
         "lost: datagrams (v9) or records (v5, v7, IPFIX) missing by sequence number; twice: datagrams that came twice "
         "and were counted once; share: of these and those that came\n";
}

std::string store_command(const ConsoleCall& call) {
  const auto s = call.backend().store().status();
  const auto full = call.backend().status().store_full_in_ms;
  const bool holds = s.sessions + s.unsealed != 0;
  TextTable table({"store", ""});
  table.row({"sessions", std::to_string(s.sessions)});
  table.row({"not yet sealed", std::to_string(s.unsealed)});
  table.row({"segments", std::to_string(s.segments)});
  table.row({"days", std::to_string(s.days)});
  table.row({"oldest", holds ? utc_text(s.oldest_ms) : ""});
  table.row({"newest", holds ? utc_text(s.newest_ms) + ", " + ago_text(s.newest_ms, call.now_ms()) : ""});
  table.row(
      {"size", bytes_text(s.bytes) + (s.max_bytes == 0 ? ", no limit (store.max_bytes)"
                                                       : " of " + bytes_text(s.max_bytes) + " (store.max_bytes)")});
  if (s.limit_bytes != s.max_bytes)
    table.row({"limit of the disk", bytes_text(s.limit_bytes) + "; then the oldest sessions go"});
  table.row({"disk has left", bytes_text(s.free_bytes)});
  table.row({"full", full ? "in " + duration_text(*full) + " at this rate; then the oldest day goes" : ""});
  table.row({"commits", std::to_string(s.commits)});
  table.row({"segments sealed", std::to_string(s.sealed_segments)});
  table.row({"deleted by age and size", counted(s.deleted_sessions, "session", "sessions") + ": " +
                                            counted(s.deleted_days, "day", "days") + ", " +
                                            counted(s.deleted_segments, "segment", "segments") + " of other days"});
  table.row({"days damaged", std::to_string(s.damaged_days)});
  table.row({"segments damaged", std::to_string(s.damaged_segments)});
  table.row({"set aside as damaged", bytes_text(s.set_aside_bytes)});
  table.row({"sessions not stored", std::to_string(s.dropped_sessions)});
  table.row({"last error", s.last_error.empty() ? "none" : s.last_error});
  return table.text();
}

std::string cache_command(const ConsoleCall& call) {
  const auto s = call.backend().store().status();
  TextTable table({"cache of columns", ""});
  table.row({"size", bytes_text(s.cache_bytes) + " of " + bytes_text(s.cache_max_bytes) + " (store.cache_bytes)"});
  table.row({"hits", std::to_string(s.cache_hits)});
  table.row({"misses", std::to_string(s.cache_misses)});
  table.row({"hit rate", percent_text(s.cache_hits, s.cache_hits + s.cache_misses)});
  return table.text();
}

std::string queues_command(const ConsoleCall& call) {
  TextTable table({"queue", ">waiting", ">capacity", ">full", ">dropped"});
  for (const auto& q : call.backend().status().queues) {
    table.row({q.name, std::to_string(q.size), std::to_string(q.capacity), percent_text(q.size, q.capacity),
               std::to_string(q.dropped)});
  }
  return table.text() + "workers count bytes of datagrams, the store rows of sessions\n";
}

std::string ext_command(const ConsoleCall& call) {
  const auto now = call.now_ms();
  TextTable table(
      {"peer", "by", "user", "role", "since", "last message", "token ends", ">messages", ">errors", "last error"});
  std::size_t open = 0;
  if (call.services.connections) {
    for (const auto& c : call.services.connections()) {
      open += c.open;
      const std::string by = c.websocket ? "websocket" : "http";
      table.row({c.peer, c.open ? by : by + ", ended" + (c.connections > 1 ? " x" + std::to_string(c.connections) : ""),
                 c.user, c.role, ago_text(c.since_ms, now), ago_text(c.last_message_ms, now),
                 c.token_ends_ms ? ago_text(*c.token_ends_ms, now) : "no token", count_text(c.messages),
                 count_text(c.errors), c.last_error});
    }
  }
  const auto text = utc_text(now) + ": " + counted(open, "connection", "connections") + " to the API\n";
  return table.empty() ? text + "Nobody has called it since the start.\n" : text + table.text();
}

std::string lua_command(const ConsoleCall& call) {
  if (call.arguments.empty()) {
    const auto status = call.backend().status();
    TextTable table({"script", ">entries", "read", "error"});
    const auto add = [&](const ServerPortsStatus& script) {
      table.row({script.file, std::to_string(script.count),
                 script.loaded_ms ? ago_text(*script.loaded_ms, call.now_ms()) : "never", script.error.value_or("")});
    };
    add(status.server_ports);
    for (const auto& script : status.name_scripts) add(script);
    return table.text() + "rules tells of the alert rules\n";
  }
  if (lower_case(call.arguments) != "reload") return not_understood("write lua, or lua reload");
  const auto done = call.backend().reload_scripts();
  return done ? *done + "\n" : not_done(done.error().message);
}

std::string log_command(const ConsoleCall& call) {
  auto rest = call.arguments;
  const auto level = lower_case(take_word(rest));
  static constexpr std::string_view kLevels[] = {"trace", "debug", "info", "warn", "warning", "error"};
  if (std::find(std::begin(kLevels), std::end(kLevels), level) == std::end(kLevels))
    return not_understood("log needs a level: trace, debug, info, warning or error");
  // Only stages there are: a logger that is asked for is made and stays.
  static constexpr std::string_view kStages[] = {"alert", "api",     "app",    "console", "decode", "monitor",
                                                 "query", "receive", "script", "session", "store"};
  const std::string stage = lower_case(rest);
  if (!stage.empty() && std::find(std::begin(kStages), std::end(kStages), stage) == std::end(kStages)) {
    std::string known;
    for (const auto name : kStages) known += (known.empty() ? "" : ", ") + std::string(name);
    return not_understood("there is no stage '" + stage.substr(0, 40) + "': " + known);
  }
  if (!set_log_level(level, stage)) return not_understood("'" + level + "' is no level");
  return (stage.empty() ? "Every stage" : "Stage " + stage) + " logs from " + level + " on, until the next start.\n";
}

std::string about_text_command(const ConsoleCall& call) {
  return about_text(call.backend().about(), AboutDetail::kAll);
}

}  // namespace weir
