// JSON-RPC without sockets: the pool has no thread of its own, so that the test decides when a query runs. Every result
// is checked against its schema, and the params against theirs.
#include "api/rpc.hpp"

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "api/rpc_methods.hpp"
#include "support/catch.hpp"
#include "support/fake_backend.hpp"
#include "support/json_schema.hpp"
#include "support/run_everything.hpp"

using namespace weir;
using namespace weir::testing;
namespace json = boost::json;

namespace {

const std::string kSchemas = std::string(WEIR_SOURCE_DIR) + "/schemas/";

struct Api {
  explicit Api(ApiSettings settings = {.query_threads = 0})
      : services{.settings = std::move(settings), .backend = backend, .clock = clock, .secret = std::string(64, 's')} {}

  std::string token(TokenClaims claims = {}) {
    if (claims.expires_ms == 0) claims.expires_ms = FakeBackend::kNow + 60'000;
    return make_token(claims, services.secret);
  }
  std::shared_ptr<RpcSession> socket(TokenClaims claims = {}) {
    auto session =
        std::make_shared<RpcSession>(services, [this](std::string text) { notified.push_back(json::parse(text)); });
    REQUIRE(session->log_in(token(std::move(claims))).has_value());
    return session;
  }
  // Hands the text over; the answers come into `answers`.
  void send(const std::shared_ptr<RpcSession>& session, std::string_view text) {
    dispatch_rpc(services, session, text, [this](std::string answer) { answers.push_back(std::move(answer)); });
  }
  void run_everything() { testing::run_everything(services); }
  json::object ask(const std::shared_ptr<RpcSession>& session, std::string_view text) {
    answers.clear();
    send(session, text);
    run_everything();
    REQUIRE(answers.size() == 1);
    return json::parse(answers[0]).as_object();
  }
  json::object call(const std::shared_ptr<RpcSession>& session, std::string_view method,
                    const std::string& params = "{}") {
    const auto value = json::parse(params);
    const auto at = kSchemas + "methods/" + std::string(method);
    CHECK(JsonSchema(at + ".params.json").problem(value) == "");
    auto answer =
        ask(session, R"({"jsonrpc":"2.0","id":7,"method":")" + std::string(method) + R"(","params":)" + params + "}");
    CHECK(answer.at("id") == 7);
    REQUIRE(answer.contains("result"));
    CHECK(JsonSchema(at + ".result.json").problem(answer.at("result")) == "");
    return answer.at("result").as_object();
  }
  // The error of a call.
  json::object fail(const std::shared_ptr<RpcSession>& session, std::string_view method,
                    const std::string& params = "{}") {
    const auto answer =
        ask(session, R"({"jsonrpc":"2.0","id":7,"method":")" + std::string(method) + R"(","params":)" + params + "}");
    REQUIRE(answer.contains("error"));
    return answer.at("error").as_object();
  }

  FakeBackend backend;
  ManualClock clock{FakeBackend::kNow};
  std::vector<std::string> answers;
  std::vector<json::value> notified;
  ApiServices services;
};

std::string text_of(const json::value& value) { return std::string(std::string_view(value.as_string())); }

}  // namespace

