// One pass over the segments for totals and groups, and a second for the series of the rows that were chosen.
#include <algorithm>
#include <memory>
#include <set>

#include "query/block_totals.hpp"
#include "query/derived_column.hpp"
#include "query/group_sums.hpp"
#include "query/query_setup.hpp"
#include "query/segment_workers.hpp"
#include "query/series_sums.hpp"
#include "query/sum_reads.hpp"
#include "query/top_rows.hpp"

namespace weir {

namespace {

// What one thread has summed up so far.
struct GroupWorker {
  std::unique_ptr<Block> block = std::make_unique<Block>();
  BlockTotals totals;
  BlockTotals at_most;  // the same before shares of the range were taken: what any of the sums can be
  ScanTally tally;
  QueryWork work;
  std::uint64_t scanned = 0;
  std::uint64_t held = 0;  // bytes that the query's share of memory knows of
  std::unique_ptr<GroupSums> groups;
  std::unique_ptr<SeriesSums> series;
  std::vector<std::pair<std::size_t, std::string>> unreadable;  // segment number, why
};

void add_work(QueryWork& sum, const QueryWork& of_worker) {
  sum.ruled_out += of_worker.ruled_out;
  sum.unreadable += of_worker.unreadable;
  sum.read += of_worker.read;
  sum.sums += of_worker.sums;
  sum.column_bytes += of_worker.column_bytes;
  for (std::size_t i = 0; i < sum.columns.size(); ++i) sum.columns[i] = sum.columns[i] || of_worker.columns[i];
}

Result<GroupPlan> plan_groups(const Query& query, const QueryControl& control) {
  if (query.by.size() > kMaxGroupFields) {
    return error("by: at most " + std::to_string(kMaxGroupFields) + " fields, found " +
                 std::to_string(query.by.size()));
  }
  for (auto id = query.by.begin(); id != query.by.end(); ++id) {
    const auto& field = field_info(*id);
    if (!field.group_by) return error("by: '" + std::string(field.word) + "' cannot be grouped by");
    if (std::find(query.by.begin(), id, *id) != id)
      return error("by: '" + std::string(field.word) + "' is named twice");
    if (const auto missing = missing_for(*id, control.derived); !missing.empty())
      return error("by: " + missing + "; else leave '" + std::string(field.word) + "' out");
  }
  auto plan = make_group_plan(query.by, query.direction);
  if (query.rank != RankBy::kMeasure && query.rank != RankBy::kKey && !query.by.empty() && !plan.has_roles) {
    return error(
        "measure: what an end of a session received or sent is told of ends only; group by one, such as host, or rank "
        "by octets");
  }
  return plan;
}

// Something that sums stand for, or sums, cannot be read: the query begins again without them.
struct SumsUnreadable {};

class Engine {
 public:
  Engine(const Query& query, const QueryControl& control, QueryTurn& turn, QuerySetup&& setup, const GroupPlan& groups)
      : query_(query),
        control_(control),
        turn_(turn),
        memory_(control.memory),
        setup_(std::move(setup)),
        groups_(groups) {
    once_ = query.once && groups_.ends == 2;
    buckets_ = once_ ? std::max(1u, query.buckets) : query.buckets;
    setup_.plan.need_times = buckets_ > 0;
    if (buckets_ > 0) grid_ = BucketGrid(setup_.plan.range, buckets_);
    // A chart without rows is made in the one pass there is.
    take_reads(plan_reads(setup_, groups_, query.by.empty() && buckets_ > 0 ? &grid_ : nullptr, false));
    const auto count = worker_count(segments_, turn.threads(std::max(1u, control.threads)));
    for (std::size_t w = 0; w < count; ++w) workers_.push_back(std::make_unique<GroupWorker>());
  }

