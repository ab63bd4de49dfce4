// One grammar: the same text is the same value in filters, rules, commands and the API, and what Weir prints can be
// typed.
#include "alert/rule_file.hpp"
#include "alert/rule_row.hpp"
#include "console/plain_text.hpp"
#include "core/count_text.hpp"
#include "core/rfc3339.hpp"
#include "core/time_text.hpp"
#include "query/coded_text.hpp"
#include "query/filter_values.hpp"
#include "query/packet_part_column.hpp"
#include "query/query.hpp"
#include "support/catch.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;

namespace {

constexpr std::int64_t kNow = 1'773'150'000'000;

// The smallest value that "> text" lets through, less one.
std::optional<std::uint64_t> in_filter(const std::string& field, const std::string& text) {
  const auto filter = parse_filter(field + " > '" + text + "'", kNow);
  if (!filter) return std::nullopt;
  return filter->test.numbers.ranges().at(0).first - 1;
}
std::optional<std::int64_t> in_rule(const std::string& text) {
  const auto file = RuleFile::load(
      "rule.lua",
      "weir.rule { name = 'r', query = { window = '" + text + "', every = '" + text + "' }, when = { octets = 1 } }",
      {}, true);
  if (!file) return std::nullopt;
  return (*file)->rules().front().window_ms;
}

// Small and large ones alike.
std::uint64_t number(testing::Random& random) { return random.next() >> random.below(64); }

}  // namespace

TEST_CASE("a duration means the same in filters, rules, conditions and commands") {
  for (const auto& [text, ms] : std::initializer_list<std::pair<const char*, std::int64_t>>{{"90s", 90'000},
                                                                                            {"5m", 300'000},
                                                                                            {"5min", 300'000},
                                                                                            {"1.5h", 5'400'000},
                                                                                            {"1d", 86'400'000},
                                                                                            {"1h30min", 5'400'000},
                                                                                            {"5 min 3 s", 303'000},
                                                                                            {"2000ms", 2000}}) {
    CAPTURE(text);
    CHECK(in_filter("duration", text) == static_cast<std::uint64_t>(ms));
    CHECK(in_filter("start", "-" + std::string(text)) == static_cast<std::uint64_t>(kNow - ms));
    CHECK(in_rule(text) == ms);
    CHECK(parse_row_condition(RowMeasure::kSilentS, text)->threshold == static_cast<double>(ms) / 1000);
    CHECK(*parse_duration(text) == ms);
    CHECK(*parse_time("-" + std::string(text), kNow) == kNow - ms);
  }
  CHECK(in_filter("duration", "2w") == 1'209'600'000u);
  for (const char* wrong : {"5y", "5M", "1m1h", "1 fortnight", "-5m"}) {
    CAPTURE(wrong);
    CHECK_FALSE(in_filter("duration", wrong));
    CHECK_FALSE(in_rule(wrong));
    CHECK(parse_row_condition(RowMeasure::kSilentS, wrong).has_error());
    CHECK(parse_duration(wrong).has_error());
  }
}

TEST_CASE("a count means the same in filters and rules") {
  for (const auto& [text, value] : std::initializer_list<std::pair<const char*, std::uint64_t>>{{"1500", 1500},
                                                                                                {"1k", 1000},
                                                                                                {"1g", 1'000'000'000},
                                                                                                {"1MB", 1'000'000},
                                                                                                {"1.5M", 1'500'000},
                                                                                                {"2Gi", 2147483648},
                                                                                                {"2GiB", 2147483648},
                                                                                                {"1e6", 1'000'000},
                                                                                                {"1 kB", 1000}}) {
    CAPTURE(text);
    CHECK(in_filter("octets", text) == value);
    CHECK(parse_row_condition(RowMeasure::kOctets, ">" + std::string(text))->threshold == static_cast<double>(value));
  }
  for (const char* wrong : {"1Q", "1Mbit", "nan", "-5"}) {
    CAPTURE(wrong);
    CHECK_FALSE(in_filter("octets", wrong));
    CHECK(parse_row_condition(RowMeasure::kOctets, ">" + std::string(wrong)).has_error());
  }
  // Octets are not bits.
  CHECK(parse_row_condition(RowMeasure::kBitsPerS, ">1MB").error().message.find("this counts bits") !=
        std::string::npos);
  CHECK(parse_row_condition(RowMeasure::kBitsPerS, ">1 Mbit/s")->threshold == 1e6);
}

TEST_CASE("a time means the same in filters and commands, and a rule's filter takes no moving one") {
  for (const char* text : {"2026-03-10", "2026-03-10T11:00", "2026-03-10 11:00:00", "2026-03-10T12:00+01:00",
                           "1773140400", "1773140400000", "now", "-1h", "now-1d"}) {
    CAPTURE(text);
    const auto time = parse_time(text, kNow);
    REQUIRE(time.has_value());
    CHECK(in_filter("start", text) == static_cast<std::uint64_t>(*time));
  }
  CHECK(parse_filter("start > -1h").error().message.find("depends on when it is asked") != std::string::npos);
  CHECK(parse_filter("start > 177314040", kNow).error().message.find("10 digits") != std::string::npos);
}

TEST_CASE("what is printed is read back") {
  testing::Random random(11);
  for (int i = 0; i < 20'000; ++i) {
    const auto n = number(random);
    CAPTURE(n);
    const auto time = static_cast<std::int64_t>(n % 253'402'300'800'000);
    CHECK(*parse_time(rfc3339_text(time), std::nullopt) == time);
    CHECK(*parse_time(utc_text(time), std::nullopt) == time / 1000 * 1000);
    // Shortened texts are read as what they show: printed again they are the same.
    const auto ms = static_cast<std::int64_t>(n >> 8);
    CHECK(duration_text(*parse_duration(duration_text(ms))) == duration_text(ms));
    CHECK(count_text(*parse_count(count_text(n))) == count_text(n));
    for (const auto& measure :
         {RowMeasure::kOctets, RowMeasure::kPackets, RowMeasure::kBitsPerS, RowMeasure::kOctetsPerS,
          RowMeasure::kPacketsPerS, RowMeasure::kPercent, RowMeasure::kSilentS}) {
      const auto unit = row_measure_info(measure).unit;
      const auto text = row_value_text(static_cast<double>(n >> 12), unit);
      CAPTURE(text);
      const auto condition = parse_row_condition(measure, ">" + text);
      REQUIRE(condition.has_value());
      CHECK(row_value_text(condition->threshold, unit) == text);
    }
    const auto mac = n & 0xffff'ffff'ffff;
    CHECK(code_of_text(FieldType::kMac, coded_text(FieldType::kMac, mac)) == mac);
    const auto address = random.one_in(2) ? IpAddress::from_v4(static_cast<std::uint32_t>(n))
                                          : testing::random_session(random, 1, kNow).client;
    if (!address.is_unset()) CHECK(parse_address_range(address.text())->first == address);
  }
  for (const std::uint64_t direction : {0u, 1u, 255u})
    CHECK(code_of_text(FieldType::kDirection, coded_text(FieldType::kDirection, direction)) == direction);
  for (std::uint64_t reason = 1; reason <= 6; ++reason)
    CHECK(code_of_text(FieldType::kReason, coded_text(FieldType::kReason, reason)) == reason);
  for (std::uint64_t dscp = 0; dscp < 64; ++dscp) {
    const auto name = dscp_name(dscp);
    CHECK(parse_dscp(name.empty() ? std::to_string(dscp) : name) == dscp);
  }
}
