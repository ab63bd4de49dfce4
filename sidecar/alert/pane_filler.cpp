// Most sessions lie within one pane and take the short way.
#include "alert/pane_filler.hpp"

#include <algorithm>

#include "query/time_share.hpp"

namespace weir {

namespace {

enum class Weight : std::uint8_t { kOctets, kPackets, kFlows, kSessions };

// What is at least as much as the measure, whatever else that depends on.
Weight weight_for(RowMeasure measure) {
  switch (measure) {
    case RowMeasure::kOctets:
    case RowMeasure::kOctetsIn:
    case RowMeasure::kOctetsOut:
    case RowMeasure::kOctetsClient:
    case RowMeasure::kOctetsServer:
    case RowMeasure::kOctetsPerS:
    case RowMeasure::kBitsPerS:
    case RowMeasure::kBitsInPerS:
    case RowMeasure::kBitsOutPerS:
    case RowMeasure::kOctetsPerPacket:
    case RowMeasure::kPercent: return Weight::kOctets;
    case RowMeasure::kPackets:
    case RowMeasure::kPacketsPerS: return Weight::kPackets;
    case RowMeasure::kFlows:
    case RowMeasure::kFlowsPerS: return Weight::kFlows;
    case RowMeasure::kSessions:
    case RowMeasure::kSessionsPerS:
    case RowMeasure::kDistinct: break;
    // Of exporters, which are no sessions.
    case RowMeasure::kSilentS:
    case RowMeasure::kDatagrams:
    case RowMeasure::kRecords:
    case RowMeasure::kRecordsPerS:
    case RowMeasure::kLost:
    case RowMeasure::kLostPercent:
    case RowMeasure::kMalformed:
    case RowMeasure::kDrops: break;
  }
  return Weight::kSessions;
}

std::uint64_t weight_of(const PaneCell& cell, Weight weight) {
  switch (weight) {
    case Weight::kOctets: return cell.octets;
    case Weight::kPackets: return cell.packets;
    case Weight::kFlows: return cell.touching_flows;
    case Weight::kSessions: break;
  }
  return cell.touching;
}

}  // namespace

const char* weight_name(RowMeasure measure) {
  static constexpr const char* kNames[] = {"octets", "packets", "flows", "sessions"};
  return kNames[static_cast<std::size_t>(weight_for(measure))];
}

SegmentPanes::SegmentPanes(const ScanPlan& plan, const PaneGrid& grid, const GroupPlan& groups, const Segment& segment)
    : grid_(grid), groups_(groups), halves_agree_(groups.halves_agree()), columns_(segment, plan.sources) {
  if (!may_pass(plan.filter, segment)) return;
  SegmentScan scan(plan, columns_);
  if (scan.is_empty()) return;
  if (!groups.fields.empty()) keys_ = std::make_unique<SegmentKeys>(groups, columns_);
  rows_scanned_ = segment.rows();
  first_pane_ = grid.pane_of(std::max(segment.min_start_ms(), grid.range.from_ms));
  const auto last = grid.pane_of(std::min(segment.max_end_ms(), grid.range.to_ms - 1));
  panes_.resize(static_cast<std::size_t>(std::max<std::int64_t>(0, last - first_pane_) + 1));

  auto block = std::make_unique<Block>();
  auto ids = std::make_unique<Ids>();
  if (!keys_) (*ids)[0].fill(0);
  while (scan.next(*block)) {
    for (std::size_t a = 0; keys_ && a < groups.arrays.size(); ++a)
      keys_->read(a, block->row, block->n, (*ids)[a].data());
    const auto key_count = keys_ ? keys_->id_count() : 1;
    for (std::uint32_t i = 0; i < block->n; ++i) {
      if (block->any[i] != 0) add_row(*block, i, *ids, key_count);
    }
  }
}

PaneCell& SegmentPanes::LocalPane::cell_of(std::uint32_t key, std::uint32_t key_count, bool dense) {
  std::uint32_t at;
  if (dense) {
    if (slots.size() < key_count) slots.resize(std::max<std::size_t>(key_count, slots.size() * 3 / 2));
    if (slots[key] == 0) slots[key] = static_cast<std::uint32_t>(cells.size()) + 1;
    at = slots[key] - 1;
  } else {
    at = hashed.find_or_add(raw_key(key));
  }
  if (at == cells.size()) {
    keys.push_back(key);
    cells.emplace_back();
  }
  return cells[at];
}

void SegmentPanes::add_row(const Block& block, std::uint32_t i, const Ids& ids, std::uint32_t key_count) {
  const auto start = block.start[i], end = block.end[i];
  const auto from = grid_.pane_of(std::max(start, grid_.range.from_ms));
  // A session that ends on an edge does not touch the pane beyond.
  const auto to = end > start ? grid_.pane_of(std::min(end, grid_.range.to_ms) - 1) : from;
  RowPart part;
  for (std::size_t side = 0; side < 2; ++side) {
    part.selected[side] = block.selected[side][i] != 0;
    part.flows[side] = block.flows[side][i];
  }
  for (auto p = from; p <= to; ++p) {
    const auto range = grid_.pane(p);
    for (std::size_t side = 0; side < 2; ++side) {
      part.octets[side] = share_of(block.octets[side][i], start, end, range);
      part.packets[side] = share_of(block.packets[side][i], start, end, range);
    }
    part.starts = start >= range.from_ms;
    add_part(panes_[static_cast<std::size_t>(p - first_pane_)], part, i, ids, key_count);
  }
}

void SegmentPanes::add_part(LocalPane& pane, const RowPart& part, std::uint32_t i, const Ids& ids,
                            std::uint32_t key_count) {
  const auto count_session = [&](PaneCell& cell) {
    ++cell.touching;
    cell.starting += part.starts ? 1 : 0;
  };
  const auto count_half = [&](PaneCell& cell, std::size_t side) {
    cell.octets += part.octets[side];
    cell.packets += part.packets[side];
    cell.touching_flows += part.flows[side];
    cell.starting_flows += part.starts ? part.flows[side] : 0;
  };
  count_session(pane.totals);
  count_half(pane.totals, 0);
  count_half(pane.totals, 1);
  if (!keys_) return;
  const bool dense = panes_.size() <= kMaxDensePanes;
  const auto add_roles = [&](PaneCell& cell, std::size_t side, std::size_t end) {
    const auto& role = groups_.role[side][end];
    cell.octets_in += part.octets[side] & role[0];
    cell.octets_out += part.octets[side] & role[1];
    cell.octets_client += part.octets[side] & role[2];
    cell.octets_server += part.octets[side] & role[3];
  };
  const auto last_end = groups_.ends - 1;
  if (halves_agree_ && (last_end == 0 || ids[groups_.array_of[0][0]][i] != ids[groups_.array_of[0][1]][i])) {
    // Both halves have the same keys, with the ends exchanged; what is not selected is zero.
    for (std::size_t e = 0; e < groups_.ends; ++e) {
      auto& cell = pane.cell_of(ids[groups_.array_of[0][e]][i], key_count, dense);
      count_session(cell);
      count_half(cell, 0);
      count_half(cell, 1);
      add_roles(cell, 0, e);
      add_roles(cell, 1, last_end - e);
    }
    return;
  }
  std::array<std::uint32_t, 4> seen;
  std::size_t seen_count = 0;
  for (std::size_t side = 0; side < 2; ++side) {
    if (!part.selected[side]) continue;
    const auto first = ids[groups_.array_of[side][0]][i];
    for (std::size_t e = 0; e < groups_.ends; ++e) {
      const auto key = ids[groups_.array_of[side][e]][i];
      auto& cell = pane.cell_of(key, key_count, dense);
      add_roles(cell, side, e);
      if (e == 1 && key == first) continue;
      count_half(cell, side);
      const auto known = seen.begin() + static_cast<std::ptrdiff_t>(seen_count);
      if (std::find(seen.begin(), known, key) != known) continue;
      seen[seen_count++] = key;
      count_session(cell);
    }
  }
}

std::uint64_t SegmentPanes::hash_of_cell(std::uint32_t key, std::size_t key_fields) const {
  if (!keys_) return 0;
  const auto codes = keys_->codes_of(key);
  std::uint64_t hash = 0;
  for (std::size_t f = 0; f < key_fields; ++f) hash = hash_with(hash, keys_->space(f).value(codes[f]));
  return hash;
}

void SegmentPanes::weigh_into(KeySketch& sketch, RowMeasure measure, std::size_t key_fields) const {
  const auto weight = weight_for(measure);
  for (const auto& local : panes_) {
    for (std::size_t c = 0; c < local.cells.size(); ++c)
      sketch.add(hash_of_cell(local.keys[c], key_fields), weight_of(local.cells[c], weight));
  }
}

void SegmentPanes::merge_into(KeyNumbers& numbers, const std::function<Pane&(std::int64_t)>& pane_at,
                              const KeySketch* only, std::size_t key_fields) {
  const auto fields = groups_.fields.size();
  std::array<std::vector<std::uint32_t>, kMaxRuleFields> known;
  for (std::size_t f = 0; keys_ && f < fields; ++f) known[f].assign(keys_->space(f).size(), KeyTable::kAbsent);
  for (std::size_t p = 0; p < panes_.size(); ++p) {
    auto& local = panes_[p];
    if (local.totals.touching == 0) continue;
    auto& pane = pane_at(first_pane_ + static_cast<std::int64_t>(p));
    pane.totals.add(local.totals);
    if (!keys_) pane.add({}, local.totals);
    for (std::size_t c = 0; c < local.cells.size(); ++c) {
      if (only != nullptr && !only->has(hash_of_cell(local.keys[c], key_fields))) continue;
      const auto codes = keys_->codes_of(local.keys[c]);
      std::array<std::uint32_t, kMaxRuleFields> values{};
      for (std::size_t f = 0; f < fields; ++f) {
        auto& number = known[f][codes[f]];
        if (number == KeyTable::kAbsent) number = numbers.values[f].find_or_add(keys_->space(f).value(codes[f]));
        values[f] = number;
      }
      pane.add(KeyNumbers::pack(values), local.cells[c]);
    }
  }
}

}  // namespace weir
