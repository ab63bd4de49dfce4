// malloc_trim gives back whole free pages, wherever they lie; it takes some milliseconds and no lock of ours.
#include "app/memory_keeper.hpp"

#include <malloc.h>

#include <algorithm>

namespace weir {

namespace {
constexpr std::uint64_t kWorthIt = 64 << 20;
constexpr std::uint64_t kLooksBetween = 60;
}  // namespace

void MemoryKeeper::look() {
  bool trim = false;
  if (queries_.given_back() > kWorthIt && queries_.used() < kWorthIt) {
    queries_.forget_given_back();
    trim = true;
  }
  if (++looks_ % kLooksBetween == 0) {
    // Free all that time, or nearly: it is not needed for what goes on.
    const std::uint64_t free_now = ::mallinfo2().fordblks;
    trim = trim || std::min(free_now, free_before_) > 2 * kWorthIt;
    free_before_ = free_now;
  }
  if (trim) ::malloc_trim(0);
}

}  // namespace weir
