// All decisions are made under one lock, when a query comes, goes, or is between two segments: some hundred times a
// second.
#include "query/query_slots.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace weir {

namespace {

// A flag is not signalled, so whoever waits looks at it now and then.
constexpr std::chrono::milliseconds kLookAtCancelled{20};
// A small query that took this long was not small.
constexpr std::int64_t kSmallMs = 500;
// What runs is left alone for a while, so that it gets on however many others come.
constexpr std::int64_t kLeastSliceMs = 250, kSliceAfterPauseMs = 1'000;
constexpr QueryCost kMuchSmaller = 4;

std::int64_t steady_now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

QuerySlots::QuerySlots(QuerySlotsSettings settings) : settings_(std::move(settings)) {
  settings_.slots = std::max(1u, settings_.slots);
  if (!settings_.steady_ms) settings_.steady_ms = steady_now_ms;
}

QuerySlotsStatus QuerySlots::status() const {
  const std::lock_guard lock(mutex_);
  QuerySlotsStatus status{
      .small_running = running(true), .large_running = running(false), .pauses = pauses_, .timed_out = timed_out_};
  for (const auto& t : tickets_) {
    status.waiting += t.state == State::kWaiting ? 1 : 0;
    status.paused += t.state == State::kPaused ? 1 : 0;
  }
  return status;
}

std::uint32_t QuerySlots::running(bool small) const {
  return static_cast<std::uint32_t>(std::count_if(tickets_.begin(), tickets_.end(), [&](const auto& t) {
    return t.state == State::kRunning && is_small(t) == small;
  }));
}

std::uint32_t QuerySlots::running_of(const std::string& client) const {
  return static_cast<std::uint32_t>(std::count_if(tickets_.begin(), tickets_.end(), [&](const auto& t) {
    return t.state == State::kRunning && t.client == client;
  }));
}

void QuerySlots::set_state(Ticket& ticket, State state) {
  const auto now = now_ms();
  if (ticket.state == State::kRunning) ticket.ran_ms += now - ticket.since_ms;
  if (state == State::kRunning) served_[ticket.client] = next_order_++;
  ticket.state = state;
  ticket.since_ms = now;
}

// Which of two that wait gets a free place.
bool QuerySlots::goes_before(const Ticket& a, const Ticket& b) const {
  const bool a_last = a.of == Class::kBackground, b_last = b.of == Class::kBackground;
  if (a_last != b_last) return b_last;
  // What has begun holds memory and goes first, but not before what is much smaller.
  const bool a_begun = a.state == State::kPaused, b_begun = b.state == State::kPaused;
  if (a_begun != b_begun) {
    const auto& begun = a_begun ? a : b;
    const auto& fresh = a_begun ? b : a;
    const bool waited = now_ms() - begun.since_ms >= kSliceAfterPauseMs;
    const bool begun_first = waited || fresh.cost >= begun.cost / kMuchSmaller;
    return begun_first == a_begun;
  }
  const auto a_running = running_of(a.client), b_running = running_of(b.client);
  if (a_running != b_running) return a_running < b_running;
  if (a.client != b.client) {
    const auto served = [&](const Ticket& t) {
      const auto known = served_.find(t.client);
      return known == served_.end() ? 0 : known->second;
    };
    if (served(a) != served(b)) return served(a) < served(b);
  }
  return a.order < b.order;
}

QuerySlots::Ticket* QuerySlots::next_of(bool small) {
  Ticket* best = nullptr;
  for (auto& t : tickets_) {
    if (t.state == State::kRunning || is_small(t) != small) continue;
    if (best == nullptr || goes_before(t, *best)) best = &t;
  }
  return best;
}

void QuerySlots::hand_out() {
  bool any = false;
  for (const bool small : {true, false}) {
    while (running(small) < settings_.slots) {
      auto* ticket = next_of(small);
      if (ticket == nullptr) break;
      set_state(*ticket, State::kRunning);
      any = true;
    }
  }
  if (any) changed_.notify_all();
}

// Between two segments of a large query: somebody else should have its place.
bool QuerySlots::makes_way(const Ticket& mine) const {
  const auto slice = now_ms() - mine.since_ms;
  const bool background = mine.of == Class::kBackground;
  if (!background && slice < (mine.ran_ms > 0 ? kSliceAfterPauseMs : kLeastSliceMs)) return false;
  if (running(false) < settings_.slots) return false;
  const auto mine_running = running_of(mine.client);
  return std::any_of(tickets_.begin(), tickets_.end(), [&](const Ticket& t) {
    if (t.state == State::kRunning || is_small(t) || t.of == Class::kBackground) return false;
    if (background) return true;
    const bool has_none = mine_running > 1 && t.client != mine.client && running_of(t.client) == 0;
    return has_none || (t.state == State::kWaiting && t.cost < mine.cost / kMuchSmaller);
  });
}

QueryTurn::~QueryTurn() {
  if (!asked_) return;
  const std::lock_guard lock(slots_->mutex_);
  const auto client = ticket_->client;
  slots_->tickets_.erase(ticket_);
  const bool has_more =
      std::any_of(slots_->tickets_.begin(), slots_->tickets_.end(), [&](const auto& t) { return t.client == client; });
  if (!has_more) slots_->served_.erase(client);
  slots_->hand_out();
}

bool QueryTurn::ask(QueryCost cost) {
  if (slots_ == nullptr) return true;
  const std::lock_guard lock(slots_->mutex_);
  using Class = QuerySlots::Class;
  const auto of = asker_.background ? Class::kBackground : cost <= kSmallQueryCost ? Class::kSmall : Class::kLarge;
  ticket_ = slots_->tickets_.insert(
      slots_->tickets_.end(),
      {.client = asker_.client, .of = of, .cost = cost, .order = slots_->next_order_++, .since_ms = slots_->now_ms()});
  asked_ = true;
  slots_->hand_out();
  return ticket_->state == QuerySlots::State::kRunning;
}

bool QueryTurn::wait_until_running(std::unique_lock<std::mutex>& lock) {
  while (ticket_->state != QuerySlots::State::kRunning) {
    if (is_cancelled()) return false;
    slots_->changed_.wait_for(lock, kLookAtCancelled);
    slots_->hand_out();  // what has waited long may have come to the front
  }
  return true;
}

bool QueryTurn::wait() {
  if (slots_ == nullptr) return true;
  std::unique_lock lock(slots_->mutex_);
  return wait_until_running(lock);
}

bool QueryTurn::go_on() {
  if (is_cancelled() || timed_out_) return false;
  if (slots_ == nullptr) return true;
  std::unique_lock lock(slots_->mutex_);
  auto& ticket = *ticket_;
  using State = QuerySlots::State;
  if (ticket.state == State::kRunning) {
    const auto now = slots_->now_ms();
    const auto ran = ticket.ran_ms + now - ticket.since_ms;
    if (ran >= slots_->settings_.timeout_ms) {
      if (!timed_out_.exchange(true)) ++slots_->timed_out_;
      return false;
    }
    const bool was_small = slots_->is_small(ticket);
    if (was_small && ran < kSmallMs) return true;
    if (was_small) {
      ticket.of = QuerySlots::Class::kLarge;
      ticket.cost = std::max(ticket.cost, kSmallQueryCost + 1);
    }
    if (was_small ? slots_->running(false) > slots_->settings_.slots : slots_->makes_way(ticket)) {
      slots_->set_state(ticket, State::kPaused);
      ++slots_->pauses_;
    }
    slots_->hand_out();
  }
  return wait_until_running(lock);
}

std::string QueryTurn::refusal() const {
  return "the query took longer than " + std::to_string(slots_->timeout_ms() / 1000) +
         " s (query.timeout_ms): narrow the range or the filter, or group by fewer fields";
}

unsigned QueryTurn::threads(unsigned most) const {
  if (slots_ == nullptr) return most;
  const std::lock_guard lock(slots_->mutex_);
  return slots_->running(false) > 1 ? 1 : most;
}

}  // namespace weir
