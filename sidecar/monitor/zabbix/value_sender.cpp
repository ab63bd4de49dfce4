// A value that was sent twice because its answer was lost has the same stamp, and changes nothing.
#include "monitor/zabbix/value_sender.hpp"

#include <algorithm>

#include "core/counted.hpp"
#include "core/log.hpp"
#include "monitor/retry_delay.hpp"
#include "monitor/zabbix/value_source.hpp"

namespace weir {

namespace {

constexpr std::size_t kBatch = 250;  // as zabbix_sender does

HostPort server_of(const MonitorSettings& settings) {
  auto to = parse_host_port(settings.server, "10051");
  if (!to) throw std::runtime_error("zabbix.server: " + to.error().message);
  return *to;
}

}  // namespace

ValueSender::ValueSender(const MonitorSettings& settings, const Clock& clock, const std::atomic<bool>* stopping)
    : settings_(settings),
      clock_(clock),
      stopping_(stopping),
      server_(server_of(settings)),
      queue_(settings.queue_file, settings.queue_values, clock),
      stamps_(queue_.newest_stamp_ns()) {
  publish_queue();
}

bool ValueSender::is_due() const {
  const auto wait_ms = not_before_ms_ - clock_.now_ms();
  return wait_ms <= 0 || wait_ms > settings_.max_retry_ms;
}

void ValueSender::publish_queue() {
  status_.with([&](SenderStatus& s) {
    s.waiting = queue_.size();
    s.given_up = queue_.given_up();
    s.file = queue_.file_status();
  });
}

std::optional<SenderAnswer> ValueSender::send(std::span<const SenderValue> values) {
  const auto answer = send_values(server_, values, {.timeout_ms = settings_.timeout_ms, .stopping = stopping_});
  if (!answer) {
    not_before_ms_ = clock_.now_ms() + retry_delay_ms(failures_in_a_row_, settings_.max_retry_ms);
    ++failures_in_a_row_;
    const bool changed = status_.with([&](SenderStatus& s) {
      if (s.last_error.empty()) s.since_ms = clock_.now_ms();
      ++s.failures;
      return std::exchange(s.last_error, answer.error().message) != answer.error().message;
    });
    if (changed && !*stopping_)
      log_of("monitor")->warn("values for Zabbix: {}; they are kept until it takes them", answer.error().message);
    return std::nullopt;
  }
  const bool again = std::exchange(failures_in_a_row_, 0) != 0;
  const auto refused_before = status_.with([&](SenderStatus& s) {
    if (!s.last_error.empty() || s.since_ms == 0) s.since_ms = clock_.now_ms();
    s.sent += answer->processed;
    s.last_error.clear();
    return std::exchange(s.refused, s.refused + answer->failed);
  });
  if (again) log_of("monitor")->info("{} takes values again", server_.text());
  if (refused_before == 0 && answer->failed > 0) {
    log_of("monitor")->warn(
        "{} took {} and refused {}: items that are new are known after a minute; else import the templates, link them, "
        "and see {{$WEIR.SENDER}}",
        server_.text(), counted(answer->processed, "value", "values"), answer->failed);
  }
  return *answer;
}

void ValueSender::keep(std::span<const SenderValue> values) {
  std::vector<SenderValue> kept;
  std::copy_if(values.begin(), values.end(), std::back_inserter(kept),
               [](const SenderValue& v) { return !is_discovery(v.key); });
  queue_.push(kept);
  publish_queue();
}

void ValueSender::drain() {
  while (queue_.size() > 0 && is_due() && !*stopping_) {
    const auto some = queue_.front(kBatch);
    if (some.values.empty() || !send(some.values)) break;
    queue_.pop(some.last);
    publish_queue();
  }
}

void ValueSender::deliver(std::vector<SenderValue> values) {
  const auto now = clock_.now_ms();
  for (auto& v : values) {
    if (v.stamp.clock_s == 0) v.stamp = stamps_.next(now);
  }
  drain();
  std::span<const SenderValue> rest(values);
  SenderAnswer round;
  while (!rest.empty() && queue_.size() == 0 && is_due() && !*stopping_) {
    const auto some = rest.first(std::min(rest.size(), kBatch));
    const auto answer = send(some);
    if (!answer) break;
    round.processed += answer->processed, round.failed += answer->failed;
    rest = rest.subspan(some.size());
  }
  if (rest.empty()) {
    const auto before = status_.with([&](SenderStatus& s) {
      s.lately = round.processed + round.failed;
      return std::exchange(s.refused_lately, round.failed);
    });
    if (before > 0 && round.failed == 0) log_of("monitor")->info("{} takes all values again", server_.text());
  }
  if (!rest.empty()) keep(rest);
}

}  // namespace weir