TEST_CASE("every method's answer follows its schema") {
  Api api;
  const auto session = api.socket();
  CHECK(api.call(session, "auth.login", R"({"token":")" + api.token({.user = "anna"}) + "\"}").at("user") == "anna");
  CHECK(api.call(session, "status.get").at("exporters") == 2);
  CHECK(api.call(session, "status.get").at("last_errors").as_array().size() == 1);
  api.backend.about_warnings = {"warned of 192.0.2.1"};
  CHECK(text_of(api.call(session, "about.get").at("text"))
            .ends_with("Collector:\n  store: 4711 sessions\n\nLast warnings:\n  warned of 192.0.2.1\n"));
  CHECK(api.call(session, "about.get").at("libraries").at("Boost") == "1.81");
  const auto fields = api.call(session, "fields.list").at("fields").as_array();
  CHECK(fields.size() == kFields.size());
  const auto& source_as = fields.at(static_cast<std::size_t>(FieldId::kSrcAs));
  CHECK(source_as.at("label") == "Source AS");
  CHECK(source_as.at("either_end") == false);
  CHECK(fields.at(static_cast<std::size_t>(FieldId::kAs)).at("either_end") == true);
  CHECK(fields.at(static_cast<std::size_t>(FieldId::kReason)).at("label") == "Why this end is the server");
  CHECK(api.call(session, "flows.totals").at("totals").at("sessions") == 3);
  CHECK(api.call(session, "flows.sessions", R"({"sort":"start"})").at("total_sessions") == 3);
  CHECK(api.call(session, "query.cancel", R"({"id":1})").empty());

  const auto exporters = api.call(session, "exporters.list").at("exporters").as_array();
  REQUIRE(exporters.size() == 2);
  CHECK(exporters[0].at("name") == "edge-1");
  CHECK(exporters[0].at("sampling").at("source") == "announced");
  CHECK(exporters[1].at("name") == "192.0.2.2");
  CHECK(exporters[1].at("sampling").at("rate").is_null());
  CHECK(api.call(session, "exporters.set", R"({"address":"192.0.2.2","name":"core","sampling":100})")
            .at("sampling")
            .at("rate") == 100);
  CHECK(text_of(api.fail(session, "exporters.set", R"({"address":"192.0.2.2","name":"core\n"})").at("message")) ==
        "Invalid params: name: has control characters");
  CHECK(api.call(session, "exporters.set", R"({"address":"192.0.2.2","sampling":null})").at("sampling").at("source") ==
        "unknown");
  CHECK(api.call(session, "exporters.set", R"({"address":"192.0.2.2","metering":"ingress"})").at("metering") ==
        "ingress");
  CHECK(text_of(api.fail(session, "exporters.set", R"({"address":"192.0.2.2","metering":"up"})").at("message")) ==
        "Invalid params: metering: must be auto, ingress, egress or both");
  CHECK(api.call(session, "exporters.set", R"({"address":"192.0.2.2","metering":"auto"})").at("metering") == "auto");
  CHECK(api.call(session, "exporters.doctor", R"({"address":"192.0.2.1"})").at("findings").at(0).at("what") ==
        "3 records of edge-1 lost");
  CHECK(text_of(api.fail(session, "exporters.doctor", R"({"address":"192.0.2.99"})").at("message"))
            .starts_with("Invalid params: address: there is no exporter 192.0.2.99"));

  const auto subscription =
      api.call(session, "flows.subscribe", R"({"query":{"by":["host"]},"window_ms":60000,"interval_ms":1000})")
          .at("subscription");
  CHECK(api.call(session, "flows.unsubscribe", R"({"subscription":)" + json::serialize(subscription) + "}").empty());
}

TEST_CASE("rpc.discover holds every schema it speaks of") {
  Api api;
  const auto document = api.call(api.socket(), "rpc.discover");
  REQUIRE(document.at("methods").as_array().size() == kRpcMethodCount);
  for (std::size_t i = 0; i < kRpcMethodCount; ++i)
    CHECK(text_of(document.at("methods").at(i).at("name")) == kRpcMethods[i].name);
  const auto text = json::serialize(document);
  for (std::size_t at = 0; (at = text.find("\"$ref\":\"", at)) != std::string::npos;) {
    at += 8;
    const auto reference = text.substr(at, text.find('"', at) - at);
    CAPTURE(reference);
    REQUIRE(reference.substr(0, 2) == "#/");
    boost::system::error_code failed;
    const json::value whole(document);
    CHECK(whole.find_pointer(reference.substr(1), failed) != nullptr);
  }
}

