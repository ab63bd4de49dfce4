// What the keys of stored sessions are called, for commands that read a data folder without a collector. One thread; borrows
// the store.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>

#include "api/key_names.hpp"
#include "app/settings.hpp"
#include "core/clock.hpp"
#include "enrich/country_database.hpp"
#include "store/store.hpp"

namespace weir {

class StoredNames {
 public:
  // A country database that cannot be read is told on stderr as `command` does.
  StoredNames(const std::string& command, const Settings& settings, const Clock& clock);
  // Exporters as the store knows them now, and ports. Call it once.
  KeyNames names(Store& store);
  // An exporter's address; after names().
  IpAddress address(std::uint32_t id) const;

  const std::shared_ptr<const TrafficNames>& traffic() const { return traffic_; }
  std::function<std::string(const IpAddress&)> country_of() const { return countries_.lookup(); }

 private:
  const Settings& settings_;
  const Clock& clock_;
  CountryDatabase countries_;
  std::shared_ptr<const TrafficNames> traffic_;
  std::unordered_map<IpAddress, std::string> names_;
  std::unordered_map<std::uint32_t, IpAddress> addresses_;
};

// The result of a question with this mistake: written to stderr, exit code 1 or 2.
int tell_query_mistake(const std::string& command, const Error& error, const std::string& filter, bool over_limit);

}  // namespace weir
