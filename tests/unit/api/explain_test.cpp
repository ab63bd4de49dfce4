// flows.explain: params, answers, what a token may see. The store of the fake backend has three sessions in a minute.
#include <boost/json.hpp>

#include "api/rpc.hpp"
#include "api/rpc_methods.hpp"
#include "support/catch.hpp"
#include "support/fake_backend.hpp"
#include "support/json_schema.hpp"
#include "support/run_everything.hpp"

using namespace weir;
using namespace weir::testing;
namespace json = boost::json;

namespace {

const std::string kMethod = std::string(WEIR_SOURCE_DIR) + "/schemas/methods/flows.explain";

struct Asker {
  json::object ask(const std::string& params, TokenClaims claims = {}) {
    claims.expires_ms = FakeBackend::kNow + 60'000;
    const auto session = std::make_shared<RpcSession>(services, [](std::string) {});
    REQUIRE(session->log_in(make_token(claims, services.secret)).has_value());
    std::string answer;
    dispatch_rpc(services, session, R"({"jsonrpc":"2.0","id":7,"method":"flows.explain","params":)" + params + "}",
                 [&](std::string text) { answer = std::move(text); });
    testing::run_everything(services);
    return json::parse(answer).as_object();
  }
  json::object result(const std::string& params, TokenClaims claims = {}) {
    CHECK(JsonSchema(kMethod + ".params.json").problem(json::parse(params)) == "");
    const auto answer = ask(params, std::move(claims));
    CAPTURE(json::serialize(answer));
    REQUIRE(answer.contains("result"));
    CHECK(JsonSchema(kMethod + ".result.json").problem(answer.at("result")) == "");
    return answer.at("result").as_object();
  }
  std::string failure(const std::string& params) {
    const auto answer = ask(params);
    CAPTURE(json::serialize(answer));
    REQUIRE(answer.contains("error"));
    CHECK(answer.at("error").at("code") == -32602);
    return std::string(std::string_view(answer.at("error").at("message").as_string()));
  }
  FakeBackend backend;
  ManualClock clock{FakeBackend::kNow};
  ApiServices services{
      .settings = {.query_threads = 0}, .backend = backend, .clock = clock, .secret = std::string(64, 's')};
};

const std::string kRange = R"("range":{"from_ms":1699999900000,"to_ms":1700000060000})";

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("explain: what is in the stretch, in sentences that filter; with nothing to compare with it says so") {
  Asker asker;
  const auto result = asker.result("{" + kRange + "}");
  CHECK(result.at("totals").at("sessions") == 3);
  CHECK(result.at("verdict") == "not_comparable");
  CHECK(result.at("comparisons").as_array().size() == 2);
  CHECK(result.at("comparisons").at(0).at("comparable") == "nothing_stored");
  CHECK(result.at("causes").as_array().empty());
  CHECK(result.at("largest").as_array().size() == 3);
  for (const auto& sentence : result.at("sentences").as_array()) {
    if (sentence.at("kind") != "largest") continue;
    const auto filter = std::string(std::string_view(sentence.at("filter").as_string()));
    CHECK(parse_filter(filter).has_value());
  }
}

TEST_CASE("explain: times in the sentences are those of the reader") {
  Asker asker;
  const auto first = [&](const std::string& more) {
    const auto result = asker.result("{" + kRange + more + "}");
    return std::string(std::string_view(result.at("sentences").at(0).at("text").as_string()));
  };
  CHECK(holds(first(""), "2023-11-14 22:11:40 to 22:14:20 UTC"));
  CHECK(holds(first(R"(,"utc_offset":"+05:45")"), "2023-11-15 03:56:40 to 03:59:20 (2 min 40 s)"));
}

TEST_CASE("explain: another stretch can be given, and has to be as long") {
  Asker asker;
  const auto result = asker.result(
      "{" + kRange + R"(,"against":[{"from_ms":1699999800000,"to_ms":1699999960000},"before"],"measure":"sessions"})");
  CHECK(result.at("comparisons").at(0).at("against") == "range");
  CHECK(result.at("comparisons").at(1).at("against") == "before");
  CHECK(holds(asker.failure("{" + kRange + R"(,"against":[{"from_ms":0,"to_ms":5}]})"), "as long as the range"));
}

TEST_CASE("explain: wrong params are told by name") {
  Asker asker;
  CHECK(holds(asker.failure("{}"), "range"));
  CHECK(holds(asker.failure(R"({"range":{"from_ms":5,"to_ms":5}})"), "to_ms"));
  CHECK(holds(asker.failure("{" + kRange + R"(,"against":["yesterday"]})"), "against"));
  CHECK(holds(asker.failure("{" + kRange + R"(,"against":[]})"), "against"));
  CHECK(holds(asker.failure("{" + kRange + R"(,"against":[{"from_ms":1}]})"), "to_ms"));
  CHECK(holds(asker.failure("{" + kRange + R"(,"utc_offset":"Europe"})"), "utc_offset"));
  CHECK(holds(asker.failure("{" + kRange + R"(,"measure":"bits"})"), "measure"));
  CHECK(holds(asker.failure("{" + kRange + R"(,"limit":5})"), "limit"));
  const auto mistake = asker.ask("{" + kRange + R"(,"filter":"port 80 and foo bar"})");
  CHECK(mistake.at("error").at("data").at("column") == 13);
}

TEST_CASE("explain: a token of one exporter compares that one's traffic alone") {
  Asker asker;
  const auto result = asker.result("{" + kRange + "}", {.exporters = {{"192.0.2.2"}}});
  const auto all = asker.result("{" + kRange + "}");
  CHECK(result.at("totals").at("octets").as_int64() < all.at("totals").at("octets").as_int64());
  CHECK_FALSE(holds(json::serialize(result), "192.0.2.1\""));
  CHECK_FALSE(holds(json::serialize(result), "edge-1"));
}
