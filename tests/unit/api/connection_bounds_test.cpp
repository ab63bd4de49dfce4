// Clients that connect and do not log in, over real sockets: they have few places, for a short time, and cost others
// nothing.
#include <boost/json.hpp>
#include <vector>

#include "raw_client.hpp"
#include "running_api.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;
namespace json = boost::json;

namespace {

std::string request(const RunningApi& api, const std::string& method = "status.get") {
  const std::string body = R"({"jsonrpc":"2.0","id":1,"method":")" + method + "\"}";
  return "POST /rpc HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + api.token() +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string upgrade(const std::string& more = "") {
  return "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
         "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         more + "\r\n";
}

// A connection that has been answered and stays.
RawClient logged_in(const RunningApi& api) {
  RawClient client(api.port);
  client.send(request(api));
  client.receive_until("\"result\"");
  client.receive_until("}}");
  return client;
}

// The server has taken everything that was sent before: it answers in order.
void settle(const RunningApi& api) { (void)api.get("/healthz"); }

}  // namespace

TEST_CASE("silent connections beyond their places make room, the oldest first, and who has logged in stays") {
  const RunningApi api({.max_unauthenticated = 8});
  auto user = logged_in(api);
  std::vector<RawClient> silent;
  for (int i = 0; i < 40; ++i) {
    silent.emplace_back(api.port);
    if (i % 4 == 1) silent.back().send("GET / HT");
    if (i % 4 == 2) silent.back().send(upgrade());
    if (i % 4 == 3) silent.back().send("POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{");
  }
  CHECK(api.post(R"({"jsonrpc":"2.0","id":1,"method":"status.get"})", api.bearer()).status == 200);
  for (int i = 0; i < 32; ++i) CHECK(silent[static_cast<std::size_t>(i)].is_closed_in_time());
  user.send(request(api));
  CHECK(user.receive_until("\"result\"").ends_with("\"result\""));
  CHECK(std::stoi(api.metric("weir_api_connections_displaced_total")) >= 32);
  CHECK(std::stoi(api.metric("weir_api_connections_unauthenticated")) <= 8);
  const auto refusals = api.server.refusals();
  CHECK(refusals[1].last == "127.0.0.1");
}

TEST_CASE("clients of a web server on this machine are counted by the address that it names") {
  const RunningApi api({.max_unauthenticated = 100, .max_unauthenticated_per_address = 2});
  RawClient other(api.port);
  other.send(upgrade("X-Forwarded-For: 198.51.100.2\r\n"));
  other.receive_until("\r\n\r\n");
  std::vector<RawClient> crowd;
  for (int i = 0; i < 5; ++i) {
    crowd.emplace_back(api.port);
    crowd.back().send(upgrade("X-Forwarded-For: 203.0.113.9, 2001:db8::" + std::to_string(i) + "\r\n"));
    crowd.back().receive_until("\r\n\r\n");
  }
  for (std::size_t i = 0; i < 3; ++i) CHECK(crowd[i].is_closed_in_time());
  CHECK_FALSE(crowd[3].is_closed());
  CHECK_FALSE(crowd[4].is_closed());
  CHECK_FALSE(other.is_closed());
  CHECK(api.server.refusals()[1].last == "2001:db8::/64");
}

TEST_CASE("who is slow with the request is closed, whatever it has sent") {
  const RunningApi api({.login_timeout_ms = 200});
  for (const auto* begun :
       {"", "GET / HTTP/1.1\r\nHost: loc", "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"}) {
    CAPTURE(begun);
    RawClient client(api.port);
    client.send(begun);
    CHECK(client.is_closed_in_time());
  }
  // A page was read; no token came.
  RawClient reader(api.port);
  reader.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(reader.receive_until("ok\n").starts_with("HTTP/1.1 200"));
  CHECK(reader.is_closed_in_time());
}

