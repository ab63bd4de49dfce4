// Collectors that are asked by the API's JSON, and no byte of it lost: they answer as one store that has the sessions
// of all.
#include <boost/json.hpp>
#include <memory>
#include <set>

#include "api/query_json.hpp"
#include "api/query_params.hpp"
#include "peers/peer_answers.hpp"
#include "peers/peer_question.hpp"
#include "scenario/conservation/checked_answer.hpp"
#include "scenario/conservation/collectors.hpp"
#include "support/catch.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

namespace json = boost::json;

// A collector at the other end of a wire that carries JSON alone.
class WiredAnswerer final : public Answerer {
 public:
  explicit WiredAnswerer(Answerer& inner) : inner_(inner) {}

  Result<Answer<QueryResult>> answer(const Query& query, const QueryControl& control) override {
    const auto asked = asked_of_peer(query);
    const auto call = json::parse(top_call(asked, control));
    CHECK(call.at("method") == "flows.top");
    auto there = parse_query_params(call.at("params").as_object());
    if (!there) return error(there.error().message);
    REQUIRE(there->alone);
    auto answer = inner_.answer(*there, control);
    if (!answer) return answer.error();
    const auto text =
        query_result_json(*there, answer->result, context_of(std::move(answer->gaps), 0, kWorldStartMs), KeyNames{});
    return read_top_answer(json::parse(text).as_object(), asked, kWorldStartMs);
  }

  Result<Answer<SessionResult>> sessions(const SessionQuery& query, const QueryControl& control) override {
    const auto call = json::parse(sessions_call(query, control));
    CHECK(call.at("method") == "flows.sessions");
    auto there = parse_session_params(call.at("params").as_object());
    if (!there) return error(there.error().message);
    auto answer = inner_.sessions(*there, control);
    if (!answer) return answer.error();
    const auto text =
        session_result_json(answer->result, context_of(std::move(answer->gaps), 0, kWorldStartMs), KeyNames{});
    auto read = read_sessions_answer(json::parse(text).as_object(), query, kWorldStartMs);
    if (read && read->result.sessions.size() > query.limit) read->result.sessions.resize(query.limit);
    return read;
  }

 private:
  Answerer& inner_;
};

struct WiredCollectors {
  WiredCollectors(const World& world, Random& random, std::size_t count,
                  const std::function<std::size_t(const Session&)>& home_of)
      : collectors(world, random, count, home_of), sources(collectors.sources()) {
    for (std::size_t i = 1; i < sources.size(); ++i) {
      wires.push_back(std::make_unique<WiredAnswerer>(*sources[i].answerer));
      sources[i].answerer = wires.back().get();
    }
  }
  Collectors collectors;
  std::vector<MergedAnswerer::Source> sources;
  std::vector<std::unique_ptr<WiredAnswerer>> wires;
};

}  // namespace

TEST_CASE("peers answer every query as one store would") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed + 7000);
    const auto world = random_world(random, 1 + random.below(seed % 10 == 0 ? 500 : 90));
    const auto count = 2 + random.below(3);
    const WiredCollectors wired(world, random, count, [&](const Session&) { return random.below(count); });
    MergedAnswerer merged(wired.sources);
    QueryControl control;
    control.derived = world.sources;
    CAPTURE(seed, count);
    check_questions(random, world, merged, control, 25);
  }
}

TEST_CASE("sessions of peers say what those of one store say") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed + 11'000);
    const auto world = random_world(random, 1 + random.below(150));
    MemoryStore whole(64);
    for (const auto& exporter : world.exporters) whole.add_exporter(exporter);
    whole.on_sessions({.sessions = world.sessions});
    // All are at a peer: each row has been through JSON.
    const WiredCollectors wired(world, random, 2, [](const Session&) { return 1; });
    QueryControl control;
    control.derived = world.sources;
    SessionQuery query{.order = static_cast<SessionOrder>(random.below(kSessionOrderWords.size())),
                       .ascending = random.one_in(2),
                       .limit = 200};
    CAPTURE(seed);
    const auto expected = run_session_query(query, whole, control);
    const auto answer = MergedAnswerer(wired.sources).sessions(query, control);
    REQUIRE(answer.has_value());
    for (const auto& away : answer->gaps.away) FAIL(away.why);
    // As they are shown: which half was reported is not told, and not shown.
    const auto shown = [](const SessionResult& result) {
      return json::parse(session_result_json(result, {}, KeyNames{})).at("sessions").as_array();
    };
    const auto a = shown(answer->result), e = shown(*expected);
    REQUIRE(a.size() == e.size());
    // Equals may come in any order.
    std::multiset<std::string> as, es;
    for (std::size_t i = 0; i < a.size(); ++i) as.insert(json::serialize(a[i])), es.insert(json::serialize(e[i]));
    if (a.size() < query.limit) CHECK(as == es);
  }
}

TEST_CASE("an answer that is no answer is refused, and the member that is wrong is named") {
  const Query query{.by = {FieldId::kHost}, .limit = 3, .buckets = 2};
  const auto good = R"({"range":{"from_ms":0,"to_ms":2},"totals":{"octets":5,"packets":1,"flows":1,"sessions":1},
    "rows":[{"key":{"host":"10.0.0.1"},"octets":5,"packets":1,"flows":1,"sessions":1,"octets_in":5,"octets_out":0,"octets_client":0,"octets_server":5}],
    "other":{"octets":0,"packets":0,"flows":0,"sessions":0,"keys":0},
    "series":[{"key":{"host":"10.0.0.1"},"octets":[5,0],"packets":[1,0]},{"key":{},"other":true,"octets":[0,0],"packets":[0,0]}],
    "quality":{"rates":[],"more_rates":false,"unknown_sampling":false,"unsampled":0,"scaled_later":0,"time_repaired":0,"counters_uncertain":0,"no_counters":0,"lost":0,"lost_unit":"records","waiting":0,"refused":0,"malformed":0,"dropped":0,"duplicates":0,"late_ms":0,
      "exporters":[],"exporters_in_question":1,"gaps":[],"more_gaps":false,"away":[]},"sessions_scanned":1})";
  const auto value = json::parse(good);
  const auto answer = read_top_answer(value.as_object(), query, 2);
  REQUIRE(answer.has_value());
  CHECK(answer->result.rows.at(0).measures.octets == 5);
  CHECK(answer->result.series.at(0).octets == std::vector<std::uint64_t>{5, 0});
  CHECK(answer->gaps.unlisted_exporters == 1);

  const std::vector<std::pair<std::string, std::string>> changes{
      {R"("octets":5,"packets":1,"flows":1,"sessions":1},)", R"("octets":-5,"packets":1,"flows":1,"sessions":1},)"},
      {R"("host":"10.0.0.1"},"octets":5)", R"("host":"ten"},"octets":5)"},
      {R"([5,0])", R"([5])"},
      {R"([5,0])", R"([5,-1])"},
      {R"("more_gaps":false)", R"("more_gaps":"no")"},
      {R"("rows":[)", R"("rows":7,"lines":[)"},
      {R"("from_ms":0,"to_ms":2)", R"("from_ms":1,"to_ms":9223372036854775807)"},
      {R"("exporters":[])", R"("exporters":[{},{}])"},
      {R"("rows":[)", R"("rows":[{},)"},
      {R"(,"sessions_scanned":1)", ""}};
  for (const auto& [from, to] : changes) {
    auto text = std::string(good);
    text.replace(text.find(from), from.size(), to);
    const auto bad = json::parse(text);
    CAPTURE(to);
    const auto refused = read_top_answer(bad.as_object(), query, 2);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("its answer cannot be read: ") == 0);
  }
}
