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
  Snapshot snapshot(std::optional<TimeRange>) override { return {.segments = {segment_}, .stored = TimeRange{.from_ms = 0, .to_ms = 2000}}; }
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
  for (const auto& [distinct, largest] : {std::pair<std::uint64_t, std::uint64_t>{1, 7}, {20, 19}, {200, 255}, {3000, 40'000}, {3000, 4'000'000'000}, {5, 4'000'000'000}, {100, 100'000}}) {
    const auto rows = rows_with(random, distinct, largest);
    const auto segment = std::make_shared<RowSegment>(rows);
    OneSegment store(segment);
    CAPTURE(distinct, largest, static_cast<int>(segment->column(ColumnId::kInIfToServer)->form), static_cast<int>(segment->column(ColumnId::kInIfToServer)->width));
    const auto in_rows = [&](auto passes) { return static_cast<std::uint64_t>(std::count_if(rows.begin(), rows.end(), [&](const Session& s) { return passes(s.halves[0].in_if); })); };
    for (int round = 0; round < 20; ++round) {
      // From one value to more than are compared one by one; some of them in no row.
      std::vector<std::uint32_t> list;
      for (std::uint64_t i = 0; i <= random.below(12); ++i) list.push_back(random.one_in(3) ? static_cast<std::uint32_t>(random.below(largest + 9)) : rows[random.below(rows.size())].halves[0].in_if);
      std::string text = "in_if in [";
      for (const auto value : list) text += std::to_string(value) + " ";
      const auto listed = [&](std::uint32_t v) { return std::find(list.begin(), list.end(), v) != list.end(); };
      CHECK(counted(store, text + "]") == in_rows(listed));
      CHECK(counted(store, "not " + text + "]") == in_rows([&](auto v) { return !listed(v); }));
      const auto low = random.below(largest + 1), high = low + random.below(largest + 1);
      CHECK(counted(store, "in_if >= " + std::to_string(low)) == in_rows([&](auto v) { return v >= low; }));
      CHECK(counted(store, "in_if < " + std::to_string(low)) == in_rows([&](auto v) { return v < low; }));
      if (high <= 0xffff'ffff) CHECK(counted(store, "in_if " + std::to_string(low) + "-" + std::to_string(high)) == in_rows([&](auto v) { return v >= low && v <= high; }));
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
