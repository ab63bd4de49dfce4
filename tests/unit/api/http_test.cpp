// HTTP over real sockets: tokens, files, metrics, CSV, bounds.
#include <boost/json.hpp>
#include <set>
#include <sstream>

#include "running_api.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;
namespace json = boost::json;

namespace {

const std::string kTotals = R"({"jsonrpc":"2.0","id":1,"method":"flows.totals"})";

int error_code(const HttpAnswer& answer) { return json::parse(answer.body).at("error").at("code").to_number<int>(); }

}  // namespace

TEST_CASE("POST /rpc answers whoever has a token, under any prefix") {
  const RunningApi api;
  for (const auto* target : {"/rpc", "/weir/rpc", "/zabbix/weir/rpc?x=1"}) {
    const auto answer = api.post(kTotals, api.bearer(), target);
    CHECK(answer.status == 200);
    CHECK(answer.headers.at("content-type") == "application/json");
    CHECK(json::parse(answer.body).at("result").at("totals").at("octets") == 10'500);
  }
  CHECK(api.post(R"({"jsonrpc":"2.0","method":"status.get"})", api.bearer()).status == 204);
  CHECK(api.get("/rpc").status == 405);
  CHECK(http_call(api.port, {.method = "PUT", .target = "/"}).status == 405);
}

TEST_CASE("POST /rpc refuses what has no good token, and says why") {
  RunningApi api;
  const auto none = api.post(kTotals, {});
  CHECK(none.status == 401);
  CHECK(none.headers.at("www-authenticate") == "Bearer");
  CHECK(error_code(none) == -32001);
  CHECK(json::parse(none.body).at("id") == 1);
  CHECK(api.post(kTotals, {{"Authorization", "Basic " + api.token()}}).status == 401);
  CHECK(api.post(kTotals, {{"Authorization", "bearer " + api.token()}}).status == 200);
  const auto wrong = api.post(
      kTotals,
      {{"Authorization", "Bearer " + make_token({.expires_ms = FakeBackend::kNow + 1000}, std::string(64, 'z'))}});
  CHECK(error_code(wrong) == -32001);
  CHECK(wrong.body.find("secret") != std::string::npos);

  const auto headers = api.bearer();
  CHECK(api.post(kTotals, headers).status == 200);
  api.clock.advance(60'000);
  CHECK(api.post(kTotals, headers).body.find("expired") != std::string::npos);
  CHECK(api.metric("weir_api_logins_refused_total") == "2");
}

TEST_CASE("requests beyond the bounds are refused and counted") {
  const RunningApi api({.max_request_bytes = 2000});
  CHECK(api.post(std::string(2000, ' '), api.bearer()).status == 200);
  CHECK(api.post(std::string(2001, ' '), api.bearer()).status == 413);
  CHECK(api.get("/", {{"X-Long", std::string(40'000, 'x')}}).status == 431);
  CHECK(api.metric("weir_api_requests_too_large_total") == "2");
  CHECK(raw_call(api.port, "nonsense\r\n\r\n").find("HTTP/1.1 400") == 0);
  CHECK(raw_call(api.port, "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n").find("HTTP/1.1 400") ==
        0);
}

TEST_CASE("connections beyond the limit are closed at once and counted") {
  const RunningApi api({.max_connections = 2});
  const HttpCaller first(api.port, "GET"), second(api.port, "GET");
  CHECK(raw_call(api.port, "").empty());
}

TEST_CASE("every reply carries the security headers") {
  const RunningApi api({.allowed_origins = {"https://monitor.example"}});
  for (const auto* target : {"/", "/assets/app-1a2b.js", "/nothing", "/healthz", "/metrics", "/export.csv"}) {
    CAPTURE(target);
    const auto headers = api.get(target).headers;
    const auto policy = headers.at("content-security-policy");
    for (const auto* part : {"default-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:",
                             "connect-src 'self' ws: wss:", "frame-ancestors 'self' https://monitor.example"}) {
      CHECK(policy.find(part) != std::string::npos);
    }
    CHECK(headers.at("x-content-type-options") == "nosniff");
  }
}

TEST_CASE("the window's files have types, tags and their time in caches") {
  const RunningApi api;
  const auto page = api.get("/");
  CHECK(page.status == 200);
  CHECK(page.body == "<!doctype html><title>Weir</title>");
  CHECK(page.headers.at("content-type") == "text/html; charset=utf-8");
  CHECK(page.headers.at("cache-control") == "no-cache");
  CHECK(api.get("/index.html?x=1").body == page.body);
  const auto again = api.get("/", {{"If-None-Match", page.headers.at("etag")}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  const auto script = api.get("/assets/app-1a2b.js");
  CHECK(script.headers.at("content-type") == "text/javascript; charset=utf-8");
  CHECK(script.headers.at("cache-control") == "public, max-age=31536000, immutable");
  CHECK(api.get("/weir.svg").headers.at("content-type") == "image/svg+xml");
  const auto head = http_call(api.port, {.method = "HEAD", .target = "/"});
  CHECK(head.status == 200);
  CHECK(head.headers.at("content-length") == std::to_string(page.body.size()));
  CHECK(head.body.empty());
}

TEST_CASE("a file with a compressed form goes compressed to those that take it") {
  const RunningApi api;
  const auto large = "/assets/large-3c4d.js";
  for (const auto* takes : {"gzip", "br, gzip", "deflate,gzip;q=0.5", "gzip;q=1.0, *;q=0"}) {
    CAPTURE(takes);
    const auto reply = api.get(large, {{"Accept-Encoding", takes}});
    CHECK(reply.body == "small");
    CHECK(reply.headers.at("content-encoding") == "gzip");
    CHECK(reply.headers.at("content-type") == "text/javascript; charset=utf-8");
    CHECK(reply.headers.at("vary") == "Accept-Encoding");
  }
  for (const auto* takes : {"", "identity", "br", "gzip;q=0", "gzip; q=0.000", "x-gzip", "*"}) {
    CAPTURE(takes);
    const auto reply = api.get(large, {{"Accept-Encoding", takes}});
    CHECK(reply.body == "let weir = 'large';");
    CHECK_FALSE(reply.headers.contains("content-encoding"));
    CHECK(reply.headers.at("vary") == "Accept-Encoding");
    CHECK(api.get(large, {{"Accept-Encoding", "gzip"}, {"If-None-Match", reply.headers.at("etag")}}).status == 304);
  }
  CHECK_FALSE(api.get("/assets/app-1a2b.js", {{"Accept-Encoding", "gzip"}}).headers.contains("vary"));
  CHECK(api.get("/assets/large-3c4d.js.gz").status == 404);
  CHECK(api.get("/alone.gz").body == "as it is");
}

TEST_CASE("no path leads out of the window's folder") {
  const RunningApi api;
  for (const auto* target : {"/../hidden.txt", "/..%2fhidden.txt", "/%2e%2e/hidden.txt", "/assets/../../hidden.txt",
                             "//hidden.txt", "/./../secret", "/link.txt", "/assets", "/assets/", "/..\\hidden.txt",
                             "/%00", "/index.html/../../secret", "/../secret"}) {
    CAPTURE(target);
    const auto answer =
        raw_call(api.port, std::string("GET ") + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    CHECK(answer.find("HTTP/1.1 404") == 0);
    CHECK(answer.find("hidden\n") == std::string::npos);
  }
}

TEST_CASE("on loopback the host has to be a loopback name") {
  const RunningApi api({.allowed_origins = {"https://monitor.example"}});
  CHECK(http_call(api.port, {.target = "/", .host = "evil.example"}).status == 403);
  CHECK(http_call(api.port, {.target = "/healthz", .host = "evil.example:8710"}).status == 403);
  CHECK(http_call(api.port, {.target = "/healthz", .host = "monitor.example"}).status == 200);
  CHECK(raw_call(api.port, "GET /healthz HTTP/1.0\r\n\r\n").find(" 200 ") != std::string::npos);
  CHECK(api.post(kTotals, {{"Authorization", "Bearer " + api.token()}, {"Origin", "https://evil.example"}}).status ==
        403);
  CHECK(api.metric("weir_api_hosts_refused_total") == "2");
  CHECK(api.metric("weir_api_origins_refused_total") == "1");
}

TEST_CASE("/healthz and, from this machine, /metrics need no token; a proxy's visitors do") {
  const RunningApi api;
  CHECK(api.get("/healthz").body == "ok\n");
  CHECK(api.get("/metrics").status == 200);
  CHECK(api.get("/metrics", {{"X-Forwarded-For", "203.0.113.5"}}).status == 401);
  auto headers = api.bearer();
  headers.emplace_back("X-Forwarded-For", "203.0.113.5");
  CHECK(api.get("/metrics", headers).status == 200);
  auto restricted = api.bearer({.role = Role::kUser, .exporters = {{"192.0.2.2"}}});
  restricted.emplace_back("X-Forwarded-For", "203.0.113.5");
  CHECK(api.get("/metrics", restricted).status == 403);
}

TEST_CASE("metrics: each family once, with its help and type before its samples") {
  const RunningApi api;
  CHECK(api.post(kTotals, api.bearer()).status == 200);
  const auto answer = api.get("/metrics");
  CHECK(answer.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  std::set<std::string> families;
  std::string family, type, line;
  std::istringstream lines(answer.body);
  while (std::getline(lines, line)) {
    CAPTURE(line);
    std::istringstream words(line);
    std::string first, second, name, value;
    words >> first >> second >> name;
    if (first == "#" && second == "HELP") {
      CHECK(families.insert(name).second);
      CHECK(name.substr(0, 5) == "weir_");
      family = name;
    } else if (first == "#") {
      CHECK(second == "TYPE");
      CHECK(name == family);
      words >> type;
      CHECK((type == "counter") == (name.size() > 6 && name.substr(name.size() - 6) == "_total"));
    } else {
      const auto sample = first.substr(0, first.find('{'));
      CHECK((sample == family || (type == "histogram" && (sample == family + "_bucket" || sample == family + "_sum" ||
                                                          sample == family + "_count"))));
    }
  }
  CHECK(api.metric("weir_exporter_records_total{exporter=\"192.0.2.1\"}") == "70");
  CHECK(api.metric("weir_api_requests_total{method=\"flows.totals\"}") == "1");
  CHECK(api.metric("weir_query_seconds_count") == "1");
  CHECK(api.metric("weir_queue_dropped_total{queue=\"decode\"}") == "2");
  CHECK(api.metric("weir_fake_total") == "5");
}

TEST_CASE("/export.csv is the query as RFC 4180") {
  const RunningApi api;
  const auto csv = api.get("/weir/export.csv?by=exporter,server_port&filter=server_port+443", api.bearer());
  CHECK(csv.status == 200);
  CHECK(csv.headers.at("content-disposition").find("flows.csv") != std::string::npos);
  CHECK(csv.body ==
        "exporter,server_port,octets,packets,flows,sessions,octets_in,octets_out,octets_client,octets_server\r\n"
        "192.0.2.1,443,10000,5,2,1,1000,9000,0,9000\r\n"
        "192.0.2.2,443,100,5,2,1,50,50,0,50\r\n");
  const auto restricted =
      api.get("/export.csv?by=exporter&token=" + api.token({.role = Role::kUser, .exporters = {{"192.0.2.2"}}}));
  CHECK(restricted.body == "exporter,octets,packets,flows,sessions\r\n192.0.2.2,100,5,2,1\r\n");
  CHECK(api.get("/export.csv?by=host").status == 401);
  CHECK(api.get("/export.csv?token=x").status == 401);
  const auto wrong = api.get("/export.csv?filter=port+(", api.bearer());
  CHECK(wrong.status == 400);
  CHECK(api.get("/export.csv?limit=0", api.bearer()).body ==
        "Invalid params: limit: has to be a whole number from 1 to 10000\n");
}

TEST_CASE("a client that goes away takes its query with it") {
  RunningApi api({.query_threads = 1});
  api.backend.gated.shut();
  {
    HttpCaller caller(api.port, "POST /rpc HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + api.token() +
                                    "\r\nContent-Length: " + std::to_string(kTotals.size()) + "\r\n\r\n" + kTotals);
    api.backend.gated.wait_for_queries(1);
    caller.hang_up();
  }
  // Seen by the server once the connection is no longer counted (this one asks, so one is left).
  while (api.metric("weir_api_connections") != "1") {}
  api.backend.gated.open();
  while (api.metric("weir_query_running") != "0" || api.metric("weir_query_cancelled_total") != "1") {}
}

TEST_CASE("stop cancels what runs, and is harmless twice") {
  RunningApi api;
  api.server.stop();
  api.server.stop();
  RunningApi never_asked;
}
