// A copy of a data folder that is a data folder itself, made beside a running collector. A segment that is in the copy
// already is not copied again. One thread.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace weir {

struct BackupReport {
  std::uint64_t days = 0;                                // in the folder
  std::uint64_t segments_copied = 0, segments_kept = 0;  // in the copy: new, and there already
  std::uint64_t unsealed_batches = 0;                    // of journals, copied each time
  std::uint64_t bytes_copied = 0;                        // of both
  std::vector<std::string> older_days;                   // in the copy alone
  std::vector<std::string> damage;                       // what could not be read and is not in the copy
};

// Each day of the copy holds what one moment had committed, and nothing else: a repair gives segments other numbers,
// and what is kept of the old ones would count twice. A segment that cannot be read stays as the copy has it. Days are
// copied one after the other, the catalog last. Not copied: the secret, logs, what was set aside. `mirror`: days that
// are gone from `from` leave the copy too. `on_day(done, all)` after each. Throws std::runtime_error: `to` is `from` or
// within it, has files and is no copy of `from`, is in use, or cannot be written; SqliteError when it is full.
BackupReport back_up(const std::string& from, const std::string& to, bool mirror,
                     const std::function<void(std::uint64_t, std::uint64_t)>& on_day = {});

}  // namespace weir
