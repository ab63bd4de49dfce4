// A block is used with the first family that has every column of the question; what is not summed there is read as if
// there were no sums.
#include "query/sum_reads.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "query/derived_column.hpp"

namespace weir {

namespace {

bool reads_only(const FieldInfo& field, SumFamily family) {
  if (field.columns == 0) return false;
  if (const auto* derived = derived_column_of(field.id); derived != nullptr && !derived->reads_one_column())
    return false;
  for (const auto& side : field.source) {
    for (const auto column : side) {
      if (!has_column(family, column)) return false;
    }
  }
  return true;
}

bool reads_only(const FilterNode& filter, SumFamily family) {
  if (filter.kind == FilterNode::Kind::kTest && !reads_only(field_info(filter.test.field), family)) return false;
  return std::all_of(filter.children.begin(), filter.children.end(),
                     [&](const auto& child) { return reads_only(child, family); });
}

bool has_array(const GroupPlan& plan, std::size_t array, SumFamily family) {
  for (std::size_t f = 0; f < plan.fields.size(); ++f) {
    if (const auto* derived = derived_column_of(plan.fields[f].id); derived != nullptr && !derived->reads_one_column())
      return false;
    if (!has_column(family, plan.fields[f].columns[plan.arrays[array].column[f]])) return false;
  }
  return true;
}

bool has_all(const GroupPlan& plan, SumFamily family) {
  for (std::size_t a = 0; a < plan.arrays.size(); ++a) {
    if (!has_array(plan, a, family)) return false;
  }
  return true;
}

// The keys that the family has; nothing unless that is one key of a half at most.
std::optional<PartPlan> part_of(const GroupPlan& whole, SumFamily family) {
  PartPlan part;
  std::array<std::optional<std::size_t>, 2> end_of;  // by side
  for (std::size_t side = 0; side < 2; ++side) {
    for (std::size_t end = 0; end < whole.ends; ++end) {
      if (!has_array(whole, whole.array_of[side][end], family)) continue;
      if (end_of[side]) return std::nullopt;
      end_of[side] = end;
    }
  }
  if (!end_of[0] && !end_of[1]) return std::nullopt;
  auto& plan = part.plan;
  plan.has_roles = whole.has_roles;
  for (const auto& field : whole.fields) plan.fields.push_back({.id = field.id, .columns = {}});
  for (std::size_t side = 0; side < 2; ++side) {
    if (!end_of[side]) {
      part.only_side = side == kToServer ? kToClient : kToServer;
      continue;
    }
    const auto& from = whole.arrays[whole.array_of[side][*end_of[side]]];
    GroupPlan::Array array;
    for (std::size_t f = 0; f < whole.fields.size(); ++f) {
      auto& columns = plan.fields[f].columns;
      const auto column = whole.fields[f].columns[from.column[f]];
      const auto at = std::find(columns.begin(), columns.end(), column);
      array.column[f] = static_cast<std::size_t>(at - columns.begin());
      if (at == columns.end()) columns.push_back(column);
    }
    const auto same =
        std::find_if(plan.arrays.begin(), plan.arrays.end(), [&](const auto& a) { return a.column == array.column; });
    plan.array_of[side][0] = static_cast<std::size_t>(same - plan.arrays.begin());
    if (same == plan.arrays.end()) plan.arrays.push_back(array);
    plan.role[side][0] = whole.role[side][*end_of[side]];
  }
  if (part.only_side)
    plan.array_of[*part.only_side == kToServer ? kToClient : kToServer] = plan.array_of[*part.only_side];
  return part;
}

// How a family is read.
struct FamilyUse {
  SumFamily family = SumFamily::kLinks;
  std::shared_ptr<const PartPlan> part;
};
// One family that has everything, or clients and servers apart. Several ways: some blocks lack families.
std::vector<std::vector<FamilyUse>> ways_to_read(const FilterNode& filter, const GroupPlan& groups, bool once) {
  std::vector<std::vector<FamilyUse>> ways;
  const auto whole = [&](SumFamily family) {
    if (reads_only(filter, family) && has_all(groups, family)) ways.push_back({{.family = family, .part = nullptr}});
  };
  for (const auto& info : kSumFamilies) {
    if (info.family != SumFamily::kConversations) whole(info.family);
  }
  if (!once && reads_only(filter, SumFamily::kClients) && reads_only(filter, SumFamily::kServers)) {
    auto clients = part_of(groups, SumFamily::kClients), servers = part_of(groups, SumFamily::kServers);
    // Two addresses can have one value of a derived column; a session of the two counts once for it.
    bool each = clients && servers && std::none_of(groups.fields.begin(), groups.fields.end(), [](const auto& field) {
                  return derived_column_of(field.id) != nullptr;
                });
    for (std::size_t a = 0; a < groups.arrays.size(); ++a)
      each = each && has_array(groups, a, SumFamily::kClients) != has_array(groups, a, SumFamily::kServers);
    if (each) {
      ways.push_back({{.family = SumFamily::kClients, .part = std::make_shared<const PartPlan>(std::move(*clients))},
                      {.family = SumFamily::kServers, .part = std::make_shared<const PartPlan>(std::move(*servers))}});
    }
  }
  whole(SumFamily::kConversations);
  return ways;
}

class Units {
 public:
  Units(const QuerySetup& setup, const BucketGrid* grid) {
    const auto& range = setup.plan.range;
    const auto& stored = setup.snapshot.stored;
    // What lies beyond all that is stored is in the range as well.
    const bool open_from = stored && range.from_ms <= stored->from_ms;
    const bool open_to = stored && range.to_ms >= stored->to_ms;
    for (std::uint32_t bucket = 0; bucket < (grid == nullptr ? 1 : grid->count()); ++bucket) {
      const bool first = bucket == 0, last = grid == nullptr || bucket + 1 == grid->count();
      pieces_.push_back({.from_ms = first ? range.from_ms : grid->edge(bucket),
                         .to_ms = last ? range.to_ms : grid->edge(bucket + 1),
                         .open_from = first && open_from,
                         .open_to = last && open_to});
    }
  }

