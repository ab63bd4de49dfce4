// Sums per key over slices of time ("panes"), and over windows of several panes. Exact: a window's octets are its panes'
// octets, and a session counts once per window, however many of its panes it touches. One thread, unless locked outside.
#pragma once
#include <cstdint>
#include <vector>

#include "query/key_table.hpp"

namespace weir {

// What one key has in one pane. Sessions that touch the pane are counted apart from those whose first pane it is.
struct PaneCell {
  std::uint64_t octets = 0, packets = 0, octets_in = 0, octets_out = 0, octets_client = 0, octets_server = 0;
  std::uint64_t touching_flows = 0, starting_flows = 0;
  std::uint32_t touching = 0, starting = 0;  // sessions

  void add(const PaneCell& other);
  void subtract(const PaneCell& other);
};

// Keys are numbers of values, packed; see WindowScan.
class Pane {
 public:
  void add(const RawKey& key, const PaneCell& cell);
  const KeyTable& keys() const { return keys_; }
  const PaneCell& cell(std::uint32_t number) const { return cells_[number]; }
  PaneCell totals;  // per session, not per key

 private:
  KeyTable keys_;
  std::vector<PaneCell> cells_;
};

// A window that slides pane by pane. Its cells count a session once: where it touches the first pane, or starts later.
class SlidingWindow {
 public:
  // Joins `pane` as the newest. `first`: the window holds no other.
  void push_back(const Pane& pane, bool first);
  // Takes `pane`, the oldest, away; `next` is the oldest afterwards.
  void pop_front(const Pane& pane, const Pane& next);
  void clear();

  // Keys with sessions and, in between, keys without; in order of appearance.
  std::uint32_t size() const { return keys_.size(); }
  const RawKey& key(std::uint32_t number) const { return keys_.key(number); }
  // `starting` and `starting_flows` are the window's sessions and flows.
  const PaneCell& cell(std::uint32_t number) const { return cells_[number]; }
  const PaneCell& totals() const { return totals_; }
  std::uint32_t find(const RawKey& key) const { return keys_.find(key); }

 private:
  PaneCell& cell_of(const RawKey& key);
  void drop_empty_keys();

  KeyTable keys_;
  std::vector<PaneCell> cells_;
  PaneCell totals_;
};

}  // namespace weir
