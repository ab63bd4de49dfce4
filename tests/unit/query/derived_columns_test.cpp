// Grouping and filtering by derived columns: what a query makes of stored fields.
#include "query/key_text.hpp"
#include "query/label_column.hpp"
#include "small_store.hpp"
#include "support/catch.hpp"
#include "support/labels_by_function.hpp"

using namespace weir;
using namespace weir::test;
using weir::testing::country_sources;

TEST_CASE("countries come from the addresses' lookup") {
  SmallStore f({session(1, "10.0.0.1", "10.0.0.2", 100, 900), session(2, "10.0.0.1", "10.0.0.3", 1, 1)});
  CHECK(f.failure({.by = {FieldId::kCountry}}) == "by: " + country_column().missing({}) + "; else leave 'country' out");
  CHECK(f.failure({.filter = "country DE"}) ==
        country_column().missing({}) + "; else leave 'country' out of the filter");
  QueryControl control;
  control.derived = country_sources({"DE", "FR"}, [](const IpAddress& a) {
    return a == ip("10.0.0.1") ? "DE" : a == ip("10.0.0.2") ? "FR" : "";
  });
  const auto rows = texts_of(*run_query({.by = {FieldId::kCountry}}, f.store, control));
  CHECK(rows == Texts{"DE 1002/4/2 in 901 out 101 as client 101 as server 0",
                      "FR 1000/2/1 in 100 out 900 as client 0 as server 900",
                      " 2/2/1 in 1 out 1 as client 0 as server 1"});
  CHECK(run_query({.filter = "src country fr"}, f.store, control)->totals.octets == 900);
}

TEST_CASE("applications are what the rules of now call them") {
  auto said = session(3, "10.0.0.1", "10.0.0.4", 7, 0);
  said.application = 13u << 24 | 453;
  auto other_port = session(4, "10.0.0.1", "10.0.0.5", 5, 0);
  other_port.server_port = 9;
  SmallStore f(
      {session(1, "10.0.0.1", "10.0.0.2", 100, 900), session(2, "10.0.0.1", "10.0.0.3", 1, 1), said, other_port});
  const auto names = [](std::vector<ApplicationRule> rules) {
    return QueryControl{.derived = {.names = std::make_shared<const TrafficNames>(TrafficNames{
                                        .applications = ApplicationTable(std::move(rules)), .networks = {}})}};
  };
  const ApplicationRule web{.name = "Web", .ports = {{.protocol = 6, .first = 443, .last = 443}}};
  const ApplicationRule shop{.name = "Shop", .servers = {*parse_ip_prefix("10.0.0.3")}};
  const auto ruled = names({shop, web});
  const auto first_words = [&](const QueryControl& control) {
    Texts words;
    const auto result = run_query({.by = {FieldId::kApplication}}, f.store, control);
    for (const auto& row : result->rows)
      words.push_back(text_of(row.key[0]) + " " + std::to_string(row.measures.octets));
    return words;
  };
  CHECK(first_words({}) == Texts{"0 1007", "218104261 7"});
  CHECK(first_words(names({web})) == Texts{"Web 1002", "218104261 7", "0 5"});
  CHECK(first_words(ruled) == Texts{"Web 1000", "218104261 7", "0 5", "Shop 2"});
  const auto octets = [&](const char* filter, const QueryControl& control) {
    return run_query({.filter = filter}, f.store, control)->totals.octets;
  };
  CHECK(octets("application web", ruled) == 1000);
  CHECK(octets("application 'shop',13:453", ruled) == 9);
  CHECK(octets("not application Web", ruled) == 14);
  CHECK(octets("application 13:453", {}) == 7);
  CHECK(octets("application 0", ruled) == 5);
  CHECK(run_query({.filter = "application weeb"}, f.store, ruled).error().message ==
        "no application is named 'weeb' (column 13); did you mean 'Web'?");
}

TEST_CASE("networks come from the longest prefix of either end") {
  SmallStore f({session(1, "10.1.0.1", "10.2.0.2", 100, 900), session(2, "10.1.0.1", "192.0.2.3", 1, 1)});
  CHECK(f.failure({.by = {FieldId::kNetwork}}) == "by: networks are not known here; else leave 'network' out");
  const QueryControl control{
      .derived = {.names = std::make_shared<const TrafficNames>(
                      TrafficNames{.applications = {},
                                   .networks = NetworkTable({{*parse_ip_prefix("10.0.0.0/8"), "Private"},
                                                             {*parse_ip_prefix("10.1.0.0/16"), "Branch Oslo"}})})}};
  const auto rows = texts_of(*run_query({.by = {FieldId::kNetwork}}, f.store, control));
  CHECK(rows == Texts{"Branch Oslo 1002/4/2 in 901 out 101 as client 101 as server 0",
                      "Private 1000/2/1 in 100 out 900 as client 0 as server 900",
                      " 2/2/1 in 1 out 1 as client 0 as server 1"});
  CHECK(run_query({.filter = "src network \"branch oslo\""}, f.store, control)->totals.octets == 101);
  CHECK(run_query({.filter = "network Private"}, f.store, control)->totals.octets == 1000);
}

TEST_CASE("prefixes of the lengths that are asked for hold what lies in them") {
  SmallStore f({session(1, "10.1.2.3", "10.1.3.4", 100, 900), session(2, "10.1.2.9", "2001:db8:1:2::5", 10, 0),
                session(3, "10.9.9.9", "2001:db8:1:3::5", 1, 0)});
  const auto keys = [&](const char* word) {
    Query query;
    REQUIRE(add_group_fields(word, query).has_value());
    Texts texts;
    const auto result = f.run(query);
    for (const auto& row : result.rows)
      texts.push_back(text_of(row.key[0]) + " " + std::to_string(row.measures.octets));
    return texts;
  };
  CHECK(keys("client_prefix") == Texts{"10.1.2.0/24 1010", "10.9.9.0/24 1"});
  CHECK(keys("server_prefix") == Texts{"10.1.3.0/24 1000", "2001:db8:1:2::/64 10", "2001:db8:1:3::/64 1"});
  CHECK(keys("prefix/16") == Texts{"10.1.0.0/16 1010", "2001:db8:1:2::/64 10", "10.9.0.0/16 1", "2001:db8:1:3::/64 1"});
  CHECK(keys("server_prefix/48") == Texts{"10.1.3.0/24 1000", "2001:db8:1::/48 11"});
  CHECK(keys("server_prefix/0/0") == Texts{"0.0.0.0/0 1000", "::/0 11"});
  Query query;
  CHECK(add_group_fields("prefix/129", query).error().message.find("expected a length such as prefix/24") == 0);
  CHECK(add_group_fields("prefix/33/64", query).has_error());
  Query two;
  CHECK(add_group_fields("client_prefix/24", two).has_value());
  CHECK(add_group_fields("server_prefix/8", two).error().message ==
        "'server_prefix/8': all prefixes of one question have the same lengths");
  CHECK(add_group_fields("host/24", query).error().message ==
        "'host/24' cannot be grouped by; only prefixes have a length");
  // A filter looks at the address itself.
  CHECK(f.run({.filter = "prefix 10.1.2.0/30"}).totals.octets == 1000);
  CHECK(key_filter({FieldId::kPrefix}, {std::string("10.1.2.0/24")}) == "prefix 10.1.2.0/24");
}
