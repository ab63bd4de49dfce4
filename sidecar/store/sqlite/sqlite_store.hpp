// The SQLite store: a folder with one file per UTC day and a catalog, written by one thread of its own. See FORMAT.md
// for what is in the files. All functions: any thread, unless they say otherwise.
#pragma once
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "core/bounded_queue.hpp"
#include "core/clock.hpp"
#include "flow/exporter_table.hpp"
#include "store/sqlite/folder_lock.hpp"
#include "store/sqlite/learnt_ledger.hpp"
#include "store/sqlite/live_catalog.hpp"
#include "store/sqlite/settings.hpp"
#include "store/sqlite/store_state.hpp"
#include "store/sqlite/sum_keeper.hpp"
#include "store/sqlite/writer.hpp"
#include "store/store.hpp"

namespace weir {

class SqliteStore final : public Store {
 public:
  // Opens or makes the folder; what an unclean end left in the journals is in the first snapshot, marked
  // kQualityReloaded. Restores the exporters into the table. Throws std::runtime_error: another collector uses the
  // folder, or it cannot be written, or it was made by a newer version.
  SqliteStore(SqliteStoreSettings settings, const Clock& clock, ExporterTable& exporters);
  ~SqliteStore() override;

  // Waits while the queue is full, so that nothing is lost between stages: what arrives meanwhile is dropped, and
  // counted per exporter, by the receive queue in front. Rows are in snapshots shortly after, committed within the
  // interval.
  void on_sessions(SessionBatch&& batch) override;
  Snapshot snapshot(std::optional<TimeRange> range) override;
  // Throws std::runtime_error with the disk's reason when it refuses; the rows stay in memory and are tried again.
  void flush() override;
  StoreStatus status() const override;
  // Seals everything and closes the files. No on_sessions() after it. The destructor does the same.
  void close();

  // The first id for the session tables of this run; table k starts at this + k * kSessionIdRange. Ids only tell apart
  // the rows of one run: what another run left is kept under that run's number.
  std::uint64_t next_session_id() const { return 1; }

  std::vector<TemplateCopy> templates();
  // Only remembers it: it goes to the disk with a later commit.
  void save_template(const TemplateCopy& copy) { template_ledger_.save(copy); }
  // Sampling rates, in the same way.
  std::vector<RateCopy> rates();
  void save_rate(const RateCopy& copy) { rate_ledger_.save(copy); }
  // What exporters tell of themselves, in the same way.
  std::vector<ToldCopy> told() override;
  void save_told(const ToldCopy& copy) { told_ledger_.save(copy); }
  // Templates, rates and names of an exporter that was forgotten.
  void forget_learnt(const IpAddress& exporter) {
    template_ledger_.forget(exporter);
    rate_ledger_.forget(exporter);
    told_ledger_.forget(exporter);
  }
  // Name and sampling that an operator set; everything else about exporters is saved by itself.
  void save_exporter(const Exporter& exporter);
  // What an exporter without a name of its own is called in snapshots; never nullptr. Before anybody asks for one.
  using DeviceNames = std::shared_ptr<const std::map<IpAddress, std::string>>;
  void on_device_names(std::function<DeviceNames()> names) { device_names_ = std::move(names); }
  std::optional<std::string> setting(std::string_view key);
  void save_setting(std::string_view key, std::string_view value);
  // A capture that was imported before, by the fingerprint of its content.
  std::optional<ImportedCapture> imported(std::string_view fingerprint);
  void save_imported(const ImportedCapture& capture);
  RangeQuality quality(const TimeRange& range, const std::vector<std::uint32_t>& exporters,
                       std::int64_t now_ms) override;
  // From now on sums are kept beside the sessions, in a thread of its own, until close().
  void keep_sums();
  // Makes one block of them at most, at once; true: there is more to do. Not after keep_sums().
  bool make_sums() { return sums_.work(); }
  const std::string& sums_failure() const { return sums_.last_failure(); }
  // The account of an imported capture, in the capture's time; for settings without `collects`. One thread.
  QualityLedger make_import_ledger() { return QualityLedger(exporters_, catalog_, QualityLedger::Of::kImport); }

 private:
  using Flush = std::shared_ptr<std::promise<bool>>;
  void run();

  const SqliteStoreSettings settings_;
  const FolderLock lock_;
  ExporterTable& exporters_;
  std::function<DeviceNames()> device_names_;
  ReaderPool readers_;
  ColumnCache cache_;
  Guarded<StoreState> state_;  // before the catalog, whose damage it is told
  LiveCatalog catalog_;
  TemplateLedger template_ledger_;
  RateLedger rate_ledger_;
  ToldLedger told_ledger_;
  BoundedQueue<std::variant<SessionBatch, Flush>> queue_;
  Writer writer_;
  SumKeeper sums_;
  std::thread thread_;
};

// The sessions of a folder, for reading only, beside a running collector or without one; also on a read-only file
// system. Sees what was committed. Throws std::runtime_error when there is no such folder. on_sessions() must not be
// called.
std::unique_ptr<Store> open_read_only(const std::string& dir, std::uint64_t cache_bytes = std::uint64_t{256} << 20);

}  // namespace weir
