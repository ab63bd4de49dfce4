// The methods about alerts and rules over real sockets: what they answer, who may do what, and that a back-test can be
// stopped. Results are checked against their schemas.
#include <algorithm>
#include <boost/json.hpp>

#include "running_api.hpp"
#include "support/catch.hpp"
#include "support/json_schema.hpp"

using namespace weir;
using namespace weir::testing;
namespace json = boost::json;

namespace {

constexpr const char* kSchemas = WEIR_SOURCE_DIR "/schemas/methods/";
constexpr auto kHour = std::int64_t{3'600'000};

std::string request(const std::string& id, const std::string& method, const std::string& params) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" + params + "}";
}

struct Desk {
  Desk() { api.backend.raise_alerts(); }

  json::object answer(const TokenClaims& claims, const std::string& method, const std::string& params) const {
    return json::parse(api.post(request("1", method, params), api.bearer(claims)).body).as_object();
  }
  json::object call(const std::string& method, const std::string& params = "{}", const TokenClaims& claims = {}) const {
    CAPTURE(method, params);
    CHECK(JsonSchema(kSchemas + method + ".params.json").problem(json::parse(params)) == "");
    const auto said = answer(claims, method, params);
    CAPTURE(json::serialize(said));
    REQUIRE(said.contains("result"));
    CHECK(JsonSchema(kSchemas + method + ".result.json").problem(said.at("result")) == "");
    return said.at("result").as_object();
  }
  json::object fail(const std::string& method, const std::string& params, const TokenClaims& claims = {}) const {
    CAPTURE(method, params);
    const auto said = answer(claims, method, params);
    REQUIRE(said.contains("error"));
    return said.at("error").as_object();
  }
  // "rule/key" of each alert.
  std::vector<std::string> keys(const TokenClaims& claims = {}) const {
    std::vector<std::string> found;
    const auto list = call("alerts.list", "{}", claims);
    for (const auto& alert : list.at("alerts").as_array())
      found.push_back(text(alert, "rule") + "/" + text(alert, "key"));
    std::sort(found.begin(), found.end());
    return found;
  }
  json::object alert(const std::string& rule, const std::string& key) const {
    const auto list = call("alerts.list");
    for (const auto& a : list.at("alerts").as_array()) {
      if (text(a, "rule") == rule && text(a, "key") == key) return a.as_object();
    }
    FAIL("no alert " << rule << "/" << key);
    return {};
  }
  static std::string text(const json::value& value, const char* name) {
    return std::string(std::string_view(value.at(name).as_string()));
  }

  RunningApi api;
};

const TokenClaims kAnna{.user = "anna", .role = Role::kUser, .exporters = {{"192.0.2.2"}}};
const TokenClaims kUser{.user = "bert", .role = Role::kUser};

std::string until(std::int64_t ms) { return "\"until_ms\":" + std::to_string(FakeBackend::kNow + ms); }

}  // namespace

