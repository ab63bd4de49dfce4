// The catalog of a running collector: one thread at a time, and made anew when its file is damaged or taken away, so
// that collection goes on without a restart. Any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "store/sqlite/catalog.hpp"

namespace weir {

class LiveCatalog {
 public:
  // Opens or makes the file; a damaged one is set aside. Throws SqliteError when it cannot be opened for another
  // reason.
  LiveCatalog(std::string path, const Clock& clock);

  // Runs f(Catalog&) under the lock. When the file turns out to be damaged, f runs once more on a new one. Throws what
  // f throws.
  template <class F>
  auto with(F f) {
    return state_.with([&](State& s) {
      if (!s.catalog) open(s);
      try {
        return f(*s.catalog);
      } catch (const SqliteError& e) {
        if (!e.is_damage() || e.path() != path_) throw;
        make_anew(s, e.what());
        return f(*s.catalog);
      }
    });
  }
  // Notices that the file was deleted or replaced, and writes it again. Call it once per commit. Throws SqliteError.
  void look();
  // How often the catalog was made anew: what the owner had saved before must be saved again.
  std::uint64_t generation() const {
    return state_.with([](const State& s) { return s.generation; });
  }
  // What happened since the last call, for people.
  std::vector<std::string> take_notices() {
    return state_.with([](State& s) { return std::exchange(s.notices, {}); });
  }
  const std::string& path() const { return path_; }

 private:
  struct State {
    std::unique_ptr<Catalog> catalog;
    std::vector<CatalogExporter> rescued_exporters;  // of a damaged file, until a new one has them
    std::vector<TemplateCopy> rescued_templates;
    std::vector<RateCopy> rescued_rates;
    std::vector<ToldCopy> rescued_told;
    std::vector<std::string> notices;
    std::uint64_t generation = 0;
  };
  void open(State& state);
  std::string aside_path() const;
  void make_anew(State& state, const std::string& why);

  const std::string path_;
  const Clock& clock_;
  mutable Guarded<State> state_;
};

}  // namespace weir
