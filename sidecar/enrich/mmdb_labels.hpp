// A file in MaxMind's format as labels of addresses: whole in memory and looked through once, so that what happens to
// the file later does not matter. Any thread.
#pragma once
#include <string>

#include "enrich/address_database.hpp"

namespace weir {

// Takes country.iso_code (GeoLite2, DB-IP) or country_code (ip-location-db); for autonomous systems
// autonomous_system_organization and autonomous_system_number. Errors name the file and the reason.
Result<LoadedLabels> load_mmdb_labels(const AddressDatabaseRow& row, const std::string& path);

}  // namespace weir
