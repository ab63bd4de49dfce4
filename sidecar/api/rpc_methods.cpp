// The methods. What a token may see is enforced here, for every one of them.
#include "api/rpc_methods.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <limits>

#include "api/alert_methods.hpp"
#include "api/api_services.hpp"
#include "api/console_methods.hpp"
#include "api/explain_method.hpp"
#include "api/openrpc_document.hpp"
#include "api/param_reader.hpp"
#include "api/query_json.hpp"
#include "api/query_params.hpp"
#include "api/rpc_session.hpp"
#include "api/status_json.hpp"

namespace weir {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMaxWindowMs = 366LL * 86'400'000;
constexpr std::int64_t kMinIntervalMs = 250, kMaxIntervalMs = 3'600'000;
constexpr std::size_t kMaxExporterNameLength = 200;

RpcResult<std::string> auth_login(const RpcCall& call) {
  ParamReader reader(call.params);
  reader.require("token");
  const auto token = reader.text("token", kMaxTokenLength);
  if (auto failed = reader.finish()) return *std::move(failed);
  const auto claims = call.session->log_in(*token);
  if (!claims) return claims.error();
  return login_json(*claims, call.services.backend.status().version);
}

RpcResult<std::string> status_get(const RpcCall& call) {
  if (auto failed = refuse_params(call)) return *std::move(failed);
  return status_json(call.services.backend, call.claims, call.services.clock.now_ms());
}

RpcResult<std::string> about_get(const RpcCall& call) {
  if (auto failed = refuse_params(call)) return *std::move(failed);
  return about_json(call.services.backend.about(), call.claims);
}

RpcResult<std::string> exporters_list(const RpcCall& call) {
  if (auto failed = refuse_params(call)) return *std::move(failed);
  return exporters_json(call.services.backend, call.claims, call.services.clock.now_ms());
}

RpcResult<std::string> exporters_set(const RpcCall& call) {
  ParamReader reader(call.params);
  reader.require("address");
  const auto text = reader.text("address", 64);
  ExporterChange change{.name = reader.text("name", kMaxExporterNameLength)};
  if (const auto* sampling = reader.value("sampling")) {
    if (sampling->is_null()) change.sampling = 0;
    else if (const auto rate = reader.integer("sampling", 1, std::numeric_limits<std::uint32_t>::max()))
      change.sampling = static_cast<std::uint32_t>(*rate);
  }
  if (const auto metering = reader.text("metering", 16)) {
    change.metering = parse_metering(*metering);
    if (!change.metering) reader.fail("metering", "must be auto, ingress, egress or both");
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (change.name && std::any_of(change.name->begin(), change.name->end(), is_control))
    reader.fail("name", "has control characters");
  const auto address = parse_ip_address(text.value_or(""));
  if (text && !address) reader.fail("address", address.error().message);
  if (auto failed = reader.finish()) return *std::move(failed);

  auto& backend = call.services.backend;
  auto* exporter = backend.exporters().find(*address);
  if (exporter == nullptr || !may_see(call.claims, *exporter)) {
    if (call.claims.exporters)
      return RpcError{.code = RpcCode::kNotAllowed,
                      .message = "The token does not reach the exporter " + address->text()};
    return invalid_param("address",
                         "no exporter has sent from " + address->text() + "; exporters.list names those that have");
  }
  if (const auto kept = backend.set_exporter(*exporter, change); !kept) {
    return RpcError{.code = RpcCode::kInternal, .message = "Internal error: " + kept.error().message};
  }
  return exporter_json(backend, *exporter, call.services.clock.now_ms());
}

// The exporter that "address" names, of a method that takes nothing else.
RpcResult<Exporter*> named_exporter(const RpcCall& call) {
  ParamReader reader(call.params);
  reader.require("address");
  const auto text = reader.text("address", 64);
  const auto address = parse_ip_address(text.value_or(""));
  if (text && !address) reader.fail("address", address.error().message);
  if (auto failed = reader.finish()) return *std::move(failed);

  auto* exporter = call.services.backend.exporters().find(*address);
  if (call.claims.exporters && (exporter == nullptr || !may_see(call.claims, *exporter))) {
    return RpcError{.code = RpcCode::kNotAllowed,
                    .message = "The token does not reach the exporter " + address->text()};
  }
  if (exporter == nullptr || !exporter->has_place()) {
    return invalid_param("address",
                         "there is no exporter " + address->text() + "; exporters.list names those that there are");
  }
  return exporter;
}

RpcResult<std::string> exporters_forget(const RpcCall& call) {
  const auto exporter = named_exporter(call);
  if (!exporter) return exporter.error();
  if (const auto kept = call.services.backend.forget_exporter(**exporter); !kept) {
    return RpcError{.code = RpcCode::kInternal, .message = "Internal error: " + kept.error().message};
  }
  return std::string("{}");
}

RpcResult<std::string> exporters_doctor(const RpcCall& call) {
  const auto exporter = named_exporter(call);
  if (!exporter) return exporter.error();
  return examination_json(call.services.backend.examine(**exporter));
}

RpcResult<std::string> settings_get(const RpcCall& call) {
  if (auto failed = refuse_params(call)) return *std::move(failed);
  // They are about the collector as a whole.
  if (call.claims.exporters)
    return RpcError{.code = RpcCode::kNotAllowed, .message = "The settings need a token that reaches all exporters"};
  return settings_json(call.services.backend.settings());
}

// For a collector that asks with a token that does not reach all: what it shows would be too little, and nobody would
// know.
void note_limits(bool alone, const TokenClaims& claims, std::vector<std::string>& warnings) {
  if (alone && claims.exporters) warnings.push_back("the token reaches only some of its exporters");
}

RpcResult<std::string> flows_top(const RpcCall& call) {
  auto query = parse_query_params(call.params);
  if (!query) return query.error();
  return answer_top_query(call.services, call.claims, *std::move(query), call.control);
}

RpcResult<std::string> flows_sessions(const RpcCall& call) {
  auto query = parse_session_params(call.params);
  if (!query) return query.error();
  const auto started = call.services.clock.now_ms();
  restrict_exporters(query->allowed_exporters, call.claims);
  auto answer = call.services.backend.answerer().sessions(*query, call.control);
  if (!answer) return query_error(answer.error(), call.control);
  note_limits(query->alone, call.claims, answer->result.warnings);
  return session_result_json(answer->result, result_context(call.services, std::move(answer->gaps), started),
                             key_names(call.services.backend));
}

RpcResult<std::string> flows_totals(const RpcCall& call) {
  auto query = parse_totals_params(call.params);
  if (!query) return query.error();
  const auto started = call.services.clock.now_ms();
  auto answer = run_allowed_query(call.services, call.claims, *query, call.control);
  if (!answer) return answer.error();
  return totals_json(answer->result, result_context(call.services, std::move(answer->gaps), started),
                     key_names(call.services.backend));
}

RpcResult<std::string> flows_subscribe(const RpcCall& call) {
  ParamReader reader(call.params);
  for (const auto* name : {"query", "window_ms", "interval_ms"}) reader.require(name);
  const auto* params = reader.object("query");
  const auto window = reader.integer("window_ms", 1000, kMaxWindowMs);
  const auto interval = reader.integer("interval_ms", kMinIntervalMs, kMaxIntervalMs);
  if (params != nullptr && params->contains("range"))
    reader.fail("query", "takes no range: the window is [now - window_ms, now)");
  if (auto failed = reader.finish()) return *std::move(failed);

  auto query = parse_query_params(*params, "query.");
  if (!query) return query.error();
  if (const auto filter = parse_filter(query->filter, call.services.clock.now_ms()); !filter)
    return query_error(filter.error(), {});
  const auto id = call.session->subscribe(*std::move(query), *window, *interval);
  if (!id) return id.error();
  return json::serialize(json::object{{"subscription", *id}});
}

RpcResult<std::string> flows_unsubscribe(const RpcCall& call) {
  ParamReader reader(call.params);
  reader.require("subscription");
  const auto id = reader.integer("subscription", 1, std::numeric_limits<std::int64_t>::max());
  if (auto failed = reader.finish()) return *std::move(failed);
  if (!call.session->unsubscribe(static_cast<std::uint64_t>(*id)))
    return invalid_param("subscription", "this connection has none of that number");
  return "{}";
}

// A query that has ended already is no error: the answer may have crossed the request.
RpcResult<std::string> query_cancel(const RpcCall& call) {
  ParamReader reader(call.params);
  reader.require("id");
  const auto* id = reader.value("id");
  if (id != nullptr && !id->is_int64() && !id->is_string())
    reader.fail("id", "has to be the id of a request: a whole number or text");
  if (auto failed = reader.finish()) return *std::move(failed);
  call.session->cancel_queries(json::serialize(*id));
  return "{}";
}

RpcResult<std::string> fields_list(const RpcCall& call) {
  if (auto failed = refuse_params(call)) return *std::move(failed);
  return fields_json();
}

RpcResult<std::string> rpc_discover(const RpcCall& call) {
  if (auto failed = refuse_params(call)) return *std::move(failed);
  return std::string(openrpc_document());
}

struct HandlerRow {
  std::string_view method;
  RpcHandler handler;
};

// A row for each schema in schemas/methods, which says who may call the method and where it runs.
constexpr HandlerRow kHandlers[] = {
    {"auth.login", auth_login},
    {"status.get", status_get},
    {"about.get", about_get},
    {"exporters.list", exporters_list},
    {"exporters.set", exporters_set},
    {"exporters.forget", exporters_forget},
    {"exporters.doctor", exporters_doctor},
    {"settings.get", settings_get},
    {"flows.top", flows_top},
    {"flows.sessions", flows_sessions},
    {"flows.totals", flows_totals},
    {"flows.explain", flows_explain},
    {"flows.subscribe", flows_subscribe},
    {"flows.unsubscribe", flows_unsubscribe},
    {"query.cancel", query_cancel},
    {"alerts.list", alerts_list},
    {"alerts.acknowledge", alerts_acknowledge},
    {"alerts.silence", alerts_silence},
    {"alerts.silences", alerts_silences},
    {"alerts.unsilence", alerts_unsilence},
    {"alerts.test_target", alerts_test_target},
    {"rules.list", rules_list},
    {"rules.reload", rules_reload},
    {"rules.test", rules_test},
    {"console.run", console_run},
    {"fields.list", fields_list},
    {"rpc.discover", rpc_discover},
};

// The compiler stops here at a schema without a row, and at a row without a schema.
consteval std::array<RpcMethod, kRpcMethodCount> table_of_methods() {
  std::array<RpcMethod, kRpcMethodCount> table{};
  for (std::size_t i = 0; i < kRpcMethodCount; ++i) {
    const auto& head = kRpcMethodHeads[i];
    const auto* row = std::find_if(std::begin(kHandlers), std::end(kHandlers),
                                   [&](const HandlerRow& handler) { return handler.method == head.name; });
    if (row == std::end(kHandlers)) throw "a method of schemas/methods has no row in kHandlers";
    table[i] = {head, row->handler};
  }
  return table;
}
static_assert(std::size(kHandlers) == kRpcMethodCount, "a row of kHandlers has no schema, or stands twice");

}  // namespace

std::optional<RpcError> refuse_params(const RpcCall& call) { return ParamReader(call.params).finish(); }

constinit const std::array<RpcMethod, kRpcMethodCount> kRpcMethods = table_of_methods();

const RpcMethod* find_rpc_method(std::string_view name) {
  const auto found =
      std::find_if(kRpcMethods.begin(), kRpcMethods.end(), [&](const RpcMethod& m) { return m.name == name; });
  return found == kRpcMethods.end() ? nullptr : found;
}

std::optional<std::vector<IpAddress>> allowed_exporters(const TokenClaims& claims) {
  if (!claims.exporters) return std::nullopt;
  std::vector<IpAddress> allowed;
  for (const auto& text : *claims.exporters) {
    if (const auto address = parse_ip_address(text)) allowed.push_back(*address);
  }
  return allowed;
}

void restrict_exporters(std::optional<std::vector<IpAddress>>& asked, const TokenClaims& claims) {
  auto allowed = allowed_exporters(claims);
  if (!asked || !allowed) {
    if (allowed) asked = std::move(allowed);
    return;
  }
  std::erase_if(*asked, [&](const IpAddress& address) {
    return std::find(allowed->begin(), allowed->end(), address) == allowed->end();
  });
}

RpcError query_error(const Error& error, const QueryControl& control) {
  if (control.cancelled != nullptr && *control.cancelled) return {.code = RpcCode::kCancelled, .message = "Cancelled"};
  if (control.over_limit != nullptr && *control.over_limit)
    return {.code = RpcCode::kOverLimit, .message = "Too much for one query: " + error.message};
  if (error.column != 0)
    return {.code = RpcCode::kInvalidParams, .message = error.message, .param = "filter", .column = error.column};
  return {.code = RpcCode::kInvalidParams, .message = "Invalid params: " + error.message};
}

ResultContext result_context(ApiServices& services, AnswerGaps&& gaps, std::int64_t started_ms) {
  const auto now_ms = services.clock.now_ms();
  return context_of(std::move(gaps), now_ms - started_ms, now_ms);
}

RpcResult<Answer<QueryResult>> run_allowed_query(ApiServices& services, const TokenClaims& claims, Query& query,
                                                 const QueryControl& control) {
  restrict_exporters(query.allowed_exporters, claims);
  auto answer = services.backend.answerer().answer(query, control);
  if (!answer) return query_error(answer.error(), control);
  note_limits(query.alone, claims, answer->result.warnings);
  return *std::move(answer);
}

RpcResult<std::string> answer_top_query(ApiServices& services, const TokenClaims& claims, Query query,
                                        const QueryControl& control) {
  const auto started = services.clock.now_ms();
  auto answer = run_allowed_query(services, claims, query, control);
  if (!answer) return answer.error();
  return query_result_json(query, answer->result, result_context(services, std::move(answer->gaps), started),
                           key_names(services.backend));
}

}  // namespace weir
