// One pass for totals and the sessions that are whole; lone halves are collected on the way, and in further passes by
// parts of their keys when there are too many to hold at once.
#include <algorithm>
#include <memory>

#include "core/saturating.hpp"
#include "flow/column_access.hpp"
#include "query/block_totals.hpp"
#include "query/query_setup.hpp"
#include "query/segment_workers.hpp"
#include "query/session_halves.hpp"
#include "query/session_list.hpp"
#include "query/session_order_value.hpp"

namespace weir {

namespace {

struct SessionWorker {
  explicit SessionWorker(std::size_t capacity) : list(capacity) {}
  std::unique_ptr<Block> block = std::make_unique<Block>();
  BlockTotals totals;
  ScanTally tally;
  SessionList list;
  std::vector<LoneHalf> halves;
  std::uint64_t lone_halves = 0;
  std::uint64_t held = 0;  // bytes that the query's share of memory knows of
  std::vector<std::pair<std::size_t, std::string>> unreadable;
};

// Senders choose how many lone halves there are. Further passes than these would cost more than linear time.
constexpr std::uint64_t kMaxPasses = 16;

class SessionEngine {
 public:
  SessionEngine(const SessionQuery& query, const QueryControl& control, QueryTurn& turn, QuerySetup&& setup)
      : query_(query),
        control_(control),
        turn_(turn),
        memory_(control.memory),
        setup_(std::move(setup)),
        capacity_(std::size_t{query.offset} + query.limit),
        order_(query.order),
        progress_{.control = control, .turn = turn} {
    setup_.plan.need_times = true;
    const auto count = worker_count(setup_.snapshot.segments, turn.threads(std::max(1u, control.threads)));
    for (std::size_t w = 0; w < count; ++w) workers_.push_back(std::make_unique<SessionWorker>(capacity_));
  }

  Result<SessionResult> run() {
    for (const auto& segment : setup_.snapshot.segments) progress_.total_rows += segment->rows();
    const auto list_bytes = std::min<std::uint64_t>(capacity_, progress_.total_rows) * sizeof(ListedSession);
    if (!memory_.add(workers_.size() * (kWorkerBytes + list_bytes))) return over_limit(control_, memory_.refusal());
    read_segments();
    if (const auto ended = why_ended()) return *ended;
    std::uint64_t lone = 0;
    for (const auto& worker : workers_) lone += worker->lone_halves;
    leave_out_unreadable();
    if (lone <= control_.max_held_halves) {
      pair_collected();
    } else {
      // Parts are made smaller than what can be held, since keys do not spread evenly.
      parts_ = static_cast<std::uint32_t>(
          std::min(kMaxPasses, 2 * lone / std::max<std::uint64_t>(1, control_.max_held_halves) + 1));
      first_pass_ = false;
      for (const auto& segment : setup_.snapshot.segments)
        progress_.total_rows += std::uint64_t{parts_} * segment->rows();
      for (part_ = 0; part_ < parts_; ++part_) {
        for (auto& worker : workers_) worker->halves.clear();
        held_ = 0;
        read_segments();
        if (const auto ended = why_ended()) return *ended;
        pair_collected();
      }
    }
    return assemble();
  }

 private:
  std::optional<Error> why_ended() {
    if (memory_.refused()) return over_limit(control_, memory_.refusal());
    return turn_.go_on() ? std::nullopt : std::optional(end_of_turn(control_, turn_));
  }

  void read_segments() {
    for_each_segment(setup_.snapshot.segments, workers_.size(), progress_,
                     [&](std::size_t w, std::size_t number) { read_segment(*workers_[w], number); });
  }

  void read_segment(SessionWorker& worker, std::size_t number) {
    const auto& segment = *setup_.snapshot.segments[number];
    if (segment.rows() == 0 || memory_.refused()) return;
    SegmentColumns columns(segment, setup_.plan.sources);
    std::unique_ptr<SegmentScan> scan;
    try {
      if (!may_pass(setup_.plan.filter, segment)) return;
      scan = std::make_unique<SegmentScan>(setup_.plan, columns);
      if (scan->is_empty()) return;
      for (const auto id : {ColumnId::kClient, ColumnId::kServer, ColumnId::kClientPort, ColumnId::kServerPort,
                            ColumnId::kProtocol, ColumnId::kExporter})
        columns[id];
    } catch (const std::runtime_error& e) {
      if (!first_pass_) throw;
      worker.unreadable.emplace_back(number, e.what());
      return;
    }
    auto& block = *worker.block;
    while (scan->next(block)) read_block(worker, *scan, columns, block, static_cast<std::uint32_t>(number));
    if (first_pass_) worker.tally.add(scan->tally());
    const auto bytes = worker.halves.capacity() * sizeof(LoneHalf);
    if (bytes > worker.held && memory_.add(bytes - worker.held)) worker.held = bytes;
  }

