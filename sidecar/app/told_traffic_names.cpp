// Made again when either part has changed: scripts and tables change seldom, and every query asks.
#include "app/told_traffic_names.hpp"

namespace weir {

std::shared_ptr<const TrafficNames> with_told(const TrafficNames& scripts,
                                              const std::vector<std::pair<std::uint32_t, std::string>>& told) {
  auto names = std::make_shared<TrafficNames>(scripts);
  names->told = ToldApplications(told, scripts.applications.names());
  return names;
}

std::shared_ptr<const TrafficNames> ToldTrafficNames::current() const {
  const std::uint64_t changes = changes_;
  auto scripts = scripts_.current();
  return made_.with([&](Made& made) {
    if (made.of == scripts && made.changes == changes) return made.names;
    std::vector<std::pair<std::uint32_t, std::string>> told;
    for (const auto* e : exporters_.all()) {
      e->told.with([&](const ToldNames& names) {
        names.each(ToldKind::kApplication, [&](std::uint64_t id, const std::string& name) {
          told.emplace_back(static_cast<std::uint32_t>(id), name);
        });
      });
    }
    made = {.of = scripts, .names = told.empty() ? scripts : with_told(*scripts, told), .changes = changes};
    return made.names;
  });
}

}  // namespace weir
