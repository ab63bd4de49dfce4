// A disk in the hands of a test: the files of one folder, which SQLite reads and writes as usual, with three kinds of
// faults. It refuses operations (full, broken), stops at one (the process is killed there: nothing after it has an
// effect), or loses its power: of what was not synced, a part chosen by chance is gone. It needs no time for syncs:
// they are noted, not carried out. Other folders of the process are not touched. Any thread. The program's own fsync(),
// fdatasync(), rename(), unlink() and remove() are replaced by functions that tell the disk.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

namespace weir::testing {

class SimulatedDisk {
 public:
  enum class Refusal {
    kFull,    // files do not grow and new ones are not made (SQLITE_FULL)
    kBroken,  // nothing is written, cut or synced (SQLITE_IOERR)
  };
  static constexpr std::uint64_t kForever = std::uint64_t{1} << 62;

  // The folder exists. What is in it counts as synced.
  explicit SimulatedDisk(const std::string& folder);
  ~SimulatedDisk();
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  // Operations are writes, cuts, syncs, and files made, renamed and deleted.
  std::uint64_t operations() const;

  // After `good` more operations, `bad` operations are refused.
  void refuse_after(std::uint64_t good, std::uint64_t bad, Refusal refusal);
  void heal();
  // How many operations were refused so far.
  std::uint64_t refused() const;

  // After `good` more operations none has an effect any more; each one fails.
  void stop_after(std::uint64_t good);
  bool stopped() const;
  // Every file is closed. Operations work again: of a killed process the machine keeps what was written.
  void go_on();
  // Every file is closed. What was not synced is kept or lost by chance: sectors of 512 bytes, cuts, and of the changes
  // of names (made, renamed, deleted) all but the last ones, in the order in which they were made. Operations work
  // again.
  void lose_power(std::uint64_t seed);

  // The test itself has changed files: what is in the folder counts as synced.
  void adopt();

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace weir::testing
