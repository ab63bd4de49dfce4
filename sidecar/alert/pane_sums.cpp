// A session of a window is one that starts in one of its panes, or touches the first without starting there.
#include "alert/pane_sums.hpp"

namespace weir {

namespace {

// What the first pane has beyond its starting sessions.
PaneCell carried_over(const PaneCell& cell) {
  PaneCell extra;
  extra.starting = cell.touching - cell.starting;
  extra.starting_flows = cell.touching_flows - cell.starting_flows;
  return extra;
}

}  // namespace

void PaneCell::add(const PaneCell& o) {
  octets += o.octets;
  packets += o.packets;
  octets_in += o.octets_in;
  octets_out += o.octets_out;
  octets_client += o.octets_client;
  octets_server += o.octets_server;
  touching_flows += o.touching_flows;
  starting_flows += o.starting_flows;
  touching += o.touching;
  starting += o.starting;
}

void PaneCell::subtract(const PaneCell& o) {
  octets -= o.octets;
  packets -= o.packets;
  octets_in -= o.octets_in;
  octets_out -= o.octets_out;
  octets_client -= o.octets_client;
  octets_server -= o.octets_server;
  touching_flows -= o.touching_flows;
  starting_flows -= o.starting_flows;
  touching -= o.touching;
  starting -= o.starting;
}

void Pane::add(const RawKey& key, const PaneCell& cell) {
  const auto number = keys_.find_or_add(key);
  if (number >= cells_.size()) cells_.resize(number + 1u);
  cells_[number].add(cell);
}

PaneCell& SlidingWindow::cell_of(const RawKey& key) {
  const auto number = keys_.find_or_add(key);
  if (number >= cells_.size()) cells_.resize(number + 1u);
  return cells_[number];
}

void SlidingWindow::push_back(const Pane& pane, bool first) {
  for (std::uint32_t k = 0; k < pane.keys().size(); ++k) {
    auto& cell = cell_of(pane.keys().key(k));
    cell.add(pane.cell(k));
    if (first) cell.add(carried_over(pane.cell(k)));
  }
  totals_.add(pane.totals);
  if (first) totals_.add(carried_over(pane.totals));
}

void SlidingWindow::pop_front(const Pane& pane, const Pane& next) {
  for (std::uint32_t k = 0; k < pane.keys().size(); ++k) {
    auto& cell = cell_of(pane.keys().key(k));
    cell.subtract(pane.cell(k));
    cell.subtract(carried_over(pane.cell(k)));
  }
  totals_.subtract(pane.totals);
  totals_.subtract(carried_over(pane.totals));
  for (std::uint32_t k = 0; k < next.keys().size(); ++k) cell_of(next.keys().key(k)).add(carried_over(next.cell(k)));
  totals_.add(carried_over(next.totals));
  drop_empty_keys();
}

void SlidingWindow::clear() {
  keys_.clear();
  cells_.clear();
  totals_ = {};
}

void SlidingWindow::drop_empty_keys() {
  std::size_t live = 0;
  for (const auto& cell : cells_) live += cell.touching != 0 ? 1 : 0;
  if (cells_.size() < 4096 || live * 2 > cells_.size()) return;
  const NumberedKeys old = keys_;
  keys_.clear();
  std::vector<PaneCell> cells;
  cells.reserve(live);
  for (std::uint32_t k = 0; k < old.size(); ++k) {
    if (cells_[k].touching == 0) continue;
    keys_.find_or_add(old.key(k));
    cells.push_back(cells_[k]);
  }
  cells_ = std::move(cells);
}

}  // namespace weir
