// RFC 5424 messages: facility local0, the incident in structured data, the text in UTF-8.
#include <unistd.h>

#include <boost/asio/ip/udp.hpp>

#include "alert/alert_text.hpp"
#include "alert/target.hpp"
#include "core/rfc3339.hpp"
#include "exchange/name_lookup.hpp"

namespace weir {

namespace {

namespace asio = boost::asio;
constexpr int kFacility = 16;  // local0, RFC 5424 6.2.1
// Syslog severities (RFC 5424 6.2.1) of information, warning, average, high, disaster.
constexpr int kSyslogSeverity[] = {6, 4, 3, 2, 1};
constexpr int kNotice = 5;  // of an alert's end

class SyslogTarget final : public AlertTarget {
 public:
  SyslogTarget(std::string name, HostPort to, bool tcp) : name_(std::move(name)), to_(std::move(to)), tcp_(tcp) {
    char host[256] = {};
    if (gethostname(host, sizeof host - 1) == 0) host_ = host;
  }
  const std::string& name() const override { return name_; }

  SendResult send(const Notification& n) override {
    const auto line = syslog_line(n, host_);
    if (tcp_) {
      const auto sent = tcp_exchange(to_, std::to_string(line.size()) + " " + line, 0, limit());
      return sent ? SendResult{} : SendResult{.kind = SendResult::Kind::kUnreachable, .why = sent.error().message};
    }
    const auto found = look_up(to_, limit());
    if (!found) return {.kind = SendResult::Kind::kUnreachable, .why = found.error().message};
    asio::io_context io;
    boost::system::error_code code;
    const asio::ip::udp::endpoint endpoint(found->addresses.front(), found->port);
    asio::ip::udp::socket socket(io);
    socket.open(endpoint.protocol(), code);
    if (!code) socket.send_to(asio::buffer(line), endpoint, 0, code);
    return code ? SendResult{.kind = SendResult::Kind::kUnreachable,
                             .why = to_.host + " port " + to_.port + ": " + code.message()}
                : SendResult{};
  }

 private:
  const std::string name_;
  const HostPort to_;
  const bool tcp_;
  std::string host_ = "-";
};

// PRINTUSASCII without blanks (RFC 5424 6), or "-".
std::string header_word(const std::string& text) {
  std::string word;
  for (const char c : text) {
    if (c > 32 && c < 127 && word.size() < 255) word += c;
  }
  return word.empty() ? "-" : word;
}

}  // namespace

std::string syslog_line(const Notification& n, const std::string& host) {
  const auto& i = n.incident;
  const int severity = n.opens ? kSyslogSeverity[static_cast<std::size_t>(i.severity)] : kNotice;
  const auto at_ms = n.opens ? i.fired_ms : i.resolved_ms;
  const auto param = [](const char* name, std::string_view value) {
    return std::string(" ") + name + "=\"" + syslog_param(plain_line(value, 500)) + "\"";
  };
  // Weir has no enterprise number of its own: 32473 is the one for examples (RFC 5612).
  const auto data = "[weir@32473" + param("id", i.id) + param("state", n.opens ? "firing" : "resolved") +
                    param("severity", severity_name(i.severity)) + param("rule", i.rule) + param("key", i.key) +
                    param("filter", i.filter) + param("link", i.link) + "]";
  return "<" + std::to_string(kFacility * 8 + severity) + ">1 " + rfc3339_text(at_ms) + " " + header_word(host) +
         " weir - ALERT " + data + " \xEF\xBB\xBF" + (n.opens ? "" : "resolved: ") +
         plain_line(i.message, kMaxMessageLength);
}

Result<std::unique_ptr<AlertTarget>> make_syslog_target(std::string name, const std::string& url) {
  const bool tcp = url.starts_with("tcp://");
  if (!tcp && !url.starts_with("udp://")) return error("'" + url + "': give udp://host:port or tcp://host:port");
  auto to = parse_host_port(url.substr(6), "514");
  if (!to) return to.error();
  return std::unique_ptr<AlertTarget>(std::make_unique<SyslogTarget>(std::move(name), std::move(*to), tcp));
}

}  // namespace weir
