// Login, running queries, and the timers of subscriptions.
#include "api/rpc_session.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>

#include "api/json_writer.hpp"
#include "api/rpc_methods.hpp"

namespace weir {
namespace {

constexpr std::size_t kMaxQueriesPerSession = 32;

}  // namespace

struct RpcSession::Subscription {
  const std::uint64_t id;
  const Query query;
  const std::int64_t window_ms, interval_ms;
  boost::asio::steady_timer timer;
  std::shared_ptr<RunningQuery> running;  // none: idle
};

RpcResult<TokenClaims> RpcSession::log_in(std::string_view token) {
  auto claims = verify_any_token(token, services_.secret, services_.clock.now_ms());
  if (!claims) {
    services_.counters.logins_refused.note(services_.clock.now_ms(), network_ + ": " + claims.error().message);
    // Whoever asks may have a newer secret than ours. No names of files: we do not know who it is.
    const bool is_old = !services_.backend.restart_reason().empty();
    refusal_ =
        RpcError{.code = RpcCode::kNotAuthenticated,
                 .message = "Not authenticated: " + claims.error().message +
                            (is_old ? "; settings or secret changed since the collector was started: restart it" : "")};
    return *refusal_;
  }
  if (admit_ && !admit_()) {
    refusal_ = RpcError{.code = RpcCode::kTooBusy,
                        .message = "As many clients are connected as may be (api.max_connections); try again"};
    return *refusal_;
  }
  claims_ = *claims;
  services_.log.logged_in(connection_, claims->user, role_name(claims->role), claims->expires_ms);
  return *std::move(claims);
}

RpcResult<TokenClaims> RpcSession::claims(ClaimsFor what) const {
  if (!claims_ && refusal_) return *refusal_;
  if (!claims_)
    return RpcError{.code = RpcCode::kNotAuthenticated,
                    .message = "Not authenticated: send auth.login with a token first, or Authorization: Bearer TOKEN"};
  if (services_.clock.now_ms() >= claims_->expires_ms) {
    return RpcError{.code = RpcCode::kNotAuthenticated,
                    .message = "Not authenticated: the token has expired: get a new one and send auth.login"};
  }
  if (claims_->console_only && what != ClaimsFor::kConsole)
    return RpcError{.code = RpcCode::kNotAllowed, .message = "This token is for console.run alone"};
  return *claims_;
}

std::optional<std::int64_t> RpcSession::expires_ms() const {
  return claims_ ? std::optional(claims_->expires_ms) : std::nullopt;
}

std::string RpcSession::client() const {
  if (claims_ && !claims_->user.empty()) return "user " + claims_->user;
  return "connection " + std::to_string(connection_);
}

std::shared_ptr<RunningQuery> RpcSession::add_query(std::string id) {
  if (running_.size() >= kMaxQueriesPerSession) return nullptr;
  return running_.emplace_back(std::make_shared<RunningQuery>(std::move(id)));
}

void RpcSession::remove_query(const std::shared_ptr<RunningQuery>& query) { std::erase(running_, query); }

void RpcSession::cancel_queries(std::string_view id) {
  for (const auto& query : running_) {
    if (query->id == id) query->cancelled = true;
  }
}

RpcResult<std::uint64_t> RpcSession::subscribe(Query query, std::int64_t window_ms, std::int64_t interval_ms) {
  if (subscriptions_.size() >= services_.settings.max_subscriptions) {
    return RpcError{.code = RpcCode::kTooBusy,
                    .message = "Too many subscriptions on this connection (at most " +
                               std::to_string(services_.settings.max_subscriptions) + ")"};
  }
  const auto id = next_subscription_++;
  const auto subscription =
      std::make_shared<Subscription>(Subscription{.id = id,
                                                  .query = std::move(query),
                                                  .window_ms = window_ms,
                                                  .interval_ms = interval_ms,
                                                  .timer = boost::asio::steady_timer(services_.io),
                                                  .running = nullptr});
  subscriptions_.emplace(id, subscription);
  ++services_.counters.subscriptions;
  // The first result follows the answer to flows.subscribe at once.
  boost::asio::post(services_.io, [weak = weak_from_this(), subscription] {
    if (const auto self = weak.lock()) self->update(subscription);
  });
  return id;
}

bool RpcSession::unsubscribe(std::uint64_t id) {
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return false;
  found->second->timer.cancel();
  if (found->second->running) found->second->running->cancelled = true;
  subscriptions_.erase(found);
  --services_.counters.subscriptions;
  return true;
}

void RpcSession::wait(const std::shared_ptr<Subscription>& subscription) {
  subscription->timer.expires_after(std::chrono::milliseconds(subscription->interval_ms));
  subscription->timer.async_wait([weak = weak_from_this(), subscription](boost::system::error_code failed) {
    const auto self = weak.lock();
    if (!failed && self) self->update(subscription);
  });
}

void RpcSession::update(const std::shared_ptr<Subscription>& subscription) {
  if (!subscriptions_.contains(subscription->id)) return;
  wait(subscription);
  auto claims = this->claims();
  if (!claims) return;  // goes on when a new token comes
  if (subscription->running) {
    ++services_.counters.updates_skipped;
    return;
  }
  const auto now = services_.clock.now_ms();
  auto query = subscription->query;
  query.range = TimeRange{.from_ms = now - subscription->window_ms, .to_ms = now};
  const auto running = std::make_shared<RunningQuery>("");

  auto job = [&services = services_, weak = weak_from_this(), subscription, running, query = std::move(query),
              claims = *std::move(claims), client = client()] {
    RpcResult<std::string> result = RpcError{.code = RpcCode::kCancelled};
    try {
      if (!running->cancelled)
        result = answer_top_query(
            services, claims, query,
            query_control(services.backend, services.clock.now_ms(), {.client = client}, &running->cancelled));
    } catch (const std::exception& e) {
      result = RpcError{.code = RpcCode::kInternal, .message = e.what()};
    }
    boost::asio::post(services.io, [&services, weak, subscription, running, result = std::move(result)] {
      subscription->running = nullptr;
      if (running->displaced) ++services.counters.updates_skipped;
      if (running->cancelled) return;
      if (!result) {
        ++services.counters.queries_failed;
        return;
      }
      JsonWriter w;
      w.begin_object().key("jsonrpc").text("2.0").key("method").text("flows.update").key("params").begin_object();
      w.key("subscription").number(subscription->id).key("result").raw(*result).end_object().end_object();
      if (const auto self = weak.lock()) self->notify(w.take());
    });
  };
  if (services_.pool.try_run({.client = client(), .run = std::move(job), .give_up = [running] { running->give_up(); }}))
    subscription->running = running;
  else ++services_.counters.updates_skipped;
}

void RpcSession::close() {
  notify_ = nullptr;
  admit_ = nullptr;
  for (const auto& query : running_) query->cancelled = true;
  running_.clear();
  while (!subscriptions_.empty()) unsubscribe(subscriptions_.begin()->first);
}

}  // namespace weir
