// Filters against every form that a column can have: the answer is that of looking at each row.
#include <algorithm>

#include "query/query.hpp"
#include "store/row_segment.hpp"
#include "support/catch.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;

namespace {

// Rows whose in_if take `distinct` values between 0 and `largest`: constant, packed in each width, or a dictionary.
std::vector<Session> rows_with(testing::Random& random, std::uint64_t distinct, std::uint64_t largest) {
  std::vector<std::uint32_t> values;
  for (std::uint64_t i = 0; i < distinct; ++i) values.push_back(static_cast<std::uint32_t>(random.below(largest + 1)));
  values.back() = static_cast<std::uint32_t>(largest);
  std::vector<Session> rows(3000);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].id = i + 1;
    rows[i].start_ms = rows[i].end_ms = 1000;
    rows[i].halves[kToServer] = {.octets = 1, .flows = 1, .in_if = values[random.below(distinct)]};
  }
  return rows;
}

class OneSegment final : public Store {
 public:
  explicit OneSegment(std::shared_ptr<const Segment> segment) : segment_(std::move(segment)) {}
  Snapshot snapshot(std::optional<TimeRange>) override {
    return {.segments = {segment_}, .stored = TimeRange{.from_ms = 0, .to_ms = 2000}};
  }
  void on_sessions(SessionBatch&&) override {}
  void flush() override {}
  StoreStatus status() const override { return {}; }

 private:
  std::shared_ptr<const Segment> segment_;
};

std::uint64_t counted(OneSegment& store, const std::string& filter) {
  const auto result = run_query({.filter = filter}, store);
  return result ? result->totals.octets : ~std::uint64_t{0};
}

}  // namespace

TEST_CASE("numbers in any form of column pass lists, ranges and comparisons as each row does") {
  testing::Random random(11);
  for (const auto& [distinct, largest] : {std::pair<std::uint64_t, std::uint64_t>{1, 7},
                                          {20, 19},
                                          {200, 255},
                                          {3000, 40'000},
                                          {3000, 4'000'000'000},
                                          {5, 4'000'000'000},
                                          {100, 100'000}}) {
    const auto rows = rows_with(random, distinct, largest);
    const auto segment = std::make_shared<RowSegment>(rows);
    OneSegment store(segment);
    CAPTURE(distinct, largest, static_cast<int>(segment->column(ColumnId::kInIfToServer)->form),
            static_cast<int>(segment->column(ColumnId::kInIfToServer)->width));
    const auto in_rows = [&](auto passes) {
      return static_cast<std::uint64_t>(
          std::count_if(rows.begin(), rows.end(), [&](const Session& s) { return passes(s.halves[0].in_if); }));
    };
    for (int round = 0; round < 20; ++round) {
      // From one value to more than are compared one by one; some of them in no row.
      std::vector<std::uint32_t> list;
      for (std::uint64_t i = 0; i <= random.below(12); ++i)
        list.push_back(random.one_in(3) ? static_cast<std::uint32_t>(random.below(largest + 9))
                                        : rows[random.below(rows.size())].halves[0].in_if);
      std::string text = "in_if in [";
      for (const auto value : list) text += std::to_string(value) + " ";
      const auto listed = [&](std::uint32_t v) { return std::find(list.begin(), list.end(), v) != list.end(); };
      CHECK(counted(store, text + "]") == in_rows(listed));
      CHECK(counted(store, "not " + text + "]") == in_rows([&](auto v) { return !listed(v); }));
      const auto low = random.below(largest + 1), high = low + random.below(largest + 1);
      CHECK(counted(store, "in_if >= " + std::to_string(low)) == in_rows([&](auto v) { return v >= low; }));
      CHECK(counted(store, "in_if < " + std::to_string(low)) == in_rows([&](auto v) { return v < low; }));
      if (high <= 0xffff'ffff)
        CHECK(counted(store, "in_if " + std::to_string(low) + "-" + std::to_string(high)) ==
              in_rows([&](auto v) { return v >= low && v <= high; }));
    }
  }
}

TEST_CASE("what the limits of a column decide is not loaded") {
  class Limited final : public Segment {
   public:
    explicit Limited(std::vector<Session> rows) : inner_(std::move(rows)) {}
    std::uint32_t rows() const override { return inner_.rows(); }
    std::int64_t min_start_ms() const override { return inner_.min_start_ms(); }
    std::int64_t max_end_ms() const override { return inner_.max_end_ms(); }
    std::shared_ptr<const Column> column(ColumnId id) const override {
      loaded.push_back(id);
      return inner_.column(id);
    }
    std::optional<ColumnRange> range(ColumnId id) const override {
      const auto column = inner_.column(id);
      return column->is_address ? std::nullopt : std::optional(ColumnRange{.min = column->min, .max = column->max});
    }
    mutable std::vector<ColumnId> loaded;

   private:
    RowSegment inner_;
  };
  testing::Random random(3);
  const auto segment = std::make_shared<Limited>(rows_with(random, 20, 19));
  OneSegment store(segment);
  const auto loads = [&](const std::string& filter, ColumnId id) {
    segment->loaded.clear();
    REQUIRE(run_query({.filter = filter}, store).has_value());
    return std::count(segment->loaded.begin(), segment->loaded.end(), id) > 0;
  };
  CHECK(loads("in if 3", ColumnId::kInIfToServer));
  CHECK_FALSE(loads("in if 30", ColumnId::kInIfToServer));
  CHECK_FALSE(loads("in if 30", ColumnId::kOctetsToServer));
  CHECK_FALSE(loads("in if < 30", ColumnId::kInIfToServer));
  CHECK_FALSE(loads("vlan 7 and in if 3", ColumnId::kInIfToServer));
  CHECK_FALSE(loads("", ColumnId::kClient));
  CHECK_FALSE(loads("", ColumnId::kStart));
}

TEST_CASE("the unspecified address is of its family, no address is of none") {
  std::vector<Session> rows(5);
  const auto put = [&](std::size_t i, const char* client, const char* server, std::uint64_t octets) {
    rows[i].id = i + 1;
    rows[i].start_ms = rows[i].end_ms = 1000;
    if (*client != 0) rows[i].client = parse_ip_address(client).value();
    if (*server != 0) rows[i].server = parse_ip_address(server).value();
    rows[i].halves[kToServer] = {.octets = octets, .flows = 1};
  };
  put(0, "", "", 1);
  put(1, "::", "ff02::1", 10);
  put(2, "0.0.0.0", "255.255.255.255", 100);
  put(3, "2001:db8::1", "2001:db8::2", 1000);
  put(4, "192.0.2.1", "", 10'000);
  OneSegment store(std::make_shared<RowSegment>(rows));
  CHECK(counted(store, "host ::") == 10);
  CHECK(counted(store, "host ::/0") == 1010);
  CHECK(counted(store, "net ::/64") == 10);
  CHECK(counted(store, "ip6") == 1010);
  CHECK(counted(store, "ip") == 10'100);
  CHECK(counted(store, "host 0.0.0.0") == 100);
  CHECK(counted(store, "host none") == 10'001);
  CHECK(counted(store, "client none") == 1);
  CHECK(counted(store, "not (ip or ip6)") == 1);

  const auto result = run_query({.by = {FieldId::kClient}}, store);
  REQUIRE(result.has_value());
  std::size_t without = 0, unspecified = 0;
  for (const auto& row : result->rows) {
    without += std::get<IpAddress>(row.key[0]).text().empty() ? 1 : 0;
    unspecified += std::get<IpAddress>(row.key[0]).text() == "::" ? 1 : 0;
  }
  CHECK(without == 1);
  CHECK(unspecified == 1);
}
