// Templates on their way to the catalog: save() only remembers, and the writer's commits carry the newest of each key to
// the disk, a bounded number at a time. A sender that changes its templates all the time costs memory within the bounds
// below and no disk access of its own. Any thread.
#pragma once
#include <cstdint>
#include <map>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "core/guarded.hpp"
#include "store/sqlite/live_catalog.hpp"
#include "store/template_copy.hpp"

namespace weir {

struct TemplateLedgerCounters {
  std::uint64_t waiting = 0, waiting_bytes = 0;
  std::uint64_t saved = 0;
  std::uint64_t refused = 0;  // beyond a bound: after a restart their data wait until the exporter announces them again
};

class TemplateLedger {
 public:
  explicit TemplateLedger(LiveCatalog& catalog) : catalog_(catalog) {}

  // Never waits for the disk.
  void save(const TemplateCopy& copy);
  // Carries some of what waits to the catalog. Throws SqliteError; what is not saved goes on waiting.
  void save_waiting();
  // What waits and what is stored of the exporter goes. Throws SqliteError.
  void forget(const IpAddress& exporter);
  TemplateLedgerCounters counters() const;

 private:
  // Exporter, source port, domain, version, template id: a later copy replaces the earlier.
  using Key = std::tuple<IpAddress, std::uint16_t, std::uint32_t, std::uint16_t, std::uint16_t>;
  using Copies = std::map<Key, TemplateCopy>;
  struct Waiting {
    Copies copies;
    TemplateLedgerCounters counters;
  };
  // What the catalog has: read once, so that a bound costs no statement.
  struct Stored {
    std::map<Key, std::uint64_t> bytes;
    std::unordered_map<IpAddress, std::uint32_t> per_exporter;
    std::uint64_t all_bytes = 0, generation = 0;
    bool known = false;

    bool has_room(const Key& key, const TemplateCopy& copy) const;
    void add(const TemplateCopy& copy);
  };
  static Key key_of(const TemplateCopy& copy);
  Copies take_some();
  void read_stored(Stored& stored);

  LiveCatalog& catalog_;
  mutable Guarded<Waiting> waiting_;  // never held while the disk is waited for
  Guarded<Stored> stored_;
};

}  // namespace weir
