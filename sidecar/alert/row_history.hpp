// The past of a rule's rows, read from the store when a script asks, and kept while it may be asked again. One per
// rule; one thread.
#pragma once
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "alert/alert_limits.hpp"
#include "alert/rule_file.hpp"
#include "alert/window_scan.hpp"

namespace weir {

class RowHistory final : public RowPast {
 public:
  // `cancelled` may be null.
  RowHistory(const Rule& rule, Store& store, const AlertLookups& lookups, const AlertLimits& limits,
             const std::atomic<bool>* cancelled);

  // The window that is looked at; `rows` is borrowed until the next call.
  void look_at(const WindowRows& rows);
  // What the answers since then left out, because there were too many keys: a key that is not known has zeros before,
  // and no samples. "": nothing.
  const std::string& remark() const { return remark_; }

  Result<RowFigures> previous(const RowKey& key, std::int64_t windows) override;
  Result<Statistics> baseline(const RowKey& key, RowMeasure measure, std::int64_t days) override;
  Result<bool> is_new(const RowKey& key, std::int64_t span_ms) override;
  std::uint64_t octets_of_others(const RowKey& key, std::size_t field) override;
  std::uint64_t interface_speed(const IpAddress& exporter, std::uint64_t interface) override;

 private:
  // Of one window. Memory holds so many keys; when there are more, those that are missing are not known.
  struct FiguresByKey {
    std::unordered_map<std::string, RowFigures> figures;
    std::string remark;  // "": every key is there
  };
  // The windows of one hour: samples of one measure.
  struct Hour {
    bool stored = false;  // the store reaches back that far
    std::string remark;   // "": every key is there
    std::size_t windows = 0;
    std::unordered_map<std::string, std::vector<float>> samples;  // windows without the key are left out
  };
  Result<const FiguresByKey*> window_at(std::int64_t end_ms);
  Result<const Hour*> hour_at(std::int64_t from_ms, RowMeasure measure);
  std::int64_t oldest_ms();

  const Rule& rule_;
  Store& store_;
  const AlertLookups& lookups_;
  const AlertLimits limits_;
  const std::atomic<bool>* const cancelled_;
  const WindowRows* rows_ = nullptr;
  TimeRange range_;
  std::map<std::int64_t, FiguresByKey> windows_;  // by end
  std::map<std::pair<std::int64_t, RowMeasure>, Hour> hours_;
  std::vector<std::unordered_map<std::string, std::uint64_t>> octets_by_value_;  // of the window looked at, by field
  std::int64_t oldest_ms_ = -1;
  std::string remark_;
};

}  // namespace weir
