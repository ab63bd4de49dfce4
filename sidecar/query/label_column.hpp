// Labels of addresses as derived columns: the country, the network, the name of the autonomous system.
#pragma once
#include "query/derived_column.hpp"

namespace weir {

const DerivedColumn& country_column();
const DerivedColumn& network_column();
const DerivedColumn& as_name_column();

}  // namespace weir
