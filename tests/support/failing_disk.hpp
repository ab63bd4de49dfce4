// A disk that fails when the test says so: SQLite's default VFS with its writes, syncs and truncations counted and,
// from a given one on, refused. Process-wide while it lives.
#pragma once
#include <cstdint>

namespace weir::testing {

class FailingDisk {
 public:
  FailingDisk();
  ~FailingDisk();
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

  // After `good` more operations, `bad` operations get the SQLite result `code`. With `done_anyway` they are carried
  // out all the same: the disk lies.
  void fail_after(std::uint64_t good, std::uint64_t bad, int code, bool done_anyway = false);
  void heal() { fail_after(0, 0, 0); }
  // Operations since the last fail_after() or heal().
  std::uint64_t operations() const;
};

}  // namespace weir::testing
