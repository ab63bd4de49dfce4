// Days that are over get what is left of them in one block.
#include "store/sqlite/sum_keeper.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "core/counted.hpp"
#include "core/durations.hpp"
#include "core/log.hpp"
#include "sqlite/database_files.hpp"
#include "store/sums/sum_merger.hpp"

namespace weir {

namespace {

// Of a block of the day that goes on; more where segments are small.
constexpr std::size_t kSegmentsPerBlock = 8;
// Fewer sessions are read as fast as their sums.
constexpr std::uint64_t kFewestSessions = 20'000;
// So many blocks of one part of the most become one.
constexpr std::size_t kBlocksPerMerge = 8;
// Beside what store.max_bytes allows for sessions, sums may have this part of it; and they leave this part of the disk
// free.
constexpr std::uint64_t kPartOfSessions = 4, kDiskPart = 20;
constexpr std::chrono::seconds kRound{5};
constexpr std::int64_t kRetryMs = 60'000;
constexpr int kNice = 10;

}  // namespace

SumKeeper::SumKeeper(const SqliteStoreSettings& settings, const Clock& clock, Guarded<StoreState>& state,
                     ColumnCache& cache, ReaderPool& readers)
    : settings_(settings),
      clock_(clock),
      state_(state),
      cache_(cache),
      readers_(readers),
      compressor_(settings.zstd_level) {}

SumKeeper::~SumKeeper() { stop(); }

void SumKeeper::start() {
  thread_ = std::thread([this] { run(); });
}

void SumKeeper::stop() {
  stopping_ = true;
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void SumKeeper::run() {
  // Receiving and questions come first.
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
  while (!stopping_) {
    while (!stopping_ && work()) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kRound, [this] { return stopping_.load(); });
  }
}

bool SumKeeper::work() {
  if (clock_.steady_ms() < retry_at_ms_) return false;
  try {
    load_days();
    drop_lost_blocks();
    remove_lost_files();
    forget_replaced();
    give_way();
    const auto task = has_room() ? next_task() : std::nullopt;
    if (!task) return false;
    make(*task);
    return true;
  } catch (const SqliteError& e) {
    const auto day = parse_day_name(std::filesystem::path(e.path()).stem().string()).value_or(-1);
    const bool first = last_failure_ != e.what();
    note_failure(e.what());
    if (!e.is_damage() || day < 0 || e.path() != sum_path(settings_.dir, day)) return false;
    begin_anew(day);
    if (first) retry_at_ms_ = 0;
    return first;
  } catch (const std::exception& e) {
    note_failure(e.what());
    return false;
  }
}

void SumKeeper::begin_anew(std::int32_t day) {
  remove_database(sum_path(settings_.dir, day));
  // Connections to the old file stay with the old handle.
  state_.with([&](StoreState& s) {
    const auto entry = s.days.find(day);
    if (entry == s.days.end()) return;
    entry->second.sums.clear();
    entry->second.sums_file.reset();
  });
}

// So that the file's log can go.
void SumKeeper::close_readers(std::int32_t day) {
  state_.with([&](const StoreState& s) {
    const auto entry = s.days.find(day);
    if (entry != s.days.end() && entry->second.sums_file) entry->second.sums_file->close_readers();
  });
}

void SumKeeper::note_failure(const std::string& what) {
  if (stopping_) return;
  retry_at_ms_ = clock_.steady_ms() + kRetryMs;
  if (std::exchange(last_failure_, what) != what)
    log_of("store")->warn("sums cannot be made, sessions are read instead: {}; it is tried again every minute", what);
}

// What an earlier run made.
void SumKeeper::load_days() {
  struct Day {
    std::int32_t day = 0;
    std::vector<std::shared_ptr<const SealedSegment>> segments;
  };
  const auto days = state_.with([](const StoreState& s) {
    std::vector<Day> unread;
    for (const auto& [day, entry] : s.days) {
      if (!entry.sums_file) unread.push_back({.day = day, .segments = entry.segments});
    }
    return unread;
  });
  for (const auto& [day, segments] : days) {
    const auto path = sum_path(settings_.dir, day);
    const auto file = std::make_shared<DayHandle>(day, path, readers_);
    std::vector<std::shared_ptr<const StoredSums>> sums;
    std::vector<std::int64_t> stale;
    if (std::filesystem::exists(path)) {
      try {
        sums = read_sums(file, segments, cache_, stale);
        file->close_readers();
        SumFile opened(path);
        const auto replaced = opened.replaced_blocks();
        stale.insert(stale.end(), replaced.begin(), replaced.end());
        if (!stale.empty()) opened.forget_blocks(stale);
      } catch (const SqliteError& e) {
        if (!e.is_damage()) throw;
        log_of("store")->warn("{}: the sums are made again", e.what());
        file->close_readers();
        remove_database(path);
        sums.clear();
      }
    }
    state_.with([&, day = day](StoreState& s) {
      const auto entry = s.days.find(day);
      if (entry == s.days.end() || entry->second.sums_file) return;
      entry->second.sums_file = file;
      entry->second.sums = sums;
      entry->second.forget_lost_sums();
    });
  }
}

bool SumKeeper::has_room() const {
  const auto space = settings_.disk_space(settings_.dir);
  if (space && space->available < space->capacity / kDiskPart) return false;
  const auto bytes = state_.with([](const StoreState& s) { return s.sum_bytes; });
  return settings_.max_bytes == 0 || bytes < settings_.max_bytes / kPartOfSessions;
}

// The sums of the oldest day go when the disk fills, or when there are more of them than beside store.max_bytes.
void SumKeeper::give_way() {
  const auto space = settings_.disk_space(settings_.dir);
  const bool disk_fills = space && space->available < space->capacity / kDiskPart / 2;
  const auto bytes = state_.with([](const StoreState& s) { return s.sum_bytes; });
  const bool too_many = settings_.max_bytes != 0 && bytes > settings_.max_bytes / kPartOfSessions * 5 / 4;
  if (!disk_fills && !too_many) return;
  const auto days = list_days(settings_.dir + "/sums");
  if (days.empty()) return;
  log_of("store")->warn("{}: the sums of {} make room for sessions; questions about that day read sessions",
                        disk_fills ? "the disk fills" : "sums take more than a quarter of store.max_bytes",
                        day_name(days.front()));
  const auto freed = file_bytes(sum_path(settings_.dir, days.front()));
  begin_anew(days.front());
  given_up_.insert(days.front());
  state_.with([&](StoreState& s) { s.sum_bytes -= std::min(s.sum_bytes, freed); });
}

// Blocks that turned out to be damaged, or whose file is gone.
void SumKeeper::drop_lost_blocks() {
  struct Lost {
    std::int32_t day = 0;
    std::string why;
  };
  std::vector<Lost> lost;
  state_.with([&](StoreState& s) {
    for (auto& [day, entry] : s.days) {
      if (!entry.sums.empty() && !std::filesystem::exists(sum_path(settings_.dir, day))) {
        lost.push_back({.day = day, .why = sum_path(settings_.dir, day) + " was deleted"});
        continue;
      }
      for (const auto& sums : entry.sums) {
        if (auto why = sums->damage(); !why.empty()) {
          lost.push_back({.day = day, .why = std::move(why)});
          break;
        }
      }
    }
  });
  for (const auto& [day, why] : lost) {
    log_of("store")->warn("{}: the sums of {} are made again", why, day_name(day));
    begin_anew(day);
  }
  if (!lost.empty()) load_days();
}

void SumKeeper::remove_lost_files() {
  for (const auto day : list_days(settings_.dir + "/sums")) {
    const bool known =
        state_.with([&](const StoreState& s) { return s.days.count(day) != 0 || s.unread.count(day) != 0; });
    if (!known) remove_database(sum_path(settings_.dir, day));
  }
}

std::optional<SumKeeper::Task> SumKeeper::next_task() const {
  const auto today = day_of(clock_.now_ms());
  return state_.with([&](const StoreState& s) -> std::optional<Task> {
    const auto waiting = s.pending.days();
    // The newest day first: it is asked for most.
    for (auto it = s.days.rbegin(); it != s.days.rend(); ++it) {
      const auto& [day, entry] = *it;
      if (given_up_.count(day) != 0) continue;
      const bool over = day < today && std::find(waiting.begin(), waiting.end(), day) == waiting.end();
      std::set<const Segment*> covered;
      for (const auto& sums : entry.sums) {
        for (const auto& segment : sums->covered()) covered.insert(segment.get());
      }
      Task task{.day = day, .segments = {}};
      std::uint64_t sessions = 0;
      for (const auto& segment : entry.segments) {
        if (over ? sessions >= kMostSummedSessions / kBlocksPerMerge
                 : task.segments.size() >= kSegmentsPerBlock && sessions >= kFewestSessions)
          break;
        if (covered.count(segment.get()) != 0 || !segment->damage().empty()) continue;
        task.segments.push_back(segment);
        sessions += segment->rows();
      }
      // A little that came late to a day is read as it is.
      if (sessions >= kFewestSessions && (over || task.segments.size() >= kSegmentsPerBlock)) return task;
      task.segments.clear();
      task.blocks = to_be_merged(entry, over);
      if (!task.blocks.empty()) return task;
    }
    return std::nullopt;
  });
}

// Blocks of the day that fit into one and have sums by the same columns: as soon as there are many, and all that do
// when the day is over.
std::vector<std::shared_ptr<const StoredSums>> SumKeeper::to_be_merged(const DayEntry& entry, bool over) {
  std::map<std::vector<std::int64_t>, std::vector<std::shared_ptr<const StoredSums>>> alike;
  for (const auto& sums : entry.sums) {
    if (!sums->has_sums() || (!over && sums->sessions() > kMostSummedSessions / kBlocksPerMerge)) continue;
    std::vector<std::int64_t> columns;
    for (const auto& level : sums->levels()) {
      columns.push_back(level.unit_ms);
      for (const auto& family : level.families) columns.push_back(family.has_value() ? 1 : 0);
    }
    alike[columns].push_back(sums);
  }
  for (auto& [columns, small] : alike) {
    std::stable_sort(small.begin(), small.end(),
                     [](const auto& a, const auto& b) { return a->sessions() < b->sessions(); });
    std::vector<std::shared_ptr<const StoredSums>> merged;
    std::uint64_t sessions = 0;
    for (const auto& sums : small) {
      if (sessions + sums->sessions() > kMostSummedSessions || (!over && merged.size() == kBlocksPerMerge)) break;
      // It would be written again for little.
      if (!merged.empty() && sessions < sums->sessions() / kBlocksPerMerge) break;
      sessions += sums->sessions();
      merged.push_back(sums);
    }
    if (merged.size() >= (over ? 2 : kBlocksPerMerge)) return merged;
  }
  return {};
}

void SumKeeper::forget_replaced() {
  // Retention took sessions of these.
  state_.with([&](StoreState& s) {
    for (auto& [day, entry] : s.days) {
      for (const auto& block : entry.dropped_sums)
        replaced_.push_back({.day = day, .block = block->id(), .held = block});
      entry.dropped_sums.clear();
    }
  });
  std::map<std::int32_t, std::vector<std::int64_t>> free;
  for (const auto& block : replaced_) {
    if (block.held.expired()) free[block.day].push_back(block.block);
  }
  for (const auto& [day, ids] : free) {
    const auto path = sum_path(settings_.dir, day);
    if (!std::filesystem::exists(path)) continue;
    close_readers(day);
    SumFile(path).forget_blocks(ids);
  }
  std::erase_if(replaced_, [](const Replaced& block) { return block.held.expired(); });
}

void SumKeeper::make(const Task& task) {
  std::vector<std::shared_ptr<const SealedSegment>> segments = task.segments;
  std::vector<std::int64_t> replaces;
  std::optional<BuiltSums> built;
  if (task.blocks.empty()) {
    built = build_sums(std::vector<std::shared_ptr<const Segment>>(segments.begin(), segments.end()), {}, &stopping_);
  } else {
    built = merge_sums(std::vector<std::shared_ptr<const SumBlock>>(task.blocks.begin(), task.blocks.end()), {},
                       &stopping_);
    for (const auto& block : task.blocks) {
      replaces.push_back(block->id());
      for (const auto& segment : block->covered())
        segments.push_back(std::static_pointer_cast<const SealedSegment>(segment));
    }
  }
  if (stopping_) return;
  std::vector<SumsCover> covered;
  for (const auto& segment : segments) covered.push_back({.segment = segment->id(), .checksum = segment->checksum()});
  std::filesystem::create_directories(settings_.dir + "/sums");
  const auto path = sum_path(settings_.dir, task.day);
  close_readers(task.day);
  const auto before = file_bytes(path);
  const auto block = SumFile(path).write(covered, built ? &*built : nullptr, clock_.now_ms(), compressor_, replaces);
  const auto grown = file_bytes(path) - std::min(before, file_bytes(path));
  state_.with([&](StoreState& s) {
    const auto entry = s.days.find(task.day);
    if (entry == s.days.end() || !entry->second.sums_file) return;
    s.sum_bytes += grown;
    auto& sums = entry->second.sums;
    std::erase_if(sums, [&](const auto& old) {
      return std::find(task.blocks.begin(), task.blocks.end(), old) != task.blocks.end();
    });
    sums.push_back(std::make_shared<const StoredSums>(block, segments, entry->second.sums_file, cache_));
    entry->second.forget_lost_sums();
  });
  for (const auto& old : task.blocks) replaced_.push_back({.day = task.day, .block = old->id(), .held = old});
  last_failure_.clear();
  if (built) {
    std::uint64_t rows = 0;
    for (const auto& part : block.parts) rows += part.info.rows;
    log_of("store")->debug("made sums of {} of {}: {} rows", counted(block.sessions, "session", "sessions"),
                           day_name(task.day), rows);
  }
}

}  // namespace weir