  // Units of these lengths (coarse first), each time in one of them at most.
  std::vector<std::shared_ptr<const SummedUnits>> of(const std::vector<std::int64_t>& units_ms) const {
    std::vector<std::shared_ptr<const SummedUnits>> all;
    for (const auto unit_ms : units_ms) {
      SummedUnits units{.unit_ms = unit_ms, .ranges = {}};
      for (const auto& piece : pieces_) {
        const auto from = (piece.from_ms + (piece.open_from ? 0 : unit_ms - 1)) / unit_ms * unit_ms;
        const auto to = (piece.to_ms + (piece.open_to ? unit_ms - 1 : 0)) / unit_ms * unit_ms;
        if (from < to) add_apart({.from_ms = from, .to_ms = to}, all, units.ranges);
      }
      all.push_back(std::make_shared<const SummedUnits>(std::move(units)));
    }
    return all;
  }

 private:
  // Without what coarser units have.
  static void add_apart(TimeRange range, const std::vector<std::shared_ptr<const SummedUnits>>& coarser,
                        std::vector<TimeRange>& ranges) {
    std::vector<TimeRange> parts{range};
    for (const auto& units : coarser) {
      std::vector<TimeRange> left;
      for (const auto& part : parts) {
        auto from = part.from_ms;
        auto next = std::lower_bound(units->ranges.begin(), units->ranges.end(), part.from_ms,
                                     [](const TimeRange& r, std::int64_t ms) { return r.to_ms <= ms; });
        for (; next != units->ranges.end() && next->from_ms < part.to_ms; ++next) {
          if (from < next->from_ms) left.push_back({.from_ms = from, .to_ms = next->from_ms});
          from = std::max(from, next->to_ms);
        }
        if (from < part.to_ms) left.push_back({.from_ms = from, .to_ms = part.to_ms});
      }
      parts = std::move(left);
    }
    for (const auto& part : parts) {
      // Two pieces can meet within one unit where nothing is stored beyond.
      if (!ranges.empty() && part.from_ms <= ranges.back().to_ms) {
        ranges.back().to_ms = std::max(ranges.back().to_ms, part.to_ms);
      } else {
        ranges.push_back(part);
      }
    }
  }

