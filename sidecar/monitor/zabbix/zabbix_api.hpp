// The Zabbix API: JSON-RPC by POST to api_jsonrpc.php of the frontend, of 6.0 (token in the field "auth") and of 6.4
// and later (Authorization: Bearer). After a failure it stays silent for a while: 1, 2, 4 … seconds. One thread;
// blocks.
#pragma once
#include <atomic>
#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "exchange/http_exchange.hpp"
#include "monitor/monitor_settings.hpp"

namespace weir {

// "6.4.2" is from 6.4 and from 6.2.
bool is_version_from(const std::string& version, int first_major, int first_minor);

class ZabbixApi {
 public:
  // Throws std::runtime_error naming the setting when the URL is none. `stopping`: ends a call that is under way.
  ZabbixApi(const MonitorSettings& settings, const Clock& clock, const std::atomic<bool>* stopping);

  // The "result" of the answer. Errors: not reached, paused after failures, no token, not allowed, not understood;
  // never with the token in it. The token's file is read for each call, so that a new one acts at once.
  Result<boost::json::value> call(std::string_view method, const boost::json::object& params);
  // For what the token's role may not allow: a refusal makes nothing wait and is no failure.
  Result<boost::json::value> try_call(std::string_view method, const boost::json::object& params);

  // Before a call whose parameters depend on version(); the error is as that of call().
  Result<void> ready();
  // False while failures make it wait.
  bool is_due() const;
  // "6.0.14"; "" before the first answer.
  const std::string& version() const { return version_; }
  // How far the clock of the web server is from ours, by its last answer and beyond what that took; 0: not known.
  std::int64_t clock_apart_ms() const { return clock_apart_ms_; }
  // Any thread.
  std::uint64_t failures() const { return failures_; }

 private:
  Result<boost::json::value> post(std::string_view method, const boost::json::object& params, const std::string& token);
  Result<std::string> read_token() const;
  Result<void> learn_version();
  void count_failure();

  const MonitorSettings& settings_;
  const Clock& clock_;
  const std::atomic<bool>* stopping_;
  HttpUrl url_;
  std::string version_;
  bool takes_bearer_ = true;
  std::uint32_t failures_in_a_row_ = 0;
  std::atomic<std::uint64_t> failures_{0};
  std::int64_t not_before_ms_ = 0, clock_apart_ms_ = 0;
};

}  // namespace weir
