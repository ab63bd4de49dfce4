// Params in words: what is taken, and how each wrong one is named.
#include "api/query_params.hpp"

#include <boost/json.hpp>

#include "support/catch.hpp"

using namespace weir;

namespace {

RpcResult<Query> parsed(const char* json) { return parse_query_params(boost::json::parse(json).as_object()); }

std::string refusal(const char* json) {
  const auto query = parsed(json);
  REQUIRE_FALSE(query.has_value());
  CHECK(query.error().code == RpcCode::kInvalidParams);
  return query.error().message;
}

}  // namespace

TEST_CASE("params that are left out have the contract's defaults") {
  const auto query = parsed("{}");
  REQUIRE(query.has_value());
  CHECK_FALSE(query->range);
  CHECK(query->by == std::vector{FieldId::kHost});
  CHECK(query->limit == 24);
  CHECK(query->buckets == 0);
  CHECK_FALSE(query->unscaled);
}

TEST_CASE("every param reaches the query") {
  const auto query = parsed(
      R"({"range":{"from_ms":5,"to_ms":9},"filter":"proto udp","by":["port","protocol"],"direction":"listeners","measure":"octets_in","order":"asc","limit":7,"buckets":200,"unscaled":true})");
  REQUIRE(query.has_value());
  CHECK(query->range == TimeRange{.from_ms = 5, .to_ms = 9});
  CHECK(query->filter == "proto udp");
  CHECK(query->by == std::vector{FieldId::kPort, FieldId::kProtocol});
  CHECK(query->direction == Direction::kListeners);
  CHECK(query->rank == RankBy::kOctetsIn);
  CHECK(query->ascending);
  CHECK(query->limit == 7);
  CHECK(query->buckets == 200);
  CHECK(query->unscaled);
}

TEST_CASE("a wrong param is named, with what is allowed") {
  CHECK(refusal(R"({"limit":0})") == "Invalid params: limit: has to be a whole number from 1 to 10000");
  CHECK(refusal(R"({"limit":1.5})") == "Invalid params: limit: has to be a whole number from 1 to 10000");
  CHECK(refusal(R"({"limit":"7"})").find("limit") != std::string::npos);
  CHECK(refusal(R"({"buckets":2001})") == "Invalid params: buckets: has to be a whole number from 0 to 2000");
  CHECK(refusal(R"({"buckets":2000,"limit":10000})").find("buckets: times (limit + 1)") != std::string::npos);
  CHECK(refusal(R"({"direction":"up"})") == "Invalid params: direction: has to be one of both, talkers, listeners");
  CHECK(refusal(R"({"measure":1})") ==
        "Invalid params: measure: has to be one of octets, packets, flows, sessions, octets_in, octets_out, "
        "octets_client, octets_server, key");
  CHECK(refusal(R"({"order":"up"})") == "Invalid params: order: has to be one of desc, asc");
  CHECK(refusal(R"({"by":[]})") == "Invalid params: by: has to be a list of 1 to 8");
  CHECK(refusal(R"({"by":["colour"]})").find("by: ") != std::string::npos);
  CHECK(refusal(R"({"by":["host",3]})") == "Invalid params: by: has to be a list of field names");
  CHECK(refusal(R"({"range":{"from_ms":9}})") == "Invalid params: range: range.to_ms: is missing");
  CHECK(refusal(R"({"range":{"from_ms":9,"to_ms":9}})") ==
        "Invalid params: range: range.to_ms: has to be later than from_ms");
  CHECK(refusal(R"({"range":[1,2]})") == "Invalid params: range: has to be an object");
  CHECK(refusal(R"({"unscaled":1})") == "Invalid params: unscaled: has to be true or false");
  CHECK(refusal(R"({"filter":7})") == "Invalid params: filter: has to be text");
  CHECK(refusal(R"({"filtre":"x"})").find("filtre: is not known; allowed: range, filter") != std::string::npos);
}

TEST_CASE("a query string holds the same params") {
  const auto query = parse_query_string(
      "by=host,port&from_ms=5&to_ms=9&filter=proto+udp%20and%20port%2053&limit=3&unscaled=1&token=secret");
  REQUIRE(query.has_value());
  CHECK(query->by == std::vector{FieldId::kHost, FieldId::kPort});
  CHECK(query->range == TimeRange{.from_ms = 5, .to_ms = 9});
  CHECK(query->filter == "proto udp and port 53");
  CHECK(query->limit == 3);
  CHECK(query->unscaled);
  CHECK(parse_query_string("")->limit == kMaxLimit);
}

TEST_CASE("a wrong query string is refused in the same words") {
  const auto message = [](const char* text) {
    const auto query = parse_query_string(text);
    REQUIRE_FALSE(query.has_value());
    return query.error().message;
  };
  CHECK(message("limit=x") == "Invalid params: limit: has to be a whole number from 1 to 10000");
  CHECK(message("from_ms=5") == "Invalid params: range: range.to_ms: is missing");
  CHECK(message("limit=1&limit=2") == "Invalid params: limit: is given twice");
  CHECK(message("filter=%2").find("hexadecimal") != std::string::npos);
  CHECK(message("filter=%zz").find("hexadecimal") != std::string::npos);
  CHECK(message("by=").find("by: ") != std::string::npos);
  CHECK(message("a=1").find("a: is not known") != std::string::npos);
}

TEST_CASE("a session list sorts by what it is told") {
  const auto query =
      parse_session_params(boost::json::parse(R"({"sort":"end","order":"asc","limit":10000,"offset":5})").as_object());
  REQUIRE(query.has_value());
  CHECK(query->order == SessionOrder::kEnd);
  CHECK(query->ascending);
  CHECK(query->limit == 10'000);
  CHECK(query->offset == 5);
}

TEST_CASE("a list of sessions takes the params of flows.top; the measure is its order where no sort is given") {
  const auto read = [](const char* params) { return parse_session_params(boost::json::parse(params).as_object()); };
  const auto query = read(
      R"({"range":{"from_ms":1,"to_ms":2},"filter":"tcp","by":["host"],"direction":"talkers","measure":"packets","limit":5,"buckets":200})");
  REQUIRE(query.has_value());
  CHECK(query->order == SessionOrder::kPackets);
  CHECK(query->limit == 5);
  CHECK(read(R"({"measure":"packets","sort":"end"})")->order == SessionOrder::kEnd);
  CHECK(read(R"({"measure":"flows"})")->order == SessionOrder::kOctets);
  CHECK_FALSE(read(R"({"by":["nothing"]})").has_value());
  CHECK_FALSE(read(R"({"buckets":-1})").has_value());
  CHECK_FALSE(read(R"({"bucket":1})").has_value());
}
