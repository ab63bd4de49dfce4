// JSON-RPC over real WebSockets: login first, answers in any order, progress, cancelling, subscriptions, bounds.
#include <boost/json.hpp>
#include <set>

#include "running_api.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;
namespace json = boost::json;

namespace {

json::object next(WebSocketClient& client) {
  const auto text = client.receive();
  REQUIRE_FALSE(text.empty());
  return json::parse(text).as_object();
}

void log_in(const RunningApi& api, WebSocketClient& client, TokenClaims claims = {}) {
  client.send(api.login(std::move(claims)));
  REQUIRE(next(client).contains("result"));
}

std::string request(const std::string& id, const std::string& method, const std::string& params = "{}") {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" + params + "}";
}

}  // namespace

TEST_CASE("after the login a WebSocket answers, under any prefix") {
  const RunningApi api;
  for (const auto* path : {"/ws", "/weir/ws"}) {
    WebSocketClient client(api.port, path);
    client.send(api.login({.user = "anna", .role = Role::kUser, .exporters = {{"192.0.2.2"}}}));
    const auto login = next(client).at("result").as_object();
    CHECK(login.at("user") == "anna");
    CHECK(login.at("role") == "user");
    CHECK(login.at("exporters") == json::array{"192.0.2.2"});
    CHECK(login.at("version") == "1.2.3");
    client.send(request("1", "flows.totals"));
    CHECK(next(client).at("result").at("totals").at("octets") == 100);
  }
}

TEST_CASE("anything but a good login first is answered and closed") {
  const RunningApi api;
  for (const auto& first : {request("1", "status.get"), request("1", "auth.login", R"({"token":"wrong"})"),
                            std::string("{"), std::string("[]")}) {
    CAPTURE(first);
    WebSocketClient client(api.port);
    client.send(first);
    const auto code = next(client).at("error").at("code").to_number<int>();
    CHECK(code == (first == "{" ? -32700 : first == "[]" ? -32600 : -32001));
    CHECK(client.receive().empty());
    CHECK(client.close_code() == 1008);
  }
}

