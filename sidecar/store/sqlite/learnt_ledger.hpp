// What exporters were learnt to use, templates and sampling rates, and what they told of themselves, on its way to the
// catalog: save() only remembers, and the writer's commits carry the newest of each key to the disk, a bounded number
// at a time. A sender that changes its templates all the time costs memory within the bounds below and no disk access
// of its own. Any thread.
#pragma once
#include <cstdint>
#include <map>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "core/guarded.hpp"
#include "store/rate_copy.hpp"
#include "store/sqlite/live_catalog.hpp"
#include "store/template_copy.hpp"
#include "store/told_copy.hpp"

namespace weir {

struct LearntLedgerCounters {
  std::uint64_t waiting = 0, waiting_bytes = 0;
  std::uint64_t saved = 0;
  std::uint64_t refused = 0;  // beyond a bound: after a restart their data wait until the exporter announces them again
};

// Of TemplateCopy, RateCopy or ToldCopy.
template <class Copy>
class LearntLedger {
 public:
  explicit LearntLedger(LiveCatalog& catalog) : catalog_(catalog) {}

  // Never waits for the disk.
  void save(const Copy& copy);
  // Carries some of what waits to the catalog. Throws SqliteError; what is not saved goes on waiting.
  void save_waiting();
  // What waits and what is stored of the exporter goes. Throws SqliteError.
  void forget(const IpAddress& exporter);
  LearntLedgerCounters counters() const;

 private:
  // Exporter, source port, domain, version, scope or kind, id: a later copy replaces the earlier.
  using Key = std::tuple<IpAddress, std::uint16_t, std::uint32_t, std::uint16_t, std::uint64_t>;
  using Copies = std::map<Key, Copy>;
  struct Waiting {
    Copies copies;
    LearntLedgerCounters counters;
  };
  // What the catalog has: read once, so that a bound costs no statement.
  struct Stored {
    std::map<Key, std::uint64_t> bytes;
    std::unordered_map<IpAddress, std::uint32_t> per_exporter;
    std::uint64_t all_bytes = 0, generation = 0;
    bool known = false;

    bool has_room(const Key& key, const Copy& copy) const;
    void add(const Copy& copy);
  };
  Copies take_some();
  void read_stored(Stored& stored);

  LiveCatalog& catalog_;
  mutable Guarded<Waiting> waiting_;  // never held while the disk is waited for
  Guarded<Stored> stored_;
};

extern template class LearntLedger<TemplateCopy>;
extern template class LearntLedger<RateCopy>;
extern template class LearntLedger<ToldCopy>;

using TemplateLedger = LearntLedger<TemplateCopy>;
using RateLedger = LearntLedger<RateCopy>;
using ToldLedger = LearntLedger<ToldCopy>;

}  // namespace weir
