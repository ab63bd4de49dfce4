// A message leaves the queue after its target took it: a crash in between sends it twice, with the same number.
#include "alert/deliverer.hpp"

#include <algorithm>
#include <chrono>

#include "alert/alert_text.hpp"
#include "core/log.hpp"

namespace weir {

namespace {
constexpr std::size_t kBatch = 50;
constexpr std::int64_t kFirstRetryMs = 1'000;
constexpr auto kLookEvery = std::chrono::seconds(1);
}  // namespace

Deliverer::Deliverer(Ledger& ledger, std::vector<std::unique_ptr<AlertTarget>> targets, const DelivererLimits& limits,
                     const Clock& clock)
    : ledger_(ledger), limits_(limits), clock_(clock) {
  for (auto& target : targets) {
    auto place = std::make_unique<Place>();
    place->target = std::move(target);
    place->target->end_with(&interrupted_);
    place->status.with([&](TargetStatus& s) { s.name = place->target->name(); });
    targets_.push_back(std::move(place));
  }
}

Deliverer::~Deliverer() { stop(); }

void Deliverer::start() {
  for (std::size_t t = 0; t < targets_.size(); ++t) targets_[t]->thread = std::thread([this, t] { run(t); });
}

void Deliverer::stop() {
  interrupt();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  for (auto& place : targets_) {
    if (place->thread.joinable()) place->thread.join();
  }
}

void Deliverer::wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  woken_.notify_all();
}

void Deliverer::run(std::size_t target) {
  std::unique_lock lock(mutex_);
  for (std::uint64_t seen = 0; !stopping_;) {
    seen = wakes_;
    bool more = false;
    lock.unlock();
    try {
      more = deliver_due(target);
    } catch (const std::exception& e) {
      log_of("alert")->error("the queue of messages cannot be read: {}", e.what());
    }
    lock.lock();
    if (!more) woken_.wait_for(lock, kLookEvery, [&] { return stopping_ || wakes_ != seen; });
  }
}

std::int64_t Deliverer::retry_ms(std::uint32_t failures) const {
  return std::min(limits_.max_retry_ms, kFirstRetryMs << std::min<std::uint32_t>(failures, 20));
}

bool Deliverer::deliver_due(std::size_t number) {
  Place& place = *targets_[number];
  const std::lock_guard sending(place.sending);
  // A clock that was set back must not hold the queue up.
  const auto latest_ms = clock_.now_ms() + limits_.max_retry_ms;
  if (place.not_before_ms > clock_.now_ms() && place.not_before_ms <= latest_ms) return false;
  const auto due = ledger_.due_messages(place.target->name(), clock_.now_ms(), kBatch, latest_ms);
  for (const auto& message : due) {
    if (interrupted_) return false;
    const auto now = clock_.now_ms();
    if (now / 60'000 != place.minute) {
      place.minute = now / 60'000;
      place.sent_in_minute = 0;
    }
    if (!place.target->is_program() && place.sent_in_minute >= limits_.messages_per_minute) return false;
    ++place.sent_in_minute;
    const auto result = place.target->send(message);
    if (result.kind == SendResult::Kind::kSent) {
      ledger_.delivered(message.delivery);
      place.failures_in_a_row = 0;
      place.status.with([&](TargetStatus& s) {
        ++s.sent;
        s.last_sent_ms = now;
        s.last_error.clear();
      });
      continue;
    }
    if (interrupted_) return false;  // no fault of the target
    const bool first = place.status.with([&](TargetStatus& s) {
      ++s.failures;
      s.last_failure_ms = now;
      const auto why = plain_line(result.why, 500);
      return std::exchange(s.last_error, why) != why;
    });
    if (first) log_of("alert")->warn("{}: {}; it is tried again", place.target->name(), plain_line(result.why, 500));
    if (now - message.at_ms > limits_.max_age_ms) {
      ledger_.give_up(message.delivery);
      place.status.with([](TargetStatus& s) { ++s.given_up; });
      log_of("alert")->error("{}: gave up the message about '{}', which is {} h old", place.target->name(),
                             message.incident.title, (now - message.at_ms) / 3'600'000);
      continue;
    }
    if (result.kind == SendResult::Kind::kRefused) {
      ledger_.failed(message.delivery, now + retry_ms(message.attempts), result.why);
      continue;
    }
    ledger_.failed(message.delivery, now, result.why);
    place.not_before_ms = now + retry_ms(place.failures_in_a_row++);
    return false;
  }
  return due.size() == kBatch;
}

std::vector<std::string> Deliverer::target_names() const {
  std::vector<std::string> names;
  for (const auto& place : targets_) names.push_back(place->target->name());
  return names;
}

std::vector<TargetStatus> Deliverer::status() const {
  std::vector<TargetStatus> all;
  for (const auto& place : targets_) all.push_back(place->status.with([](const TargetStatus& s) { return s; }));
  return all;
}

Result<void> Deliverer::test(const std::string& name) {
  for (auto& place : targets_) {
    if (place->target->name() != name) continue;
    const std::lock_guard sending(place->sending);
    const auto now = clock_.now_ms();
    Notification n{.at_ms = now, .incident = {}};
    n.incident = {.id = incident_id("test", "test", now),
                  .rule = "test",
                  .key = "test",
                  .title = "test",
                  .message = "A test message of Weir: alerts reach this place",
                  .severity = Severity::kInformation,
                  .since_ms = now,
                  .fired_ms = now,
                  .window = {.from_ms = now - 60'000, .to_ms = now},
                  .acknowledged_by = {},
                  .labels = {},
                  .group = {}};
    for (const bool opens : {true, false}) {
      n.opens = opens;
      n.incident.resolved_ms = opens ? 0 : now;
      n.incident.state = opens ? Incident::State::kFiring : Incident::State::kResolved;
      const auto result = place->target->send(n);
      if (result.kind != SendResult::Kind::kSent) return error(name + ": " + result.why);
    }
    return {};
  }
  std::string names;
  for (const auto& n : target_names()) names += (names.empty() ? "" : ", ") + n;
  return error("'" + name +
               "' is no target: " + (names.empty() ? "none is set, see [alert] in weir.toml" : "there are " + names));
}

}  // namespace weir
