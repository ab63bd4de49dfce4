// What doctor says of one exporter, from its counters since the start. Any thread.
#pragma once
#include <cstdint>

#include "console/doctor_report.hpp"
#include "flow/exporter_table.hpp"

namespace weir {

DoctorReport examine_exporter(const Exporter& exporter, std::int64_t now_ms);

}  // namespace weir
