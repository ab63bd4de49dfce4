// What derived columns are made from, as one set that a query holds while it runs. Plain values; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <memory>

#include "flow/address_labels.hpp"
#include "flow/traffic_names.hpp"

namespace weir {

// Files that label addresses; enrich/address_database has a row for each.
enum class AddressDatabaseId : std::uint8_t { kCountry, kAsName };
inline constexpr std::size_t kAddressDatabaseCount = 2;

// Bits of an address that its prefix keeps.
struct PrefixLengths {
  std::uint8_t v4 = 24, v6 = 64;
  friend bool operator==(const PrefixLengths&, const PrefixLengths&) = default;
};

struct DerivedSources {
  std::shared_ptr<const TrafficNames> names{};  // of scripts; null: not known here
  std::array<std::shared_ptr<const AddressLabels>, kAddressDatabaseCount> databases{};  // null: there is no such file
  PrefixLengths prefix{};                                                               // as the query asks

  const AddressLabels* database(AddressDatabaseId id) const { return databases[static_cast<std::size_t>(id)].get(); }
};

}  // namespace weir
