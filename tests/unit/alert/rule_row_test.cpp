// Conditions and keys as text.
#include "alert/rule_row.hpp"

#include "query/filter.hpp"
#include "support/catch.hpp"

using namespace weir;

TEST_CASE("conditions compare, with suffixes") {
  const auto above = parse_row_condition(RowMeasure::kBitsPerS, ">100M");
  REQUIRE(above.has_value());
  CHECK_FALSE(above->holds(1e8));
  CHECK(above->holds(1e8 + 1));
  CHECK(parse_row_condition(RowMeasure::kOctets, ">= 1.5k")->holds(1500));
  CHECK(parse_row_condition(RowMeasure::kOctets, "2Ki")->holds(2048));
  CHECK_FALSE(parse_row_condition(RowMeasure::kOctets, "< 10")->holds(10));
  for (const char* wrong : {"", ">", "x", ">1Q", "1 M 2", "nan", ">inf"})
    CHECK_FALSE(parse_row_condition(RowMeasure::kOctets, wrong).has_value());
}

TEST_CASE("a key's filter quotes names, which may have blanks or look like numbers, and the name of what has none") {
  const std::vector<FieldId> by{FieldId::kApplication, FieldId::kNetwork, FieldId::kCountry};
  const auto filter =
      row_key_filter("", by, {std::string("Web and mail"), std::string("3rd floor"), std::string("DE")});
  CHECK(filter == "application \"Web and mail\" and network \"3rd floor\" and country \"DE\"");
  CHECK(row_key_filter("", by, {std::uint64_t{13 << 24}, std::string(), std::string()}) ==
        "application 218103808 and network \"\" and country \"\"");
  CHECK(parse_filter(filter).has_value());
  CHECK(parse_filter(row_key_filter("", by, {std::uint64_t{1}, std::string(), std::string()})).has_value());
}

TEST_CASE("keys go to text and back") {
  const std::vector<FieldId> by{FieldId::kExporter, FieldId::kInterface};
  const RowKey key{*parse_ip_address("10.0.0.1"), std::uint64_t{3}};
  CHECK(row_key_text(key) == "10.0.0.1,3");
  CHECK(parse_row_key(by, "10.0.0.1,3") == key);
  CHECK_FALSE(parse_row_key(by, "10.0.0.1").has_value());
  CHECK_FALSE(parse_row_key(by, "10.0.0.1,3,4").has_value());
  CHECK_FALSE(parse_row_key(by, "10.0.0.1,x").has_value());
  CHECK(row_key_title(by, key) == "exporter 10.0.0.1, interface 3");
  CHECK(row_key_filter("proto tcp or proto udp", by, key) ==
        "(proto tcp or proto udp) and exporter 10.0.0.1 and interface 3");
  CHECK(row_key_filter("", {}, {}).empty());
  CHECK(parse_row_key({}, row_key_text({})) == RowKey{});
}