TEST_CASE("flows.top: rows with labels, a series that sums to its row, other, quality") {
  Api api;
  const auto result = api.call(api.socket(), "flows.top", R"({"by":["server_port"],"buckets":7,"limit":1})");
  CHECK(result.at("totals").at("octets") == 10'500);
  const auto& row = result.at("rows").at(0);
  CHECK(row.at("key").at("server_port") == 443);
  CHECK(row.at("label").at("server_port") == "https");
  CHECK(row.at("octets") == 10'100);
  CHECK(row.as_object().contains("octets_in"));
  CHECK(result.at("other").at("octets") == 400);
  CHECK(result.at("other").at("keys") == 1);
  const auto& series = result.at("series").as_array();
  REQUIRE(series.size() == 2);
  CHECK(series[1].at("other") == true);
  for (std::size_t i = 0; i < 2; ++i) {
    std::int64_t sum = 0;
    for (const auto& octets : series[i].at("octets").as_array()) sum += octets.to_number<std::int64_t>();
    CHECK(sum == (i == 0 ? 10'100 : 400));
  }
  CHECK(result.at("buckets").at("count") == 7);
  CHECK(result.at("quality").at("lost") == 3);
}

TEST_CASE("what is missing is that of the exporters in question") {
  Api api;
  const auto session = api.socket();
  const auto kNow = FakeBackend::kNow;
  const auto range =
      R"("range":{"from_ms":)" + std::to_string(kNow - 60'000) + R"(,"to_ms":)" + std::to_string(kNow) + "}";
  for (const auto* method : {"flows.top", "flows.sessions", "flows.totals"}) {
    CAPTURE(method);
    const auto all = api.call(session, method, "{" + range + "}").at("quality");
    CHECK(all.at("exporters_in_question") == 2);
    CHECK(all.at("lost") == 3);
    CHECK(all.at("lost_unit") == "records");
    CHECK(all.at("late_ms") == 2000);
    CHECK(all.at("not_heard_ms") == 10'000);
    CHECK(all.at("gaps").at(0).at("reason") == "not_heard");
    CHECK(all.at("gaps").at(0).at("exporter") == "192.0.2.1");
    CHECK(all.at("exporters").at(0).at("label") == "edge-1");
    CHECK(all.at("exporters").at(1).at("late_ms") == 1000);
    const auto core = api.call(session, method, "{" + range + R"(,"filter":"exporter 192.0.2.2"})").at("quality");
    CHECK(core.at("exporters_in_question") == 1);
    CHECK(core.at("lost") == 0);
    CHECK(core.at("late_ms") == 1000);
    CHECK(core.at("gaps").as_array().empty());
  }
  // A range that ended before what is late lacks nothing.
  const auto before =
      R"({"range":{"from_ms":)" + std::to_string(kNow - 60'000) + R"(,"to_ms":)" + std::to_string(kNow - 30'000) + "}}";
  CHECK(api.call(session, "flows.top", before).at("quality").at("late_ms") == 0);
}

TEST_CASE("labels: protocol, exporter, and the interface of a named exporter") {
  Api api;
  const auto session = api.socket();
  const auto protocols = api.call(session, "flows.top", R"({"by":["protocol"]})");
  CHECK(protocols.at("rows").at(0).at("label").at("protocol") == "tcp");
  CHECK_FALSE(protocols.at("rows").at(0).as_object().contains("octets_in"));
  const auto interfaces =
      api.call(session, "flows.top", R"({"by":["exporter","in_if"],"filter":"exporter 192.0.2.1 and in_if 3"})");
  CHECK(interfaces.at("rows").at(0).at("label").at("exporter") == "edge-1");
  CHECK(interfaces.at("rows").at(0).at("label").at("in_if") == "ge-0/0/3");
}

TEST_CASE("a filter mistake names its column") {
  Api api;
  const auto session = api.socket();
  for (const auto* method : {"flows.top", "flows.sessions", "flows.totals"}) {
    CAPTURE(method);
    const auto error = api.fail(session, method, R"({"filter":"port 80 and foo bar"})");
    CHECK(error.at("code") == -32602);
    CHECK(error.at("data").at("param") == "filter");
    CHECK(error.at("data").at("column") == 13);
  }
  const auto error =
      api.fail(session, "flows.subscribe", R"({"query":{"filter":"port ("},"window_ms":1000,"interval_ms":250})");
  CHECK(error.at("data").at("param") == "filter");
  CHECK(api.fail(session, "flows.top", R"({"filter":")" + std::string(5000, 'x') + "\"}").at("code") == -32602);
  CHECK(api.services.counters.filters_refused == 5);
}

TEST_CASE("nobody gets anything without a token, or after its end") {
  Api api;
  const auto stranger = std::make_shared<RpcSession>(api.services);
  for (const auto& method : kRpcMethods) {
    if (method.name == kLoginMethod) continue;
    CAPTURE(method.name);
    CHECK(api.fail(stranger, method.name).at("code") == -32001);
  }
  CHECK(api.fail(stranger, "auth.login", R"({"token":"x"})").at("code") == -32001);
  CHECK(api.fail(stranger, "auth.login").at("code") == -32602);

  const auto session = api.socket();
  api.clock.advance(60'000);
  CHECK(text_of(api.fail(session, "status.get").at("message")).find("expired") != std::string::npos);
  CHECK(api.call(session, "auth.login", R"({"token":")" + api.token({.expires_ms = api.clock.now_ms() + 1000}) + "\"}")
            .at("role") == "admin");
  CHECK(api.call(session, "status.get").contains("version"));
}

TEST_CASE("a token for one exporter sees that one only, whatever it asks") {
  Api api;
  const auto session = api.socket({.role = Role::kUser, .exporters = {{"192.0.2.2"}}});
  CHECK(api.call(session, "exporters.list").at("exporters").as_array().size() == 1);
  CHECK(api.call(session, "status.get").at("exporters") == 1);
  CHECK(api.call(session, "status.get").at("last_errors").as_array().empty());
  api.backend.about_warnings = {"warned of 192.0.2.1"};
  CHECK(api.call(session, "about.get").at("text") == "Weir 1.2.3 (test)\nDebian\n\nLibraries:\n  Boost 1.81\n");
  CHECK(api.call(session, "status.get").at("records_per_s") == 1.5);
  CHECK(api.call(session, "status.get").at("store").at("bytes").is_null());
  CHECK(api.call(session, "flows.totals").at("totals").at("octets") == 100);
  CHECK(api.call(session, "flows.totals", R"({"filter":"exporter 192.0.2.1 or any"})").at("totals").at("octets") ==
        100);
  CHECK(api.call(session, "flows.top", R"({"by":["exporter"]})").at("rows").as_array().size() == 1);
  CHECK(api.call(session, "flows.top").at("quality").at("lost") == 0);
  CHECK(api.call(session, "flows.sessions").at("total_sessions") == 1);
  CHECK(api.fail(session, "exporters.set", R"({"address":"192.0.2.2","name":"x"})").at("code") == -32002);

  const auto admin = api.socket({.exporters = {{"192.0.2.2"}}});
  CHECK(api.fail(admin, "exporters.set", R"({"address":"192.0.2.1","name":"x"})").at("code") == -32002);
  CHECK(api.call(api.socket({.exporters = std::vector<std::string>{}}), "flows.totals").at("totals").at("octets") == 0);
}

TEST_CASE("what is no call is answered as JSON-RPC 2.0 wants it") {
  Api api;
  const auto session = api.socket();
  const auto code = [&](std::string_view text) {
    return api.ask(session, text).at("error").at("code").to_number<int>();
  };
  CHECK(code("{") == -32700);
  CHECK(code("") == -32700);
  CHECK(code(std::string(100, '[')) == -32700);
  CHECK(code("\"\xff\"") == -32700);
  CHECK(code("7") == -32600);
  CHECK(code("[]") == -32600);
  CHECK(code(R"({"id":1,"method":"status.get"})") == -32600);
  CHECK(code(R"({"jsonrpc":"1.0","id":1,"method":"status.get"})") == -32600);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":5})") == -32600);
  CHECK(code(R"({"jsonrpc":"2.0","id":{},"method":"status.get"})") == -32600);
  CHECK(code(R"({"jsonrpc":"2.0","id":1.5,"method":"status.get"})") == -32600);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":"status.get","params":[1]})") == -32602);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":"status.get","params":{"a":1}})") == -32602);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":"no.such"})") == -32601);
  std::string many = "[0";
  for (std::size_t i = 0; i < kMaxBatch; ++i) many += ",0";
  CHECK(code(many + "]") == -32600);
  CHECK(api.ask(session, R"({"jsonrpc":"2.0","id":"a\"ü","method":"fields.list"})").at("id") == "a\"ü");
}