TEST_CASE("a socket without a login is closed in time") {
  RunningApi api;
  WebSocketClient client(api.port);
  api.clock.advance(10'000);
  CHECK(client.receive().empty());
  CHECK(client.close_reason() == "no auth.login");
}

TEST_CASE("a token's end shuts the socket up, then closes it, unless a new one comes") {
  RunningApi api;
  WebSocketClient renewed(api.port), ended(api.port);
  log_in(api, renewed);
  log_in(api, ended);
  api.clock.advance(60'000);
  for (auto* client : {&renewed, &ended}) {
    client->send(request("1", "status.get"));
    CHECK(next(*client).at("error").at("code") == -32001);
  }
  log_in(api, renewed);
  api.clock.advance(10'000);
  CHECK(ended.receive().empty());
  CHECK(ended.close_reason() == "the token has expired");
  renewed.send(request("2", "status.get"));
  CHECK(next(renewed).contains("result"));
}

TEST_CASE("a quick call overtakes a slow query, which can be cancelled") {
  RunningApi api;
  WebSocketClient client(api.port);
  log_in(api, client);
  api.backend.gated.shut();
  client.send(request("\"slow\"", "flows.top"));
  api.backend.gated.wait_for_queries(1);
  client.send(request("2", "status.get"));
  CHECK(next(client).at("id") == 2);
  client.send(request("3", "query.cancel", R"({"id":"slow"})"));
  CHECK(next(client).at("id") == 3);
  api.backend.gated.open();
  const auto slow = next(client);
  CHECK(slow.at("id") == "slow");
  CHECK(slow.at("error").at("code") == -32003);
}

TEST_CASE("a query that takes more than 250 ms tells its progress") {
  RunningApi api;
  WebSocketClient client(api.port);
  log_in(api, client);
  api.backend.gated.shut();
  client.send(request("5", "flows.top"));
  api.backend.gated.wait_for_queries(1);
  api.clock.advance(251);
  api.backend.gated.open();
  const auto progress = next(client);
  CHECK(progress.at("method") == "query.progress");
  CHECK(progress.at("params").at("id") == 5);
  CHECK(progress.at("params").at("total").to_number<int>() >= 3);
  CHECK(next(client).at("id") == 5);
}

TEST_CASE("queries beyond the line are refused") {
  RunningApi api({.query_threads = 1, .query_queue = 1});
  WebSocketClient client(api.port);
  log_in(api, client);
  api.backend.gated.shut();
  client.send(request("1", "flows.totals"));
  api.backend.gated.wait_for_queries(1);
  client.send(request("2", "flows.totals"));
  client.send(request("3", "flows.totals"));
  const auto refused = next(client);
  CHECK(refused.at("id") == 3);
  CHECK(refused.at("error").at("code") == -32004);
  api.backend.gated.open();
  // In any order: neither waits for the other.
  std::set<std::int64_t> answered;
  for (int i = 0; i < 2; ++i) answered.insert(next(client).at("id").as_int64());
  CHECK(answered == std::set<std::int64_t>{1, 2});
}

TEST_CASE("a subscription sends its window again and again until it is ended") {
  RunningApi api;
  WebSocketClient client(api.port);
  log_in(api, client);
  client.send(
      request("1", "flows.subscribe", R"({"query":{"by":["server_port"]},"window_ms":60000,"interval_ms":250})"));
  const auto id = next(client).at("result").at("subscription");
  for (int i = 0; i < 2; ++i) {
    const auto update = next(client);
    CHECK(update.at("method") == "flows.update");
    CHECK(update.at("params").at("subscription") == id);
    CHECK(update.at("params").at("result").at("range").at("to_ms") == api.clock.now_ms());
  }
  client.send(request("2", "flows.unsubscribe", R"({"subscription":)" + json::serialize(id) + "}"));
  while (next(client).contains("method")) {}
  CHECK(api.metric("weir_api_subscriptions") == "0");
}

TEST_CASE("a message beyond the bound closes the socket") {
  const RunningApi api({.max_request_bytes = 4000});
  WebSocketClient client(api.port);
  log_in(api, client);
  client.send(std::string(4001, ' '));
  CHECK(client.receive().empty());
  CHECK(client.close_code() == 1009);
  CHECK(api.metric("weir_api_requests_too_large_total") == "1");
}

TEST_CASE("a reader that does not read is dropped when too much waits for it") {
  const RunningApi api({.max_outgoing_bytes = 100'000});
  WebSocketClient client(api.port);
  log_in(api, client);
  // Some megabytes of answers: more than the sockets' buffers hold.
  try {
    for (int i = 0; i < 4000; ++i) client.send(request("1", "rpc.discover"));
  } catch (const std::exception&) {
    // The server closed while we wrote, as it should.
  }
  while (api.metric("weir_api_slow_readers_total") != "1") {}
  while (!client.receive().empty()) {}
}

TEST_CASE("a page of another origin, or another host's name, gets no WebSocket") {
  const RunningApi api({.allowed_origins = {"https://monitor.example"}});
  CHECK_THROWS(WebSocketClient(api.port, "/ws", {{"Origin", "https://evil.example"}}));
  CHECK_THROWS(WebSocketClient(api.port, "/ws", {{"Host", "evil.example"}}));
  CHECK_THROWS(WebSocketClient(api.port, "/nows"));
  CHECK_NOTHROW(WebSocketClient(api.port, "/ws", {{"Origin", "http://127.0.0.1:" + std::to_string(api.port)}}));
  CHECK_NOTHROW(WebSocketClient(api.port, "/ws", {{"Origin", "https://monitor.example"}}));
}

TEST_CASE("stopping closes the sockets and their queries") {
  RunningApi api;
  WebSocketClient client(api.port);
  log_in(api, client);
  client.send(request("1", "flows.subscribe", R"({"query":{},"window_ms":1000,"interval_ms":250})"));
  CHECK(next(client).contains("result"));
  api.server.stop();
  while (!client.receive().empty()) {}
}
