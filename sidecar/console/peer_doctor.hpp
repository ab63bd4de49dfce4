// What the doctor says of the collectors that this one asks. Any thread.
#pragma once
#include <vector>

#include "api/backend.hpp"
#include "console/doctor_report.hpp"

namespace weir {

void examine_peers(DoctorReport& report, const std::vector<PeerStatus>& peers, std::int64_t now_ms);

}  // namespace weir
