// What another collector answers: read, and put together with the answer of a store. Whatever it says, the store's own
// part is there.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "peers/peer_answers.hpp"
#include "query/local_answerer.hpp"
#include "query/merged_answerer.hpp"
#include "store/memory_store.hpp"

namespace {

using namespace weir;
namespace json = boost::json;

constexpr std::int64_t kNowMs = 1'700'000'000'000;

// Says the same to everything.
class SaidAnswerer final : public Answerer {
 public:
  explicit SaidAnswerer(const json::object& said) : said_(said) {}
  Result<Answer<QueryResult>> answer(const Query& query, const QueryControl&) override {
    return read_top_answer(said_, query, kNowMs);
  }
  Result<Answer<SessionResult>> sessions(const SessionQuery& query, const QueryControl&) override {
    return read_sessions_answer(said_, query, kNowMs);
  }

 private:
  const json::object& said_;
};

MemoryStore& own_sessions() {
  static MemoryStore store;
  static const bool filled = [] {
    Session s{.id = 1, .start_ms = kNowMs - 1000, .end_ms = kNowMs};
    s.client = IpAddress::from_v4(0x0a00'0001), s.server = IpAddress::from_v4(0xc633'6401), s.exporter = 1;
    s.halves[kToServer] = {.octets = 77, .packets = 1, .flows = 1};
    store.add_exporter({.id = 1, .address = IpAddress::from_v4(0xc000'0201)});
    store.on_sessions({.sessions = {s}});
    return true;
  }();
  (void)filled;
  return store;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  boost::system::error_code bad;
  const auto value = json::parse({reinterpret_cast<const char*>(data), size}, bad);
  if (bad || !value.is_object()) return 0;
  static const ManualClock clock(kNowMs);
  static LocalAnswerer own(own_sessions(), clock, [](std::uint32_t) { return IpAddress{}; });
  SaidAnswerer peer(value.get_object());
  MergedAnswerer merged({{.name = "", .answerer = &own}, {.name = "peer", .answerer = &peer}});
  const TimeRange range{.from_ms = kNowMs - 10'000, .to_ms = kNowMs + 1};
  for (const std::uint32_t buckets : {0u, 2u}) {
    const auto answer = merged.answer({.range = range, .by = {FieldId::kHost}, .limit = 3, .buckets = buckets}, {});
    if (!answer || answer->result.totals.octets < 77) std::abort();
    const auto open = merged.answer({.by = {FieldId::kHost}, .limit = 3, .buckets = buckets}, {});
    if (open && open->result.totals.octets < 77) std::abort();
  }
  const auto sessions = merged.sessions({.limit = 3}, {});
  if (!sessions || sessions->result.totals.octets < 77) std::abort();
  return 0;
}