  void read_block(SessionWorker& worker, const SegmentScan& scan, SegmentColumns& columns, Block& block,
                  std::uint32_t segment) {
    std::array<std::array<std::uint64_t, kBlockRows>, 2> flows;  // of the whole rows, selected or not
    for (std::size_t side = 0; side < 2; ++side) {
      read_numbers(columns[side == 0 ? ColumnId::kFlowsToServer : ColumnId::kFlowsToClient], block.row, block.n,
                   flows[side].data());
    }
    std::array<std::uint64_t, kBlockRows> values;
    read_values(scan, columns, block, values.data());
    for (std::uint32_t i = 0; i < block.n; ++i) {
      if (block.any[i] == 0) continue;
      const SessionPlace place{.segment = segment, .row = block.row + i};
      if (flows[0][i] != 0 && flows[1][i] != 0) {
        if (first_pass_)
          worker.list.offer({.value = keyed(values[i]), .start_ms = block.start[i], .place = place, .other_half = {}});
      } else {
        add_lone_half(worker, scan, columns, block, i, flows[0][i] != 0 ? kToServer : kToClient, values[i], place);
      }
    }
    if (!first_pass_) return;
    if (!scan.inside_range()) block.clip(setup_.plan.range);
    worker.totals.add(totals_of(block));
  }

  void add_lone_half(SessionWorker& worker, const SegmentScan& scan, SegmentColumns& columns, const Block& block,
                     std::uint32_t i, SessionSide side, std::uint64_t value, const SessionPlace& place) {
    const auto row = place.row;
    if (first_pass_ && ++worker.lone_halves > control_.max_held_halves) return;
    auto half = make_lone_half(columns[ColumnId::kClient].address_at(row),
                               static_cast<std::uint16_t>(columns[ColumnId::kClientPort].number_at(row)),
                               columns[ColumnId::kServer].address_at(row),
                               static_cast<std::uint16_t>(columns[ColumnId::kServerPort].number_at(row)),
                               static_cast<std::uint32_t>(columns[ColumnId::kExporter].number_at(row)),
                               static_cast<std::uint8_t>(columns[ColumnId::kProtocol].number_at(row)), side);
    if (half.hash % parts_ != part_) return;
    half.start_ms = block.start[i];
    half.end_ms = block.end[i];
    half.value = value;
    half.place = place;
    if (order_.is_oriented()) half.reason = static_cast<ServerReason>(columns[ColumnId::kReason].number_at(row));
    if (order_.is_directed()) {
      std::uint64_t rate = 1;
      scan.rates().read(row, 1, &rate);
      half.value = saturating_multiply(columns[order_.counter_column(side)].number_at(row), rate);
    }
    if (held_.fetch_add(1, std::memory_order_relaxed) < control_.max_held_halves) {
      worker.halves.push_back(half);
    } else if (!first_pass_) {
      worker.list.offer(
          {.value = keyed(order_.alone_value(half)), .start_ms = half.start_ms, .place = place, .other_half = {}});
      too_many_halves_ = true;
    }
  }

  // What the list is ordered by, of whole rows.
  void read_values(const SegmentScan& scan, SegmentColumns& columns, const Block& block, std::uint64_t* values) const {
    if (query_.order == SessionOrder::kStart || query_.order == SessionOrder::kEnd) {
      const auto& times = query_.order == SessionOrder::kStart ? block.start : block.end;
      for (std::uint32_t i = 0; i < block.n; ++i) values[i] = static_cast<std::uint64_t>(times[i]);
      return;
    }
    if (const auto column = order_.number_column()) return read_numbers(columns[*column], block.row, block.n, values);
    std::array<std::uint64_t, kBlockRows> more;
    if (order_.is_directed()) {
      read_numbers(columns[order_.counter_column(order_.is_to_server() ? kToServer : kToClient)], block.row, block.n,
                   values);
      scan.rates().read(block.row, block.n, more.data());
      for (std::uint32_t i = 0; i < block.n; ++i) values[i] = saturating_multiply(values[i], more[i]);
      return;
    }
    const bool octets = query_.order == SessionOrder::kOctets;
    read_numbers(columns[octets ? ColumnId::kOctetsToServer : ColumnId::kPacketsToServer], block.row, block.n, values);
    read_numbers(columns[octets ? ColumnId::kOctetsToClient : ColumnId::kPacketsToClient], block.row, block.n,
                 more.data());
    if (block.small_counters) {
      for (std::uint32_t i = 0; i < block.n; ++i) values[i] += more[i];
      scan.rates().read(block.row, block.n, more.data());
      for (std::uint32_t i = 0; i < block.n; ++i) values[i] *= more[i];
      return;
    }
    for (std::uint32_t i = 0; i < block.n; ++i) values[i] = saturating_add(values[i], more[i]);
    scan.rates().read(block.row, block.n, more.data());
    for (std::uint32_t i = 0; i < block.n; ++i) values[i] = saturating_multiply(values[i], more[i]);
  }
  std::uint64_t keyed(std::uint64_t value) const { return query_.ascending ? ~value : value; }

