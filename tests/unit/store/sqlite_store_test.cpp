// Sessions in, the same sessions out: before and after sealing, over restarts, from outside, over midnight.
#include "store/sqlite/sqlite_store.hpp"

#include <chrono>
#include <filesystem>
#include <thread>

#include "support/catch.hpp"
#include "unit/store/stored_rows.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

void check_same(const std::vector<Session>& wanted, const std::vector<Session>& got) {
  REQUIRE(wanted.size() == got.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    CAPTURE(i);
    REQUIRE(differing_columns(wanted[i], got[i]) == "");
  }
}

}  // namespace

TEST_CASE("random sessions come back unsealed, from outside, and sealed") {
  TemporaryFolder folder;
  Random random(11);
  std::vector<Session> rows;
  for (std::uint64_t id = 1; id <= 2500; ++id) rows.push_back(marked(random_session(random, id, kNoon)));
  {
    StoreUnderTest t(folder.path());
    t.store.on_sessions({.sessions = rows, .final_below = 1});  // none is final
    t.store.flush();
    CHECK(t.store.status().segments == 0);
    CHECK(t.store.status().unsealed == 2500);
    check_same(rows, rows_of(t.store.snapshot(std::nullopt)));
    check_same(rows, rows_of(open_read_only(folder.path())->snapshot(std::nullopt)));

    t.store.on_sessions({.sessions = {}, .final_below = 2300});  // two full segments and 299 more
    t.store.flush();
    CHECK(t.store.status().segments == 2);
    CHECK(t.store.status().unsealed == 500);
    CHECK(t.store.status().sessions == 2500);
    check_same(rows, rows_of(t.store.snapshot(std::nullopt)));
    check_same(rows, rows_of(open_read_only(folder.path())->snapshot(std::nullopt)));
  }
  check_same(rows, rows_of(open_read_only(folder.path())->snapshot(std::nullopt)));
  StoreUnderTest again(folder.path());
  CHECK(again.store.status().unsealed == 0);
  check_same(rows, rows_of(again.store.snapshot(std::nullopt)));
}

TEST_CASE("a later row of an id replaces the earlier one, also after it was committed") {
  TemporaryFolder folder;
  StoreUnderTest t(folder.path());
  t.store.on_sessions({.sessions = plain_sessions(1, 10), .final_below = 1});
  t.store.flush();
  t.store.on_sessions({.sessions = {plain_session(4, kNoon, 777), plain_session(5, kNoon, 778)}, .final_below = 5});
  t.store.flush();
  for (const auto& snapshot : {t.store.snapshot(std::nullopt), open_read_only(folder.path())->snapshot(std::nullopt)}) {
    const auto rows = rows_of(snapshot);
    REQUIRE(rows.size() == 10);
    CHECK(rows[3].halves[kToServer].octets == 777);
    CHECK(rows[4].halves[kToServer].octets == 778);
    CHECK(rows[5].halves[kToServer].octets == 100);
  }
}

TEST_CASE("a snapshot stays as it was while rows change under it") {
  TemporaryFolder folder;
  StoreUnderTest t(folder.path());
  t.store.on_sessions({.sessions = plain_sessions(1, 10), .final_below = 1});
  t.store.flush();
  const auto before = t.store.snapshot(std::nullopt);
  t.store.on_sessions({.sessions = {plain_session(4, kNoon, 777), plain_session(11)}, .final_below = 12});
  t.store.flush();
  CHECK(rows_of(before).size() == 10);
  CHECK(rows_of(before)[3].halves[kToServer].octets == 100);
  CHECK(rows_of(t.store.snapshot(std::nullopt)).size() == 11);
}

TEST_CASE("a segment that is not full is sealed by age") {
  TemporaryFolder folder;
  StoreUnderTest t(folder.path());
  t.store.on_sessions({.sessions = plain_sessions(1, 10), .final_below = 8});
  t.store.flush();
  CHECK(t.store.status().segments == 0);
  t.clock.advance(15 * 60 * 1000);
  t.store.flush();
  CHECK(t.store.status().segments == 1);
  CHECK(t.store.status().unsealed == 3);
  CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(1, 10));
}