TEST_CASE("alerts.list tells what fires, for whom, with its evidence") {
  const Desk desk;
  CHECK(desk.keys() ==
        std::vector<std::string>{"by client/10.0.0.1", "by exporter/192.0.2.1", "by exporter/192.0.2.2"});
  const auto all = desk.call("alerts.list");
  CHECK(all.at("firing") == 3);
  const auto alert = desk.alert("by exporter", "192.0.2.1");
  CHECK(alert.at("severity") == "high");
  CHECK(alert.at("state") == "firing");
  CHECK(alert.at("exporter") == "192.0.2.1");
  CHECK(alert.at("message") == "192.0.2.1 is busy");
  CHECK(alert.at("value") == "10.4 kB");
  CHECK(alert.at("filter") == "exporter 192.0.2.1");
  CHECK(alert.at("range").at("to_ms").as_int64() - alert.at("range").at("from_ms").as_int64() == 60'000);
  CHECK(alert.at("resolved_ms").is_null());
  CHECK(alert.at("acknowledged_ms").is_null());
  CHECK(desk.alert("by client", "10.0.0.1").at("exporter").is_null());
  CHECK(desk.alert("by client", "10.0.0.1").at("labels").at("team") == "net");
  CHECK(desk.call("alerts.list", R"({"limit":1})").at("alerts").as_array().size() == 1);
  CHECK(desk.call("alerts.list", R"({"limit":1})").at("firing") == 3);
}

TEST_CASE("what has resolved is listed unless only what fires is asked for") {
  Desk desk;
  desk.api.backend.alert_clock.set(FakeBackend::kNow + 105'000);
  desk.api.backend.engine.run_due();
  CHECK(desk.call("alerts.list", R"({"firing_only":true})").at("alerts").as_array().empty());
  const auto resolved = desk.alert("by client", "10.0.0.1");
  CHECK(resolved.at("state") == "resolved");
  CHECK(resolved.at("resolved_ms").as_int64() > resolved.at("fired_ms").as_int64());
}

TEST_CASE("a token for one exporter sees and handles the alerts of that one only") {
  const Desk desk;
  CHECK(desk.keys(kAnna) == std::vector<std::string>{"by exporter/192.0.2.2"});
  CHECK(desk.call("alerts.list", "{}", kAnna).at("firing") == 1);
  CHECK(desk.keys({.role = Role::kUser, .exporters = std::vector<std::string>{}}).empty());

  const auto id = [&](const char* rule, const char* key) {
    return R"({"id":")" + Desk::text(desk.alert(rule, key), "id") + "\"}";
  };
  CHECK(desk.fail("alerts.acknowledge", id("by exporter", "192.0.2.1"), kAnna).at("code") == -32602);
  CHECK(desk.fail("alerts.acknowledge", id("by client", "10.0.0.1"), kAnna).at("code") == -32602);
  CHECK(desk.alert("by client", "10.0.0.1").at("acknowledged_ms").is_null());
  desk.call("alerts.acknowledge", id("by exporter", "192.0.2.2"), kAnna);
  CHECK(desk.alert("by exporter", "192.0.2.2").at("acknowledged_by") == "anna");
  desk.call("alerts.acknowledge", id("by client", "10.0.0.1"), kUser);
  CHECK(desk.alert("by client", "10.0.0.1").at("acknowledged_by") == "bert");

  for (const auto* key : {"", "192.0.2.1", "nonsense"}) {
    CHECK(desk.fail("alerts.silence",
                    R"({"rule":"by exporter","key":")" + std::string(key) + "\"," + until(kHour) + "}", kAnna)
              .at("code") == -32002);
  }
  CHECK(
      desk.fail("alerts.silence", R"({"rule":"by client","key":"10.0.0.1",)" + until(kHour) + "}", kAnna).at("code") ==
      -32002);
  const auto others = desk.call("alerts.silence", R"({"rule":"by client",)" + until(kHour) + "}").at("id");
  desk.call("alerts.silence", R"({"rule":"by exporter","key":"192.0.2.2","comment":"works",)" + until(kHour) + "}",
            kAnna);
  CHECK(desk.call("alerts.silences", "{}", kAnna).at("silences").as_array().size() == 1);
  CHECK(desk.call("alerts.silences").at("silences").as_array().size() == 2);
  CHECK(desk.fail("alerts.unsilence", R"({"id":)" + json::serialize(others) + "}", kAnna).at("code") == -32602);
}

TEST_CASE("silences have an end, are seen on their alerts, and can be taken away") {
  Desk desk;
  const auto made = desk.call("alerts.silence",
                              R"({"rule":"by client","key":"10.0.0.1","comment":"a\nb",)" + until(kHour) + "}", kUser)
                        .at("id");
  CHECK(desk.alert("by client", "10.0.0.1").at("silenced") == true);
  CHECK(desk.alert("by exporter", "192.0.2.1").at("silenced") == false);
  const auto silence = desk.call("alerts.silences").at("silences").at(0);
  CHECK(silence.at("by") == "bert");
  CHECK(silence.at("comment") == "a b");
  CHECK(silence.at("until_ms") == FakeBackend::kNow + kHour);
  const auto id = R"({"id":)" + json::serialize(made) + "}";
  desk.call("alerts.unsilence", id);
  CHECK(desk.alert("by client", "10.0.0.1").at("silenced") == false);
  CHECK(desk.fail("alerts.unsilence", id).at("code") == -32602);

  CHECK(desk.fail("alerts.silence", R"({"rule":"by client",)" + until(0) + "}").at("data").at("param") == "until_ms");
  CHECK(desk.fail("alerts.silence", R"({"rule":"by client",)" + until(400 * 24 * kHour) + "}").at("data").at("param") ==
        "until_ms");
  CHECK(desk.fail("alerts.silence", R"({"rule":"nobody",)" + until(kHour) + "}").at("data").at("param") == "rule");
  CHECK(desk.fail("alerts.silence", R"({"rule":"by client"})").at("data").at("param") == "until_ms");
  CHECK(desk.fail("alerts.acknowledge", R"({"id":"0000"})").at("data").at("param") == "id");
  for (int i = 0; i < 1000; ++i)
    desk.api.backend.engine.silence("by client", std::to_string(i), FakeBackend::kNow + kHour, "", "");
  CHECK(desk.fail("alerts.silence", R"({"rule":"by client",)" + until(kHour) + "}").at("code") == -32004);
}

