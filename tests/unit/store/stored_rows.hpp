// What the tests of the SQLite store share: sessions that can be told apart after they were stored, and reading them
// back.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "flow/exporter_table.hpp"
#include "store/encoding.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/generated_sessions.hpp"
#include "unit/store/same_session.hpp"
#include "unit/store/temporary_folder.hpp"

namespace weir::testing {

inline constexpr std::int64_t kNoon = 1'700'049'600'000;  // 2023-11-15 12:00 UTC
inline constexpr std::int64_t kDayMs = 24 * 3600 * 1000;

// A session whose client_mac is its id: ids are not stored in segments.
inline Session marked(Session session) {
  session.client_mac = session.id;
  return session;
}
inline Session plain_session(std::uint64_t id, std::int64_t start_ms = kNoon, std::uint64_t octets = 100) {
  Session s;
  s.id = s.client_mac = id;
  s.start_ms = start_ms;
  s.end_ms = start_ms + 500;
  s.exporter = 1;
  s.client = IpAddress::from_v4(0x0a00'0001u + static_cast<std::uint32_t>(id % 50));
  s.server = IpAddress::from_v4(0xc000'0201u);
  s.server_port = 443;
  s.protocol = 6;
  s.halves[kToServer].octets = octets;
  s.halves[kToServer].flows = 1;
  return s;
}
inline std::vector<Session> plain_sessions(std::uint64_t first_id, std::uint64_t count, std::int64_t start_ms = kNoon) {
  std::vector<Session> rows;
  for (std::uint64_t i = 0; i < count; ++i) rows.push_back(plain_session(first_id + i, start_ms));
  return rows;
}

// All rows of a snapshot by their mark.
inline std::vector<Session> rows_of(const Snapshot& snapshot) {
  std::vector<Session> rows;
  for (const auto& segment : snapshot.segments) {
    std::vector<std::shared_ptr<const Column>> columns;
    for (const auto& info : kColumns) columns.push_back(segment->column(info.id));
    auto some = decode_rows(segment->rows(), [&](ColumnId id) -> const Column& { return *columns[column_index(id)]; });
    for (auto& row : some) row.id = row.client_mac;
    rows.insert(rows.end(), some.begin(), some.end());
  }
  std::sort(rows.begin(), rows.end(), [](const Session& a, const Session& b) { return a.id < b.id; });
  return rows;
}
inline std::vector<std::uint64_t> marks_of(const Snapshot& snapshot) {
  std::vector<std::uint64_t> marks;
  for (const auto& segment : snapshot.segments) {
    const auto column = segment->column(ColumnId::kClientMac);
    for (std::uint32_t row = 0; row < segment->rows(); ++row) marks.push_back(column->number_at(row));
  }
  std::sort(marks.begin(), marks.end());
  return marks;
}
inline std::vector<std::uint64_t> marks(std::uint64_t first, std::uint64_t count) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t i = 0; i < count; ++i) all.push_back(first + i);
  return all;
}

// What f() throws; "" when it does not.
template <class F>
std::string complaint_of(F f) {
  try {
    f();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "";
}
inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A store in a folder, with a clock that stands still.
struct StoreUnderTest {
  explicit StoreUnderTest(const std::string& dir)
      : StoreUnderTest(SqliteStoreSettings{.dir = dir, .seal_rows = 1000}) {}
  explicit StoreUnderTest(const SqliteStoreSettings& settings) : store(settings, clock, exporters) {}
  ManualClock clock{kNoon + 1000};
  ExporterTable exporters{100};
  SqliteStore store;
};

}  // namespace weir::testing
