// Where alerts go. A target sends one message and says whether it arrived; queue, order and retries are the
// Deliverer's. One thread per target.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "alert/incident.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "exchange/socket_exchange.hpp"

namespace weir {

struct SendResult {
  enum class Kind : std::uint8_t {
    kSent,
    kRefused,      // this message: the others may still pass
    kUnreachable,  // the target: the others wait, too
  };
  Kind kind = Kind::kSent;
  std::string why;
};

// Of connecting and of each answer, in milliseconds.
inline constexpr std::int64_t kTargetTimeoutMs = 10'000;

class AlertTarget {
 public:
  virtual ~AlertTarget() = default;
  // "zabbix", "webhook 1", …: names the queue, so it stays the same over restarts.
  virtual const std::string& name() const = 0;
  virtual SendResult send(const Notification& notification) = 0;
  // send() ends soon after it has become true; borrowed.
  void end_with(const std::atomic<bool>* stopping) { stopping_ = stopping; }
  // True for programs (Zabbix). They have no limit of messages a minute: they can only show alerts that reach them.
  virtual bool is_program() const { return false; }

 protected:
  ExchangeLimit limit() const { return {.timeout_ms = kTargetTimeoutMs, .stopping = stopping_}; }
  bool is_stopping() const { return stopping_ != nullptr && *stopping_; }

 private:
  const std::atomic<bool>* stopping_ = nullptr;
};

// Zabbix trapper at "host:port" (port 10051 when left out), by the sender protocol: item `weir.alert` of
// `monitor_host`, value ID|1|SEVERITY|FILTER|TEXT or ID|0||| as the templates in plugin/zabbix expect it. If the host
// of an incident refuses the value, the alert opens at `monitor_host`. So the end of an alert is sent to both.
Result<std::unique_ptr<AlertTarget>> make_zabbix_target(std::string name, const std::string& server,
                                                        std::string monitor_host, const Clock& clock);
// JSON by POST to http:// or https://. With a secret: X-Weir-Signature: sha256=HMAC-SHA256(secret, TIMESTAMP.BODY) in
// hex.
Result<std::unique_ptr<AlertTarget>> make_webhook_target(std::string name, const std::string& url, std::string secret,
                                                         const Clock& clock);
// RFC 5424 to udp://host:port or tcp://host:port (octet counting, RFC 6587 3.4.1).
Result<std::unique_ptr<AlertTarget>> make_syslog_target(std::string name, const std::string& url);
// By a program that takes a mail on standard input, as sendmail -t does.
std::unique_ptr<AlertTarget> make_mail_target(std::string name, std::string program, std::string from,
                                              std::vector<std::string> to);

// Parts that tests look at.
std::string zabbix_value(const Notification& notification);
std::string syslog_line(const Notification& notification, const std::string& host);
std::string mail_text(const Notification& notification, const std::string& from, const std::vector<std::string>& to);
std::string webhook_body(const Notification& notification);
std::string webhook_signature(const std::string& secret, const std::string& timestamp, const std::string& body);

}  // namespace weir
