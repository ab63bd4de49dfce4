// Records of one stream that came without a sampling rate: since when, and what they name. Owned by its stream; one
// thread.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace weir {

// By what a rate is looked up that is announced later.
struct UnratedKind {
  std::uint16_t template_id = 0;
  std::optional<std::uint64_t> selector;
  friend bool operator==(const UnratedKind&, const UnratedKind&) = default;
};

struct UnratedSpan {
  static constexpr std::size_t kMostKinds = 8;

  std::int64_t since_ms = 0;  // arrival of the first; 0: there are none
  std::vector<UnratedKind> kinds;
  bool more_kinds = false;  // than are kept

  bool any() const { return since_ms != 0; }
  void add(const UnratedKind& kind, std::int64_t arrival_ms) {
    since_ms = any() ? std::min(since_ms, arrival_ms) : arrival_ms;
    if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return;
    if (kinds.size() < kMostKinds) kinds.push_back(kind);
    else more_kinds = true;
  }
};

}  // namespace weir
