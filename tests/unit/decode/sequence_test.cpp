// Loss by sequence: gaps, late datagrams, restarts, and exporters that share a domain.
#include "decode/sequence.hpp"
#include "decoding.hpp"

using namespace weir;
using namespace weir::test;

namespace {

struct Tracked {
  SequenceTracker tracker;
  std::int64_t lost = 0;
  // A message of `units` that says `sequence`.
  void at(std::uint32_t sequence, std::uint32_t units = 1, std::uint16_t port = 1, bool known = true,
          std::uint32_t options = 0) {
    lost += tracker.advance(port, {.sequence = sequence,
                                   .units = units,
                                   .options = options,
                                   .known = known,
                                   .absurd_jump = 1 << 20,
                                   .reorder = 64});
  }
};

}  // namespace

TEST_CASE("A sequence without gaps loses nothing, over its wrap too") {
  Tracked t;
  t.at(0xfffffffe);
  t.at(0xffffffff);
  t.at(0);
  t.at(1);
  CHECK(t.lost == 0);
}

TEST_CASE("A gap is loss; what comes late is given back once") {
  Tracked t;
  t.at(10);
  t.at(14);
  CHECK(t.lost == 3);
  t.at(12);
  CHECK(t.lost == 2);
  t.at(9);  // older than the gap: a copy
  CHECK(t.lost == 2);
  t.at(15);
  CHECK(t.lost == 2);
}

TEST_CASE("A copy of the last datagram is no loss") {
  Tracked t;
  t.at(10);
  t.at(10);
  t.at(11);
  CHECK(t.lost == 0);
}

TEST_CASE("A jump far back, or absurdly far ahead, is a restart") {
  Tracked t;
  t.at(5'000'000);
  t.at(0);
  t.at(1);
  CHECK(t.lost == 0);
  t.at(900'000'000);
  t.at(900'000'001);
  CHECK(t.lost == 0);
}

TEST_CASE("A restart shortly after a start is noticed after a few datagrams") {
  Tracked t;
  for (std::uint32_t i = 0; i < 30; ++i) t.at(i);
  for (std::uint32_t i = 0; i < 5; ++i) t.at(i);
  t.at(7);  // 5 and 6 are missing
  CHECK(t.lost == 2);
}

TEST_CASE("Exporters that count their own records lose nothing (softflowd-r-v10)") {
  Tracked t;
  t.at(19, 19);
  t.at(51, 32);
  t.at(77, 26);
  t.at(102, 25);
  CHECK(t.lost == 0);
  t.at(112, 7);  // three are missing
  CHECK(t.lost == 3);
}

TEST_CASE(
    "Exporters that count their own records, and no records of options, lose nothing (softflowd 1.0, live, options "
    "after every 16 datagrams)") {
  Tracked t;
  const auto with_options = [&](std::uint32_t sequence, std::uint32_t flows) { t.at(sequence, flows + 1, 1, true, 1); };
  with_options(2, 2);
  t.at(30, 28);
  t.at(58, 28);
  t.at(66, 8);
  with_options(86, 20);
  t.at(108, 22);
  t.at(110, 2);
  with_options(138, 28);
  t.at(140, 2);
  CHECK(t.lost == 0);
  t.at(165, 20);
  CHECK(t.lost == 5);
}

TEST_CASE(
    "Exporters that count records of options lose nothing either, and those that do not, though they count nothing of "
    "their own") {
  const std::uint32_t counted = GENERATE(0u, 1u);
  Tracked t;
  std::uint32_t sequence = 100;
  for (std::uint32_t i = 0; i < 40; ++i) {
    const std::uint32_t options = i % 8 == 3 ? 1 : 0, flows = 5 + i * 7 % 20;
    t.at(sequence, flows + options, 1, true, options);
    sequence += flows + options * counted;
  }
  CHECK(t.lost == 0);
  t.at(sequence + 9, 4);
  CHECK(t.lost == 9);
}

TEST_CASE("A message whose records could not be counted makes no loss") {
  Tracked t;
  t.at(10, 3, 1, false);
  t.at(40, 3);
  t.at(43, 3);
  CHECK(t.lost == 0);
}