TEST_CASE("the login of a WebSocket is waited for from its connection on") {
  RunningApi api;
  RawClient client(api.port);
  settle(api);
  api.clock.advance(9'000);
  client.send(upgrade());
  CHECK(client.receive_until("\r\n\r\n").starts_with("HTTP/1.1 101"));
  api.clock.advance(1'000);
  CHECK(client.is_closed_in_time());
}

TEST_CASE("when all places of users are taken a further login is told, and an idle connection goes first") {
  const RunningApi api({.max_connections = 2});
  auto idle = logged_in(api);
  WebSocketClient first(api.port), second(api.port), third(api.port);
  for (auto* client : {&first, &second}) {
    client->send(api.login());
    CHECK(json::parse(client->receive()).as_object().contains("result"));
  }
  CHECK(idle.is_closed_in_time());
  third.send(api.login());
  CHECK(json::parse(third.receive()).at("error").at("code") == -32004);
  const auto refused = api.post(R"({"jsonrpc":"2.0","id":1,"method":"status.get"})", api.bearer());
  CHECK(refused.status == 503);
  CHECK(refused.body.find("api.max_connections") != std::string::npos);
  CHECK(api.metric("weir_api_connections_refused_total") == "2");
  first.send(R"({"jsonrpc":"2.0","id":1,"method":"status.get"})");
  CHECK(json::parse(first.receive()).as_object().contains("result"));
}

TEST_CASE("without a good token a request is short") {
  const RunningApi api;
  const std::string large(40'000, ' ');
  CHECK(api.post(large + "{}", {}).status == 401);
  CHECK(api.post(large + "{}", {{"Authorization", "Bearer wrong"}}).status == 401);
  CHECK(api.post(large + R"({"jsonrpc":"2.0","id":1,"method":"status.get"})", api.bearer()).status == 200);
  WebSocketClient client(api.port);
  try {
    client.send(large);
  } catch (const std::exception&) {
    // The server closed while we wrote, as it may.
  }
  CHECK(client.receive().empty());
  CHECK(api.metric("weir_api_requests_too_large_total") == "3");
}

TEST_CASE("a refused token costs the connection") {
  const RunningApi api;
  RawClient guesser(api.port);
  guesser.send("POST /rpc HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer guess\r\nContent-Length: 2\r\n\r\n{}");
  CHECK(guesser.receive_until("\r\n\r\n").starts_with("HTTP/1.1 401"));
  CHECK(guesser.is_closed_in_time());
  CHECK(api.server.refusals()[0].count == 1);
  CHECK(api.server.refusals()[0].last == "127.0.0.1: the token is not signed with this collector's secret (HS256)");
}

TEST_CASE("a request that names its host, origin or token twice is refused") {
  const RunningApi api;
  for (const auto* twice :
       {"Host: localhost\r\nHost: localhost\r\n", "Host: localhost\r\nOrigin: http://a\r\nOrigin: http://a\r\n",
        "Host: localhost\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n"}) {
    RawClient client(api.port);
    client.send(std::string("GET /healthz HTTP/1.1\r\n") + twice + "\r\n");
    CHECK(client.receive_until("\r\n\r\n").starts_with("HTTP/1.1 400"));
  }
  CHECK(api.metric("weir_api_requests_ambiguous_total") == "3");
}

TEST_CASE("a client that goes while its query runs ends it, also with a next request sent") {
  RunningApi api({.query_threads = 1});
  api.backend.gated.shut();
  {
    RawClient client(api.port);
    client.send(request(api, "flows.top") + "GET / HTTP/1.1\r\n");
    api.backend.gated.wait_for_queries(1);
  }
  while (api.metric("weir_api_connections") != "1") {}
  api.backend.gated.open();
  while (api.metric("weir_query_cancelled_total") != "1") {}
}

TEST_CASE("the server stops at once, whatever its clients do") {
  RunningApi api;
  std::vector<RawClient> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back(api.port);
    if (i % 4 == 1) clients.back().send("GET / HT");
    if (i % 4 == 2) clients.back().send(upgrade());
    if (i % 4 == 3) clients.back().send(request(api));
  }
  settle(api);
  api.server.stop();
  for (auto& client : clients) CHECK(client.is_closed_in_time());
}
