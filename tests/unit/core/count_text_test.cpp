// Counts as people write them.
#include "core/count_text.hpp"
#include "support/catch.hpp"

using namespace weir;

TEST_CASE("counts have prefixes of 1000 and 1024 in either case, and units where they are named") {
  for (const auto& [text, value] :
       std::initializer_list<std::pair<const char*, std::uint64_t>>{{"0", 0},
                                                                    {"1500", 1500},
                                                                    {"0x1f", 31},
                                                                    {"1k", 1000},
                                                                    {"1K", 1000},
                                                                    {"1.5M", 1'500'000},
                                                                    {"1 M", 1'000'000},
                                                                    {"2Gi", 2147483648u},
                                                                    {"1ki", 1024},
                                                                    {"1e6", 1'000'000},
                                                                    {"1.5E3", 1500},
                                                                    {"1.2E", 1'200'000'000'000'000'000},
                                                                    {"1.1Ki", 1126},
                                                                    {"18446744073709551615", ~std::uint64_t{0}},
                                                                    {"1.0", 1}}) {
    CAPTURE(text);
    const auto count = parse_count(text);
    REQUIRE(count.has_value());
    CHECK(*count == value);
    CHECK(*parse_amount(text) >= static_cast<double>(value));
  }
  CHECK(*parse_count("1MB", {"B"}) == 1'000'000);
  CHECK(*parse_count("1 KiB", {"B"}) == 1024);
  CHECK(*parse_amount("0.5%", {"%"}) == 0.5);
}

TEST_CASE("what is no count is refused, never cut short") {
  for (const char* wrong : {"", "k", "1.5", "1Q", "1MB", "-1", "+1", "1 2", "nan", "inf", ".5", "1.", "1..2",
                            "99999999999T", "18446744073709551616", "1e400", "1e-400", "0x", "1k k"}) {
    CAPTURE(wrong);
    CHECK(parse_count(wrong).has_error());
  }
  CHECK(parse_amount("1MB", {"bit/s"}).has_error());
  CHECK(parse_amount("nan").has_error());
}
