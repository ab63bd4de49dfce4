// The part of the settings that the monitor stage takes.
#pragma once
#include "app/settings.hpp"
#include "monitor/monitor_settings.hpp"

namespace weir {

MonitorSettings monitor_settings(const Settings& settings);

}  // namespace weir
