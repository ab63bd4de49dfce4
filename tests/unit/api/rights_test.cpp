// What each role may do and see: one row per method of the API and per command of the console. A new one without a row
// fails.
#include <boost/json.hpp>
#include <map>
#include <set>

#include "api/rpc.hpp"
#include "api/rpc_methods.hpp"
#include "support/catch.hpp"
#include "support/fake_backend.hpp"
#include "support/run_everything.hpp"

using namespace weir;
using namespace weir::testing;
namespace json = boost::json;

namespace {

struct RoleOfTest {
  const char* name;
  TokenClaims claims;
  bool console_key = false;
};
const RoleOfTest kRoles[] = {
    {.name = "admin", .claims = {}},
    {.name = "user", .claims = {.role = Role::kUser}},
    {.name = "admin of an exporter", .claims = {.exporters = {{"192.0.2.2"}}}},
    {.name = "user of an exporter", .claims = {.role = Role::kUser, .exporters = {{"192.0.2.2"}}}},
    {.name = "console", .claims = {}, .console_key = true},
};

// What an answer can tell, by a letter.
struct Mark {
  char letter;
  const char* what;
  std::vector<std::string> texts;
};
const std::vector<Mark>& marks() {
  static const std::vector<Mark> kMarks{
      {'O', "another exporter and its traffic", {"192.0.2.1\"", "edge-1", "Edge router", "10.0.0.2"}},
      {'P', "where files are", {"/secret/path", "weir-fake-"}},
      {'S', "settings", {"api.listen"}},
      {'W',
       "figures about all exporters together",
       {"4711 sessions", "\"records_per_s\":2.5", "\"datagrams_per_s\":1,", "\"capacity\":10"}},
      {'E', "the last errors", {"full\"", "disk full"}},
      {'T', "targets of alerts", {"webhook 1"}},
  };
  return kMarks;
}

struct Row {
  const char* params;
  // By role: the letters of what is told; "-": refused.
  const char *admin, *user, *admin_of_one, *user_of_one, *console;
};
const std::map<std::string_view, Row> kMethods{
    {"auth.login", {R"({"token":"x"})", "-", "-", "-", "-", "-"}},
    {"status.get", {"{}", "WE", "WE", "", "", "-"}},
    {"about.get", {"{}", "PSWE", "SW", "", "", "-"}},
    {"exporters.list", {"{}", "O", "O", "", "", "-"}},
    {"exporters.set", {R"({"address":"192.0.2.1","name":"edge-1"})", "O", "-", "-", "-", "-"}},
    {"exporters.forget", {R"({"address":"192.0.2.1"})", "", "-", "-", "-", "-"}},
    {"exporters.doctor", {R"({"address":"192.0.2.1"})", "O", "O", "-", "-", "-"}},
    {"settings.get", {"{}", "PS", "-", "-", "-", "-"}},
    {"flows.top", {R"({"by":["exporter","client"]})", "O", "O", "", "", "-"}},
    {"flows.sessions", {"{}", "O", "O", "", "", "-"}},
    {"flows.totals", {"{}", "O", "O", "", "", "-"}},
    {"flows.explain", {R"({"range":{"from_ms":1699999900000,"to_ms":1700000060000}})", "O", "O", "", "", "-"}},
    {"flows.subscribe", {R"({"query":{},"window_ms":1000,"interval_ms":1000})", "", "", "", "", "-"}},
    {"flows.unsubscribe", {R"({"subscription":1})", "", "", "", "", "-"}},
    {"query.cancel", {R"({"id":1})", "", "", "", "", "-"}},
    {"alerts.list", {"{}", "O", "O", "", "", "-"}},
    {"alerts.acknowledge", {R"({"id":"none"})", "-", "-", "-", "-", "-"}},
    {"alerts.silence", {R"({"rule":"by exporter","key":"192.0.2.1","until_ms":1700000100000})", "", "", "-", "-", "-"}},
    {"alerts.silences", {"{}", "O", "O", "", "", "-"}},
    {"alerts.unsilence", {R"({"id":4711})", "-", "-", "-", "-", "-"}},
    {"alerts.test_target", {R"({"name":"webhook 1"})", "T", "-", "-", "-", "-"}},
    {"rules.list", {"{}", "PT", "PT", "", "", "-"}},
    {"rules.reload", {"{}", "", "-", "-", "-", "-"}},
    {"rules.test",
     {R"({"rule":"by exporter","range":{"from_ms":1699999900000,"to_ms":1700000060000}})", "O", "O", "-", "-", "-"}},
    {"console.run", {R"({"command":"flows"})", "", "-", "-", "-", ""}},
    {"fields.list", {"{}", "", "", "", "", "-"}},
    {"rpc.discover", {"{}", "O", "O", "O", "O", "-"}},  // of its examples
};

const char* expected_of(const Row& row, std::size_t role) {
  const char* const columns[] = {row.admin, row.user, row.admin_of_one, row.user_of_one, row.console};
  return columns[role];
}

struct Api {
  Api() {
    backend.about_warnings = {"store: disk full"};
    backend.raise_alerts();
    backend.engine.silence("by exporter", "192.0.2.1", FakeBackend::kNow + 3'600'000, "anna", "");
  }
  // The answer's text; "-" when it is an error.
  std::string ask(const RoleOfTest& role, std::string_view method, const std::string& params) {
    auto claims = role.claims;
    claims.expires_ms = FakeBackend::kNow + 60'000;
    const auto session = std::make_shared<RpcSession>(services, [](std::string) {});
    REQUIRE(session->log_in(make_token(claims, role.console_key ? console_key(services.secret) : services.secret))
                .has_value());
    if (method == "flows.unsubscribe") (void)session->subscribe({}, 1000, 1000);
    std::string answer;
    dispatch_rpc(services, session,
                 R"({"jsonrpc":"2.0","id":7,"method":")" + std::string(method) + R"(","params":)" + params + "}",
                 [&](std::string text) { answer = std::move(text); });
    testing::run_everything(services);
    REQUIRE_FALSE(answer.empty());
    const auto value = json::parse(answer).as_object();
    return value.contains("error") ? "-" : json::serialize(value.at("result"));
  }

