// Whatever a question is answered with, the parts add up: sessions, rows, buckets, directions and CSV to the same
// totals, with sampling rates that differ by session and direction.
#include <boost/json.hpp>
#include <map>
#include <sstream>

#include "api/export_csv.hpp"
#include "api/query_json.hpp"
#include "store/memory_store.hpp"
#include "support/catch.hpp"
#include "support/generated_sessions.hpp"

using namespace weir;
namespace json = boost::json;

namespace {

constexpr std::int64_t kBegin = 1'800'000'000'000, kSpan = 600'000;

// Sessions between few hosts, halves of one pair often in rows of their own and with rates of their own.
std::vector<Session> some_sessions(testing::Random& random) {
  std::vector<Session> sessions;
  const auto count = 1 + random.below(400);
  for (std::uint64_t id = 1; id <= count; ++id) {
    Session s;
    s.id = id;
    s.start_ms = kBegin + static_cast<std::int64_t>(random.below(kSpan / 2));
    s.end_ms = s.start_ms + static_cast<std::int64_t>(random.below(kSpan / 4));
    s.client = IpAddress::from_v4(0x0a00'0000 + static_cast<std::uint32_t>(random.below(6)));
    s.server = IpAddress::from_v4(0xc633'6400 + static_cast<std::uint32_t>(random.below(3)));
    s.client_port = static_cast<std::uint16_t>(40'000 + random.below(4));
    s.server_port = random.one_in(2) ? 443 : 53;
    s.protocol = s.server_port == 443 ? 6 : 17;
    s.exporter = 1 + static_cast<std::uint32_t>(random.below(2));
    static constexpr std::uint32_t kRates[] = {0, 1, 10, 1000, 4096};
    s.sampling = kRates[random.below(5)];
    const auto sides = 1 + random.below(3);
    for (std::size_t side = 0; side < 2; ++side) {
      if ((sides & (1u << side)) == 0) continue;
      auto& half = s.halves[side];
      half = {.octets = random.below(1'000'000), .packets = random.below(1000), .flows = 1};
      half.in_if = 1 + static_cast<std::uint32_t>(random.below(3));
      half.out_if = 4 + static_cast<std::uint32_t>(random.below(3));
      half.vlan = static_cast<std::uint16_t>(random.below(3));
    }
    s.reason = ServerReason::kPortList;
    sessions.push_back(s);
  }
  return sessions;
}

const KeyNames kNoNames{.service = [](std::uint8_t, std::uint16_t) { return std::string(); },
                        .exporter = [](const IpAddress&) { return std::string(); },
                        .interface = [](const IpAddress&, std::uint32_t) { return std::string(); }};
const ResultContext kNoContext{};

std::uint64_t at(const json::value& v, const char* key) { return v.at(key).to_number<std::uint64_t>(); }

// The column of a CSV by its head, summed over the lines that have a number there.
std::uint64_t csv_sum(const std::string& csv, const std::string& head) {
  std::istringstream lines(csv);
  std::string line;
  std::size_t column = 0;
  std::uint64_t sum = 0;
  for (bool first = true; std::getline(lines, line); first = false) {
    line.pop_back();  // CR
    std::vector<std::string> cells;
    std::istringstream fields(line);
    for (std::string cell; std::getline(fields, cell, ',');) cells.push_back(cell);
    if (first) column = static_cast<std::size_t>(std::find(cells.begin(), cells.end(), head) - cells.begin());
    else if (column < cells.size() && !cells[column].empty()) sum += std::stoull(cells[column]);
  }
  return sum;
}

}  // namespace

TEST_CASE("the parts of every answer add up to the totals") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    testing::Random random(seed);
    MemoryStore store(1 + static_cast<std::uint32_t>(random.below(100)));
    store.add_exporter(
        {.id = 1, .address = *parse_ip_address("192.0.2.1"), .configured_sampling = random.one_in(2) ? 7u : 0u});
    store.add_exporter({.id = 2, .address = *parse_ip_address("192.0.2.2")});
    auto sessions = some_sessions(random);
    const auto last = sessions.size() + 1;
    store.on_sessions({.sessions = std::move(sessions), .final_below = last});
    const TimeRange range{.from_ms = kBegin, .to_ms = kBegin + kSpan};
    const std::string filter = random.one_in(2) ? "" : random.one_in(2) ? "in_if 2" : "exporter 192.0.2.1 or port 53";
    const bool unscaled = random.one_in(3);

    const auto whole = run_query({.range = range, .filter = filter, .unscaled = unscaled}, store);
    REQUIRE(whole.has_value());
    const auto total = whole->totals.octets;

    // Sessions: a row is its two directions, and all rows are the totals. (in_if selects halves: those are not whole
    // rows.)
    SessionQuery list{.range = range, .filter = filter, .limit = 1000, .unscaled = unscaled};
    const auto found = run_session_query(list, store);
    REQUIRE(found.has_value());
    const auto answer = json::parse(session_result_json(*found, kNoContext, kNoNames));
    std::uint64_t sum = 0;
    for (const auto& s : answer.at("sessions").as_array()) {
      REQUIRE(at(s, "octets") == at(s, "octets_to_server") + at(s, "octets_to_client"));
      REQUIRE(at(s, "packets") == at(s, "packets_to_server") + at(s, "packets_to_client"));
      sum += at(s, "octets");
    }
    REQUIRE(found->totals.octets == total);
    if (filter != "in_if 2") REQUIRE(sum == total);

    // Rows, "other", buckets, directions and CSV.
    for (const auto field : {FieldId::kClient, FieldId::kServer, FieldId::kProtocol, FieldId::kExporter, FieldId::kInIf,
                             FieldId::kOutIf, FieldId::kVlan, FieldId::kHost, FieldId::kPort, FieldId::kInterface,
                             FieldId::kClientPort, FieldId::kReason}) {
      CAPTURE(field_info(field).word);
      const bool both = field_info(field).either_end;
      for (const std::uint32_t buckets : {0u, 7u}) {
        const Query query{.range = range,
                          .filter = filter,
                          .by = {field},
                          .limit = 1 + static_cast<std::uint32_t>(random.below(6)),
                          .buckets = buckets,
                          .unscaled = unscaled};
        const auto result = run_query(query, store);
        REQUIRE(result.has_value());
        const auto text = json::parse(query_result_json(query, *result, kNoContext, kNoNames));
        REQUIRE(at(text.at("totals"), "octets") == total);
        std::uint64_t rows = at(text.at("other"), "octets"), charted = 0;
        for (const auto& row : text.at("rows").as_array()) {
          rows += at(row, "octets");
          if (row.as_object().contains("octets_in"))
            REQUIRE(at(row, "octets_in") + at(row, "octets_out") == at(row, "octets"));
        }
        for (const auto& series : text.at("series").as_array()) {
          for (const auto& octets : series.at("octets").as_array()) charted += octets.to_number<std::uint64_t>();
        }
        // What is at two ends counts at both.
        REQUIRE(rows == (both ? 2 * total : total));
        if (buckets != 0) REQUIRE(charted == rows);
        REQUIRE(csv_sum(query_result_csv(query, *result), "octets") == rows);
      }
    }
  }
}
