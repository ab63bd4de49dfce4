// A target that keeps what it is sent, and the messages of a ledger as text.
#pragma once
#include <string>
#include <vector>

#include "alert/alert_text.hpp"
#include "alert/ledger.hpp"
#include "alert/target.hpp"

namespace weir::testing {

// Takes messages, unless told otherwise.
struct Inbox {
  std::vector<std::string> messages;
  SendResult::Kind answer = SendResult::Kind::kSent;
};

class InboxTarget final : public AlertTarget {
 public:
  InboxTarget(std::string name, Inbox& inbox) : name_(std::move(name)), inbox_(inbox) {}
  const std::string& name() const override { return name_; }
  SendResult send(const Notification& n) override {
    if (inbox_.answer == SendResult::Kind::kSent) inbox_.messages.push_back((n.opens ? "+" : "-") + n.incident.key);
    return {.kind = inbox_.answer, .why = "as told"};
  }

 private:
  std::string name_;
  Inbox& inbox_;
};

inline std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& p : parts) text += p + " ";
  return text;
}

inline std::vector<std::string> drained(Ledger& ledger, const std::string& target, std::int64_t now_ms) {
  std::vector<std::string> said;
  for (auto due = ledger.due_messages(target, now_ms, 1000); !due.empty();
       due = ledger.due_messages(target, now_ms, 1000)) {
    for (const auto& n : due) {
      said.push_back((n.opens ? "+" : "-") + n.incident.key);
      ledger.delivered(n.delivery);
    }
  }
  return said;
}

inline Incident incident(const std::string& key, std::int64_t since, Incident::State state = Incident::State::kFiring) {
  Incident i{.id = incident_id("r", key, since),
             .rule = "r",
             .key = key,
             .title = key,
             .message = "m",
             .filter = {},
             .link = {},
             .monitor_host = {},
             .state = state,
             .since_ms = since,
             .fired_ms = since,
             .acknowledged_by = {},
             .labels = {{"odd", "\xff\n"}},
             .group = {}};
  if (state == Incident::State::kResolved) i.resolved_ms = since + 1;
  return i;
}

inline const RouteFunction kToInbox = [](Incident&) { return std::vector<std::string>{"inbox"}; };

}  // namespace weir::testing