  struct Piece {
    std::int64_t from_ms = 0, to_ms = 0;
    bool open_from = false, open_to = false;
  };
  std::vector<Piece> pieces_;
};

bool any_has(const std::vector<std::shared_ptr<const SummedUnits>>& summed, const TimeRange& range) {
  return std::any_of(summed.begin(), summed.end(), [&](const auto& units) {
    return std::any_of(units->ranges.begin(), units->ranges.end(),
                       [&](const TimeRange& r) { return r.from_ms < range.to_ms && r.to_ms > range.from_ms; });
  });
}

// No session of the segment that the range touches is left to read: the units around it are all summed.
bool all_have(const std::vector<std::shared_ptr<const SummedUnits>>& summed, std::int64_t from_ms, std::int64_t to_ms) {
  while (from_ms < to_ms) {
    std::int64_t reach = from_ms;
    for (const auto& units : summed) {
      for (const auto& range : units->ranges) {
        if (range.from_ms <= from_ms && from_ms < range.to_ms) reach = std::max(reach, range.to_ms);
      }
    }
    if (reach == from_ms) return false;
    from_ms = reach;
  }
  return true;
}

// Some of its sessions may have come without a rate of their own.
bool has_unrated(const SumBlock& block) {
  for (const auto& level : block.levels()) {
    for (const auto& family : level.families) {
      if (!family) continue;
      return std::any_of(family->begin(), family->end(), [](const auto& segment) {
        const auto rates = segment->range(ColumnId::kSampling);
        return !rates || rates->min == 0;
      });
    }
  }
  return true;
}

class Planner {
 public:
  Planner(const QuerySetup& setup, const GroupPlan& groups, const BucketGrid* grid, bool once)
      : setup_(setup), ways_(ways_to_read(setup.plan.filter, groups, once)), units_(setup, grid) {}

  SumReads plan() {
    std::set<const Segment*> in_sums;
    for (const auto& block : setup_.snapshot.sums) {
      if (use(block)) {
        for (const auto& segment : block->covered()) in_sums.insert(segment.get());
      }
    }
    if (!reads_.uses_sums) {
      reads_.why_not = ways_.empty() ? "there are none by all fields of the question together"
                                     : "none of whole hours or days by these fields lie in the range and in one bucket";
    }
    for (const auto& segment : setup_.snapshot.segments) {
      if (in_sums.count(segment.get()) == 0) reads_.reads.push_back({.segment = segment});
    }
    return std::move(reads_);
  }

 private:
  bool use(const std::shared_ptr<const SumBlock>& block) {
    const auto& range = setup_.plan.range;
    if (block->min_start_ms() >= range.to_ms || block->max_end_ms() < range.from_ms) return false;
    // A rate that was announced late holds within its times, not within units.
    if (setup_.plan.rates.largest_late(0, ~std::uint64_t{0}, block->min_start_ms(), block->max_end_ms()) != 0 &&
        has_unrated(*block))
      return false;
    for (const auto& way : ways_) {
      std::vector<std::int64_t> lengths;
      std::vector<std::size_t> levels;
      for (std::size_t l = 0; l < block->levels().size(); ++l) {
        const auto& level = block->levels()[l];
        if (!std::all_of(way.begin(), way.end(),
                         [&](const FamilyUse& use) { return of(level, use.family).has_value(); }))
          continue;
        lengths.push_back(level.unit_ms);
        levels.push_back(l);
      }
      if (lengths.empty()) continue;
      const auto summed = units_of(lengths);
      if (!any_has(summed, {.from_ms = block->min_start_ms(), .to_ms = block->max_end_ms() + 1})) continue;
      for (std::size_t i = 0; i < levels.size(); ++i) read_sums(block->levels()[levels[i]], way, summed[i]);
      read_sessions(block, summed);
      reads_.uses_sums = true;
      return true;
    }
    return false;
  }