TEST_CASE("acknowledging needs no answer to happen") {
  const Desk desk;
  const auto id = Desk::text(desk.alert("by client", "10.0.0.1"), "id");
  desk.api.post(R"({"jsonrpc":"2.0","method":"alerts.acknowledge","params":{"id":")" + id + "\"}}", desk.api.bearer());
  CHECK_FALSE(desk.alert("by client", "10.0.0.1").at("acknowledged_ms").is_null());
}

TEST_CASE("rules.list: status, and mistakes with file and line") {
  const Desk desk;
  const auto list = desk.call("rules.list");
  REQUIRE(list.at("rules").as_array().size() == 3);
  const auto& rule = list.at("rules").at(1);
  CHECK(rule.at("name") == "by exporter");
  CHECK(rule.at("line") == 1);
  CHECK(rule.at("by") == json::array{"exporter"});
  CHECK(rule.at("firing") == 2);
  CHECK(rule.at("windows") == 1);
  CHECK(rule.at("last_window_end_ms").as_int64() > FakeBackend::kNow);
  CHECK(rule.at("error").is_null());
  CHECK(list.at("rules").at(2).at("enabled") == false);
  CHECK(list.at("rules").at(2).at("last_window_end_ms").is_null());
  REQUIRE(list.at("files").as_array().size() == 2);
  CHECK(list.at("files").at(0).at("rules") == 0);
  CHECK(Desk::text(list.at("files").at(0), "error").find("broken.lua:3:") != std::string::npos);
  CHECK(list.at("targets").at(0).at("name") == "webhook 1");
  CHECK(list.at("messages").at("waiting") == 3);

  const auto seen = desk.call("rules.list", "{}", kAnna);
  CHECK(seen.at("rules").at(1).at("firing") == 1);
  CHECK(seen.at("rules").at(1).at("pending").is_null());
  CHECK(seen.at("targets").as_array().empty());
}

TEST_CASE("rules.reload reads the files again, for an admin") {
  Desk desk;
  CHECK(desk.fail("rules.reload", "{}", kUser).at("code") == -32002);
  desk.api.backend.folder.write("broken.lua",
                                "weir.rule { name = 'mended', query = { by = 'client', window = '1m', every = '1m' }, "
                                "when = { octets = '>1' } }");
  desk.call("rules.reload");
  desk.api.backend.engine.run_due();
  CHECK(desk.call("rules.list").at("rules").as_array().size() == 4);
}