TEST_CASE("a clock that is set back does not put off what is due") {
  TemporaryFolder folder;
  StoreUnderTest t(folder.path());
  t.store.on_sessions({.sessions = plain_sessions(1, 10), .final_below = 1});
  t.store.flush();
  t.clock.step(-3600 * 1000);
  t.clock.advance(1000);
  t.store.on_sessions({.sessions = plain_sessions(11, 10), .final_below = 1});
  const auto committed = [&] { return marks_of(open_read_only(folder.path())->snapshot(std::nullopt)).size(); };
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (committed() != 20 && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
  CHECK(committed() == 20);
}

TEST_CASE("the size of the store counts days that were closed to make room for others") {
  TemporaryFolder folder;
  StoreUnderTest t(folder.path());
  std::vector<Session> rows;
  for (std::uint64_t day = 0; day < 20; ++day)
    rows.push_back(plain_session(1 + day, kNoon - static_cast<std::int64_t>(day) * kDayMs));
  t.store.on_sessions({.sessions = rows, .final_below = 21});
  t.store.flush();
  std::uint64_t bytes = 0;
  for (const auto day : list_days(folder / "days"))
    bytes += Database(folder / ("days/" + day_name(day) + ".sqlite"), Database::Access::kReadOnly).kept_bytes();
  CHECK(t.store.status().days == 20);
  CHECK(t.store.status().bytes == bytes);
}

TEST_CASE("saving a template waits for no disk; commits carry the newest of each, so many of one exporter") {
  TemporaryFolder folder;
  ManualClock clock(kNoon);
  LiveCatalog catalog(folder / "catalog.sqlite", clock);
  TemplateLedger ledger(catalog);
  const auto save = [&](const char* exporter, std::uint32_t domain, std::uint8_t element) {
    ledger.save({.exporter = *parse_ip_address(exporter),
                 .source_port = 0,
                 .domain = domain,
                 .version = 9,
                 .options = false,
                 .record = {1, 4, 0, 1, 0, element, 0, 4}});
  };
  const auto save_all = [&] {
    while (ledger.counters().waiting != 0) ledger.save_waiting();
  };
  const auto kept = [&] { return catalog.with([](Catalog& c) { return c.templates(); }); };
  for (std::uint32_t domain = 0; domain < 9000; ++domain) save("192.0.2.1", domain, 8);
  for (std::uint8_t element = 1; element <= 100; ++element) save("192.0.2.1", 2, element);
  save("192.0.2.2", 7, 8);
  CHECK(kept().empty());
  save_all();
  CHECK(ledger.counters().saved == 8193);
  CHECK(ledger.counters().refused == 808);
  auto templates = kept();
  REQUIRE(templates.size() == 8193);
  CHECK(templates[2].domain == 2);
  CHECK(templates[2].record[5] == 100);
  CHECK(templates[8192].domain == 7);

  save("192.0.2.1", 3, 77);
  save_all();
  CHECK(kept()[3].record[5] == 77);
  ledger.forget(*parse_ip_address("192.0.2.1"));
  CHECK(kept().size() == 1);
  save("192.0.2.1", 1, 8);
  save_all();
  CHECK(kept().size() == 2);
}

TEST_CASE("templates that wait are bounded in bytes; what is refused is counted") {
  TemporaryFolder folder;
  ManualClock clock(kNoon);
  LiveCatalog catalog(folder / "catalog.sqlite", clock);
  TemplateLedger ledger(catalog);
  for (std::uint32_t domain = 0; domain < 10'000; ++domain) {
    ledger.save({.exporter = *parse_ip_address("192.0.2.1"),
                 .source_port = 0,
                 .domain = domain,
                 .version = 9,
                 .options = false,
                 .record = std::vector<std::uint8_t>(3000, 1)});
  }
  CHECK(ledger.counters().waiting_bytes <= 16u << 20);
  CHECK(ledger.counters().refused + ledger.counters().waiting == 10'000);
  CHECK(ledger.counters().refused > 4000);
}

TEST_CASE("several session tables share a store; each declares its own ids final") {
  TemporaryFolder folder;
  StoreUnderTest t(folder.path());
  const auto first = t.store.next_session_id();
  const auto other = first + kSessionIdRange;
  t.store.on_sessions({.sessions = plain_sessions(first, 1200), .final_below = first});
  t.store.on_sessions({.sessions = plain_sessions(other, 1200), .final_below = other + 1200});
  t.store.flush();
  CHECK(t.store.status().segments == 1);
  CHECK(t.store.status().unsealed == 1400);
  t.store.on_sessions({.sessions = {plain_session(first + 3, kNoon, 5)}, .final_below = first + 1200});
  t.store.flush();
  CHECK(t.store.status().segments == 2);
  const auto rows = rows_of(t.store.snapshot(std::nullopt));
  REQUIRE(rows.size() == 2400);
  CHECK(rows[3].halves[kToServer].octets == 5);
  CHECK(t.store.status().dropped_sessions == 0);
}

TEST_CASE("sessions go to the file of the day they start in, and are found over midnight") {
  TemporaryFolder folder;
  const auto midnight = kNoon + kDayMs / 2;
  std::vector<Session> rows{plain_session(1, midnight - 1000), plain_session(2, midnight + 1000),
                            plain_session(3, midnight - kDayMs - 1000)};
  rows[0].end_ms = midnight + 5000;
  {
    StoreUnderTest t(folder.path());
    t.store.on_sessions({.sessions = rows, .final_below = 4});
  }
  CHECK(std::filesystem::exists(folder / "days/2023-11-14.sqlite"));
  CHECK(std::filesystem::exists(folder / "days/2023-11-15.sqlite"));
  CHECK(std::filesystem::exists(folder / "days/2023-11-16.sqlite"));
  StoreUnderTest t(folder.path());
  const auto outside = open_read_only(folder.path());
  for (Store* store : {static_cast<Store*>(&t.store), outside.get()}) {
    const auto after = store->snapshot(TimeRange{.from_ms = midnight, .to_ms = midnight + 1});
    CHECK(marks_of(after) == marks(1, 1));
    CHECK(after.stored == TimeRange{.from_ms = midnight - kDayMs - 1000, .to_ms = midnight + 5001});
    CHECK(store->snapshot(TimeRange{.from_ms = midnight + kDayMs, .to_ms = midnight + 2 * kDayMs}).segments.empty());
  }
}

TEST_CASE("a row whose start moves to the day before stays where it is, once") {
  TemporaryFolder folder;
  const auto midnight = kNoon + kDayMs / 2;
  {
    StoreUnderTest t(folder.path());
    t.store.on_sessions(
        {.sessions = {plain_session(1, midnight + 10), plain_session(2, midnight - 10)}, .final_below = 1});
    t.store.flush();
    t.store.on_sessions({.sessions = {plain_session(1, midnight - 20, 9)}, .final_below = 3});
    t.store.flush();
  }
  StoreUnderTest t(folder.path());
  const auto rows = rows_of(t.store.snapshot(TimeRange{.from_ms = midnight - 20, .to_ms = midnight - 19}));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].halves[kToServer].octets == 9);
  CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(1, 2));
}