  Result<QueryResult> run() {
    const bool grouped = !query_.by.empty(),
               charted = buckets_ > 0 && setup_.plan.range.from_ms < setup_.plan.range.to_ms;
    QueryProgress progress{.control = control_, .turn = turn_};
    for (const auto& segment : segments_) progress.total_rows += segment->rows() * (grouped && charted ? 2u : 1u);

    const auto series_bytes = SeriesSums::memory_bytes(buckets_, charted ? 1 : 0);
    if (!memory_.add(workers_.size() * (kWorkerBytes + (grouped ? kKeysBytes : series_bytes))))
      return over_limit(control_, memory_.refusal());
    for (auto& worker : workers_) {
      if (grouped) worker->groups = std::make_unique<GroupSums>(groups_.fields.size());
      if (!grouped && charted) worker->series = std::make_unique<SeriesSums>(grid_, 1);
    }
    for_each_segment(segments_, workers_.size(), progress,
                     [&](std::size_t w, std::size_t number) { sum_segment(*workers_[w], number); });
    if (!turn_.go_on()) return end_of_turn(control_, turn_);
    if (memory_.refused()) return over_limit(control_, memory_.refusal());
    if (overfull_) {
      return error("by: more than " + std::to_string(kMaxGroups) +
                   " different keys; narrow the range or the filter, or group by fewer fields");
    }

    QueryResult result{.range = setup_.plan.range,
                       .totals = {},
                       .rows = {},
                       .other = {},
                       .series = {},
                       .buckets = query_.buckets,
                       .quality = {},
                       .warnings = setup_.snapshot.warnings};
    result.unknown_names = std::move(setup_.unknown_names);
    leave_out_unreadable(result);
    BlockTotals totals;
    for (const auto& worker : workers_) {
      totals.add(worker->totals);
      tally_.add(worker->tally);
      result.sessions_scanned += worker->scanned;
      add_work(result.work, worker->work);
    }
    result.work.spared = spared_;
    result.work.without_sums = why_not_;
    result.work.segments = result.work.ruled_out + result.work.unreadable + result.work.read + result.work.spared;
    result.work.passes = grouped && charted ? 2 : 1;
    result.work.threads = workers_.size();
    result.totals = totals.measures();
    result.quality = summary_of(tally_, std::move(setup_.exporters));
    if (!grouped) {
      result.other.measures = result.totals;
      if (query_.buckets > 0) add_series(result, 1);
      return result;
    }

    auto& all = *workers_.front()->groups;
    for (std::size_t w = 1; w < workers_.size(); ++w) {
      // At most the tables of both, joined, beside the two.
      const auto growth = workers_[w]->groups->memory_bytes();
      if (!memory_.add(growth)) return over_limit(control_, memory_.refusal());
      all.merge(*workers_[w]->groups, totals.parts_fit());
      workers_[w]->groups.reset();
      memory_.give_back(workers_[w]->held);
      workers_[w]->held = 0;
      if (!turn_.go_on()) return end_of_turn(control_, turn_);
    }
    auto top = select_top_rows(query_, groups_, all, setup_.snapshot.exporters, setup_.plan.sources);
    workers_.front()->groups.reset();
    result.rows = std::move(top.rows);
    result.other = std::move(top.other);
    result.other_keys = top.other_keys;
    if (buckets_ == 0) return result;

    if ((result.rows.size() + 1) * query_.buckets > kMaxSeriesCells) {
      return error("buckets: " + std::to_string(result.rows.size()) + " rows of " + std::to_string(query_.buckets) +
                   " buckets are too many; (limit + 1) * buckets is at most " + std::to_string(kMaxSeriesCells));
    }
    const auto slots = static_cast<std::uint32_t>(result.rows.size() + 1);
    // Of each worker, and once more in the result.
    if (!memory_.add((workers_.size() + 1) * SeriesSums::memory_bytes(buckets_, slots)))
      return over_limit(control_, memory_.refusal());
    if (charted) {
      parts_fit_ = totals.parts_fit();
      const RowSlots row_slots(query_.by.size(), top.keys);
      for (auto& worker : workers_) worker->series = std::make_unique<SeriesSums>(grid_, slots, once_);
      take_reads(plan_reads(setup_, groups_, &grid_, once_));
      for_each_segment(segments_, workers_.size(), progress,
                       [&](std::size_t w, std::size_t number) { chart_segment(*workers_[w], row_slots, number); });
      if (!turn_.go_on()) return end_of_turn(control_, turn_);
    }
    add_series(result, slots);
    return result;
  }

 private:
  void take_reads(SumReads&& planned) {
    reads_ = std::move(planned.reads);
    std::erase_if(reads_, [&](const auto& read) { return unreadable_.count(read.segment.get()) != 0; });
    uses_sums_ = planned.uses_sums;
    spared_ = planned.spared;
    why_not_ = planned.why_not;
    // Newest first, as without sums.
    std::stable_sort(reads_.begin(), reads_.end(),
                     [](const auto& a, const auto& b) { return a.segment->max_end_ms() > b.segment->max_end_ms(); });
    segments_.clear();
    for (const auto& read : reads_) segments_.push_back(read.segment);
  }

