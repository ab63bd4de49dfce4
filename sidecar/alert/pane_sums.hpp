// Sums per key over slices of time ("panes"), and over windows of several panes. Exact: a window's octets are its
// panes' octets, and a session counts once per window, however many of its panes it touches. One thread, unless locked
// outside.
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

// Packed numbers of values (see KeyNumbers) in order of appearance. Keys of one field, whose numbers are small, are
// found without a hash.
class NumberedKeys {
 public:
  explicit NumberedKeys(bool one_field) : one_field_(one_field) {}
  std::uint32_t size() const { return one_field_ ? static_cast<std::uint32_t>(keys_.size()) : table_.size(); }
  const RawKey& key(std::uint32_t number) const { return one_field_ ? keys_[number] : table_.key(number); }
  std::uint32_t find_or_add(const RawKey& key) {
    if (!one_field_) return table_.find_or_add(key);
    const auto at = static_cast<std::size_t>(key.a >> 32);
    if (at >= slots_.size()) slots_.resize(at + 1 + at / 2);
    if (slots_[at] == 0) {
      keys_.push_back(key);
      slots_[at] = static_cast<std::uint32_t>(keys_.size());
    }
    return slots_[at] - 1;
  }
  std::uint32_t find(const RawKey& key) const {
    if (!one_field_) return table_.find(key);
    const auto at = static_cast<std::size_t>(key.a >> 32);
    return at < slots_.size() && slots_[at] != 0 ? slots_[at] - 1 : KeyTable::kAbsent;
  }
  void clear() {
    table_.clear();
    keys_.clear();
    slots_.clear();
  }

 private:
  bool one_field_;
  KeyTable table_;
  std::vector<RawKey> keys_;
  std::vector<std::uint32_t> slots_;  // by the field's number: position in keys_ + 1
};

class Pane {
 public:
  explicit Pane(bool one_field) : keys_(one_field) {}
  void add(const RawKey& key, const PaneCell& cell);
  const NumberedKeys& keys() const { return keys_; }
  const PaneCell& cell(std::uint32_t number) const { return cells_[number]; }
  PaneCell totals;  // per session, not per key

 private:
  NumberedKeys keys_;
  std::vector<PaneCell> cells_;
};

// A window that slides pane by pane. Its cells count a session once: where it touches the first pane, or starts later.
class SlidingWindow {
 public:
  explicit SlidingWindow(bool one_field) : keys_(one_field) {}
  // The window is just this pane, which is borrowed.
  void show(const Pane& pane) { pane_ = &pane; }
  // Joins `pane` as the newest. `first`: the window holds no other.
  void push_back(const Pane& pane, bool first);
  // Takes `pane`, the oldest, away; `next` is the oldest afterwards.
  void pop_front(const Pane& pane, const Pane& next);
  void clear();

  // Keys with sessions and, in between, keys without; in order of appearance.
  const NumberedKeys& keys() const { return pane_ ? pane_->keys() : keys_; }
  const PaneCell& cell(std::uint32_t number) const { return pane_ ? pane_->cell(number) : cells_[number]; }
  const PaneCell& totals() const { return pane_ ? pane_->totals : totals_; }
  std::uint32_t sessions(const PaneCell& cell) const { return pane_ ? cell.touching : cell.starting; }
  std::uint64_t flows(const PaneCell& cell) const { return pane_ ? cell.touching_flows : cell.starting_flows; }

 private:
  PaneCell& cell_of(const RawKey& key);
  void drop_empty_keys();

  const Pane* pane_ = nullptr;
  NumberedKeys keys_;
  std::vector<PaneCell> cells_;
  PaneCell totals_;
};

}  // namespace weir
