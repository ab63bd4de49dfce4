// Copies [alert] of weir.toml into AlertSettings. Members have the names of the keys.
#include "app/alert_settings.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "core/durations.hpp"

namespace weir {

namespace {
constexpr std::size_t kMaxSecretBytes = 4096;
}  // namespace

std::vector<std::string> rule_folders(const Settings& s) {
  std::error_code ignored;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  std::vector<std::string> folders;
  for (const auto& candidate : {here / "../share/weir/lua/alerts", here / "../lua/alerts", here / "../../lua/alerts"}) {
    if (!std::filesystem::is_directory(candidate, ignored)) continue;
    folders.push_back(std::filesystem::weakly_canonical(candidate, ignored).string());
    break;
  }
  if (const auto& own = s.text("alert.rules"); !own.empty()) {
    const auto folder = s.path("alert.rules");
    if (!std::filesystem::is_directory(folder, ignored))
      throw std::runtime_error("alert.rules: " + folder.string() + " is no folder");
    folders.push_back(folder.string());
  }
  return folders;
}

LuaLimits rule_lua_limits(const Settings& s) {
  LuaLimits limits;
  limits.instructions = static_cast<std::uint64_t>(s.integer("script.instruction_limit"));
  limits.memory_bytes = static_cast<std::uint64_t>(s.integer("alert.memory_bytes"));
  limits.milliseconds = s.integer("alert.evaluation_ms");
  return limits;
}

AlertSettings alert_settings(const Settings& s) {
  const auto small = [&](const char* key) { return static_cast<std::uint32_t>(s.integer(key)); };
  AlertSettings a;
  a.state_file = (s.path("store.dir") / "alerts.sqlite").string();
  a.rule_folders = rule_folders(s);
  a.enabled = s.flag("alert.enabled");
  a.enable = s.list("alert.enable");
  a.disable = s.list("alert.disable");
  a.library = {.lua = rule_lua_limits(s), .max_rules = small("alert.max_rules")};
  a.limits = {.max_keys = small("alert.max_keys"),
              .evaluation_ms = s.integer("alert.evaluation_ms"),
              .turn_ms = s.integer("alert.turn_ms"),
              .test_ms = s.integer("alert.test_ms"),
              .max_groups = small("alert.max_groups"),
              .threads = std::max(1u, std::thread::hardware_concurrency() / 2)};
  a.timing = {.lateness_ms = s.integer("alert.lateness_ms"),
              .late_ms = s.integer("alert.late_ms"),
              .max_catch_up = small("alert.max_catch_up")};
  a.ledger = {.storm = small("alert.storm"),
              .max_messages = static_cast<std::uint64_t>(s.integer("alert.queue_messages")),
              .keep_ms = s.integer("alert.keep_days") * kDayMs};
  a.delivery = {.messages_per_minute = small("alert.messages_per_minute"),
                .max_retry_ms = s.integer("alert.max_retry_ms"),
                .max_age_ms = s.integer("alert.max_message_age_hours") * kHourMs};
  a.window_url = s.text("alert.window_url");
  if (!s.text("alert.route").empty()) a.route_file = s.path("alert.route").string();
  a.zabbix_server = s.text("alert.zabbix_server");
  a.zabbix_host = s.text("alert.zabbix_host");
  a.webhooks = s.list("alert.webhooks");
  if (!s.text("alert.webhook_secret_file").empty()) {
    const auto secret = read_text_file(s.path("alert.webhook_secret_file").string(), kMaxSecretBytes);
    if (!secret) throw std::runtime_error("alert.webhook_secret_file: " + secret.error().message);
    a.webhook_secret = secret->substr(0, secret->find_last_not_of(" \t\r\n") + 1);
  }
  a.syslog = s.list("alert.syslog");
  a.mail_to = s.list("alert.mail_to");
  a.mail_from = s.text("alert.mail_from");
  a.mail_program = s.text("alert.mail_program");
  return a;
}

}  // namespace weir
