// An alert is one value of the item weir.alert.
#include <algorithm>
#include <vector>

#include "alert/alert_text.hpp"
#include "alert/target.hpp"
#include "exchange/zabbix_sender.hpp"

namespace weir {

namespace {

constexpr const char* kItemKey = "weir.alert";
constexpr std::size_t kMaxFilterBytes = 255;  // it becomes the value of a tag

// '|' parts the fields of the value; nothing in them may look like it.
std::string field_text(std::string_view text, std::size_t max) {
  auto line = plain_line(text, max);
  std::replace(line.begin(), line.end(), '|', '/');
  return line;
}

class ZabbixTarget final : public AlertTarget {
 public:
  ZabbixTarget(std::string name, HostPort server, std::string monitor_host, const Clock& clock)
      : name_(std::move(name)), server_(std::move(server)), monitor_host_(std::move(monitor_host)), clock_(clock) {}
  const std::string& name() const override { return name_; }

  SendResult send(const Notification& n) override {
    const auto& own = n.incident.monitor_host;
    if (own.empty() || own == monitor_host_) return send_to({monitor_host_}, n);
    if (!n.opens) return send_to({own, monitor_host_}, n);
    auto result = send_to({own}, n);
    return result.kind == SendResult::Kind::kRefused ? send_to({monitor_host_}, n) : result;
  }
  bool is_program() const override { return true; }

 private:
  // Sent when one of the hosts took it.
  SendResult send_to(const std::vector<std::string>& hosts, const Notification& n) {
    std::vector<SenderValue> values;
    for (const auto& host : hosts)
      values.push_back({.host = host,
                        .key = kItemKey,
                        .value = zabbix_value(n),
                        .stamp = stamps_.next_event(n.at_ms, clock_.now_ms())});
    const auto answer = send_values(server_, values, limit());
    if (!answer) return {.kind = SendResult::Kind::kUnreachable, .why = answer.error().message};
    if (answer->failed < values.size()) return {};
    return {.kind = SendResult::Kind::kRefused,
            .why = server_.text() + ": Zabbix knows no item " + kItemKey + " on host '" + hosts.back() +
                   "' that takes values from here: import the template and link it, see alert.zabbix_host"};
  }

  const std::string name_;
  const HostPort server_;
  const std::string monitor_host_;
  const Clock& clock_;
  RisingStamps stamps_;
};

}  // namespace

std::string zabbix_value(const Notification& n) {
  const auto& i = n.incident;
  if (!n.opens) return i.id + "|0|||";
  return i.id + "|1|" + severity_name(i.severity) + "|" + field_text(i.filter, kMaxFilterBytes) + "|" +
         field_text(i.message, kMaxMessageLength);
}

Result<std::unique_ptr<AlertTarget>> make_zabbix_target(std::string name, const std::string& server,
                                                        std::string monitor_host, const Clock& clock) {
  auto to = parse_host_port(server, "10051");
  if (!to) return to.error();
  return std::unique_ptr<AlertTarget>(
      std::make_unique<ZabbixTarget>(std::move(name), std::move(*to), std::move(monitor_host), clock));
}

}  // namespace weir