TEST_CASE("a batch is answered together, notifications not at all") {
  Api api;
  const auto session = api.socket();
  api.send(
      session,
      R"([{"jsonrpc":"2.0","id":1,"method":"flows.totals"},{"jsonrpc":"2.0","method":"status.get"},5,{"jsonrpc":"2.0","id":"b","method":"status.get"}])");
  CHECK(api.answers.empty());  // one of them waits for its query
  api.run_everything();
  REQUIRE(api.answers.size() == 1);
  const auto batch = json::parse(api.answers[0]).as_array();
  REQUIRE(batch.size() == 3);
  CHECK(batch[0].at("id") == 1);
  CHECK(batch[0].at("result").at("totals").at("sessions") == 3);
  CHECK(batch[1].at("error").at("code") == -32600);
  CHECK(batch[2].at("id") == "b");

  api.answers.clear();
  api.send(session, R"({"jsonrpc":"2.0","method":"flows.totals"})");
  api.send(session, R"([{"jsonrpc":"2.0","method":"status.get"}])");
  api.run_everything();
  CHECK(api.answers == std::vector<std::string>{"", ""});
}

TEST_CASE("query.cancel ends a query that waits") {
  Api api;
  const auto session = api.socket();
  api.send(session, R"({"jsonrpc":"2.0","id":"q","method":"flows.top"})");
  api.send(session, R"({"jsonrpc":"2.0","id":2,"method":"query.cancel","params":{"id":"q"}})");
  api.run_everything();
  REQUIRE(api.answers.size() == 2);
  CHECK(json::parse(api.answers[0]).at("id") == 2);
  CHECK(json::parse(api.answers[1]).at("error").at("code") == -32003);
  CHECK(api.services.counters.queries_cancelled == 1);
}

