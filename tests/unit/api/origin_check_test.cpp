// Host and Origin headers as browsers and proxies send them.
#include "api/origin_check.hpp"

#include "support/catch.hpp"

using namespace weir;

TEST_CASE("a listener on loopback goes by loopback names only") {
  for (const auto* host :
       {"", "127.0.0.1", "127.0.0.1:8710", "127.9.9.9:1", "localhost:8710", "LOCALHOST", "[::1]:8710"}) {
    CAPTURE(host);
    CHECK(is_allowed_host(host, {}));
  }
  for (const auto* host : {"evil.example", "evil.example:8710", "127.0.0.1.evil.example", "localhost.evil.example",
                           "10.0.0.1:8710", "[2001:db8::1]:8710", "0.0.0.0"}) {
    CAPTURE(host);
    CHECK_FALSE(is_allowed_host(host, {}));
  }
  CHECK(is_allowed_host("Monitor.example:443", {"https://monitor.example"}));
}

TEST_CASE("a page may call the host that it came from, and what is listed") {
  CHECK(is_allowed_origin("", "127.0.0.1:8710", {}));
  CHECK(is_allowed_origin("http://127.0.0.1:8710", "127.0.0.1:8710", {}));
  CHECK(is_allowed_origin("https://monitor.example", "monitor.example:443", {}));
  CHECK(is_allowed_origin("https://Monitor.example", "monitor.example", {}));
  CHECK_FALSE(is_allowed_origin("http://127.0.0.1:9999", "127.0.0.1:8710", {}));
  CHECK_FALSE(is_allowed_origin("https://evil.example", "monitor.example", {}));
  CHECK_FALSE(is_allowed_origin("null", "127.0.0.1:8710", {}));
  CHECK(is_allowed_origin("https://monitor.example", "127.0.0.1:8710", {"https://monitor.example"}));
  CHECK_FALSE(is_allowed_origin("http://monitor.example", "127.0.0.1:8710", {"https://monitor.example"}));
}

TEST_CASE("an allowed origin that no browser can send is refused at the start") {
  for (const auto* origin : {"https://monitor.example", "http://10.0.0.1:8080", "https://[2001:db8::1]:8443"})
    CHECK(is_origin(origin));
  for (const auto* text : {"", "monitor.example", "https://", "https://monitor.example/",
                           "https://monitor.example/zabbix", "https://a b", "ftp://a", "https://a; x"}) {
    CAPTURE(text);
    CHECK_FALSE(is_origin(text));
  }
}
