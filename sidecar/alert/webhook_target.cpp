// One POST per message over a fresh connection; certificates are checked against the system's.
#include <openssl/hmac.h>

#include <boost/json.hpp>

#include "alert/alert_text.hpp"
#include "alert/target.hpp"
#include "core/hex_text.hpp"
#include "exchange/http_exchange.hpp"

namespace weir {

namespace {

class WebhookTarget final : public AlertTarget {
 public:
  WebhookTarget(std::string name, HttpUrl url, std::string secret, const Clock& clock)
      : name_(std::move(name)), url_(std::move(url)), secret_(std::move(secret)), clock_(clock) {}
  const std::string& name() const override { return name_; }

  SendResult send(const Notification& n) override {
    const auto timestamp = std::to_string(clock_.now_ms() / 1000);
    HttpPost post{.url = url_, .headers = {}, .body = webhook_body(n), .ca_file = {}};
    post.headers = {{"Content-Type", "application/json"},
                    {"X-Weir-Delivery", std::to_string(n.delivery)},
                    {"X-Weir-Timestamp", timestamp}};
    if (!secret_.empty())
      post.headers.emplace_back("X-Weir-Signature", "sha256=" + webhook_signature(secret_, timestamp, post.body));
    const auto answer = http_exchange(post, limit());
    if (!answer) return {.kind = SendResult::Kind::kUnreachable, .why = answer.error().message};
    const auto status = answer->status;
    if (status >= 200 && status < 300) return {};
    // 408 and 429 ask for another try later, as servers' errors do (RFC 9110 15.5.9, RFC 6585 4).
    const bool refused = status >= 400 && status < 500 && status != 408 && status != 429;
    return {.kind = refused ? SendResult::Kind::kRefused : SendResult::Kind::kUnreachable,
            .why = url_.to.text() + ": answers " + std::to_string(status)};
  }

 private:
  const std::string name_;
  const HttpUrl url_;
  const std::string secret_;
  const Clock& clock_;
};

}  // namespace

std::string webhook_body(const Notification& n) {
  auto value = boost::json::parse(incident_json(n.incident));
  auto& object = value.as_object();
  object["event"] = n.opens ? "opened" : "closed";
  object["delivery"] = n.delivery;
  return boost::json::serialize(value);
}

std::string webhook_signature(const std::string& secret, const std::string& timestamp, const std::string& body) {
  const auto text = timestamp + "." + body;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return hex_text({digest, size});
}

Result<std::unique_ptr<AlertTarget>> make_webhook_target(std::string name, const std::string& url, std::string secret,
                                                         const Clock& clock) {
  auto parsed = parse_http_url(url);
  if (!parsed) return parsed.error();
  return std::unique_ptr<AlertTarget>(
      std::make_unique<WebhookTarget>(std::move(name), std::move(*parsed), std::move(secret), clock));
}

}  // namespace weir