  // The halves that are held: in pairs where they belong together, alone otherwise.
  void pair_collected() {
    auto& halves = workers_.front()->halves;
    for (std::size_t w = 1; w < workers_.size(); ++w) {
      halves.insert(halves.end(), workers_[w]->halves.begin(), workers_[w]->halves.end());
      workers_[w]->halves.clear();
    }
    const auto pairs = pair_halves(halves);
    pairs_ += pairs.size();
    auto& list = workers_.front()->list;
    std::vector<bool> paired(halves.size());
    for (const auto& pair : pairs) {
      const auto &a = halves[pair.first], &b = halves[pair.second];
      paired[pair.first] = paired[pair.second] = true;
      list.offer({.value = keyed(order_.joint_value(a, b)),
                  .start_ms = std::min(a.start_ms, b.start_ms),
                  .place = std::min(a.place, b.place),
                  .other_half = std::max(a.place, b.place)});
    }
    for (std::size_t h = 0; h < halves.size(); ++h) {
      if (!paired[h])
        list.offer({.value = keyed(order_.alone_value(halves[h])),
                    .start_ms = halves[h].start_ms,
                    .place = halves[h].place,
                    .other_half = {}});
    }
    halves.clear();
  }
  void leave_out_unreadable() {
    for (const auto& worker : workers_) {
      for (const auto& [number, why] : worker->unreadable) {
        setup_.snapshot.warnings.push_back("left out a segment that cannot be read: " + why);
        // Numbers of the others stay what they are.
        setup_.snapshot.segments[number] = std::make_shared<EmptySegment>();
      }
    }
  }
  class EmptySegment final : public Segment {
   public:
    std::uint32_t rows() const override { return 0; }
    std::int64_t min_start_ms() const override { return 0; }
    std::int64_t max_end_ms() const override { return 0; }
    std::shared_ptr<const Column> column(ColumnId) const override { return std::make_shared<Column>(); }
  };

  SessionResult assemble() {
    SessionResult result{.range = setup_.plan.range,
                         .totals = {},
                         .total_sessions = 0,
                         .sessions = {},
                         .quality = {},
                         .warnings = setup_.snapshot.warnings};
    result.unknown_names = std::move(setup_.unknown_names);
    auto& list = workers_.front()->list;
    for (std::size_t w = 1; w < workers_.size(); ++w) list.merge(workers_[w]->list);
    BlockTotals totals;
    ScanTally tally;
    for (const auto& worker : workers_) {
      totals.add(worker->totals);
      tally.add(worker->tally);
    }
    result.totals = totals.measures();
    result.quality = summary_of(tally, std::move(setup_.exporters));
    result.total_sessions = result.totals.sessions - pairs_;
    if (too_many_halves_)
      result.warnings.push_back("some sessions are shown as two halves: too many of the same ends in this range");
    auto listed = list.take_sorted();
    listed.erase(listed.begin(),
                 listed.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(query_.offset, listed.size())));

