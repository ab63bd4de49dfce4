// There is one check for each rule, and one for each way in which a rule can miss what it is for.
#include "console/alert_doctor.hpp"

#include "alert/alert_engine.hpp"
#include "console/plain_text.hpp"

namespace weir {

namespace {

constexpr std::int64_t kRecentMs = 86'400'000;

void examine_rule(DoctorReport& report, const RuleStatus& rule, std::int64_t now_ms) {
  const auto name = "alert rule '" + rule.name + "' ";
  const auto rests =
      rule.backed_off_until_ms > now_ms ? ", and waits " + duration_text(rule.backed_off_until_ms - now_ms) : "";
  report.check(rule.failing_since_ms == 0,
               name + "fails since " + utc_text(rule.failing_since_ms) + rests + ": " + rule.error,
               "change " + rule.file +
                   " (weir rules check, weir rules test), raise the limit that is named in [alert], or switch the rule "
                   "off with alert.disable");
  report.check(rule.cut_windows == 0,
               name + "had " + counted_text(rule.cut_windows, "window", "windows") +
                   " with more keys than alert.max_groups: only the largest were looked at",
               "narrow its filter or group by fewer fields; raise alert.max_groups if there is memory. A flood of "
               "forged addresses does it, too: see top hosts");
  report.check(rule.refused_keys == 0,
               name + "has had " + counted_text(rule.refused_keys, "key", "keys") +
                   " more than it may: alerts for them are missing",
               "make its condition stricter, or raise alert.max_keys");
  report.check(rule.skipped_windows == 0, name + "skipped " + counted_text(rule.skipped_windows, "window", "windows"),
               "the collector was stopped or busy for long; if it grows, see in 'rules' which rules take long, and "
               "raise alert.max_catch_up");
}

}  // namespace

void examine_alerts(DoctorReport& report, const AlertStatus& status, std::int64_t now_ms) {
  for (const auto& rule : status.rules) {
    if (rule.enabled) examine_rule(report, rule, now_ms);
  }
  for (const auto& file : status.files) {
    report.check(file.error.empty(), "a rule file cannot be loaded: " + file.error,
                 file.loaded_ms == 0 ? "correct it; it is read again when it changes"
                                     : "correct it; until then its rules are those that were loaded before");
  }
  for (const auto& complaint : status.complaints)
    report.check(false, complaint, "see [alert] in weir.toml, and 'rules'");
  for (const auto& target : status.targets) {
    report.check(target.last_error.empty(), "alerts do not reach " + target.name + ": " + target.last_error,
                 "see [alert] in weir.toml; messages wait, and alerts.test_target tries it");
    report.check(target.given_up == 0,
                 counted_text(target.given_up, "message", "messages") + " for " + target.name +
                     (target.given_up == 1 ? " was" : " were") + " given up",
                 "they waited longer than alert.max_message_age_hours");
  }
}

void examine_state_files(DoctorReport& report, const std::vector<KeptDatabaseStatus>& files, std::int64_t now_ms) {
  for (const auto& file : files) {
    report.check(file.refusal.empty(),
                 file.path + " cannot be written since " + utc_text(file.refused_since_ms) + ": " + file.refusal,
                 "make room, or see to the rights of the file and its folder; its content is kept in memory, and lost "
                 "if the collector ends before");
    report.check(
        file.renewals == 0 || now_ms - file.renewed_ms > kRecentMs,
        file.path + " was not sound " + ago_text(file.renewed_ms, now_ms) + " and was made anew: " + file.renewal,
        "see to the disk (dmesg, smartctl); nobody else may change files of the data folder while the collector runs");
  }
}

}  // namespace weir
