// What things in flows are called: applications and networks by scripts, applications by exporters; one set, which a
// query holds while it runs. Immutable; any thread.
#pragma once
#include "flow/application_table.hpp"
#include "flow/network_table.hpp"
#include "flow/told_applications.hpp"

namespace weir {

struct TrafficNames {
  ApplicationTable applications;
  NetworkTable networks;
  ToldApplications told{};  // what no rule of `applications` names

  // nullptr: it has no name.
  const std::string* application_name(ApplicationCode code) const {
    return ApplicationTable::is_named(code) ? &applications.name_of(code) : told.name_of(code);
  }
};

}  // namespace weir