  // The choice of a read with what it lacks. Throws as columns do.
  static std::shared_ptr<const RowChoice> choice_of(const SegmentRead& read) {
    if (!read.block) return read.choice;
    auto choice = *read.choice;
    choice.kept = read.block->kept_rows(read.covered);
    if (choice.kept->rows != read.segment->rows())
      throw std::runtime_error("sums do not have as many rows as what they stand for");
    return std::make_shared<const RowChoice>(std::move(choice));
  }
  const GroupPlan& plan_of(const SegmentRead& read) const { return read.part ? read.part->plan : groups_; }

  void sum_segment(GroupWorker& worker, std::size_t number) {
    const auto& read = reads_[number];
    const auto& segment = *read.segment;
    if (segment.rows() == 0 || overfull_ || memory_.refused()) return;
    SegmentColumns columns(segment, setup_.plan.sources);
    std::shared_ptr<const RowChoice> choice;
    std::unique_ptr<SegmentScan> scan;
    std::unique_ptr<SegmentKeys> keys;
    try {
      if (!may_pass(setup_.plan.filter, segment)) {
        if (!read.of_sums) ++worker.work.ruled_out;
        return;
      }
      // All columns are loaded before the first row counts, so a damaged one leaves the segment out as a whole.
      choice = choice_of(read);
      scan = std::make_unique<SegmentScan>(setup_.plan, columns, choice.get());
      if (scan->is_empty()) {
        if (!read.of_sums) ++worker.work.ruled_out;
        columns.tell(worker.work);
        return;
      }
      if (worker.groups) keys = std::make_unique<SegmentKeys>(plan_of(read), columns);
    } catch (const std::runtime_error& e) {
      if (uses_sums_) throw SumsUnreadable{};
      worker.unreadable.emplace_back(number, e.what());
      ++worker.work.unreadable;
      return;
    }
    worker.scanned += segment.rows();
    ++(read.of_sums ? worker.work.sums : worker.work.read);
    columns.tell(worker.work);
    auto& block = *worker.block;
    while (scan->next(block)) {
      auto sum = totals_of(block);
      worker.at_most.add(sum);
      const bool fits = worker.at_most.parts_fit();
      if (worker.series) worker.series->add_block(block, fits);
      if (!scan->inside_range()) {
        block.clip(setup_.plan.range);
        sum = totals_of(block);
      }
      if (read.counts_totals) worker.totals.add(sum);
      if (!keys) continue;
      if (read.part && read.part->only_side) block.leave_only(*read.part->only_side);
      worker.groups->add_block(plan_of(read), *keys, block, fits);
    }
    if (read.counts_totals) worker.tally.add(scan->tally());
    if (!keys) return;
    worker.groups->end_segment();
    if (worker.groups->size() > kMaxGroups) overfull_ = true;
    const auto bytes = worker.groups->memory_bytes();
    if (bytes > worker.held && memory_.add(bytes - worker.held)) worker.held = bytes;
  }

  void chart_segment(GroupWorker& worker, const RowSlots& slots, std::size_t number) {
    const auto& read = reads_[number];
    const auto& segment = *read.segment;
    if (segment.rows() == 0 || !may_pass(setup_.plan.filter, segment)) return;
    SegmentColumns columns(segment, setup_.plan.sources);
    try {
      const auto choice = choice_of(read);
      SegmentScan scan(setup_.plan, columns, choice.get());
      if (scan.is_empty()) return;
      const auto& plan = plan_of(read);
      SegmentKeys keys(plan, columns);
      while (scan.next(*worker.block)) {
        if (read.part && read.part->only_side) worker.block->leave_only(*read.part->only_side);
        worker.series->add_block(plan, slots, keys, *worker.block, parts_fit_);
      }
      worker.series->end_segment();
    } catch (const std::runtime_error&) {
      if (uses_sums_) throw SumsUnreadable{};
      throw;
    }
  }

  void leave_out_unreadable(QueryResult& result) {
    std::vector<std::pair<std::size_t, std::string>> unreadable;
    for (const auto& worker : workers_)
      unreadable.insert(unreadable.end(), worker->unreadable.begin(), worker->unreadable.end());
    std::sort(unreadable.begin(), unreadable.end(), std::greater<>());
    for (const auto& [number, why] : unreadable) {
      result.warnings.push_back("left out a segment that cannot be read: " + why);
      unreadable_.insert(segments_[number].get());
    }
  }

