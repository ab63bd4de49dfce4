// Columns give back the rows they were made from, in the smallest of the forms.
#include "store/encoding.hpp"

#include <cstring>
#include <set>

#include "support/catch.hpp"
#include "support/generated_sessions.hpp"
#include "unit/store/same_session.hpp"

using namespace weir;
using weir::testing::differing_columns;
using weir::testing::Random;

namespace {

constexpr std::int64_t kNoon = 1'700'000'000'000;

void check_same_rows(std::span<const Session> rows, const std::vector<Column>& columns) {
  REQUIRE(columns.size() == kColumnCount);
  const auto decoded = decode_rows(static_cast<std::uint32_t>(rows.size()),
                                   [&](ColumnId id) -> const Column& { return columns[column_index(id)]; });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    REQUIRE(differing_columns(rows[i], decoded[i], false) == "");
  }
}

}  // namespace

TEST_CASE("nobody outside can choose addresses that fall on one place of every table") {
  // With this lower half the mix once came to zero, whatever the upper one.
  std::set<std::uint64_t> hashes;
  constexpr std::uint64_t kLower = 0xd6e8feb86659fd93u;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    IpAddress address;
    std::memcpy(address.bytes.data(), &i, 8);
    std::memcpy(address.bytes.data() + 8, &kLower, 8);
    hashes.insert(hash_of(address));
  }
  CHECK(hashes.size() == 1000);
}

TEST_CASE("random sessions come back from their columns") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    std::vector<Session> rows(random.below(3000));
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = testing::random_session(random, i, kNoon);
    check_same_rows(rows, encode_columns(rows));
  }
}

TEST_CASE("router sessions come back from their columns, and one column alone is the same") {
  const auto rows = testing::RouterSessions(7, {}, kNoon).next(20'000);
  const auto columns = encode_columns(rows);
  check_same_rows(rows, columns);
  for (const auto& info : kColumns) {
    const auto& all = columns[column_index(info.id)];
    const auto one = encode_column(info.id, rows);
    CAPTURE(info.name);
    CHECK(one.form == all.form);
    CHECK(one.raw == all.raw);
    CHECK(one.values == all.values);
    CHECK(one.addresses == all.addresses);
    CHECK(one.base == all.base);
    CHECK(one.min == all.min);
    CHECK(one.max == all.max);
  }
}

TEST_CASE("rows in several pieces are encoded as if they were one") {
  const auto rows = testing::RouterSessions(8, {}, kNoon).next(5'000);
  const std::span all(rows);
  const std::vector<std::span<const Session>> parts{all.first(1), all.subspan(1, 0), all.subspan(1, 4000),
                                                    all.subspan(4001)};
  ColumnScratch scratch;
  check_same_rows(rows, encode_columns(parts, scratch));
  // What longer pieces left in the scratch does not matter.
  const std::vector<std::span<const Session>> fewer{all.subspan(7, 100), all.subspan(300, 33)};
  auto expected = std::vector<Session>(rows.begin() + 7, rows.begin() + 107);
  expected.insert(expected.end(), rows.begin() + 300, rows.begin() + 333);
  check_same_rows(expected, encode_columns(fewer, scratch));
}

TEST_CASE("a column's form follows its values") {
  std::vector<std::uint64_t> values(4096, 77);
  SECTION("all the same: a constant without bytes") {
    const auto c = encode_numbers(values);
    CHECK(c.form == Column::Form::kConstant);
    CHECK(c.raw.empty());
    CHECK(c.number_at(4095) == 77);
    CHECK(c.min == 77);
    CHECK(c.max == 77);
  }
  SECTION("a small range over a large base: packed at one byte") {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = 1'700'000'000'000 + i % 256;
    const auto c = encode_numbers(values);
    CHECK(c.form == Column::Form::kPacked);
    CHECK(c.width == 1);
    CHECK(c.base == 1'700'000'000'000);
  }
  SECTION("few values far apart: a dictionary at one byte") {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = (i * 7 % 200) << 40;
    const auto c = encode_numbers(values);
    CHECK(c.form == Column::Form::kDictionary);
    CHECK(c.width == 1);
    CHECK(std::is_sorted(c.values.begin(), c.values.end()));
    CHECK(c.values.size() == 200);
    CHECK(c.max == std::uint64_t{199} << 40);
  }
  SECTION("the whole range of 64 bits: packed at eight bytes") {
    Random random(3);
    for (auto& v : values) v = random.next();
    values[0] = 0;
    values[1] = ~std::uint64_t{0};
    const auto c = encode_numbers(values);
    CHECK(c.form == Column::Form::kPacked);
    CHECK(c.width == 8);
    for (std::size_t i = 0; i < values.size(); ++i) REQUIRE(c.number_at(static_cast<std::uint32_t>(i)) == values[i]);
  }
  SECTION("each width at its border") {
    for (const std::uint64_t span : {0xffu, 0x100u, 0xffffu, 0x1'0000u, 0xffff'ffffu}) {
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = 5 + span * i / (values.size() - 1);
      const auto c = encode_numbers(values);
      CAPTURE(span);
      CHECK(c.max - c.min == span);
      for (std::size_t i = 0; i < values.size(); ++i) REQUIRE(c.number_at(static_cast<std::uint32_t>(i)) == values[i]);
    }
  }
}

TEST_CASE("addresses are a dictionary in numeric order") {
  std::vector<IpAddress> values;
  for (std::uint32_t i = 0; i < 1000; ++i) values.push_back(IpAddress::from_v4(0x0a00'0000u + i * 37 % 300));
  for (const auto* odd : {"::", "::1", "::fffe:ffff:ffff", "::1:0:0:0", "2001:db8::1", "0.0.0.0", "255.255.255.255"})
    values.push_back(*parse_ip_address(odd));
  const auto c = encode_addresses(values);
  CHECK(c.form == Column::Form::kDictionary);
  CHECK(c.width == 2);
  CHECK(c.addresses.size() == 307);
  CHECK(std::is_sorted(c.addresses.begin(), c.addresses.end()));
  for (std::uint32_t i = 0; i < values.size(); ++i) REQUIRE(c.address_at(i) == values[i]);
}

TEST_CASE("many addresses of all networks are in numeric order too") {
  std::vector<IpAddress> values;
  for (std::uint32_t i = 0; i < 50'000; ++i) values.push_back(IpAddress::from_v4(i * 2'654'435'761u));
  values.push_back(*parse_ip_address("2001:db8::1"));
  values.push_back(IpAddress{});
  const auto c = encode_addresses(values);
  REQUIRE(c.addresses.size() == values.size());
  CHECK(std::is_sorted(c.addresses.begin(), c.addresses.end()));
  for (std::uint32_t i = 0; i < values.size(); ++i) REQUIRE(c.address_at(i) == values[i]);
}

TEST_CASE("a column that did not exist yet has the value of an empty session") {
  CHECK(default_column(ColumnId::kDirectionToServer, 3).number_at(2) == kDirectionUnknown);
  CHECK(default_column(ColumnId::kClientNat, 3).address_at(0).is_unset());
  CHECK(encode_columns(std::span<const Session>{}).size() == kColumnCount);
}
