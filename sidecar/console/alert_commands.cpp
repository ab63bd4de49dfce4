// rules, alerts: the alert stage as text.
#include <algorithm>

#include "alert/alert_engine.hpp"
#include "console/console_call.hpp"
#include "console/plain_text.hpp"
#include "flow/field_catalog.hpp"

namespace weir {

namespace {

constexpr std::size_t kShownAlerts = 50;

std::string fields_text(const std::vector<FieldId>& fields) {
  std::string text;
  for (const auto field : fields) text += (text.empty() ? "" : ",") + std::string(field_info(field).word);
  return text;
}

std::string state_of(const RuleStatus& rule, std::int64_t now_ms) {
  if (!rule.enabled) return "off";
  if (rule.backed_off_until_ms > now_ms) return "rests " + duration_text(rule.backed_off_until_ms - now_ms);
  return rule.error.empty() ? "on" : "error";
}

std::string targets_text(const AlertStatus& status, std::int64_t now_ms) {
  if (status.targets.empty())
    return "No target is set: alerts are kept here and shown in the Flows window. [alert] of weir.toml names "
           "targets.\n";
  TextTable table({"target", ">sent", ">failures", ">given up", "last sent", "last error"});
  for (const auto& t : status.targets) {
    table.row({t.name, count_text(t.sent), count_text(t.failures), count_text(t.given_up),
               ago_text(t.last_sent_ms, now_ms),
               t.last_error.empty() ? "" : ago_text(t.last_failure_ms, now_ms) + ": " + t.last_error});
  }
  return table.text();
}

}  // namespace

std::string rules_command(const ConsoleCall& call) {
  const auto now = call.now_ms();
  const auto status = call.backend().alerts().status();
  TextTable table({"rule", "state", "severity", "by", ">window", ">every", "last window", ">took", ">most", ">pending",
                   ">firing", ">failures", "file"});
  std::string troubles;
  const auto trouble = [&](const std::string& what) { troubles += "  ! " + clean_text(what) + "\n"; };
  for (const auto& r : status.rules) {
    table.row({r.name, state_of(r, now), severity_name(r.severity), fields_text(r.by), duration_text(r.window_ms),
               duration_text(r.every_ms), ago_text(r.last_end_ms, now), std::to_string(r.last_took_ms) + " ms",
               std::to_string(r.max_took_ms) + " ms", std::to_string(r.pending), std::to_string(r.firing),
               std::to_string(r.failures), r.file + ":" + std::to_string(r.line)});
    if (!r.error.empty()) trouble(r.name + ", since " + utc_text(r.failing_since_ms) + ": " + r.error);
    if (!r.warning.empty()) trouble(r.name + ": " + r.warning);
    if (r.cut_windows != 0)
      trouble(r.name + ": of " + count_text(r.cut_windows) +
              " windows only the largest keys were looked at (alert.max_groups)");
    if (r.refused_keys != 0) trouble(r.name + ": " + count_text(r.refused_keys) + " keys beyond alert.max_keys");
    if (r.skipped_windows != 0)
      trouble(r.name + ": " + count_text(r.skipped_windows) + " windows skipped, as it took longer than it may");
  }
  for (const auto& file : status.files) {
    if (!file.error.empty()) trouble(file.error + (file.loaded_ms == 0 ? "" : "; the last good one is still used"));
  }
  for (const auto& complaint : status.complaints) trouble(complaint);
  std::string text =
      std::to_string(status.rules.size()) + " rules in " + std::to_string(status.files.size()) + " files\n";
  if (!table.empty()) text += table.text();
  return troubles.empty() ? text : text + "To mend:\n" + troubles;
}

std::string alerts_command(const ConsoleCall& call) {
  const auto now = call.now_ms();
  auto& engine = call.backend().alerts();
  const auto status = engine.status();
  auto alerts = engine.alerts(false, kShownAlerts);
  std::stable_partition(alerts.begin(), alerts.end(),
                        [](const Incident& i) { return i.state == Incident::State::kFiring; });
  TextTable table({"state", "severity", "since", "lasted", "rule", "of", "value", "message", "marks"});
  for (const auto& i : alerts) {
    const bool firing = i.state == Incident::State::kFiring;
    std::string marks = i.acknowledged_ms == 0 ? "" : "acknowledged by " + i.acknowledged_by;
    if (i.silenced) marks += (marks.empty() ? "" : ", ") + std::string("silenced");
    table.row({firing ? "firing" : "ended", severity_name(i.severity), utc_text(i.since_ms),
               duration_text((firing ? now : i.resolved_ms) - i.since_ms), i.rule, i.title, i.value, i.message, marks});
  }
  std::string text = utc_text(now) + ": " + count_text(status.counts.firing) + " firing, " +
                     count_text(status.counts.waiting_messages) + " messages wait, " +
                     count_text(status.counts.given_up_messages) + " given up\n";
  text += table.empty() ? "No rule has fired yet.\n" : table.text();
  return text + targets_text(status, now);
}

}  // namespace weir