    std::vector<SessionPlace> places;
    for (const auto& session : listed) {
      places.push_back(session.place);
      if (session.other_half.segment != SessionPlace::kNone) places.push_back(session.other_half);
    }
    std::sort(places.begin(), places.end());
    const auto stored = read_sessions(places);
    const auto session_at = [&](const SessionPlace& place) -> const Session& {
      return stored[static_cast<std::size_t>(std::lower_bound(places.begin(), places.end(), place) - places.begin())];
    };
    for (const auto& entry : listed) {
      auto& row = result.sessions.emplace_back();
      const auto& first = session_at(entry.place);
      const auto& exporters = setup_.snapshot.exporters;
      const auto exporter = std::find_if(exporters.begin(), exporters.end(),
                                         [&](const ExporterName& e) { return e.id == first.exporter; });
      if (exporter != exporters.end()) row.exporter = exporter->address;
      row.session = first;
      row.halves = scaled(first, row.saturated);
      row.rate = rate_of(first);
      if (entry.other_half.segment != SessionPlace::kNone) {
        const auto& second = session_at(entry.other_half);
        const std::array parts{row.halves, scaled(second, row.saturated)};
        auto merged = merge_sessions(first, second);
        row.session = merged.session;
        if (merged.source[kToServer].second) row.rate = rate_of(second);
        for (std::size_t side = 0; side < 2; ++side)
          row.halves[side] = parts[merged.source[side].second ? 1 : 0][merged.source[side].side];
      }
      for (const auto& half : row.halves) {
        row.octets = saturating_add(row.octets, half.octets, row.saturated);
        row.packets = saturating_add(row.packets, half.packets, row.saturated);
      }
    }
    return result;
  }
  // Its own rate is told even where nothing is scaled.
  std::uint64_t rate_of(const Session& session) const {
    return session.sampling != 0 ? session.sampling : scale_of(session);
  }
  std::uint64_t scale_of(const Session& session) const {
    return setup_.plan.rates.rate_of(session.sampling, session.exporter, session.start_ms, session.end_ms).rate;
  }
  // Each session by its own rate.
  std::array<ScaledHalf, 2> scaled(const Session& session, bool& saturated) const {
    const auto rate = scale_of(session);
    std::array<ScaledHalf, 2> halves;
    for (std::size_t side = 0; side < 2; ++side) {
      halves[side] = {.octets = saturating_multiply(session.halves[side].octets, rate, saturated),
                      .packets = saturating_multiply(session.halves[side].packets, rate, saturated)};
    }
    return halves;
  }

  // The sessions at these places (in ascending order), one segment's columns at a time.
  std::vector<Session> read_sessions(const std::vector<SessionPlace>& places) const {
    std::vector<Session> sessions(places.size());
    for (std::size_t p = 0; p < places.size();) {
      const auto segment = places[p].segment;
      SegmentColumns columns(*setup_.snapshot.segments[segment], setup_.plan.sources);
      for (; p < places.size() && places[p].segment == segment; ++p) {
        const auto row = places[p].row;
        store_columns(
            sessions[p], [&](ColumnId id) { return columns[id].number_at(row); },
            [&](ColumnId id) { return columns[id].address_at(row); });
      }
    }
    return sessions;
  }

  const SessionQuery& query_;
  const QueryControl& control_;
  static constexpr std::uint64_t kWorkerBytes = 1 << 20;  // about what a thread needs to read a segment
  QueryTurn& turn_;
  QueryMemory::Share memory_;
  QuerySetup setup_;
  const std::size_t capacity_;
  const SessionOrderValue order_;
  QueryProgress progress_;
  std::vector<std::unique_ptr<SessionWorker>> workers_;
  bool first_pass_ = true;
  std::uint32_t parts_ = 1, part_ = 0;
  std::atomic<std::uint64_t> held_{0};
  std::atomic<bool> too_many_halves_{false};
  std::uint64_t pairs_ = 0;
};

}  // namespace

Result<SessionResult> run_session_query(const SessionQuery& query, Store& store, const QueryControl& control) {
  if (query.limit > kMaxLimit)
    return error("limit: at most " + std::to_string(kMaxLimit) + ", found " + std::to_string(query.limit));
  if (query.offset > kMaxOffset)
    return error("offset: at most " + std::to_string(kMaxOffset) + ", found " + std::to_string(query.offset));
  static constexpr QueryCost kCostPerRow = 6;
  QueryTurn turn(control.slots, control.asker, control.cancelled);
  auto setup = set_up_query({.range = query.range,
                             .filter = query.filter,
                             .unscaled = query.unscaled,
                             .allowed_exporters = query.allowed_exporters,
                             .foreign_names = query.foreign_names,
                             .asked_ms = query.asked_ms,
                             .utc_offset = query.utc_offset},
                            store, control, turn, [](const QuerySetup& s) {
                              QueryCost rows = 0;
                              for (const auto& segment : s.snapshot.segments) rows += segment->rows();
                              return rows * kCostPerRow;
                            });
  if (!setup) return setup.error();
  try {
    return SessionEngine(query, control, turn, std::move(*setup)).run();
  } catch (const std::runtime_error& e) {
    return error(std::string("the store cannot be read: ") + e.what());
  }
}

}  // namespace weir
