// One client as the methods see it: who it is, its running queries and its subscriptions. A WebSocket keeps one for
// its life, a POST for one request. API thread only, but for RunningQuery.
#pragma once
#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/api_services.hpp"
#include "api/rpc_error.hpp"
#include "api/token.hpp"
#include "query/query.hpp"

namespace weir {

// Shared with the query thread that runs it.
struct RunningQuery {
  explicit RunningQuery(std::string request_id) : id(std::move(request_id)) {}
  const std::string id;  // of the request, as JSON text
  std::atomic<bool> cancelled{false};
  std::atomic<bool> displaced{false};  // cancelled because another client had no place
  bool over_limit = false;             // of its thread, see QueryControl
  void give_up() {
    displaced = true;
    cancelled = true;
  }
};

// What the caller wants to do with them.
enum class ClaimsFor : std::uint8_t { kAll, kConsole };

class RpcSession : public std::enable_shared_from_this<RpcSession> {
 public:
  using Notify = std::function<void(std::string)>;

  // `notify` sends a notification's text; without it (POST) there are no subscriptions and no progress.
  explicit RpcSession(ApiServices& services, Notify notify = {}) : services_(services), notify_(std::move(notify)) {}
  ~RpcSession() { close(); }

  // Its number in the connection log, which is told of logins; 0: in none.
  void keep_in_log(std::uint64_t connection) { connection_ = connection; }
  std::uint64_t connection() const { return connection_; }

  // Asked once a token is good; false: there is no place for its holder.
  void on_login(std::function<bool()> admit) { admit_ = std::move(admit); }
  // Address, or network, of the client, for the log of refused tokens.
  void comes_from(std::string network) { network_ = std::move(network); }

  // Checks the token; on success it replaces the one before.
  RpcResult<TokenClaims> log_in(std::string_view token);
  // Who takes turns with other clients: the user that the claims name, else this connection.
  std::string client() const;
  // The claims in force; the error is kNotAuthenticated and says whether there were none or they ended.
  RpcResult<TokenClaims> claims(ClaimsFor what = ClaimsFor::kAll) const;
  // When the claims in force end; none: never logged in.
  std::optional<std::int64_t> expires_ms() const;

  bool is_socket() const { return static_cast<bool>(notify_); }
  void notify(std::string text) const {
    if (notify_) notify_(std::move(text));
  }

  // Nothing when too many run already.
  std::shared_ptr<RunningQuery> add_query(std::string id);
  void remove_query(const std::shared_ptr<RunningQuery>& query);
  void cancel_queries(std::string_view id);

  RpcResult<std::uint64_t> subscribe(Query query, std::int64_t window_ms, std::int64_t interval_ms);
  // False when there is no such subscription.
  bool unsubscribe(std::uint64_t id);

  // Cancels and forgets everything; nothing is sent afterwards.
  void close();

 private:
  struct Subscription;
  void update(const std::shared_ptr<Subscription>& subscription);
  void wait(const std::shared_ptr<Subscription>& subscription);

  ApiServices& services_;
  Notify notify_;
  std::function<bool()> admit_;
  std::string network_;
  std::uint64_t connection_ = 0;
  std::optional<TokenClaims> claims_;
  std::optional<RpcError> refusal_;  // of a login, while none has succeeded
  std::vector<std::shared_ptr<RunningQuery>> running_;
  std::map<std::uint64_t, std::shared_ptr<Subscription>> subscriptions_;
  std::uint64_t next_subscription_ = 1;
};

}  // namespace weir
