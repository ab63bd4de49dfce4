// The sender protocol: "ZBXD", flags 1, length of the data in eight little-endian bytes, JSON (Zabbix manual, protocols).
#include <boost/json.hpp>

#include "alert/alert_text.hpp"
#include "alert/socket_exchange.hpp"
#include "alert/target.hpp"

namespace weir {

namespace {

namespace json = boost::json;
constexpr const char* kItemKey = "weir.alert";
constexpr std::size_t kHeaderBytes = 13, kMaxAnswerBytes = 64 << 10;
constexpr std::size_t kMaxFilterBytes = 255;  // it becomes the value of a tag

// '|' parts the fields of the value; nothing in them may look like it.
std::string field_text(std::string_view text, std::size_t max) {
  auto line = plain_line(text, max);
  for (auto& c : line) {
    if (c == '|') c = '/';
  }
  return line;
}

class ZabbixTarget final : public AlertTarget {
 public:
  ZabbixTarget(std::string name, HostPort server, std::string monitor_host, const Clock& clock)
      : name_(std::move(name)), server_(std::move(server)), monitor_host_(std::move(monitor_host)), clock_(clock) {}
  const std::string& name() const override { return name_; }

  SendResult send(const Notification& n) override {
    const auto& host = n.incident.monitor_host.empty() ? monitor_host_ : n.incident.monitor_host;
    const auto answer = tcp_exchange(server_, zabbix_request(host, zabbix_value(n), clock_.now_ms()), kMaxAnswerBytes, kTargetTimeoutMs);
    if (!answer) return {.kind = SendResult::Kind::kUnreachable, .why = answer.error().message};
    return read(*answer, host);
  }

 private:
  SendResult read(const std::string& answer, const std::string& host) const {
    const auto where = server_.host + " port " + server_.port + ": ";
    boost::system::error_code code;
    const auto value = answer.size() > kHeaderBytes && answer.starts_with("ZBXD") ? json::parse(answer.substr(kHeaderBytes), code) : json::value();
    if (code || !value.is_object()) return {.kind = SendResult::Kind::kUnreachable, .why = where + "the answer is not Zabbix's"};
    const auto* response = value.as_object().if_contains("response");
    if (!response || *response != "success") return {.kind = SendResult::Kind::kUnreachable, .why = where + "Zabbix answers " + plain_line(json::serialize(value), 200)};
    const auto* info = value.as_object().if_contains("info");
    const std::string text = info && info->is_string() ? std::string(info->as_string()) : "";
    if (text.find("failed: 0") != std::string::npos) return {};
    return {.kind = SendResult::Kind::kRefused,
            .why = where + "Zabbix knows no item " + kItemKey + " on host '" + host + "' that takes values from here: import the template and link it, see alert.zabbix_host"};
  }

  const std::string name_;
  const HostPort server_;
  const std::string monitor_host_;
  const Clock& clock_;
};

}  // namespace

std::string zabbix_value(const Notification& n) {
  const auto& i = n.incident;
  if (!n.opens) return i.id + "|0|||";
  return i.id + "|1|" + severity_name(i.severity) + "|" + field_text(i.filter, kMaxFilterBytes) + "|" + field_text(i.message, kMaxMessageLength);
}

std::string zabbix_request(const std::string& host, const std::string& value, std::int64_t now_ms) {
  const auto data = json::serialize(json::object{{"request", "sender data"},
                                                 {"data", json::array{json::object{{"host", host}, {"key", kItemKey}, {"value", value}, {"clock", now_ms / 1000}, {"ns", now_ms % 1000 * 1'000'000}}}},
                                                 {"clock", now_ms / 1000}, {"ns", now_ms % 1000 * 1'000'000}});
  std::string request("ZBXD\x01", 5);
  for (int i = 0; i < 8; ++i) request += static_cast<char>(data.size() >> (8 * i) & 0xff);
  return request + data;
}

Result<std::unique_ptr<AlertTarget>> make_zabbix_target(std::string name, const std::string& server, std::string monitor_host, const Clock& clock) {
  auto to = parse_host_port(server, "10051");
  if (!to) return to.error();
  return std::unique_ptr<AlertTarget>(std::make_unique<ZabbixTarget>(std::move(name), std::move(*to), std::move(monitor_host), clock));
}

}  // namespace weir
