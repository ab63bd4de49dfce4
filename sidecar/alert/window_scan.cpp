// Segments are read in order of their earliest session; a window is complete once no unread segment starts before its
// end.
#include "alert/window_scan.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

#include "alert/pane_filler.hpp"
#include "query/derived_column.hpp"
#include "query/key_value.hpp"
#include "query/query_setup.hpp"

namespace weir {

KeyNumbers::KeyNumbers(const std::vector<FieldId>& fields, const std::vector<ExporterName>& exporters,
                       const DerivedSources& sources)
    : values(fields.size()), fields_(fields), sources_(sources) {
  for (const auto& exporter : exporters) exporters_.emplace(exporter.id, exporter.address);
}

RowKey KeyNumbers::row_key(const RawKey& packed, std::size_t count) const {
  RowKey key;
  for (std::size_t f = 0; f < count; ++f) {
    const auto& raw = values[f].key(unpack(packed, f));
    if (field_info(fields_[f]).type != FieldType::kExporter) {
      key.push_back(key_value(fields_[f], raw, sources_));
      continue;
    }
    const auto found = exporters_.find(raw.b);
    key.emplace_back(found == exporters_.end() ? IpAddress{} : found->second);
  }
  return key;
}

std::optional<RawKey> KeyNumbers::raw_value(std::size_t f, const KeyValue& value) const {
  const auto* address = std::get_if<IpAddress>(&value);
  if (field_info(fields_[f]).type != FieldType::kExporter || address == nullptr)
    return raw_of_key(fields_[f], value, sources_);
  const auto found =
      std::find_if(exporters_.begin(), exporters_.end(), [&](const auto& e) { return e.second == *address; });
  return found == exporters_.end() ? std::nullopt : std::optional(raw_key(found->first));
}

std::optional<RawKey> KeyNumbers::find(const RowKey& key) const {
  std::array<std::uint32_t, kMaxRuleFields> numbers{};
  for (std::size_t f = 0; f < key.size(); ++f) {
    const auto raw = raw_value(f, key[f]);
    if (!raw) return std::nullopt;
    numbers[f] = values[f].find(*raw);
    if (numbers[f] == KeyTable::kAbsent) return std::nullopt;
  }
  return pack(numbers);
}

namespace {

void add_figures(RowFigures& sum, const RowFigures& f) {
  sum.octets += f.octets;
  sum.packets += f.packets;
  sum.flows += f.flows;
  sum.sessions += f.sessions;
  sum.octets_in += f.octets_in;
  sum.octets_out += f.octets_out;
  sum.octets_client += f.octets_client;
  sum.octets_server += f.octets_server;
}

}  // namespace

RowFigures WindowGroups::figures_of(const PaneCell& c) const {
  return {.octets = c.octets,
          .packets = c.packets,
          .flows = window_.flows(c),
          .sessions = window_.sessions(c),
          .octets_in = c.octets_in,
          .octets_out = c.octets_out,
          .octets_client = c.octets_client,
          .octets_server = c.octets_server};
}

WindowGroups::WindowGroups(TimeRange range, const SlidingWindow& window, const KeyNumbers& numbers,
                           std::size_t key_fields, bool distinct, std::string remark)
    : range_(range),
      window_(window),
      numbers_(numbers),
      key_fields_(key_fields),
      distinct_(distinct),
      remark_(std::move(remark)),
      totals_(figures_of(window.totals())) {
  const auto& keys = window.keys();
  for (std::uint32_t k = 0; k < keys.size(); ++k) {
    if (window.cell(k).touching == 0) continue;
    if (!distinct) {
      numbers_in_window_.push_back(k);
      continue;
    }
    std::array<std::uint32_t, kMaxRuleFields> parts{};
    for (std::size_t f = 0; f < key_fields; ++f) parts[f] = KeyNumbers::unpack(keys.key(k), f);
    const auto number = index_.find_or_add(KeyNumbers::pack(parts));
    if (number == figures_.size()) figures_.emplace_back();
    add_figures(figures_[number], figures_of(window.cell(k)));
    ++figures_[number].distinct;
  }
}

RowFigures WindowGroups::figures(std::size_t i) const {
  return distinct_ ? figures_[i] : figures_of(window_.cell(numbers_in_window_[i]));
}

RowFigures WindowGroups::find(const RowKey& key) const {
  const auto packed = numbers_.find(key);
  if (!packed) return {};
  if (distinct_) {
    const auto number = index_.find(*packed);
    return number == KeyTable::kAbsent ? RowFigures{} : figures_[number];
  }
  const auto number = window_.keys().find(*packed);
  return number == KeyTable::kAbsent || window_.cell(number).touching == 0 ? RowFigures{}
                                                                           : figures_of(window_.cell(number));
}

namespace {

class Scan {
 public:
  Scan(const WindowScanRequest& request, QuerySetup&& setup, std::vector<FieldId> fields,
       const std::function<bool(const WindowGroups&)>& on_window)
      : request_(request),
        rule_(*request.rule),
        setup_(std::move(setup)),
        plan_(make_group_plan(fields, rule_.query.direction)),
        numbers_(fields, setup_.snapshot.exporters, setup_.plan.sources),
        one_field_(fields.size() == 1),
        on_window_(on_window),
        window_(one_field_) {
    const bool single = request.first_end_ms == request.last_end_ms;
    grid_.pane_ms = single ? rule_.window_ms : rule_.pane_ms();
    grid_.range = setup_.plan.range;
    panes_per_window_ = rule_.window_ms / grid_.pane_ms;
    setup_.plan.need_times = true;
    next_end_ms_ = request.first_end_ms;
    std::stable_sort(setup_.snapshot.segments.begin(), setup_.snapshot.segments.end(),
                     [](const auto& a, const auto& b) { return a->min_start_ms() < b->min_start_ms(); });
  }

