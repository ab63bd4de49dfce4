// console.run: a line of the console over the API, and who may send one.
#include <boost/json.hpp>

#include "running_api.hpp"
#include "support/catch.hpp"
#include "support/json_schema.hpp"

using namespace weir;
using namespace weir::testing;
namespace json = boost::json;

namespace {

json::object answer(const RunningApi& api, const std::string& command, const TokenClaims& claims = {}) {
  const auto body = json::serialize(json::object{
      {"jsonrpc", "2.0"}, {"id", 1}, {"method", "console.run"}, {"params", json::object{{"command", command}}}});
  return json::parse(api.post(body, api.bearer(claims)).body).as_object();
}

}  // namespace

TEST_CASE("console.run gives the console's text, and whether it was understood and done") {
  const RunningApi api;
  const JsonSchema schema(WEIR_SOURCE_DIR "/schemas/methods/console.run.result.json");
  for (const auto& [command, text, outcome] :
       {std::tuple("flows", "two exporters\n", "done"), std::tuple("trace x", "no exporter\n", "not_done"),
        std::tuple("fly", "no such command\n", "not_understood")}) {
    const auto said = answer(api, command);
    CAPTURE(json::serialize(said));
    const auto& result = said.at("result");
    CHECK(schema.problem(result) == "");
    CHECK(result.at("text") == text);
    CHECK(result.at("outcome") == outcome);
  }
}

TEST_CASE("console.run is for admins who see all exporters, and takes one line") {
  const RunningApi api;
  CHECK(answer(api, "flows", {.user = "bert", .role = Role::kUser}).at("error").at("code") == -32002);
  CHECK(answer(api, "flows", {.user = "anna", .role = Role::kAdmin, .exporters = {{"192.0.2.2"}}})
            .at("error")
            .at("code") == -32002);
  CHECK(answer(api, "flows\nquit").at("error").at("code") == -32602);
}

TEST_CASE("a token of the console may look through console.run, and do nothing else") {
  const RunningApi api;
  const Headers bearer{{"Authorization", "Bearer " + make_token({.user = "zabbix",
                                                                 .issued_ms = FakeBackend::kNow,
                                                                 .expires_ms = FakeBackend::kNow + 60'000},
                                                                console_key(api.secret))}};
  const auto said = [&](const std::string& method, const std::string& params) {
    return json::parse(
               api.post(R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}", bearer)
                   .body)
        .as_object();
  };
  CHECK(said("console.run", R"({"command":"flows"})").at("result").at("outcome") == "done");
  CHECK(api.post(R"({"jsonrpc":"2.0","id":1,"method":"console.run","params":{"command":"flows"}})", bearer).status ==
        200);
  CHECK(said("console.run", R"({"command":"log debug"})").at("result").at("outcome") == "not_done");
  for (const auto* method : {"status.get", "exporters.list", "alerts.list", "rules.reload", "about.get"})
    CHECK(said(method, "{}").at("error").at("code") == -32002);
}