TEST_CASE("an import over many days keeps few files open and little in memory") {
  TemporaryFolder folder;
  {
    StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .seal_rows = 1000, .max_unsealed_rows = 500});
    for (std::uint64_t round = 0; round < 20; ++round) {
      std::vector<Session> rows;
      for (std::uint64_t i = 0; i < 100; ++i) {
        const auto id = 1 + round * 100 + i;
        rows.push_back(plain_session(id, kNoon - static_cast<std::int64_t>(id % 20) * kDayMs));
      }
      t.store.on_sessions({.sessions = rows, .final_below = 1 + (round + 1) * 100});
      t.store.flush();
      CHECK(t.store.status().unsealed <= 500);
    }
    CHECK(t.store.status().days == 20);
    CHECK(marks_of(t.store.snapshot(std::nullopt)) == marks(1, 2000));
    CHECK(marks_of(open_read_only(folder.path())->snapshot(std::nullopt)) == marks(1, 2000));
  }
  CHECK(marks_of(open_read_only(folder.path())->snapshot(std::nullopt)) == marks(1, 2000));
}

TEST_CASE("exporters, templates, settings and losses outlive the run") {
  TemporaryFolder folder;
  const auto address = *parse_ip_address("192.0.2.1");
  std::uint32_t id = 0;
  {
    StoreUnderTest t(folder.path());
    Exporter* e = t.exporters.find_or_add(address);
    id = e->id;
    e->first_seen_ms = kNoon;
    e->last_seen_ms = kNoon + 5;
    e->protocols = kProtocolV9;
    e->configured_sampling = 1000;
    e->metering = Metering::kEgress;
    e->late_rates.with([](auto& late) {
      late = {{.from_ms = kNoon - 60'000, .until_ms = kNoon, .rate = 100},
              {.from_ms = kNoon + 1, .until_ms = kNoon + 9, .rate = 0}};
    });
    e->name.with([](std::string& name) { name = "edge-1"; });
    e->lost = 7;
    t.store.save_exporter(*e);
    t.store.save_template({.exporter = address,
                           .source_port = 0,
                           .domain = 3,
                           .version = 9,
                           .options = false,
                           .record = {1, 4, 0, 1, 0, 8, 0, 4}});
    t.store.save_template({.exporter = address,
                           .source_port = 0,
                           .domain = 3,
                           .version = 9,
                           .options = false,
                           .record = {1, 4, 0, 1, 0, 12, 0, 4}});
    t.store.save_told({.exporter = address, .kind = ToldKind::kInterfaceName, .id = 3, .text = "Gi0/3"});
    t.store.save_told({.exporter = address, .kind = ToldKind::kInterfaceName, .id = 3, .text = "Gi1/3"});
    t.store.save_told({.exporter = address, .kind = ToldKind::kApplication, .id = 0x0d0001c5, .text = "ms-teams"});
    t.store.save_setting("colour", "blue");
    t.store.flush();
    e->lost = 9;
    t.clock.advance(60'000);
    t.store.on_sessions({.sessions = plain_sessions(1, 3), .final_below = 4});
  }
  StoreUnderTest t(folder.path());
  const Exporter* e = t.exporters.find(address);
  REQUIRE(e != nullptr);
  CHECK(e->id == id);
  CHECK(e->configured_sampling == 1000);
  CHECK(e->metering == Metering::kEgress);
  const std::vector<LateRate> late{{.from_ms = kNoon - 60'000, .until_ms = kNoon, .rate = 100},
                                   {.from_ms = kNoon + 1, .until_ms = kNoon + 9, .rate = 0}};
  CHECK(e->late_rates.with([](auto& all) { return all; }) == late);
  CHECK(e->name.with([](const std::string& name) { return name; }) == "edge-1");
  CHECK(e->last_seen_ms == kNoon + 5);
  CHECK(t.exporters.find_or_add(*parse_ip_address("192.0.2.2"))->id > id);
  const auto templates = t.store.templates();
  REQUIRE(templates.size() == 1);
  CHECK(templates[0].exporter == address);
  CHECK(templates[0].record[5] == 12);
  for (const auto& told : {t.store.told(), open_read_only(folder.path())->told()}) {
    REQUIRE(told.size() == 2);
    CHECK(told[0].exporter == address);
    CHECK(told[0].kind == ToldKind::kInterfaceName);
    CHECK(told[0].id == 3);
    CHECK(told[0].text == "Gi1/3");
    CHECK(told[1].text == "ms-teams");
  }
  t.store.forget_learnt(address);
  CHECK(t.store.told().empty());
  CHECK(t.store.setting("colour") == "blue");
  CHECK(t.store.setting("size") == std::nullopt);
  const TimeRange all{.from_ms = 0, .to_ms = kNoon + 2 * kDayMs};
  CHECK(t.store.quality(all, {id}, kNoon + kDayMs).exporters.at(0).lost == 9);
  const auto read = open_read_only(folder.path())->quality(all, {id}, kNoon + kDayMs);
  CHECK(read.exporters.at(0).lost == 9);
  CHECK(read.exporters.at(0).protocols == kProtocolV9);
  const auto exporters = open_read_only(folder.path())->snapshot(std::nullopt).exporters;
  REQUIRE(!exporters.empty());
  CHECK(exporters[0].address == address);
  CHECK(exporters[0].name == "edge-1");
  CHECK(exporters[0].configured_sampling == 1000);
  CHECK(exporters[0].late_rates == late);
}

TEST_CASE("two collectors do not share a folder; a folder that is not there is named") {
  TemporaryFolder folder;
  StoreUnderTest t(folder.path());
  CHECK(has(complaint_of([&] { StoreUnderTest second(folder.path()); }), "another weir process"));
  CHECK(has(complaint_of([&] { open_read_only(folder / "none"); }), "no such data folder"));
}

TEST_CASE("columns are skipped by their range without being loaded, and the cache is bounded and counted") {
  TemporaryFolder folder;
  {
    StoreUnderTest t(folder.path());
    auto rows = plain_sessions(1, 3000);
    for (auto& row : rows) row.client_port = static_cast<std::uint16_t>(row.id);
    t.store.on_sessions({.sessions = rows, .final_below = 3001});
  }
  const auto store = open_read_only(folder.path(), 5000);
  const auto snapshot = store->snapshot(std::nullopt);
  REQUIRE(snapshot.segments.size() == 3);
  for (const auto& segment : snapshot.segments) {
    const auto ports = segment->range(ColumnId::kClientPort), vlans = segment->range(ColumnId::kVlanToServer);
    REQUIRE((ports && vlans));
    CHECK(ports->max - ports->min == 999);
    CHECK(vlans->max == 0);
    CHECK(!segment->range(ColumnId::kClient));
  }
  CHECK(store->status().cache_misses == 0);
  for (int round = 0; round < 2; ++round) {
    for (const auto& segment : snapshot.segments) CHECK(segment->column(ColumnId::kClientPort)->rows == 1000);
  }
  CHECK(store->status().cache_bytes <= 5000);
  CHECK(store->status().cache_bytes > 2000);
  CHECK(snapshot.segments[0]->column(ColumnId::kServerPort)->form == Column::Form::kConstant);
}