TEST_CASE("Two exporters in one domain are told apart by port") {
  Tracked t;
  for (std::uint32_t i = 0; i < 20; ++i) {
    t.at(1000 + i, 1, 1);
    t.at(500'000 + i, 1, 2);
  }
  CHECK(t.lost == 0);
  t.at(1025, 1, 1);
  CHECK(t.lost == 5);
}

TEST_CASE("An exporter that changes its port goes on in its sequence") {
  Tracked t;
  t.at(1, 1, 1000);
  t.at(2, 1, 1001);
  t.at(5, 1, 1002);
  for (std::uint32_t i = 6; i < 9; ++i) t.at(i, 1, 1002);
  CHECK(t.lost == 0);  // it may as well be another device
  t.at(12, 1, 1002);
  CHECK(t.lost == 3);
}

TEST_CASE("A new port whose number is near another's is a device of its own as soon as the other goes on") {
  Tracked t;
  const std::uint32_t lead = GENERATE(0u, 1u, 7u, 40u);
  for (std::uint32_t i = 100; i < 110; ++i) t.at(i, 1, 1);
  for (std::uint32_t i = 110; i < 130; ++i) {
    t.at(i + lead, 1, 2);
    t.at(i, 1, 1);
  }
  CHECK(t.lost == 0);
  t.at(135, 1, 1);
  CHECK(t.lost == 5);
}

TEST_CASE("A device that sends from several ports by turns has one sequence") {
  Tracked t;
  for (std::uint32_t i = 0; i < 60; ++i) t.at(i, 1, static_cast<std::uint16_t>(1 + i % 3));
  CHECK(t.lost == 0);
  t.at(64, 1, 2);
  CHECK(t.lost == 4);
}

TEST_CASE("Any number of devices behind one address lose nothing when nothing is lost") {
  const std::uint32_t devices = GENERATE(9u, 40u, 300u, 1500u), apart = GENERATE(0u, 1u, 3u, 1000u);
  Tracked t;
  for (std::uint32_t step = 0; step < 20; ++step) {
    for (std::uint32_t d = 0; d < devices; ++d) {
      if (step >= d % 11) t.at(step - d % 11 + apart * d, 1, static_cast<std::uint16_t>(d));
    }
  }
  CHECK(t.lost == 0);
}

TEST_CASE("A start anew is no loss wherever it falls in the numbers' range") {
  const std::uint32_t before = GENERATE(3u, 90u, 5000u, 9'999'990u, 0x80000000u), after = GENERATE(0u, 1u);
  const bool has_uptime = GENERATE(true, false);
  Tracked t;
  const auto at = [&](std::uint32_t sequence, std::int64_t boot_ms, bool restarted) {
    t.lost += t.tracker.advance(1, {.sequence = sequence,
                                    .units = 1,
                                    .absurd_jump = 1 << 24,
                                    .reorder = 64,
                                    .boot_ms = boot_ms,
                                    .restarted = restarted});
  };
  for (std::uint32_t i = 0; i < 5; ++i) at(0u - before - 5 + i, has_uptime ? 1000 : 0, false);
  for (std::uint32_t i = 0; i < 5; ++i) at(after + i, has_uptime ? 500'000 : 0, has_uptime && i == 0);
  CHECK(t.lost == 0);
}

TEST_CASE("Ports without end leave no trace but the newest") {
  Tracked t;
  for (std::uint32_t i = 0; i < 10'000; ++i) t.at(i * 1'000'000, 1, static_cast<std::uint16_t>(i));
  CHECK(t.lost == 0);
}

TEST_CASE("What comes late is taken off the exporter's loss, but not off the most that it has been") {
  Decoding d;
  for (const std::uint32_t sequence : {1, 5, 3}) d.send(v9(Wire().set(0, small_template(256)), sequence));
  CHECK(d.exporter().lost == 2);
  CHECK(d.exporter().lost_most == 3);
}

TEST_CASE("v9 counts datagrams, IPFIX data records") {
  Decoding d;
  const Wire two = small_record(1).add(small_record(2));
  SECTION("v9") {
    d.send(v9(Wire().set(0, small_template(256)).set(256, two), 7));
    d.send(v9(Wire().set(256, two), 8));
    CHECK(d.exporter().lost == 0);
    d.send(v9(Wire().set(256, two), 10));
    CHECK(d.exporter().lost == 1);
  }
  SECTION("IPFIX") {
    d.send(ipfix(Wire().set(2, small_template(256)).set(256, two), 100));
    d.send(ipfix(Wire().set(256, two), 102));
    CHECK(d.exporter().lost == 0);
    d.send(ipfix(Wire().set(256, two), 107));
    CHECK(d.exporter().lost == 3);
  }
  SECTION("IPFIX with a set that waits: its records cannot be counted") {
    d.send(ipfix(Wire().set(256, two), 100));
    d.send(ipfix(Wire().set(2, small_template(256)).set(256, two), 102));
    d.send(ipfix(Wire().set(256, two), 104));
    CHECK(d.records() == 6);
    CHECK(d.exporter().lost == 0);
  }
  SECTION("domains apart") {
    d.send(v9(Wire().set(0, small_template(256)), 7, 1));
    d.send(v9(Wire().set(0, small_template(256)), 900, 2));
    d.send(v9(Wire().set(256, two), 8, 1));
    d.send(v9(Wire().set(0, small_template(256)), 901, 2));
    CHECK(d.exporter().lost == 0);
  }
}
