// Which exporters a filter is about.
#include "query/exporters_in_question.hpp"
#include "query/resolve_filter.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

const std::vector<ExporterName> kExporters{{.id = 3, .address = *parse_ip_address("192.0.2.3"), .name = "core"},
                                           {.id = 1, .address = *parse_ip_address("192.0.2.1"), .name = "edge"},
                                           {.id = 2, .address = *parse_ip_address("2001:db8::2"), .name = ""}};

std::vector<std::uint32_t> of(const char* text, const std::optional<std::vector<IpAddress>>& allowed = {}) {
  auto filter = parse_filter(text);
  REQUIRE(filter.has_value());
  const auto resolved = resolve_filter(std::move(*filter), kExporters, allowed, {});
  REQUIRE(resolved.has_value());
  return exporters_in_question(*resolved, kExporters);
}
using Ids = std::vector<std::uint32_t>;
const std::vector<IpAddress> kTwoAndThree{kExporters[2].address, kExporters[0].address};

}  // namespace

TEST_CASE("a filter is about the exporters whose sessions it can select") {
  CHECK(of("") == Ids{1, 2, 3});
  CHECK(of("host 10.0.0.1 and port 80") == Ids{1, 2, 3});
  CHECK(of("exporter edge") == Ids{1});
  CHECK(of("exporter 192.0.2.0/24") == Ids{1, 3});
  CHECK(of("exporter edge or exporter core and tcp") == Ids{1, 3});
  CHECK(of("exporter edge or tcp") == Ids{1, 2, 3});
  CHECK(of("not exporter edge") == Ids{2, 3});
  CHECK(of("not (exporter edge and tcp)") == Ids{1, 2, 3});
  CHECK(of("not (exporter edge or tcp)") == Ids{2, 3});
  CHECK(of("exporter edge and (exporter core)") == Ids{});
}

TEST_CASE("what a token does not show is not in question") {
  CHECK(of("", kTwoAndThree) == Ids{2, 3});
  CHECK(of("not exporter core", kTwoAndThree) == Ids{2});
  CHECK(of("tcp", std::vector<IpAddress>{}) == Ids{});
}