TEST_CASE("rules.test: when a rule, or a text that is none yet, would have fired") {
  const Desk desk;
  const auto range = "\"range\":{\"from_ms\":" + std::to_string(FakeBackend::kNow - kHour) +
                     ",\"to_ms\":" + std::to_string(FakeBackend::kNow + kHour) + "}";
  const auto live = desk.call("rules.test", R"({"rule":"by exporter",)" + range + "}");
  REQUIRE(live.at("alerts").as_array().size() == 2);
  CHECK(live.at("alerts_total") == 2);
  CHECK(live.at("alerts_cut") == false);
  CHECK(live.at("windows") == 120);
  CHECK(live.at("alerts").at(0).at("fired_ms") == desk.alert("by exporter", "192.0.2.1").at("fired_ms"));
  CHECK(live.at("alerts").at(0).at("value") == "10.4 kB");
  CHECK(live.at("alerts").at(0).at("figures").at("sessions") == 2);
  CHECK(live.at("alerts").at(0).at("totals").at("sessions") == 3);
  CHECK_FALSE(live.at("alerts").at(0).at("resolved_ms").is_null());
  const auto one = desk.call("rules.test", R"({"rule":"by exporter","limit":1,)" + range + "}");
  CHECK(one.at("alerts").as_array().size() == 1);
  CHECK(one.at("alerts_cut") == true);

  const std::string source =
      "weir.rule { name = 'new', query = { by = 'server', window = '1m', every = '1m' }, when = { octets = '>1k' } }";
  CHECK(desk.call("rules.test", R"({"source":")" + source + "\"," + range + "}", {}).at("alerts").as_array().size() ==
        1);
  CHECK(desk.fail("rules.test", R"({"source":"weir.rule {","range":{"from_ms":0,"to_ms":1}})").at("data").at("param") ==
        "source");
  CHECK(
      Desk::text(desk.fail("rules.test", R"({"source":"\n\nx = nil + 1",)" + range + "}"), "message").find("rule:3:") !=
      std::string::npos);
  CHECK(desk.fail("rules.test", R"({"rule":"nobody",)" + range + "}").at("data").at("param") == "rule");
  CHECK(desk.fail("rules.test", "{" + range + "}").at("data").at("param") == "rule");
  CHECK(desk.fail("rules.test", R"({"rule":"by exporter"})").at("data").at("param") == "range");

  CHECK(desk.call("rules.test", R"({"rule":"by exporter",)" + range + "}", kUser).at("alerts_total") == 2);
  CHECK(desk.fail("rules.test", R"({"source":")" + source + "\"," + range + "}", kUser).at("code") == -32002);
  CHECK(desk.fail("rules.test", R"({"rule":"by exporter",)" + range + "}", kAnna).at("code") == -32002);
}

TEST_CASE("a back-test that runs can be cancelled") {
  Desk desk;
  WebSocketClient client(desk.api.port);
  client.send(desk.api.login());
  REQUIRE(json::parse(client.receive()).as_object().contains("result"));
  const auto before = desk.api.backend.gated.arrived();
  desk.api.backend.gated.shut();
  client.send(
      request("7", "rules.test", R"({"rule":"by client","range":{"from_ms":1600000000000,"to_ms":1700000000000}})"));
  desk.api.backend.gated.wait_for_queries(before + 1);
  client.send(request("8", "query.cancel", R"({"id":7})"));
  CHECK(json::parse(client.receive()).at("id") == 8);
  desk.api.backend.gated.open();
  const auto said = json::parse(client.receive());
  CHECK(said.at("id") == 7);
  CHECK(said.at("error").at("code") == -32003);
}

TEST_CASE("alerts.test_target tells why a target cannot be reached") {
  const Desk desk;
  const auto tried = desk.call("alerts.test_target", R"({"name":"webhook 1"})");
  CHECK(tried.at("sent") == false);
  CHECK(Desk::text(json::value(tried), "error").find("webhook 1") != std::string::npos);
  CHECK(Desk::text(desk.fail("alerts.test_target", R"({"name":"fax"})"), "message").find("there are webhook 1") !=
        std::string::npos);
  CHECK(desk.fail("alerts.test_target", R"({"name":"webhook 1"})", kUser).at("code") == -32002);
}

TEST_CASE("metrics of alerts") {
  const Desk desk;
  CHECK(desk.api.metric("weir_alert_rules") == "3");
  CHECK(desk.api.metric("weir_alert_rules_enabled") == "2");
  CHECK(desk.api.metric("weir_alert_rule_files_failed") == "1");
  CHECK(desk.api.metric("weir_alert_firing{rule=\"by exporter\"}") == "2");
  CHECK(desk.api.metric("weir_alert_windows_total{rule=\"by client\"}") == "1");
  CHECK(desk.api.metric("weir_alert_failures_total{rule=\"by client\"}") == "0");
  CHECK(desk.api.metric("weir_alert_messages_waiting") == "3");
  CHECK(desk.api.metric("weir_alert_deliveries_total{target=\"webhook 1\"}") == "0");
  CHECK(desk.api.metric("weir_alert_delivery_failures_total{target=\"webhook 1\"}") == "0");
}
