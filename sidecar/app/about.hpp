// One text for `weir about`, the window and bug reports: version, build, libraries, system, settings. No secrets.
#pragma once
#include "api/backend.hpp"
#include "app/settings.hpp"

namespace weir {

// What holds without a running collector.
AboutReport about_program(const Settings& settings);

}  // namespace weir