TEST_CASE("a full line refuses at once and is counted") {
  Api api({.query_threads = 0, .query_queue = 2});
  const auto session = api.socket();
  for (int i = 0; i < 3; ++i) api.send(session, R"({"jsonrpc":"2.0","id":1,"method":"flows.top"})");
  REQUIRE(api.answers.size() == 1);
  CHECK(json::parse(api.answers[0]).at("error").at("code") == -32004);
  CHECK(api.services.counters.queries_refused == 1);
  api.run_everything();
  CHECK(api.answers.size() == 3);
}

TEST_CASE("a subscription sends its window at once; there are only so many, and they end with the connection") {
  Api api;
  const auto session = api.socket();
  const auto id = api.call(session, "flows.subscribe",
                           R"({"query":{"by":["host"],"buckets":2},"window_ms":60000,"interval_ms":3600000})")
                      .at("subscription");
  REQUIRE(api.notified.size() == 1);
  const auto& update = api.notified[0];
  CHECK(update.at("method") == "flows.update");
  CHECK(JsonSchema(kSchemas + "methods/flows.update.params.json").problem(update.at("params")) == "");
  CHECK(update.at("params").at("subscription") == id);
  CHECK(update.at("params").at("result").at("range").at("from_ms") == FakeBackend::kNow - 60'000);
  CHECK(update.at("params").at("result").at("range").at("to_ms") == FakeBackend::kNow);

  for (int i = 1; i < 16; ++i)
    api.call(session, "flows.subscribe", R"({"query":{},"window_ms":1000,"interval_ms":3600000})");
  CHECK(api.fail(session, "flows.subscribe", R"({"query":{},"window_ms":1000,"interval_ms":3600000})").at("code") ==
        -32004);
  CHECK(api.services.counters.subscriptions == 16);
  CHECK(api.fail(session, "flows.unsubscribe", R"({"subscription":999})").at("code") == -32602);
  session->close();
  CHECK(api.services.counters.subscriptions == 0);
}

TEST_CASE("subscriptions and cancelling have no meaning over POST") {
  Api api;
  const auto session = std::make_shared<RpcSession>(api.services);
  REQUIRE(session->log_in(api.token()).has_value());
  CHECK(api.fail(session, "flows.subscribe", R"({"query":{},"window_ms":1000,"interval_ms":1000})").at("code") ==
        -32600);
  CHECK(api.fail(session, "query.cancel", R"({"id":1})").at("code") == -32600);
}
