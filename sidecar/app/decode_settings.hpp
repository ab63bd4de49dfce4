// The [decode] and [exporters] sections of weir.toml as the decode stage takes them. Pure functions of the settings.
#pragma once
#include "app/settings.hpp"
#include "decode/decoder.hpp"

namespace weir {

DecodeLimits decode_limits(const Settings& settings);
// Of a collector that runs; an import takes everybody.
AdmissionLimits admission_limits(const Settings& settings);

}  // namespace weir
