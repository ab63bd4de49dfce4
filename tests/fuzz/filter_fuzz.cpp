// What people type: the filter parser. A text that parses is also run, over a few sessions, so that what it means is
// exercised as well; a mistake names a column within the text and says something.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/saturating.hpp"
#include "query/query.hpp"
#include "store/memory_store.hpp"
#include "support/generated_sessions.hpp"
#include "support/labels_by_function.hpp"

namespace {

using namespace weir;

MemoryStore& sessions() {
  static MemoryStore store(16);
  static const bool filled = [] {
    testing::Random random(1);
    SessionBatch batch;
    for (std::uint64_t id = 1; id <= 40; ++id)
      batch.sessions.push_back(testing::random_session(random, id, 1'700'000'000'000));
    store.add_exporter(
        {.id = 1, .address = IpAddress::from_v4(0xc000'0201), .name = "edge-1", .configured_sampling = 10});
    store.on_sessions(std::move(batch));
    return true;
  }();
  (void)filled;
  return store;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto filter = parse_filter(text);
  if (!filter) {
    const auto& error = filter.error();
    if (error.message.empty() || error.column < 1 || error.column > size + 1) std::abort();
    return 0;
  }
  QueryControl control;
  control.threads = 1;
  control.derived =
      testing::country_sources({"DE"}, [](const IpAddress& address) { return address.is_v4() ? "DE" : ""; });
  const auto all = run_query({.filter = std::string(text)}, sessions(), control);
  const auto none =
      run_query({.filter = "not (" + std::string(text.empty() ? "any" : text) + ")"}, sessions(), control);
  const auto everything = run_query({}, sessions(), control);
  // A filter and its negation share out all halves, so their sums stop and are marked as the sum over everything is.
  // (The negation may be too long or too deep; an exporter unknown.)
  if (!all || !none) return 0;
  const auto &a = all->totals, &b = none->totals;
  bool saturated = a.saturated || b.saturated;
  const Measures joined{.octets = saturating_add(a.octets, b.octets, saturated),
                        .packets = saturating_add(a.packets, b.packets, saturated),
                        .flows = a.flows + b.flows,
                        .sessions = everything->totals.sessions,  // one with a half on each side counts for both
                        .saturated = saturated};
  if (joined != everything->totals) std::abort();
  return 0;
}
