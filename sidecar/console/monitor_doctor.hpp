// What the doctor says of the connection to the monitor, out of the figures that /metrics shows. Pure; any thread.
#pragma once
#include <string>
#include <string_view>

#include "console/doctor_report.hpp"

namespace weir {

// `metrics`: in the text format of Prometheus; a figure that is not there is nothing wrong. `last_error`: the last
// words about the monitor in the log; may be empty.
void examine_monitor(DoctorReport& report, std::string_view metrics, const std::string& last_error);

}  // namespace weir
