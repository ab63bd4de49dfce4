// A sequence at work: a data folder on a simulated disk, the store's lives on it one after another, readers beside it,
// and the model that all of them are compared with after every command.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "flow/exporter_table.hpp"
#include "scenario/store/command.hpp"
#include "scenario/store/model.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/generated_sessions.hpp"
#include "support/simulated_disk.hpp"
#include "unit/store/temporary_folder.hpp"

namespace weir::testing {

// What happened in all sequences together.
struct Tally {
  std::uint64_t sequences = 0, commands = 0, comparisons = 0;
  std::map<std::string, std::uint64_t> faults;  // by kind
  void add(const Tally& other);
};

class World {
 public:
  explicit World(const Sequence& sequence);
  ~World();

  // Runs it. What differs and at which command; nothing: no difference.
  std::optional<std::string> run();
  const Tally& tally() const { return tally_; }

 private:
  static constexpr std::size_t kLanes = 3;
  struct Lane {
    std::uint64_t first = 0, next = 0, final_below = 0;
    std::vector<std::uint64_t> marks;  // of the ids from `first` on
  };
  // The store between a start and an end.
  struct Life {
    explicit Life(std::uint32_t max_exporters) : exporters(max_exporters) {}
    ExporterTable exporters;
    std::unique_ptr<SqliteStore> store;
    std::array<Lane, kLanes> lanes;
    std::uint64_t dropped = 0, deleted_days = 0, deleted = 0;  // as last seen in its status
    std::optional<std::int64_t> jumped_ms;                     // when the clock was moved, on the steady clock
  };
  struct Held {
    std::optional<Snapshot> snapshot;
    std::map<std::uint64_t, std::uint64_t> shown;  // version by mark; of a reader: as it read them at once
    bool beside = false;
  };

  void carry_out(const Command& command);
  void append(const Command& command);
  void change(const Command& command);
  void add_rows(std::size_t lane, std::int64_t count, std::int64_t days_back, bool midnight, SessionBatch& batch);
  void hand_over(SessionBatch&& batch);
  void finish_lane(std::size_t lane, std::int64_t kept);
  void flush();
  void tick(std::int64_t ms);
  void import(std::int64_t days, std::int64_t count);
  void damage(std::int64_t what, std::int64_t how, std::uint64_t seed);
  void hold(bool beside);
  void release(bool of_store_only);

  // Starts the store if there is none.
  Life& alive();
  bool start();
  void stop();
  // The disk has stopped: the process or the machine is dead.
  void die();
  void compare();
  void look();
  // What the status counts since the last time.
  Model::Counted count();
  // What f() reads. Nothing when the disk stopped meanwhile, or refused what reading needs, which the reader must say.
  template <class F>
  std::optional<Observed> look_at(F snapshot);
  // Every batch handed over so far is taken in.
  void settle();
  std::int32_t today() const;
  std::string folder_of_days() const { return folder_.path() + "/days/"; }

  const Sequence sequence_;
  TemporaryFolder folder_;
  SimulatedDisk disk_;
  ManualClock clock_;
  Model model_;
  Random random_;
  std::unique_ptr<Life> life_;
  std::unique_ptr<Store> reader_;
  std::vector<Held> held_;
  std::optional<std::uint64_t> power_cut_;  // its seed, once the disk stops
  Model::Counted before_;                   // of lives that ended since the last comparison
  Tally tally_;
};

}  // namespace weir::testing