  FakeBackend backend;
  ManualClock clock{FakeBackend::kNow};
  ApiServices services{
      .settings = {.query_threads = 0}, .backend = backend, .clock = clock, .secret = std::string(64, 's')};
};

std::string told(const std::string& answer) {
  if (answer == "-") return answer;
  std::string letters;
  for (const auto& mark : marks()) {
    for (const auto& text : mark.texts) {
      if (answer.find(text) == std::string::npos) continue;
      letters += mark.letter;
      break;
    }
  }
  return letters;
}

}  // namespace

TEST_CASE("a viewer sees what a user of the same exporters sees, and neither acknowledges nor silences") {
  Api api;
  const auto role_of = [](Role role, const char* exporter) {
    return RoleOfTest{.name = "of the test",
                      .claims = {.user = "eve", .role = role, .exporters = std::vector<std::string>{exporter}}};
  };
  const auto firing = api.backend.engine.alerts(true, 10);
  REQUIRE_FALSE(firing.empty());
  const auto found =
      std::find_if(firing.begin(), firing.end(), [](const Incident& i) { return i.exporter == "192.0.2.1"; });
  REQUIRE(found != firing.end());
  const auto silence = std::to_string(api.backend.engine.silences().at(0).id);
  const std::vector<std::pair<const char*, std::string>> changes{
      {"alerts.acknowledge", R"({"id":")" + found->id + "\"}"},
      {"alerts.silence", R"({"rule":"by exporter","key":"192.0.2.1","until_ms":1700000100000})"},
      {"alerts.unsilence", R"({"id":)" + silence + "}"}};
  for (const auto& [method, params] : changes) {
    CAPTURE(method);
    CHECK(api.ask(role_of(Role::kViewer, "192.0.2.1"), method, params) == "-");
    CHECK(api.ask(role_of(Role::kUser, "192.0.2.1"), method, params) != "-");
  }
  for (const auto* method : {"exporters.list", "alerts.list", "alerts.silences", "rules.list", "status.get"}) {
    CAPTURE(method);
    CHECK(api.ask(role_of(Role::kViewer, "192.0.2.2"), method, "{}") ==
          api.ask(role_of(Role::kUser, "192.0.2.2"), method, "{}"));
  }
}

TEST_CASE("every method has its row in the table of rights") {
  for (const auto& method : kRpcMethods) {
    CAPTURE(method.name);
    CHECK(kMethods.contains(method.name));
  }
  CHECK(kMethods.size() == kRpcMethodCount);
}

TEST_CASE("each role may do, and is told, what the table says") {
  for (const auto& [method, row] : kMethods) {
    for (std::size_t role = 0; role < std::size(kRoles); ++role) {
      Api api;
      const auto answer = api.ask(kRoles[role], method, row.params);
      CAPTURE(method, kRoles[role].name, answer.substr(0, 2000));
      CHECK(told(answer) == expected_of(row, role));
    }
  }
}
