// What the alert stage is told by [alert] in weir.toml, and the targets that follow from it. Plain values; any thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "alert/alert_limits.hpp"
#include "alert/deliverer.hpp"
#include "alert/ledger.hpp"
#include "alert/rule_library.hpp"
#include "alert/rule_runner.hpp"
#include "alert/target.hpp"

namespace weir {

struct AlertSettings {
  std::string state_file;                    // alerts.sqlite in the data folder
  std::vector<std::string> rule_folders;     // the shipped one, then the operator's
  bool enabled = true;                       // false: no rule works
  std::vector<std::string> enable, disable;  // names of rules: win over what the rule says
  LibraryLimits library;
  AlertLimits limits;
  RunnerTiming timing;
  LedgerLimits ledger;
  DelivererLimits delivery;
  std::string window_url;  // of the Flows window, for links
  std::string route_file;  // "": everything goes everywhere

  std::string zabbix_server, zabbix_host = "Weir";  // host:port; "": none
  std::vector<std::string> webhooks;
  std::string webhook_secret;
  std::vector<std::string> syslog;
  std::vector<std::string> mail_to;
  std::string mail_from, mail_program = "/usr/sbin/sendmail";
};

// In the order of the settings. Throws std::runtime_error that names the setting whose URL cannot be read.
std::vector<std::unique_ptr<AlertTarget>> make_targets(const AlertSettings& settings, const Clock& clock);

}  // namespace weir
