// The [decode], [exporters] and [receive] sections of weir.toml as the stages take them. Pure functions of the
// settings.
#pragma once
#include "app/settings.hpp"
#include "decode/decoder.hpp"
#include "receive/tcp_listener.hpp"

namespace weir {

DecodeLimits decode_limits(const Settings& settings);
TcpLimits tcp_limits(const Settings& settings);
// Of a collector that runs; an import takes everybody.
AdmissionLimits admission_limits(const Settings& settings);

}  // namespace weir
