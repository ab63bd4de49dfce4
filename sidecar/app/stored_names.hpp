// What the keys of stored sessions are called, for commands that read a data folder without a collector. One thread;
// borrows the store.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>

#include "api/key_names.hpp"
#include "app/settings.hpp"
#include "core/clock.hpp"
#include "enrich/address_database.hpp"
#include "store/store.hpp"

namespace weir {

// What derived columns are made from, by the settings. A file or script that cannot be read is told on stderr as
// `command` does.
DerivedSources stored_sources(const std::string& command, const Settings& settings, const Clock& clock);

class StoredNames {
 public:
  StoredNames(const std::string& command, const Settings& settings, const Clock& clock);
  // Exporters as the store knows them now, and ports. Call it once.
  KeyNames names(Store& store);
  // An exporter's address; after names().
  IpAddress address(std::uint32_t id) const;

  const DerivedSources& sources() const { return sources_; }

 private:
  std::string told(const IpAddress& exporter, ToldKind kind, std::uint64_t id) const;

  const Settings& settings_;
  const Clock& clock_;
  DerivedSources sources_;
  std::unordered_map<IpAddress, std::string> names_;
  std::unordered_map<std::uint32_t, IpAddress> addresses_;
  std::unordered_map<IpAddress, ToldNames> told_;
};

// The result of a question with this mistake: written to stderr, exit code 1 or 2.
int tell_query_mistake(const std::string& command, const Error& error, const std::string& filter, bool over_limit);

}  // namespace weir