  // How the scan looks at keys when there are too many. Not: the scan stops at the first window with too many, see
  // next_end_ms().
  void weigh_into(KeySketch& sketch) { weighs_ = &sketch; }
  void look_only_at(const KeySketch& sketch, std::string remark) {
    only_ = &sketch;
    remark_ = std::move(remark);
  }
  bool has_too_many() const { return too_many_; }
  std::int64_t next_end_ms() const { return next_end_ms_; }
  // For KeySketch.
  std::optional<std::uint64_t> hash_of(const RowKey& key) const {
    std::uint64_t hash = 0;
    for (std::size_t f = 0; f < key.size(); ++f) {
      const auto raw = numbers_.raw_value(f, key[f]);
      if (!raw) return std::nullopt;
      hash = hash_with(hash, *raw);
    }
    return hash;
  }

  Result<WindowScanTally> run() {
    auto& segments = setup_.snapshot.segments;
    const std::size_t threads = std::max(1u, request_.threads);
    tally_.warnings = setup_.snapshot.warnings;
    for (std::size_t at = 0; at < segments.size() && !stopped_; at += threads) {
      if (setup_.plan.is_cancelled()) return error("cancelled");
      if (weighs_ == nullptr) complete_until(segments[at]->min_start_ms());
      const auto count = std::min(threads, segments.size() - at);
      std::vector<std::thread> others;
      std::size_t given = 1;
      try {
        for (; given < count; ++given)
          others.emplace_back([this, &segments, at, given] { fill(*segments[at + given]); });
      } catch (const std::system_error&) {
        // No more threads to be had: this one does the rest.
      }
      fill(*segments[at]);
      for (; given < count; ++given) fill(*segments[at + given]);
      for (auto& other : others) other.join();
      for (std::size_t i = 0; i < count; ++i) segments[at + i].reset();
      if (too_many_) return std::move(tally_);
    }
    if (setup_.plan.is_cancelled()) return error("cancelled");
    if (weighs_ == nullptr) complete_until(INT64_MAX);
    return std::move(tally_);
  }

