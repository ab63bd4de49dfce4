// Dispatch, refusals, log lines and restored templates.
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

std::string only_line(Decoding& d) {
  d.decoder.tick(d.now_ms);
  const auto lines = d.decoder.take_log_lines();
  REQUIRE(lines.size() == 1);
  return lines[0];
}

}  // namespace

TEST_CASE("What is not decoded is counted and named, and makes no exporter") {
  Decoding d;
  SECTION("an sFlow of a version that there is not") {
    d.send(Wire().u32(3).zeros(100));
    CHECK(only_line(d).find("none of NetFlow v1") != std::string::npos);
  }
  SECTION("NetFlow 8") {
    d.send(Wire().u16(8).zeros(100));
    CHECK(only_line(d).find("NetFlow v8") != std::string::npos);
  }
  SECTION("something else") {
    d.send(Wire().u16(0x1234).zeros(30));
    CHECK(only_line(d).find("version 4660") != std::string::npos);
  }
  SECTION("a few octets") {
    d.send(Wire().u8(9));
    only_line(d);
  }
  SECTION("nothing") {
    d.send(Wire());
    only_line(d);
  }
  CHECK(d.counters().unsupported == 1);
  CHECK(d.counters().datagrams == 1);
  CHECK(d.exporters.all().empty());
}

TEST_CASE("Exporters past the table's bound are refused and counted") {
  Decoding d({}, 1);
  const auto message = v9(Wire().set(0, small_template(256)).set(256, small_record(10)));
  d.send(message);
  d.from = "192.0.2.2";
  d.send(message);
  CHECK(d.records() == 1);
  CHECK(d.counters().senders_refused == 1);
}

TEST_CASE("At most one log line a second comes out, with the count of the others") {
  Decoding d;
  for (int i = 0; i < 5; ++i) d.send(Wire().u16(8).zeros(40));
  d.send(Wire().u16(9).zeros(4));
  d.decoder.tick(kNowMs);
  const auto first = d.decoder.take_log_lines();
  REQUIRE(first.size() == 1);
  d.decoder.tick(kNowMs + 500);
  CHECK(d.decoder.take_log_lines().empty());
  d.decoder.tick(kNowMs + 1000);
  const auto second = d.decoder.take_log_lines();
  REQUIRE(second.size() == 1);
  CHECK((first[0] + second[0]).find("(and 4 more like it)") != std::string::npos);
  d.decoder.tick(kNowMs + 2000);
  CHECK(d.decoder.take_log_lines().empty());
  // The clock was set back.
  d.send(Wire().u16(8).zeros(40));
  d.decoder.tick(kNowMs - 3'600'000);
  CHECK(d.decoder.take_log_lines().size() == 1);
}

TEST_CASE("Templates told to the callback bring a later decoder up to date") {
  std::vector<StoredTemplate> stored;
  {
    Decoding d;
    d.decoder.on_template([&](const StoredTemplate& t) { stored.push_back(t); });
    d.send(v9(Wire().set(0, small_template(300)).set(300, small_record(1)), 1, 5));
    d.send(v9(Wire().set(0, small_template(300)).set(300, small_record(1)), 2, 5));  // nothing new
  }
  REQUIRE(stored.size() == 1);
  CHECK(stored[0].exporter.text() == "192.0.2.1");
  CHECK(stored[0].source_port == 50000);
  CHECK(stored[0].booted_ms == kNowMs - kUptimeMs);
  CHECK(stored[0].domain == 5);
  CHECK(stored[0].version == 9);
  CHECK_FALSE(stored[0].options);
  CHECK(stored[0].record == small_template(300).bytes());

  Decoding d;
  d.decoder.restore_template(stored[0]);
  CHECK(d.counters().templates == 0);  // of nobody that is known
  d.exporters.restore(1, stored[0].exporter);
  d.decoder.restore_template(stored[0]);
  CHECK(d.counters().templates == 1);
  d.send(v9(Wire().set(300, small_record(77)), 3, 5));
  CHECK(d.record().octets == 77);
}

TEST_CASE("A stored template that cannot be read is left out") {
  Decoding d;
  d.decoder.restore_template(
      {.exporter = parse_ip_address("192.0.2.1").value(), .domain = 0, .version = 9, .record = {1, 44, 0, 9}});
  CHECK(d.counters().templates == 0);
}

TEST_CASE("First and last arrival of an exporter are kept") {
  Decoding d;
  const auto message = v9(Wire().set(0, small_template(256)));
  d.send(message);
  d.now_ms += 5000;
  d.send(message);
  CHECK(d.exporter().first_seen_ms == kNowMs);
  CHECK(d.exporter().last_seen_ms == kNowMs + 5000);
  CHECK(d.exporter().datagrams == 2);
}
