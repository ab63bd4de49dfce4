// Sums that a store keeps in files: they answer as the sessions do, over restarts, from outside, when their file is
// damaged, gone, of another folder, and when sessions are deleted.
#include <filesystem>
#include <fstream>

#include "query/query.hpp"
#include "support/catch.hpp"
#include "unit/store/stored_rows.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

constexpr std::int64_t kHourMs = 3'600'000;

// Three hours of a router.
std::vector<Session> traffic(std::uint64_t sessions, std::int64_t from_ms) {
  RouterSessions router(7, {.exporters = 1, .inside_hosts = 60, .outside_hosts = 300, .sessions_per_s = 5}, from_ms);
  auto rows = router.next(sessions);
  for (auto& row : rows) row.exporter = 1;
  return rows;
}

struct SummedFolder {
  TemporaryFolder folder;
  std::vector<Session> rows = traffic(50'000, kNoon - kDayMs);  // the day before the clock's

  StoreUnderTest& opened() {
    store_.reset();
    store_ = std::make_unique<StoreUnderTest>(SqliteStoreSettings{.dir = folder.path(), .seal_rows = 2000});
    return *store_;
  }
  void fill() {
    auto& t = opened();
    t.store.on_sessions({.sessions = rows, .final_below = rows.back().id + 1});
    t.store.flush();
  }
  void close() { store_.reset(); }
  std::string sums_file() const { return folder.path() + "/sums/2023-11-14.sqlite"; }

 private:
  std::unique_ptr<StoreUnderTest> store_;
};

// Questions that sums answer, in whole and with edges.
std::vector<Query> questions() {
  std::vector<Query> all;
  for (const auto& by : std::vector<std::vector<FieldId>>{
           {}, {FieldId::kHost}, {FieldId::kClient}, {FieldId::kServerPort}, {FieldId::kInterface}, {FieldId::kAs}}) {
    for (const auto& range : std::vector<std::optional<TimeRange>>{
             std::nullopt, TimeRange{.from_ms = kNoon - kDayMs + kHourMs, .to_ms = kNoon - kDayMs + 2 * kHourMs},
             TimeRange{.from_ms = kNoon - kDayMs + 600'000, .to_ms = kNoon - kDayMs + 2 * kHourMs + 77}}) {
      all.push_back({.range = range, .by = by, .limit = 12, .buckets = 3});
    }
  }
  return all;
}

std::string text_of(const QueryResult& r) {
  std::string text;
  const auto add = [&](const Measures& m) {
    text += std::to_string(m.octets) + "/" + std::to_string(m.packets) + "/" + std::to_string(m.flows) + "/" +
            std::to_string(m.sessions) + " ";
  };
  add(r.totals);
  for (const auto& row : r.rows) add(row.measures);
  for (const auto& series : r.series) {
    for (const auto octets : series.octets) text += std::to_string(octets) + " ";
  }
  for (const auto& warning : r.warnings) text += warning;
  return text;
}

std::vector<std::string> answers_of(Store& store) {
  std::vector<std::string> answers;
  for (const auto& query : questions()) {
    const auto answer = run_query(query, store);
    REQUIRE(answer.has_value());
    answers.push_back(text_of(*answer));
  }
  return answers;
}

std::uint64_t summed(Store& store) { return store.status().summed_sessions; }
bool reads_sums(Store& store) {
  const auto answer = run_query({.by = {FieldId::kServerPort}}, store);
  return answer.has_value() && answer->work.sums != 0;
}
void make_all(SqliteStore& store) {
  while (store.make_sums()) continue;
}

}  // namespace

TEST_CASE("sums answer as sessions do, over a restart and from outside") {
  SummedFolder f;
  f.fill();
  auto& first = f.opened().store;
  const auto expected = answers_of(first);
  CHECK_FALSE(reads_sums(first));
  make_all(first);
  CHECK(summed(first) == 50'000);
  CHECK(reads_sums(first));
  CHECK(answers_of(first) == expected);
  CHECK(answers_of(*open_read_only(f.folder.path())) == expected);
  CHECK(reads_sums(*open_read_only(f.folder.path())));
  f.close();
  CHECK(answers_of(*open_read_only(f.folder.path())) == expected);
  auto& second = f.opened().store;
  CHECK_FALSE(second.make_sums());
  CHECK(summed(second) == 50'000);
  CHECK(reads_sums(second));
  CHECK(answers_of(second) == expected);
}

TEST_CASE("a file of sums that is damaged anywhere changes no answer") {
  SummedFolder f;
  f.fill();
  const auto expected = answers_of(f.opened().store);
  make_all(f.opened().store);
  f.close();
  std::string whole;
  {
    std::ifstream in(f.sums_file(), std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(in), {});
  }
  REQUIRE(whole.size() > 100'000);
  Random random(3);
  for (int round = 0; round < 40; ++round) {
    auto bytes = whole;
    const auto at = random.below(bytes.size()), length = 1 + random.below(round % 4 == 0 ? 20'000 : 40);
    for (auto i = at; i < std::min<std::uint64_t>(at + length, bytes.size()); ++i)
      bytes[i] = static_cast<char>(random.next());
    if (round % 5 == 4) bytes.resize(at);
    f.close();
    std::ofstream(f.sums_file(), std::ios::binary) << bytes;
    CAPTURE(round, at, length);
    CHECK(answers_of(*open_read_only(f.folder.path())) == expected);
    auto& store = f.opened().store;
    make_all(store);
    CHECK(answers_of(store) == expected);
    // What was found is repaired by the next rounds.
    make_all(store);
    CHECK(reads_sums(store));
    CHECK(answers_of(store) == expected);
  }
}

TEST_CASE("sums of another folder, and of sessions that are gone, are not used") {
  SummedFolder f, other;
  f.fill();
  other.rows.resize(30'000);
  other.fill();
  make_all(f.opened().store);
  const auto expected = answers_of(other.opened().store);
  f.close();
  other.close();
  std::filesystem::create_directories(other.folder.path() + "/sums");
  std::filesystem::copy_file(f.sums_file(), other.sums_file());
  CHECK(answers_of(*open_read_only(other.folder.path())) == expected);
  auto& store = other.opened().store;
  make_all(store);
  CHECK(summed(store) == 30'000);
  CHECK(answers_of(store) == expected);
}

TEST_CASE("a file of sums that is deleted while the store is open is made again") {
  SummedFolder f;
  f.fill();
  auto& store = f.opened().store;
  const auto expected = answers_of(store);
  make_all(store);
  for (int round = 0; round < 3; ++round) {
    CHECK(answers_of(store) == expected);
    std::filesystem::remove_all(f.folder.path() + "/sums");
    CHECK(answers_of(store) == expected);
    make_all(store);
    CHECK(answers_of(store) == expected);
    CHECK(reads_sums(store));
    CHECK(std::filesystem::exists(f.sums_file()));
  }
}

TEST_CASE("no session is deleted for sums") {
  SummedFolder f;
  f.fill();
  f.close();
  const auto bytes = std::filesystem::file_size(f.folder.path() + "/days/2023-11-14.sqlite");
  // The sessions fit, with sums they would not.
  StoreUnderTest t(SqliteStoreSettings{.dir = f.folder.path(), .seal_rows = 2000, .max_bytes = bytes + bytes / 50});
  for (int second = 0; second < 30; ++second) {
    make_all(t.store);
    t.clock.advance(1000);
    t.store.flush();
  }
  CHECK(t.store.status().sessions == 50'000);
  CHECK(t.store.status().deleted_sessions == 0);
  CHECK(reads_sums(t.store));
}

TEST_CASE("sums go when the disk fills, and no session does") {
  SummedFolder f;
  f.fill();
  f.close();
  DiskSpace disk{.capacity = 1'000'000'000, .available = 900'000'000};
  SqliteStoreSettings settings{.dir = f.folder.path(), .seal_rows = 2000};
  settings.disk_space = [&](const std::string&) { return disk; };
  StoreUnderTest t(settings);
  const auto expected = answers_of(t.store);
  make_all(t.store);
  REQUIRE(reads_sums(t.store));
  disk.available = 10'000'000;
  make_all(t.store);
  CHECK_FALSE(std::filesystem::exists(f.sums_file()));
  CHECK_FALSE(reads_sums(t.store));
  CHECK(answers_of(t.store) == expected);
  CHECK(t.store.status().deleted_sessions == 0);
}

TEST_CASE("a day that retention deletes takes its sums along") {
  SummedFolder f;
  f.fill();
  make_all(f.opened().store);
  f.close();
  REQUIRE(std::filesystem::exists(f.sums_file()));
  StoreUnderTest t(SqliteStoreSettings{.dir = f.folder.path(), .seal_rows = 2000, .max_age_days = 1});
  t.clock.advance(3 * kDayMs);
  for (std::uint64_t hour = 1; hour < 30; ++hour) {
    t.clock.advance(kHourMs);
    t.store.on_sessions({.sessions = {marked(plain_session(hour, t.clock.now_ms()))}, .final_below = hour + 1});
    t.store.flush();
  }
  make_all(t.store);
  CHECK_FALSE(std::filesystem::exists(f.folder.path() + "/days/2023-11-14.sqlite"));
  CHECK_FALSE(std::filesystem::exists(f.sums_file()));
}

TEST_CASE("when the oldest part of a day is deleted, its sums are not used and are made anew") {
  TemporaryFolder folder;
  const auto rows = traffic(50'000, kNoon - 4 * kHourMs);
  {
    StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .seal_rows = 1000});
    t.store.on_sessions({.sessions = rows, .final_below = rows.back().id + 1});
    t.store.flush();
    make_all(t.store);
    CHECK(summed(t.store) == 40'000);
    CHECK(reads_sums(t.store));
  }
  const auto bytes = std::filesystem::file_size(folder.path() + "/days/2023-11-15.sqlite");
  const auto held = open_read_only(folder.path());
  StoreUnderTest t(SqliteStoreSettings{.dir = folder.path(), .seal_rows = 1000, .max_bytes = bytes});
  make_all(t.store);
  CHECK(reads_sums(t.store));
  for (std::uint64_t i = 1; i < 40; ++i) {
    t.clock.advance(10'000);
    t.store.on_sessions({.sessions = plain_sessions(i * 1000, 1000, t.clock.now_ms()), .final_below = i * 1000 + 1000});
    t.store.flush();
    const auto answer = run_query({.by = {FieldId::kServerPort}}, t.store);
    REQUIRE(answer.has_value());
    CHECK(answer->totals.sessions == rows_of(t.store.snapshot(std::nullopt)).size());
    if (i % 4 == 0) make_all(t.store);
  }
  CHECK(t.store.status().deleted_sessions > 0);
  REQUIRE(t.store.status().sessions > 30'000);
  make_all(t.store);
  CHECK(reads_sums(t.store));
  const auto answer = run_query({.by = {FieldId::kServerPort}}, *open_read_only(folder.path()));
  REQUIRE(answer.has_value());
  CHECK(answer->totals.sessions == rows_of(t.store.snapshot(std::nullopt)).size());
}