 private:
  void fill(const Segment& segment) {
    if (segment.rows() == 0) return;
    try {
      SegmentPanes filled(setup_.plan, grid_, plan_, segment);
      const std::lock_guard lock(mutex_);
      tally_.sessions_scanned += filled.rows_scanned();
      if (weighs_ != nullptr) {
        filled.weigh_into(*weighs_, rule_.order, rule_.query.by.size());
        return;
      }
      filled.merge_into(
          numbers_, [this](std::int64_t pane) -> Pane& { return pane_at(pane); }, only_, rule_.query.by.size());
      std::size_t open = 0;
      for (const auto& pane : panes_) open += pane ? pane->keys().size() : 0;
      if (only_ == nullptr && open > request_.max_groups) too_many_ = true;
    } catch (const std::runtime_error& e) {
      const std::lock_guard lock(mutex_);
      tally_.warnings.push_back(std::string("left out a segment that cannot be read: ") + e.what());
    }
  }

  // Panes count from the start of the range.
  Pane& pane_at(std::int64_t pane) {
    const auto at = static_cast<std::size_t>(pane - first_pane_);
    while (panes_.size() <= at) panes_.emplace_back();
    if (!panes_[at]) panes_[at] = std::make_unique<Pane>(one_field_);
    return *panes_[at];
  }

  // Hands over the windows that end at or before `ms`: nothing that is still unread belongs to them.
  void complete_until(std::int64_t ms) {
    for (; next_end_ms_ <= request_.last_end_ms && next_end_ms_ <= ms && !stopped_; next_end_ms_ += rule_.every_ms) {
      const auto last = (next_end_ms_ - grid_.range.from_ms) / grid_.pane_ms;  // one past the window's panes
      slide_to(last - panes_per_window_, last);
      const WindowGroups groups({.from_ms = next_end_ms_ - rule_.window_ms, .to_ms = next_end_ms_}, window_, numbers_,
                                rule_.query.by.size(), !rule_.distinct.empty(), remark_);
      stopped_ = !on_window_(groups);
    }
  }

  void slide_to(std::int64_t first, std::int64_t last) {
    if (panes_per_window_ == 1) {
      window_first_ = first;
      for (; first_pane_ < window_first_ && !panes_.empty(); ++first_pane_) panes_.pop_front();
      first_pane_ = window_first_;
      window_.show(pane_at(first));
      return;
    }
    if (window_last_ <= first) {  // nothing in common
      window_.clear();
      window_first_ = window_last_ = first;
    }
    while (window_last_ < last) {
      if (window_last_ - window_first_ == panes_per_window_) {
        window_.pop_front(pane_at(window_first_), pane_at(window_first_ + 1));
        ++window_first_;
      }
      window_.push_back(pane_at(window_last_), window_first_ == window_last_);
      ++window_last_;
    }
    for (; first_pane_ < window_first_ && !panes_.empty(); ++first_pane_) panes_.pop_front();
    first_pane_ = window_first_;
  }

  const WindowScanRequest& request_;
  const Rule& rule_;
  QuerySetup setup_;
  GroupPlan plan_;
  KeyNumbers numbers_;
  const bool one_field_;
  const std::function<bool(const WindowGroups&)>& on_window_;
  PaneGrid grid_;
  std::int64_t panes_per_window_ = 1, next_end_ms_ = 0;
  std::mutex mutex_;
  std::deque<std::unique_ptr<Pane>> panes_;
  std::int64_t first_pane_ = 0;  // number of panes_[0]
  SlidingWindow window_;
  std::int64_t window_first_ = 0, window_last_ = 0;
  WindowScanTally tally_;
  KeySketch* weighs_ = nullptr;
  const KeySketch* only_ = nullptr;
  std::string remark_;
  bool too_many_ = false, stopped_ = false;
};

// The scans that answer one request: all windows in one pass; from a window on that has too many keys, one by one.
class Scans {
 public:
  Scans(const WindowScanRequest& request, Store& store, const std::function<bool(const WindowGroups&)>& on_window)
      : request_(request), store_(store), on_window_(on_window) {}