  static const std::optional<std::vector<std::shared_ptr<const Segment>>>& of(const SumLevel& level, SumFamily family) {
    return level.families[static_cast<std::size_t>(family)];
  }

  void read_sums(const SumLevel& level, const std::vector<FamilyUse>& way,
                 const std::shared_ptr<const SummedUnits>& units) {
    if (units->ranges.empty()) return;
    const auto choice = std::make_shared<const RowChoice>(
        RowChoice{.rows = RowChoice::Rows::kUnits, .summed = {units}, .kept = nullptr});
    for (const auto& use : way) {
      for (const auto& segment : *of(level, use.family)) {
        if (!any_has({units}, {.from_ms = segment->min_start_ms(), .to_ms = segment->max_end_ms() + 1})) continue;
        reads_.reads.push_back({.segment = segment,
                                .choice = choice,
                                .part = use.part,
                                .counts_totals = &use == &way.front(),
                                .of_sums = true});
      }
    }
  }

  void read_sessions(const std::shared_ptr<const SumBlock>& block,
                     const std::vector<std::shared_ptr<const SummedUnits>>& summed) {
    const auto& range = setup_.plan.range;
    for (const auto& segment : block->odd_sessions()) {
      if (may_touch(*segment, range)) reads_.reads.push_back({.segment = segment, .of_sums = true});
    }
    const auto crossing = std::make_shared<const RowChoice>(
        RowChoice{.rows = RowChoice::Rows::kCrossing, .summed = summed, .kept = nullptr});
    for (const auto& segment : block->crossing_sessions()) {
      if (may_touch(*segment, range)) reads_.reads.push_back({.segment = segment, .choice = crossing, .of_sums = true});
    }
    for (std::size_t c = 0; c < block->covered().size(); ++c) {
      const auto& segment = block->covered()[c];
      if (!may_touch(*segment, range)) continue;
      if (all_have(summed, std::max(segment->min_start_ms(), range.from_ms),
                   std::min(segment->max_end_ms() + 1, range.to_ms))) {
        ++reads_.spared;
        continue;
      }
      reads_.reads.push_back({.segment = segment,
                              .choice = std::make_shared<const RowChoice>(
                                  RowChoice{.rows = RowChoice::Rows::kRest, .summed = summed, .kept = nullptr}),
                              .block = block,
                              .covered = c});
    }
  }

  const std::vector<std::shared_ptr<const SummedUnits>>& units_of(const std::vector<std::int64_t>& lengths) {
    auto& known = known_[lengths];
    if (known.empty()) known = units_.of(lengths);
    return known;
  }

  const QuerySetup& setup_;
  const std::vector<std::vector<FamilyUse>> ways_;
  const Units units_;
  std::map<std::vector<std::int64_t>, std::vector<std::shared_ptr<const SummedUnits>>> known_;
  SumReads reads_;
};

}  // namespace

SumReads plan_reads(const QuerySetup& setup, const GroupPlan& groups, const BucketGrid* grid, bool once) {
  // Units are counted from 1970 on.
  if (!setup.snapshot.sums.empty() && setup.plan.range.from_ms >= 0) return Planner(setup, groups, grid, once).plan();
  SumReads all;
  for (const auto& segment : setup.snapshot.segments) all.reads.push_back({.segment = segment});
  return all;
}

}  // namespace weir
