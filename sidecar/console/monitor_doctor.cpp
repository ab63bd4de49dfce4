// Checks the API first, then the values, then what both need in Zabbix.
#include "console/monitor_doctor.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "console/plain_text.hpp"
#include "core/counted.hpp"

namespace weir {

namespace {

constexpr std::uint64_t kClocksApartSeconds = 10;  // a token lives for 30 seconds at least

// The sample without labels of a family.
std::optional<std::uint64_t> figure(std::string_view metrics, std::string_view name) {
  for (std::size_t at = 0; at < metrics.size();) {
    const auto end = std::min(metrics.find('\n', at), metrics.size());
    const auto line = metrics.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ' ') continue;
    std::uint64_t value = 0;
    const auto text = line.substr(name.size() + 1);
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc()) return value;
  }
  return std::nullopt;
}

}  // namespace

void examine_monitor(DoctorReport& report, std::string_view metrics, const std::string& last_error) {
  const auto of = [&](std::string_view name, std::uint64_t otherwise) {
    return figure(metrics, "weir_monitor_" + std::string(name)).value_or(otherwise);
  };
  const auto since = [&](std::string_view name) { return utc_text(static_cast<std::int64_t>(of(name, 0)) * 1000); };
  const auto said = last_error.empty() ? std::string() : "; it said last: " + last_error;
  const bool api_tried = of("api_since_seconds", 0) != 0, values_tried = of("values_since_seconds", 0) != 0;
  report.check(!api_tried || of("api_answers", 1) == 1,
               "nothing can be read from Zabbix since " + since("api_since_seconds") + said,
               "names of devices and interfaces stay as they were last known. If it says \"Not authorized\", the API "
               "token has ended or is switched off: "
               "install/zabbix --login NAME makes one that works; else see zabbix.url and the web server there");
  report.check(of("clock_apart_seconds", 0) < kClocksApartSeconds,
               "the clock of the Zabbix frontend is " + counted(of("clock_apart_seconds", 0), "second", "seconds") +
                   " from ours",
               "tokens end by the clock, so that users are refused, and times do not agree: let NTP set both machines");
  report.check(of("templates_missing", 0) == 0,
               "the templates are not imported in Zabbix, or the API token may not read them: without them it takes no "
               "values and no alerts",
               "Administration > General > Flows > Import, or install/zabbix --login NAME");
  report.check(of("templates_old", 0) == 0,
               "the templates in Zabbix are those of another version: it refuses what it does not know",
               "Administration > General > Flows > Import again");
  report.check(of("choices_unread", 0) == 0,
               "what super admins chose for exporters, or who may edit hosts, cannot be read from Zabbix: links of "
               "before hold, and new exporters get none",
               "the role of the API token has to be of the type Super admin, with module.get, role.get and "
               "usergroup.get: install/zabbix --login NAME makes it so");
  report.check(!values_tried || of("values_taken", 1) == 1,
               "the Zabbix server takes no values since " + since("values_since_seconds") + ", " +
                   counted_text(of("values_waiting", 0), "waits", "wait") + said,
               "see whether it runs and listens at zabbix.server; what waits goes when it answers");
  report.check(of("values_refused_lately", 0) == 0,
               "Zabbix refuses " + counted(of("values_refused_lately", 0), "value", "values") + " of each round",
               "items that are new are known after a minute; else import the templates (Administration > General > "
               "Flows), and see whether the macro "
               "{$WEIR.SENDER} holds this machine's address");
  report.check(of("values_given_up_total", 0) == 0,
               counted_text(of("values_given_up_total", 0), "value for Zabbix was", "values for Zabbix were") +
                   " given up because too many waited",
               "Zabbix was away for long; zabbix.queue_values is the bound");
  report.check(of("hosts_without_template", 0) == 0,
               counted(of("hosts_without_template", 0), "host of exporters has no template \"Weir exporter\": it takes",
                       "hosts of exporters have no template \"Weir exporter\": they take") +
                   " no values",
               "Administration > General > Flows > Import links it; a token made by install/zabbix --login does so by "
               "itself, once for each host");
  report.check(of("unsettled_exporters", 0) == 0,
               counted(of("unsettled_exporters", 0), "exporter is", "exporters are") +
                   " on no host of Zabbix until a super admin has chosen one: several fit, or another than before, or "
                   "one that others may edit",
               "Administration > General > Flows lists them first; choose the host of each there");
}

}  // namespace weir
