// Names of applications and networks: those of the scripts, and beside them what exporters call their applications. Any
// thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>

#include "core/guarded.hpp"
#include "flow/exporter_table.hpp"
#include "flow/traffic_names.hpp"
#include "script/traffic_name_scripts.hpp"

namespace weir {

class ToldTrafficNames {
 public:
  // Borrows both.
  ToldTrafficNames(const TrafficNameScripts& scripts, const ExporterTable& exporters)
      : scripts_(scripts), exporters_(exporters) {}

  // An exporter has told a name of an application, or was forgotten.
  void note_change() { ++changes_; }
  std::shared_ptr<const TrafficNames> current() const;

 private:
  struct Made {
    std::shared_ptr<const TrafficNames> of, names;
    std::uint64_t changes = 0;
  };
  const TrafficNameScripts& scripts_;
  const ExporterTable& exporters_;
  std::atomic<std::uint64_t> changes_{0};
  mutable Guarded<Made> made_;
};

// The names of `scripts` with those that were told beside them.
std::shared_ptr<const TrafficNames> with_told(const TrafficNames& scripts,
                                              const std::vector<std::pair<std::uint32_t, std::string>>& told);

}  // namespace weir
