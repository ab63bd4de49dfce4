// What is wrong with alert rules, their targets, and the files beside the flows, for `doctor`.
#pragma once
#include "console/console_call.hpp"
#include "console/doctor_report.hpp"

namespace weir {

void examine_alerts(DoctorReport& report, const AlertStatus& status, std::int64_t now_ms);
void examine_state_files(DoctorReport& report, const std::vector<KeptDatabaseStatus>& files, std::int64_t now_ms);

}  // namespace weir