  Result<WindowScanTally> run() {
    auto end = pass(request_.first_end_ms, request_.last_end_ms, {});
    for (; end && *end <= request_.last_end_ms && !stopped_; *end += request_.rule->every_ms) {
      const auto alone = pass(*end, *end, {});
      if (!alone) return alone.error();
      if (*alone > *end) continue;
      if (const auto done = largest_of(*end); !done) return done.error();
    }
    if (!end) return end.error();
    return std::move(tally_);
  }

 private:
  using SetUp = std::function<void(Scan&)>;
  // The end of the first window that it could not do, or one beyond the last.
  Result<std::int64_t> pass(std::int64_t first, std::int64_t last, const SetUp& set_up) {
    const Rule& rule = *request_.rule;
    auto fields = rule.query.by;
    fields.insert(fields.end(), rule.distinct.begin(), rule.distinct.end());
    auto part = request_;
    part.first_end_ms = first;
    part.last_end_ms = last;
    auto setup = set_up_query({.range = TimeRange{.from_ms = first - rule.window_ms, .to_ms = last},
                               .filter = rule.query.filter,
                               .unscaled = rule.query.unscaled,
                               .prefix = rule.query.prefix,
                               .allowed_exporters = rule.query.allowed_exporters},
                              store_, {.cancelled = part.cancelled, .derived = part.derived});
    if (!setup) return setup.error();
    const std::function<bool(const WindowGroups&)> on_window = [this](const WindowGroups& groups) {
      const bool more = on_window_(groups);
      stopped_ = !more;
      return more;
    };
    Scan scan(part, std::move(*setup), std::move(fields), on_window);
    if (set_up) set_up(scan);
    auto tally = scan.run();
    if (!tally) return tally.error();
    tally_.sessions_scanned += tally->sessions_scanned;
    tally_.warnings.insert(tally_.warnings.end(), tally->warnings.begin(), tally->warnings.end());
    return scan.has_too_many() ? scan.next_end_ms() : last + rule.every_ms;
  }

  Result<void> largest_of(std::int64_t end) {
    const Rule& rule = *request_.rule;
    KeySketch sketch;
    const auto weighed = pass(end, end, [&](Scan& scan) {
      scan.weigh_into(sketch);
      if (!request_.kept_keys) return;
      for (const auto& key : request_.kept_keys()) {
        if (const auto hash = scan.hash_of(key)) sketch.keep(*hash);
      }
    });
    if (!weighed) return weighed.error();
    const std::string too_many =
        "more than " + std::to_string(request_.max_groups) + " different keys in a window (alert.max_groups)";
    if (!sketch.choose(request_.max_groups))
      return error(too_many + ", of one row alone: narrow the filter, or count fewer fields");
    const auto remark = too_many + ": every key with more than " + std::to_string(sketch.complete_above()) + " " +
                        weight_name(rule.order) + " is exact; smaller ones may be left out";
    const auto done = pass(end, end, [&](Scan& scan) { scan.look_only_at(sketch, remark); });
    if (!done) return done.error();
    return {};
  }

  const WindowScanRequest& request_;
  Store& store_;
  const std::function<bool(const WindowGroups&)>& on_window_;
  WindowScanTally tally_;
  bool stopped_ = false;
};

}  // namespace

Result<WindowScanTally> scan_windows(const WindowScanRequest& request, Store& store,
                                     const std::function<bool(const WindowGroups&)>& on_window) {
  const Rule& rule = *request.rule;
  auto fields = rule.query.by;
  fields.insert(fields.end(), rule.distinct.begin(), rule.distinct.end());
  for (const auto id : fields) {
    if (const auto missing = missing_for(id, request.derived); !missing.empty()) return error("by: " + missing);
  }
  try {
    return Scans(request, store, on_window).run();
  } catch (const std::runtime_error& e) {
    return error(std::string("the store cannot be read: ") + e.what());
  }
}

}  // namespace weir
