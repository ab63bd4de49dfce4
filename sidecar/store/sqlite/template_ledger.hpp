// Carries flow templates to the catalog. What the disk refuses waits, bounded, and is tried again with the writer's commits:
// losing a template only means that the exporter's data wait for the next one after a restart. Any thread.
#pragma once
#include <cstdint>
#include <map>
#include <tuple>

#include "core/guarded.hpp"
#include "store/sqlite/catalog.hpp"
#include "store/template_copy.hpp"

namespace weir {

class TemplateLedger {
 public:
  explicit TemplateLedger(Guarded<Catalog>& catalog) : catalog_(catalog) {}

  // Never throws for what the disk refuses.
  void save(const TemplateCopy& copy);
  // Throws SqliteError; what is not saved goes on waiting.
  void save_waiting();

 private:
  // Exporter, source port, domain, version, template id: a later copy replaces the earlier.
  using Key = std::tuple<IpAddress, std::uint16_t, std::uint32_t, std::uint16_t, std::uint16_t>;
  static Key key_of(const TemplateCopy& copy);

  Guarded<Catalog>& catalog_;
  Guarded<std::map<Key, TemplateCopy>> waiting_;
};

}  // namespace weir
