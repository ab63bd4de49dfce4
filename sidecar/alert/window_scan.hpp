// The groups of a rule's windows, read from the store in one pass over its segments, in order of time. One window
// (live) and a year of them (back-test) are the same code, so both see the same numbers. Any thread; nothing is kept
// between calls but what the caller keeps.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "alert/pane_sums.hpp"
#include "alert/rule.hpp"
#include "core/result.hpp"
#include "core/setting_defaults.hpp"
#include "query/query.hpp"

namespace weir {

// The numbers that stand for the values of each group-by field, one table per field.
class KeyNumbers {
 public:
  // Borrows the sources.
  KeyNumbers(const std::vector<FieldId>& fields, const std::vector<ExporterName>& exporters,
             const DerivedSources& sources);

  std::vector<KeyTable> values;  // by field
  static RawKey pack(const std::array<std::uint32_t, kMaxRuleFields>& n) {
    return {.a = std::uint64_t{n[0]} << 32 | n[1], .b = std::uint64_t{n[2]} << 32 | n[3]};
  }
  static std::uint32_t unpack(const RawKey& key, std::size_t field) {
    const auto word = field < 2 ? key.a : key.b;
    return static_cast<std::uint32_t>(field % 2 == 0 ? word >> 32 : word);
  }
  // The first `count` fields of a packed key, as values.
  RowKey row_key(const RawKey& packed, std::size_t count) const;
  // The value as tables have it; nothing when it cannot occur.
  std::optional<RawKey> raw_value(std::size_t field, const KeyValue& value) const;
  // Nothing when one of the values never occurred.
  std::optional<RawKey> find(const RowKey& key) const;

 private:
  std::vector<FieldId> fields_;
  std::unordered_map<std::uint64_t, IpAddress> exporters_;
  const DerivedSources& sources_;
};

// All rows of one window. Index order has no meaning.
class WindowRows {
 public:
  virtual ~WindowRows() = default;
  virtual const TimeRange& range() const = 0;
  virtual const RowFigures& totals() const = 0;
  virtual std::size_t size() const = 0;
  virtual RowFigures figures(std::size_t i) const = 0;
  virtual RowKey key(std::size_t i) const = 0;
  // Zeros when the key is not in the window.
  virtual RowFigures find(const RowKey& key) const = 0;
  // What is not in the rows, in words: there were too many keys, and only the largest are here. "": everything is.
  virtual const std::string& remark() const {
    static const std::string kNone;
    return kNone;
  }
};

// Of stored sessions; valid as long as the callback runs.
class WindowGroups final : public WindowRows {
 public:
  WindowGroups(TimeRange range, const SlidingWindow& window, const KeyNumbers& numbers, std::size_t key_fields,
               bool distinct, std::string remark);

  const TimeRange& range() const override { return range_; }
  const RowFigures& totals() const override { return totals_; }
  std::size_t size() const override { return distinct_ ? figures_.size() : numbers_in_window_.size(); }
  RowFigures figures(std::size_t i) const override;
  RowKey key(std::size_t i) const override {
    return numbers_.row_key(
        distinct_ ? index_.key(static_cast<std::uint32_t>(i)) : window_.keys().key(numbers_in_window_[i]), key_fields_);
  }
  RowFigures find(const RowKey& key) const override;
  const std::string& remark() const override { return remark_; }

 private:
  RowFigures figures_of(const PaneCell& cell) const;

  TimeRange range_;
  const SlidingWindow& window_;
  const KeyNumbers& numbers_;
  const std::size_t key_fields_;
  const bool distinct_;
  const std::string remark_;
  RowFigures totals_;
  std::vector<std::uint32_t> numbers_in_window_;  // of the window's keys with sessions
  // With distinct: the keys without the counted fields, and their sums.
  KeyTable index_;
  std::vector<RowFigures> figures_;
};

struct WindowScanRequest {
  const Rule* rule = nullptr;
  std::int64_t first_end_ms = 0, last_end_ms = 0;  // of windows; the step is the rule's every_ms
  const std::atomic<bool>* cancelled = nullptr;
  unsigned threads = 1;
  DerivedSources derived{};
  std::uint32_t max_groups = setting_defaults::kAlertMaxGroups;  // keys open at a time; see WindowRows::remark for what
                                                                 // is done when there are more
  std::function<std::vector<RowKey>()> kept_keys{};  // asked for a window with more: these are exact in any case
};

struct WindowScanTally {
  std::uint64_t sessions_scanned = 0;
  std::vector<std::string> warnings;  // segments that could not be read
};

// Calls on_window for each window end in order; it returns false to stop. Errors as of run_query.
Result<WindowScanTally> scan_windows(const WindowScanRequest& request, Store& store,
                                     const std::function<bool(const WindowGroups&)>& on_window);

}  // namespace weir
