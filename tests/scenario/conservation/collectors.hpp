// The sessions of a world at several collectors.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "query/local_answerer.hpp"
#include "query/merged_answerer.hpp"
#include "scenario/conservation/random_world.hpp"
#include "store/memory_store.hpp"

namespace weir::testing {

// `home_of`: which one has a session.
class Collectors {
 public:
  Collectors(const World& world, Random& random, std::size_t count,
             const std::function<std::size_t(const Session&)>& home_of) {
    std::vector<std::vector<Session>> parts(count);
    for (const auto& session : world.sessions) parts[home_of(session)].push_back(session);
    for (std::size_t i = 0; i < count; ++i) {
      auto& store =
          *stores_.emplace_back(std::make_unique<MemoryStore>(static_cast<std::uint32_t>(1 + random.below(50))));
      for (const auto& exporter : world.exporters) store.add_exporter(exporter);
      store.on_sessions({.sessions = std::move(parts[i])});
      answerers_.push_back(std::make_unique<LocalAnswerer>(store, clock_, [](std::uint32_t) { return IpAddress{}; }));
      sources_.push_back({.name = i == 0 ? "" : "peer " + std::to_string(i), .answerer = answerers_.back().get()});
    }
  }
  std::vector<MergedAnswerer::Source> sources() const { return sources_; }

 private:
  ManualClock clock_{kWorldStartMs};
  std::vector<std::unique_ptr<MemoryStore>> stores_;
  std::vector<std::unique_ptr<LocalAnswerer>> answerers_;
  std::vector<MergedAnswerer::Source> sources_;
};

}  // namespace weir::testing