  void add_series(QueryResult& result, std::uint32_t slots) {
    auto& first = workers_.front()->series;
    for (std::size_t w = 1; first && w < workers_.size(); ++w) first->merge(*workers_[w]->series);
    if (once_) {
      for (std::uint32_t s = 0; s + 1 < slots; ++s) result.rows[s].once = first ? first->measures(s) : Measures{};
      result.other.measures = first ? first->measures(slots - 1) : Measures{};
    }
    if (query_.buckets == 0) return;
    for (std::uint32_t s = 0; s < slots; ++s) {
      auto& series = result.series.emplace_back();
      series.octets.assign(query_.buckets, 0);
      series.packets.assign(query_.buckets, 0);
      for (std::uint32_t b = 0; first && b < query_.buckets; ++b) {
        series.octets[b] = first->slot(s)[b][SeriesSums::kOctets];
        series.packets[b] = first->slot(s)[b][SeriesSums::kPackets];
      }
      series.saturated = first && first->is_saturated(s);
    }
  }

  // About what a thread needs to read a segment, and to number its keys.
  static constexpr std::uint64_t kWorkerBytes = 1 << 20, kKeysBytes = 8 << 20;

  const Query& query_;
  const QueryControl& control_;
  QueryTurn& turn_;
  QueryMemory::Share memory_;
  QuerySetup setup_;
  const GroupPlan& groups_;
  std::vector<SegmentRead> reads_;                        // of the pass at hand
  std::vector<std::shared_ptr<const Segment>> segments_;  // theirs
  bool uses_sums_ = false;
  std::uint64_t spared_ = 0;
  std::string why_not_;
  std::set<const Segment*> unreadable_;
  BucketGrid grid_;
  std::vector<std::unique_ptr<GroupWorker>> workers_;
  std::atomic<bool> overfull_{false};
  bool once_ = false;          // as asked, and there are two ends
  std::uint32_t buckets_ = 0;  // of the second pass
  bool parts_fit_ = true;      // no cell of a chart can wrap
  ScanTally tally_;
};

QueryCost rows_of(const SumReads& reads) {
  QueryCost rows = 0;
  for (const auto& read : reads.reads) rows += read.segment->rows();
  return rows;
}

// About: a key costs more than a sum, several fields more than one, and a chart reads all again.
QueryCost cost_of(const Query& query, const GroupPlan& groups, const QuerySetup& setup) {
  const QueryCost once = query.by.empty() ? 1 : query.by.size() == 1 ? 4 : 12 * query.by.size();
  const auto table = rows_of(plan_reads(setup, groups, nullptr, false)) * once;
  const bool each_once = query.once && groups.ends == 2;
  if (query.buckets == 0 && !each_once) return table;
  const BucketGrid grid(setup.plan.range, std::max(1u, query.buckets));
  const auto chart = rows_of(plan_reads(setup, groups, &grid, each_once));
  return query.by.empty() ? chart * 4 : table + chart * (once + 3);
}

}  // namespace

Result<QueryResult> run_query(const Query& query, Store& store, const QueryControl& control) {
  if (query.limit > kMaxLimit)
    return error("limit: at most " + std::to_string(kMaxLimit) + ", found " + std::to_string(query.limit));
  if (query.keys) {
    if (query.keys->size() > kMaxLimit)
      return error("keys: at most " + std::to_string(kMaxLimit) + ", found " + std::to_string(query.keys->size()));
    auto sorted = *query.keys;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return error("keys: one is named twice");
    for (const auto& key : *query.keys) {
      if (key.size() != query.by.size()) return error("keys: each has one value for each field of by");
    }
  }
  if (query.buckets > kMaxBuckets)
    return error("buckets: at most " + std::to_string(kMaxBuckets) + ", found " + std::to_string(query.buckets));
  auto groups = plan_groups(query, control);
  if (!groups) return groups.error();
  QueryTurn turn(control.slots, control.asker, control.cancelled);
  const QueryScope scope{.range = query.range,
                         .filter = query.filter,
                         .unscaled = query.unscaled,
                         .prefix = query.prefix,
                         .allowed_exporters = query.allowed_exporters,
                         .foreign_names = query.foreign_names,
                         .asked_ms = query.asked_ms,
                         .utc_offset = query.utc_offset};
  auto setup =
      set_up_query(scope, store, control, turn, [&](const QuerySetup& s) { return cost_of(query, *groups, s); });
  if (!setup) return setup.error();
  try {
    try {
      return Engine(query, control, turn, std::move(*setup), *groups).run();
    } catch (const SumsUnreadable&) {
      setup = set_up_query(scope, store, control);
      if (!setup) return setup.error();
      setup->snapshot.sums.clear();
      return Engine(query, control, turn, std::move(*setup), *groups).run();
    }
  } catch (const std::runtime_error& e) {
    return error(std::string("the store cannot be read: ") + e.what());
  }
}

}  // namespace weir
