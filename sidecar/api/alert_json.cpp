// One function per answer, in the order of the schemas' properties.
#include "api/alert_json.hpp"

#include <algorithm>

#include "api/json_writer.hpp"
#include "api/status_json.hpp"
#include "flow/field_catalog.hpp"

namespace weir {
namespace {

void write_text(JsonWriter& w, std::string_view name, const std::string& value) {
  w.key(name).text(to_valid_utf8(value));
}

void write_text_or_null(JsonWriter& w, std::string_view name, const std::string& value) {
  w.key(name);
  value.empty() ? w.null() : w.text(to_valid_utf8(value));
}

// 0 stands for "never" in the engine's values.
void write_time_or_null(JsonWriter& w, std::string_view name, std::int64_t ms) {
  w.key(name);
  ms == 0 ? w.null() : w.number(ms);
}

void write_alert(JsonWriter& w, const Incident& i) {
  w.begin_object();
  write_text(w, "id", i.id);
  write_text(w, "rule", i.rule);
  w.key("severity").text(severity_name(i.severity));
  w.key("state").text(i.state == Incident::State::kFiring ? "firing" : "resolved");
  write_text(w, "key", i.key);
  write_text(w, "title", i.title);
  write_text(w, "message", i.message);
  write_text_or_null(w, "value", i.value);
  write_text_or_null(w, "exporter", i.exporter);
  w.key("since_ms").number(i.since_ms).key("fired_ms").number(i.fired_ms);
  write_time_or_null(w, "resolved_ms", i.resolved_ms);
  w.key("range")
      .begin_object()
      .key("from_ms")
      .number(i.window.from_ms)
      .key("to_ms")
      .number(i.window.to_ms)
      .end_object();
  write_text(w, "filter", i.filter);
  write_time_or_null(w, "acknowledged_ms", i.acknowledged_ms);
  write_text_or_null(w, "acknowledged_by", i.acknowledged_by);
  w.key("silenced").boolean(i.silenced);
  w.key("labels").begin_object();
  for (const auto& [name, value] : i.labels) write_text(w, to_valid_utf8(name), value);
  w.end_object();
  write_text_or_null(w, "group", i.group);
  w.end_object();
}

void write_rule(JsonWriter& w, const RuleStatus& r, std::size_t firing, bool whole) {
  w.begin_object();
  write_text(w, "name", r.name);
  write_text(w, "description", r.description);
  write_text(w, "file", whole ? r.file : file_name(r.file));
  w.key("line").number(r.line).key("enabled").boolean(r.enabled).key("severity").text(severity_name(r.severity));
  w.key("by").begin_array();
  for (const auto field : r.by) w.text(field_info(field).word);
  w.end_array();
  w.key("window_ms").number(r.window_ms).key("every_ms").number(r.every_ms);
  write_time_or_null(w, "last_window_end_ms", r.last_end_ms);
  w.key("last_took_ms").number(r.last_took_ms).key("max_took_ms").number(r.max_took_ms);
  w.key("windows")
      .number(r.windows)
      .key("late_windows")
      .number(r.late_windows)
      .key("skipped_windows")
      .number(r.skipped_windows);
  w.key("cut_rows").number(r.cut_rows).key("refused_keys").number(r.refused_keys).key("failures").number(r.failures);
  w.key("cut_windows").number(r.cut_windows);
  w.key("pending");
  whole ? w.number(r.pending) : w.null();
  w.key("firing").number(firing);
  write_time_or_null(w, "backed_off_until_ms", r.backed_off_until_ms);
  write_time_or_null(w, "failing_since_ms", r.failing_since_ms);
  write_text_or_null(w, "error", whole || r.error.empty() ? r.error : kTroubleUntold);
  write_text_or_null(w, "warning", whole ? r.warning : "");
  w.end_object();
}

void write_target(JsonWriter& w, const TargetStatus& t) {
  w.begin_object();
  write_text(w, "name", t.name);
  w.key("sent").number(t.sent).key("failures").number(t.failures).key("given_up").number(t.given_up);
  write_time_or_null(w, "last_sent_ms", t.last_sent_ms);
  write_time_or_null(w, "last_failure_ms", t.last_failure_ms);
  write_text_or_null(w, "last_error", t.last_error);
  w.end_object();
}

void write_figures(JsonWriter& w, const RowFigures& f) {
  w.begin_object().key("octets").number(f.octets).key("packets").number(f.packets).key("flows").number(f.flows);
  w.key("sessions").number(f.sessions).key("distinct").number(f.distinct).end_object();
}

}  // namespace

std::string alerts_json(const std::vector<Incident>& alerts, std::size_t firing) {
  JsonWriter w;
  w.begin_object().key("alerts").begin_array();
  for (const auto& alert : alerts) write_alert(w, alert);
  return w.end_array().key("firing").number(firing).end_object().take();
}

std::string silences_json(const std::vector<Silence>& silences) {
  JsonWriter w;
  w.begin_object().key("silences").begin_array();
  for (const auto& s : silences) {
    w.begin_object().key("id").number(s.id);
    write_text(w, "rule", s.rule);
    write_text_or_null(w, "key", s.key);
    w.key("until_ms").number(s.until_ms);
    write_text(w, "by", s.by);
    write_text(w, "comment", s.comment);
    w.end_object();
  }
  return w.end_array().end_object().take();
}

std::string rules_json(const AlertStatus& status, const FiringOfRule& firing, bool whole) {
  JsonWriter w;
  w.begin_object().key("rules").begin_array();
  for (const auto& rule : status.rules) write_rule(w, rule, firing(rule), whole);
  w.end_array().key("files").begin_array();
  for (const auto& file : status.files) {
    w.begin_object();
    write_text(w, "path", whole ? file.path : file_name(file.path));
    write_time_or_null(w, "loaded_ms", file.loaded_ms);
    w.key("rules").number(file.rules);
    write_text_or_null(w, "error", whole || file.error.empty() ? file.error : kTroubleUntold);
    w.end_object();
  }
  w.end_array().key("complaints").begin_array();
  for (const auto& complaint : status.complaints) {
    if (whole) w.text(to_valid_utf8(complaint));
  }
  w.end_array().key("targets").begin_array();
  for (const auto& target : status.targets) {
    if (whole) write_target(w, target);
  }
  w.end_array().key("messages").begin_object().key("waiting").number(status.counts.waiting_messages);
  return w.key("given_up").number(status.counts.given_up_messages).end_object().end_object().take();
}

std::string back_test_json(const BackTestResult& result, std::size_t limit, std::int64_t took_ms) {
  JsonWriter w;
  w.begin_object().key("alerts").begin_array();
  for (std::size_t i = 0; i < std::min(limit, result.alerts.size()); ++i) {
    const auto& a = result.alerts[i];
    w.begin_object();
    write_text(w, "key", a.key);
    write_text(w, "title", a.title);
    write_text(w, "message", a.message);
    write_text(w, "value", a.value);
    w.key("since_ms").number(a.since_ms).key("fired_ms").number(a.fired_ms);
    write_time_or_null(w, "resolved_ms", a.resolved_ms);
    w.key("figures");
    write_figures(w, a.figures);
    w.key("totals");
    write_figures(w, a.totals);
    w.end_object();
  }
  w.end_array().key("alerts_total").number(result.alerts.size());
  w.key("alerts_cut").boolean(result.alerts_cut || result.alerts.size() > limit);
  w.key("windows").number(result.windows).key("sessions_scanned").number(result.sessions_scanned);
  w.key("refused_keys")
      .number(result.refused_keys)
      .key("cut_rows")
      .number(result.cut_rows)
      .key("warnings")
      .begin_array();
  for (const auto& warning : result.warnings) w.text(to_valid_utf8(warning));
  w.end_array().key("is_cut_short").boolean(result.is_cut_short);
  write_time_or_null(w, "until_ms", result.until_ms);
  return w.key("took_ms").number(took_ms).end_object().take();
}

void write_alert_metrics(MetricsWriter& w, const AlertStatus& status) {
  w.gauge("weir_alert_rules", "Alert rules known.", status.rules.size());
  w.gauge("weir_alert_rules_enabled", "Alert rules that are on.",
          static_cast<std::uint64_t>(
              std::count_if(status.rules.begin(), status.rules.end(), [](const auto& r) { return r.enabled; })));
  w.gauge("weir_alert_rule_files_failed", "Rule files whose newest version could not be loaded.",
          static_cast<std::uint64_t>(
              std::count_if(status.files.begin(), status.files.end(), [](const auto& f) { return !f.error.empty(); })));
  const auto family = [&](const char* name, MetricType type, const char* help, auto value) {
    w.family(name, type, help);
    for (const auto& rule : status.rules)
      w.sample(static_cast<std::uint64_t>(value(rule)), {{"rule", to_valid_utf8(rule.name)}});
  };
  family("weir_alert_firing", MetricType::kGauge, "Keys that a rule fires for.",
         [](const RuleStatus& r) { return r.firing; });
  family("weir_alert_pending", MetricType::kGauge, "Keys that meet a rule's condition, but not for long enough.",
         [](const RuleStatus& r) { return r.pending; });
  family("weir_alert_windows_total", MetricType::kCounter, "Windows that a rule looked at.",
         [](const RuleStatus& r) { return r.windows; });
  family("weir_alert_late_windows_total", MetricType::kCounter, "Windows looked at again because of late data.",
         [](const RuleStatus& r) { return r.late_windows; });
  family("weir_alert_skipped_windows_total", MetricType::kCounter, "Windows left out after a pause.",
         [](const RuleStatus& r) { return r.skipped_windows; });
  family("weir_alert_cut_rows_total", MetricType::kCounter, "Rows beyond a rule's limit.",
         [](const RuleStatus& r) { return r.cut_rows; });
  family("weir_alert_cut_windows_total", MetricType::kCounter,
         "Windows with more keys than alert.max_groups, of which the largest were looked at.",
         [](const RuleStatus& r) { return r.cut_windows; });
  family("weir_alert_rule_failing", MetricType::kGauge, "1 while the last evaluation of a rule failed.",
         [](const RuleStatus& r) { return r.failing_since_ms != 0 ? 1 : 0; });
  family("weir_alert_refused_keys_total", MetricType::kCounter, "Keys beyond alert.max_keys.",
         [](const RuleStatus& r) { return r.refused_keys; });
  family("weir_alert_failures_total", MetricType::kCounter, "Evaluations that failed.",
         [](const RuleStatus& r) { return r.failures; });
  w.family("weir_alert_evaluation_seconds", MetricType::kGauge, "How long a rule's last evaluation took.");
  for (const auto& rule : status.rules)
    w.sample_real(static_cast<double>(rule.last_took_ms) / 1000, {{"rule", to_valid_utf8(rule.name)}});
  w.gauge("weir_alert_messages_waiting", "Messages not delivered yet, of all targets.", status.counts.waiting_messages);
  w.counter("weir_alert_messages_given_up_total", "Messages given up because too many waited, or for too long.",
            status.counts.given_up_messages);
  w.counter("weir_alert_storms_total", "Storms that were announced as one message.", status.counts.storms);
  w.gauge("weir_alert_file_refused", "1 while alerts.sqlite cannot be written and alerts are kept in memory.",
          status.file.refusal.empty() ? 0 : 1);
  w.counter("weir_alert_file_renewals_total",
            "Times that alerts.sqlite was damaged, gone or replaced, and was made anew.", status.file.renewals);
  const auto of_targets = [&](const char* name, const char* help, std::uint64_t TargetStatus::*value) {
    w.family(name, MetricType::kCounter, help);
    for (const auto& target : status.targets) w.sample(target.*value, {{"target", target.name}});
  };
  of_targets("weir_alert_deliveries_total", "Messages delivered.", &TargetStatus::sent);
  of_targets("weir_alert_delivery_failures_total", "Deliveries that failed and are tried again.",
             &TargetStatus::failures);
  of_targets("weir_alert_deliveries_given_up_total", "Messages of a target given up.", &TargetStatus::given_up);
}

}  // namespace weir
