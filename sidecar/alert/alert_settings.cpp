// A target's name is its kind and its place in the list: its queue is kept under that name.
#include "alert/alert_settings.hpp"

#include <stdexcept>

namespace weir {

std::vector<std::unique_ptr<AlertTarget>> make_targets(const AlertSettings& s, const Clock& clock) {
  std::vector<std::unique_ptr<AlertTarget>> targets;
  const auto add = [&](const char* setting, Result<std::unique_ptr<AlertTarget>> target) {
    if (!target) throw std::runtime_error(std::string("alert.") + setting + ": " + target.error().message);
    targets.push_back(std::move(*target));
  };
  if (!s.zabbix_server.empty())
    add("zabbix_server", make_zabbix_target("zabbix", s.zabbix_server, s.zabbix_host, clock));
  for (std::size_t i = 0; i < s.webhooks.size(); ++i)
    add("webhooks", make_webhook_target("webhook " + std::to_string(i + 1), s.webhooks[i], s.webhook_secret, clock));
  for (std::size_t i = 0; i < s.syslog.size(); ++i)
    add("syslog", make_syslog_target("syslog " + std::to_string(i + 1), s.syslog[i]));
  if (!s.mail_to.empty()) targets.push_back(make_mail_target("mail", s.mail_program, s.mail_from, s.mail_to));
  return targets;
}

}  // namespace weir
