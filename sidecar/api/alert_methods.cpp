// What a token may see of alerts is enforced here.
#include "api/alert_methods.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <limits>

#include "api/alert_json.hpp"
#include "api/api_services.hpp"
#include "api/json_writer.hpp"
#include "api/param_reader.hpp"
#include "api/query_params.hpp"
#include "api/token.hpp"

namespace weir {
namespace {

namespace json = boost::json;

constexpr std::size_t kDefaultAlerts = 200, kMaxAlerts = 10'000;
constexpr std::size_t kDefaultBackTestAlerts = 1000;
constexpr std::size_t kMaxIdLength = 64, kMaxRuleLength = 80, kMaxKeyLength = 1000, kMaxCommentLength = 500,
                      kMaxTargetLength = 100;
constexpr std::size_t kMaxRuleSource = 1 << 20;
constexpr std::size_t kMaxSilences = 1000;
constexpr std::int64_t kMaxSilenceMs = 366LL * 86'400'000;

bool reaches(const TokenClaims& claims, const std::string& exporter) {
  if (!claims.exporters) return true;
  return !exporter.empty() &&
         std::find(claims.exporters->begin(), claims.exporters->end(), exporter) != claims.exporters->end();
}

std::vector<Incident> visible_alerts(const RpcCall& call, bool firing_only, std::size_t limit) {
  // With a list of exporters the limit counts what is left.
  auto alerts = call.services.backend.alerts().alerts(firing_only, call.claims.exporters ? kMaxAlerts : limit);
  std::erase_if(alerts, [&](const Incident& i) { return !reaches(call.claims, i.exporter); });
  if (alerts.size() > limit) alerts.resize(limit);
  return alerts;
}

// A storm stands for alerts that are in the list themselves.
bool counts_as_firing(const Incident& i) { return i.state == Incident::State::kFiring && i.key != "*"; }

const RuleStatus* find_rule(const AlertStatus& status, const std::string& name) {
  const auto found =
      std::find_if(status.rules.begin(), status.rules.end(), [&](const auto& r) { return r.name == name; });
  return found == status.rules.end() ? nullptr : &*found;
}

bool reaches_silence(const TokenClaims& claims, const AlertStatus& status, const std::string& rule,
                     const std::string& key) {
  if (!claims.exporters) return true;
  const auto* known = find_rule(status, rule);
  const auto exporter = known == nullptr || key.empty() ? std::nullopt : row_key_exporter(known->by, key);
  return exporter && reaches(claims, exporter->text());
}

std::string who(const TokenClaims& claims) { return claims.user.empty() ? role_name(claims.role) : claims.user; }

RpcError not_allowed(std::string message) { return {.code = RpcCode::kNotAllowed, .message = std::move(message)}; }

}  // namespace

RpcResult<std::string> alerts_list(const RpcCall& call) {
  ParamReader reader(call.params);
  const bool firing_only = reader.boolean("firing_only").value_or(false);
  const auto limit = static_cast<std::size_t>(reader.integer("limit", 1, kMaxAlerts).value_or(kDefaultAlerts));
  if (auto failed = reader.finish()) return *std::move(failed);
  const auto firing = visible_alerts(call, true, kMaxAlerts);
  auto alerts = firing_only ? firing : visible_alerts(call, false, limit);
  if (alerts.size() > limit) alerts.resize(limit);
  return alerts_json(alerts, static_cast<std::size_t>(std::count_if(firing.begin(), firing.end(), counts_as_firing)));
}

RpcResult<std::string> alerts_acknowledge(const RpcCall& call) {
  ParamReader reader(call.params);
  reader.require("id");
  const auto id = reader.text("id", kMaxIdLength);
  if (auto failed = reader.finish()) return *std::move(failed);
  auto& engine = call.services.backend.alerts();
  bool known = true;
  if (call.claims.exporters) {
    const auto seen = visible_alerts(call, false, kMaxAlerts);
    known = std::any_of(seen.begin(), seen.end(), [&](const Incident& i) { return i.id == *id; });
  }
  if (!known || !engine.acknowledge(*id, who(call.claims)))
    return invalid_param("id", "there is no such alert; alerts.list names them");
  return "{}";
}

RpcResult<std::string> alerts_silence(const RpcCall& call) {
  ParamReader reader(call.params);
  reader.require("rule");
  reader.require("until_ms");
  const auto rule = reader.text("rule", kMaxRuleLength);
  const auto key = reader.text("key", kMaxKeyLength).value_or("");
  const auto until = reader.integer("until_ms", 0, std::numeric_limits<std::int64_t>::max());
  const auto comment = reader.text("comment", kMaxCommentLength).value_or("");
  const auto now = call.services.clock.now_ms();
  if (until && (*until <= now || *until - now > kMaxSilenceMs))
    reader.fail("until_ms", "has to lie in the future, at most a year from now");
  auto& engine = call.services.backend.alerts();
  const auto status = engine.last_status();
  if (rule && find_rule(status, *rule) == nullptr)
    reader.fail("rule", "there is no rule of that name; rules.list names them");
  if (auto failed = reader.finish()) return *std::move(failed);
  if (!reaches_silence(call.claims, status, *rule, key)) {
    return not_allowed("The token reaches certain exporters only: name a key that has one of them");
  }
  if (engine.silences().size() >= kMaxSilences) {
    return RpcError{.code = RpcCode::kTooBusy,
                    .message = "There are " + std::to_string(kMaxSilences) +
                               " silences already; take one away with alerts.unsilence"};
  }
  return json::serialize(json::object{{"id", engine.silence(*rule, key, *until, who(call.claims), comment)}});
}

RpcResult<std::string> alerts_silences(const RpcCall& call) {
  if (auto failed = refuse_params(call)) return *std::move(failed);
  auto& engine = call.services.backend.alerts();
  const auto status = engine.last_status();
  auto silences = engine.silences();
  std::erase_if(silences, [&](const Silence& s) { return !reaches_silence(call.claims, status, s.rule, s.key); });
  return silences_json(silences);
}

RpcResult<std::string> alerts_unsilence(const RpcCall& call) {
  ParamReader reader(call.params);
  reader.require("id");
  const auto id = reader.integer("id", 1, std::numeric_limits<std::int64_t>::max());
  if (auto failed = reader.finish()) return *std::move(failed);
  auto& engine = call.services.backend.alerts();
  const auto status = engine.last_status();
  const auto silences = engine.silences();
  const auto known = std::find_if(silences.begin(), silences.end(), [&](const Silence& s) { return s.id == *id; });
  if (known == silences.end() || !reaches_silence(call.claims, status, known->rule, known->key) ||
      !engine.remove_silence(*id)) {
    return invalid_param("id", "there is no such silence; alerts.silences names them");
  }
  return "{}";
}

RpcResult<std::string> alerts_test_target(const RpcCall& call) {
  ParamReader reader(call.params);
  reader.require("name");
  const auto name = reader.text("name", kMaxTargetLength);
  if (auto failed = reader.finish()) return *std::move(failed);
  if (call.claims.exporters)
    return not_allowed("Targets take the alerts of all exporters: it needs a token without a list of exporters");
  auto& engine = call.services.backend.alerts();
  const auto targets = engine.last_status().targets;
  const bool known =
      std::any_of(targets.begin(), targets.end(), [&](const TargetStatus& t) { return t.name == *name; });
  const auto sent = engine.test_target(*name);
  if (!sent && !known) return invalid_param("name", sent.error().message);
  return json::serialize(json::object{
      {"sent", sent.has_value()}, {"error", sent ? json::value() : json::value(to_valid_utf8(sent.error().message))}});
}

RpcResult<std::string> rules_list(const RpcCall& call) {
  if (auto failed = refuse_params(call)) return *std::move(failed);
  const auto status = call.services.backend.alerts().status();
  if (!call.claims.exporters)
    return rules_json(
        status, [](const RuleStatus& rule) { return rule.firing; }, true);
  const auto seen = visible_alerts(call, true, kMaxAlerts);
  const auto firing = [&](const RuleStatus& rule) {
    return static_cast<std::size_t>(std::count_if(
        seen.begin(), seen.end(), [&](const Incident& i) { return i.rule == rule.name && counts_as_firing(i); }));
  };
  return rules_json(status, firing, false);
}

RpcResult<std::string> rules_reload(const RpcCall& call) {
  if (auto failed = refuse_params(call)) return *std::move(failed);
  if (call.claims.exporters)
    return not_allowed("Rules are about the flows of all exporters: it needs a token without a list of exporters");
  const auto said = call.services.backend.reload_scripts();
  JsonWriter w;
  w.begin_object();
  said ? w.key("text").text(to_valid_utf8(*said)) : w.key("error").text(to_valid_utf8(said.error().message));
  w.end_object();
  return w.take();
}

RpcResult<std::string> rules_test(const RpcCall& call) {
  ParamReader reader(call.params);
  reader.require("range");
  BackTestRequest request{.rule = reader.text("rule", kMaxRuleLength).value_or(""),
                          .source = reader.text("source", kMaxRuleSource),
                          .range = {},
                          .cancelled = call.control.cancelled};
  const auto range = read_range(reader);
  const auto limit = static_cast<std::size_t>(reader.integer("limit", 1, kMaxAlerts).value_or(kDefaultBackTestAlerts));
  if (request.rule.empty() && !request.source)
    reader.fail("rule", "is missing: name a rule, or give a rule file's text as source");
  if (auto failed = reader.finish()) return *std::move(failed);
  if (call.claims.exporters)
    return not_allowed("A back-test looks at the flows of all exporters: it needs a token without a list of exporters");
  if (request.source && call.claims.role != Role::kAdmin)
    return not_allowed("A back-test of a rule that is not loaded needs a token with the role admin");
  request.range = *range;

  const auto started = call.services.clock.now_ms();
  const auto result = call.services.backend.alerts().test_rule(request);
  if (request.cancelled != nullptr && *request.cancelled)
    return RpcError{.code = RpcCode::kCancelled, .message = "Cancelled"};
  if (!result) return invalid_param(request.source ? "source" : "rule", result.error().message);
  return back_test_json(*result, limit, call.services.clock.now_ms() - started);
}

}  // namespace weir
