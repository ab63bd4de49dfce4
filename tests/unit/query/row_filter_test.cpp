// Filters for records that are in no store yet.
#include <algorithm>

#include "flow/lone_session.hpp"
#include "query/row_filter.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

Session session(const char* src, const char* dst, std::uint16_t dst_port, std::uint64_t octets, std::uint32_t in_if,
                bool answered = false) {
  FlowRecord r{.src = *parse_ip_address(src),
               .dst = *parse_ip_address(dst),
               .start_ms = 1'000,
               .end_ms = 2'000,
               .octets = octets,
               .packets = 1,
               .exporter = 7,
               .src_port = 50'000,
               .dst_port = dst_port,
               .protocol = 6};
  r.in_if = in_if;
  r.out_if = 99;
  if (answered) {
    r.has_reverse = true;
    r.reverse_octets = 5;
  }
  return lone_session(r);
}

std::vector<bool> passing(std::string_view filter, const std::vector<Session>& sessions) {
  const std::vector<ExporterName> exporters{{.id = 7, .address = *parse_ip_address("192.0.2.1"), .name = "edge-1"}};
  const auto made = RowFilter::make(filter, {}, exporters, {});
  INFO((made ? "" : made.error().message));
  REQUIRE(made.has_value());
  return made->passes(sessions);
}

}  // namespace

TEST_CASE("a filter of rows: ends, ports, octets, exporters, interfaces by direction") {
  const std::vector<Session> sessions{session("10.0.0.1", "198.51.100.1", 443, 2'000'000, 3),
                                      session("10.0.0.2", "198.51.100.1", 53, 80, 4),
                                      session("10.0.0.3", "198.51.100.2", 443, 80, 99, true)};
  using Passes = std::vector<bool>;
  CHECK(passing("", sessions) == Passes{true, true, true});
  CHECK(passing("port 443", sessions) == Passes{true, false, true});
  CHECK(passing("src host 10.0.0.0/8 and dst port 53", sessions) == Passes{false, true, false});
  CHECK(passing("bytes > 1M", sessions) == Passes{true, false, false});
  CHECK(passing("exporter edge-1 and not tcp", sessions) == Passes{false, false, false});
  CHECK(passing("in if 99", sessions) ==
        Passes{false, false, true});  // of the record itself, and of its answer alone in the third
  CHECK(passing("src host 198.51.100.2", sessions) == Passes{false, false, true});  // who answers sends, too
  CHECK(passing("port 1", {}) == Passes{});
}

TEST_CASE("a filter of rows: mistakes are those of queries") {
  CHECK(RowFilter::make("host nowhere", {}, {}, {}).error().message.find("nowhere") != std::string::npos);
  CHECK(RowFilter::make("exporter nobody", {}, {}, {}).error().message.find("no exporter is named 'nobody'") !=
        std::string::npos);
  CHECK(RowFilter::make("country DE", {}, {}, {}).error().message.find("countries are not known") != std::string::npos);
}

TEST_CASE("a filter of rows: more rows than a block") {
  std::vector<Session> many;
  for (std::uint16_t i = 0; i < 1300; ++i) many.push_back(session("10.0.0.1", "198.51.100.1", i, 100, 3));
  const auto passes = passing("port 1299,600,5", many);
  CHECK(std::count(passes.begin(), passes.end(), true) == 3);
  CHECK(passes[1299]);
}
