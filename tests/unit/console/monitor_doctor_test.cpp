// The connection to the monitor: each thing that can be wrong with it, in words, from the figures of /metrics.
#include "console/monitor_doctor.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

std::string examined(const std::string& metrics, const std::string& last_error = "") {
  DoctorReport report;
  examine_monitor(report, metrics, last_error);
  return report.text("Zabbix");
}

bool says(const std::string& metrics, const std::string& part, const std::string& last_error = "") {
  const auto text = examined(metrics, last_error);
  INFO(text);
  CHECK(text.find("1 to mend") != std::string::npos);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("doctor: nothing is wrong with a monitor that is not set, not asked yet, or well") {
  CHECK(examined("") == "Zabbix: 10 checks, nothing wrong\n");
  CHECK(examined("weir_monitor_api_answers 0\nweir_monitor_api_since_seconds 0\n").find("nothing wrong") !=
        std::string::npos);
  CHECK(examined("# HELP weir_monitor_api_answers x\nweir_monitor_api_answers 1\nweir_monitor_api_since_seconds "
                 "1700000000\nweir_monitor_values_taken 1\n"
                 "weir_monitor_values_since_seconds 1700000000\nweir_monitor_values_waiting 0\n")
            .find("nothing wrong") != std::string::npos);
}

TEST_CASE("doctor: what is wrong between collector and Zabbix, and the step that corrects it") {
  CHECK(says("weir_monitor_api_answers 0\nweir_monitor_api_since_seconds 1700000000\n",
             "since 2023-11-14 22:13:20 UTC; it said last: Not authorized", "Not authorized"));
  CHECK(says(
      "weir_monitor_values_taken 0\nweir_monitor_values_since_seconds 1700000000\nweir_monitor_values_waiting 250\n",
      "takes no values since 2023-11-14 22:13:20 UTC, 250 wait"));
  CHECK(says("weir_monitor_values_refused_lately 3\n", "refuses 3 values"));
  CHECK(says("weir_monitor_values_given_up_total 7\n", "7 values for Zabbix were given up"));
  CHECK(says("weir_monitor_hosts_without_template 2\n", "2 hosts of exporters have no template"));
  CHECK(says("weir_monitor_hosts_without_template 1\n",
             "1 host of exporters has no template \"Weir exporter\": it takes no values"));
  CHECK(says("weir_monitor_values_refused_lately 1\n", "refuses 1 value of each round"));
  CHECK(says("weir_monitor_unsettled_exporters 1\n", "a super admin has chosen one"));
  CHECK(says("weir_monitor_choices_unread 1\n", "module.get"));
  CHECK(says("weir_monitor_clock_apart_seconds 300\n", "300 seconds from ours"));
  CHECK(says("weir_monitor_templates_missing 1\n", "not imported"));
  CHECK(says("weir_monitor_templates_old 1\n", "Import again"));
}
