// The writer's care for its files: closing what is idle, what was deleted under it, what is damaged, and what has to
// go.
#include <algorithm>
#include <filesystem>
#include <limits>

#include "core/counted.hpp"
#include "core/durations.hpp"
#include "core/log.hpp"
#include "sqlite/database_files.hpp"
#include "sqlite/lost_file.hpp"
#include "store/sqlite/retention.hpp"
#include "store/sqlite/writer.hpp"

namespace weir {

namespace {

constexpr std::size_t kMaxOpenDays = 12;
constexpr std::int64_t kDayMinutes = 24 * 60;

// None when there is no such file.
std::optional<std::uint64_t> size_of_file(const std::string& path) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  if (missing) return std::nullopt;
  return size;
}

std::string mebibytes(std::uint64_t bytes) { return std::to_string((bytes + (1u << 19)) >> 20) + " MiB"; }

}  // namespace

std::optional<DiskSpace> disk_space_of(const std::string& dir) {
  std::error_code failed;
  const auto space = std::filesystem::space(dir, failed);
  if (failed) return std::nullopt;
  return DiskSpace{.capacity = space.capacity, .available = space.available};
}

void Writer::close_day(std::int32_t day) {
  const auto it = open_.find(day);
  CatalogDay summary{.day = day};
  bool complete = false;
  state_.with([&](const StoreState& s) {
    const auto entry = s.days.find(day);
    if (entry == s.days.end()) return;
    entry->second.handle->close_readers();
    const auto waiting = s.pending.days();
    complete = std::find(waiting.begin(), waiting.end(), day) == waiting.end() && !entry->second.segments.empty();
    summary = summary_of(day, entry->second);
  });
  if (it->second.file) it->second.file->checkpoint(true);
  open_.erase(it);
  state_.with([&, bytes = size_of_file(day_path(day)).value_or(0)](StoreState& s) {
    if (const auto entry = s.days.find(day); entry != s.days.end()) entry->second.bytes = bytes;
  });
  try {
    // With rows still in the journal it stays marked open: its numbers would not be whole.
    if (complete) catalog_.with([&](Catalog& c) { c.save_day(summary); });
  } catch (const SqliteError& e) {
    note_failure(e.what());
  }
}

CatalogDay Writer::summary_of(std::int32_t day, const DayEntry& entry) {
  CatalogDay summary{.day = day,
                     .min_start_ms = std::numeric_limits<std::int64_t>::max(),
                     .sessions = entry.sessions,
                     .segments = entry.segments.size()};
  for (const auto& segment : entry.segments) {
    summary.min_start_ms = std::min(summary.min_start_ms, segment->min_start_ms());
    summary.max_end_ms = std::max(summary.max_end_ms, segment->max_end_ms());
  }
  return summary;
}

void Writer::close_least_used() {
  const auto is_open = [](const auto& entry) { return entry.second.file && !entry.second.unknown; };
  while (static_cast<std::size_t>(std::count_if(open_.begin(), open_.end(), is_open)) > kMaxOpenDays) {
    auto least = open_.end();
    for (auto it = open_.begin(); it != open_.end(); ++it) {
      if (is_open(*it) && (least == open_.end() || it->second.used < least->second.used)) least = it;
    }
    close_day(least->first);
  }
}

void Writer::look_for_lost_files() {
  catalog_.look();
  for (const auto& [day, why] : state_.with([](const StoreState& s) { return s.unread; })) read_unread(day);
  for (auto& [day, open] : open_) {
    if (open.file && !open.file->is_in_place()) put_back_day(day, open);
  }
}

void Writer::put_back_day(std::int32_t day, OpenDay& open) {
  const auto path = day_path(day);
  const auto handle = state_.with([&](const StoreState& s) { return s.days.at(day).handle; });
  const auto fate = write_anew(
      path, clock_.now_ms(), [&](const std::string& copy) { open.file->copy_to(copy); },
      [&] {
        handle->close_readers();
        open.file.reset();
      });
  log_of("store")->error("{} {}", path, fate);
  state_.with([](StoreState& s) { ++s.lost_files; });
  open_day(day);
}

void Writer::look_after_files() {
  const auto today = day_of(clock_.now_ms());
  std::vector<std::int32_t> idle;
  const auto waiting = state_.with([](const StoreState& s) { return s.pending.days(); });
  for (const auto& [day, open] : open_) {
    if (day != today && std::find(waiting.begin(), waiting.end(), day) == waiting.end() && !open.unknown)
      idle.push_back(day);
  }
  for (const auto day : idle) close_day(day);
  measure_files();
  keep_within_limits();
  delete_cut_segments();
}

void Writer::measure_files() {
  std::map<std::int32_t, std::uint64_t> sizes;
  // Files that somebody took away while they were closed.
  std::vector<std::int32_t> gone;
  for (const auto day : state_.with([](const StoreState& s) { return s.day_numbers(); })) {
    const auto open = open_.find(day);
    if (open != open_.end() && open->second.file) {
      sizes[day] = open->second.file->kept_bytes();
    } else if (const auto size = size_of_file(day_path(day)); size || open != open_.end()) {
      sizes[day] = size.value_or(0);
    } else {
      gone.push_back(day);
    }
  }
  std::uint64_t sum_bytes = 0;
  for (const auto day : list_days(settings_.dir + "/sums")) sum_bytes += file_bytes(sum_path(settings_.dir, day));
  auto space = settings_.disk_space(settings_.dir);
  // Sums give way before any session does, see SumKeeper.
  if (space) space->available += sum_bytes;
  state_.with([&](StoreState& s) {
    for (const auto day : gone) {
      const auto entry = s.days.find(day);
      if (entry == s.days.end()) continue;
      s.warn(day_path(day) + " was deleted by somebody else: its " +
             counted(entry->second.sessions, "session is", "sessions are") + " gone");
      ++s.lost_files;
      s.days.erase(entry);
    }
    std::uint64_t used = 0;
    for (auto& [day, entry] : s.days) {
      if (const auto it = sizes.find(day); it != sizes.end()) entry.bytes = it->second;
      used += entry.bytes;
    }
    s.limit_bytes = space ? limit_on_disk(settings_.max_bytes, used, *space) : settings_.max_bytes;
    s.free_bytes = space ? space->available - sum_bytes : 0;
    s.sum_bytes = sum_bytes;
  });
  for (const auto day : gone) catalog_.with([&](Catalog& c) { c.forget_day(day); });
}

void Writer::keep_within_limits() {
  if (!settings_.deletes) return;
  std::vector<DayUse> uses;
  RetentionLimits limits{.today = day_of(clock_.now_ms())};
  std::optional<std::int32_t> newest;
  state_.with([&](const StoreState& s) {
    limits.max_bytes = s.limit_bytes;
    const auto waiting = s.pending.days();
    for (const auto& [day, entry] : s.days) {
      auto bytes = entry.bytes;
      for (const auto& cut : cut_) {
        if (cut.day == day) bytes -= std::min(bytes, cut.bytes);
      }
      uses.push_back(
          {.day = day, .bytes = bytes, .in_use = std::find(waiting.begin(), waiting.end(), day) != waiting.end()});
      newest = day;
    }
    if (!waiting.empty()) newest = std::max(newest.value_or(waiting.back()), waiting.back());
    limits.newest = newest;
  });
  const auto held = retention_clock_.look(newest);
  if (held) log_of("store")->warn("{}", *held);
  const bool age_waits = settings_.max_age_days != 0 && retention_clock_.waits();
  state_.with([&](StoreState& s) { s.age_waits = age_waits; });
  if (settings_.max_age_days != 0 && !age_waits && newest) {
    limits.oldest_day = std::min(limits.today, *newest) - static_cast<std::int32_t>(settings_.max_age_days);
  }
  if (limits.max_bytes != settings_.max_bytes && settings_.max_bytes != 0 && !std::exchange(limit_told_, true)) {
    log_of("store")->warn(
        "store.max_bytes is {}, and the disk of {} has room for {} of sessions: the oldest go then (make room, or "
        "lower store.max_bytes)",
        mebibytes(settings_.max_bytes), settings_.dir, mebibytes(limits.max_bytes));
  }
  const auto plan = plan_retention(std::move(uses), limits);
  const auto size = limits.max_bytes == settings_.max_bytes ? "store.max_bytes is " + mebibytes(limits.max_bytes)
                                                            : "the disk has room for " + mebibytes(limits.max_bytes);
  delete_days(plan.too_old, "store.max_age_days is " + std::to_string(settings_.max_age_days));
  delete_days(plan.too_large, size);
  if (plan.cut) cut_day(*plan.cut, size);
  if (told_cuts_ms_ == 0 || clock_.steady_ms() - told_cuts_ms_ >= kMinuteMs) tell_cuts();
}

void Writer::delete_days(const std::vector<std::int32_t>& days, const std::string& why) {
  for (const auto day : days) {
    if (open_.count(day)) close_day(day);
    open_.erase(day);
    std::erase_if(cut_, [&](const CutSegment& cut) { return cut.day == day; });
    std::shared_ptr<DayHandle> handle;
    std::uint64_t sessions = 0, bytes = 0;
    state_.with([&](StoreState& s) {
      const auto& entry = s.days.at(day);
      handle = entry.handle;
      sessions = entry.sessions + s.pending.forget(day);
      bytes = entry.bytes;
      handle->remove_at_end();
      s.days.erase(day);
      ++s.deleted_days;
      s.deleted_sessions += sessions;
    });
    log_of("store")->info("deleted the day {} with {} ({}): {}", day_name(day),
                          counted(sessions, "session", "sessions"), mebibytes(bytes), why);
    handle.reset();
    catalog_.with([&](Catalog& c) {
      c.forget_day(day);
      c.quality().forget_before((std::int64_t{day} + 1) * kDayMinutes * kMinuteMs);
    });
  }
}

void Writer::cut_day(const Retention::Cut& cut, const std::string& why) {
  const auto oldest = state_.with([&](StoreState& s) { return s.days.at(cut.day).take_oldest(cut.bytes); });
  if (oldest.empty()) {
    // Nothing is sealed: what is final is, and goes with a later look.
    commit_day(cut.day, Seal::kFinal, true);
    return;
  }
  std::uint64_t sessions = 0;
  for (const auto& [segment, bytes] : oldest) {
    sessions += segment->rows();
    cut_.push_back({.day = cut.day, .segment = segment, .bytes = bytes});
  }
  state_.with([&](StoreState& s) {
    s.deleted_segments += oldest.size();
    s.deleted_sessions += sessions;
  });
  cut_sessions_untold_ += sessions;
  cut_why_ = "of the day " + day_name(cut.day) + ": " + why;
}

// At most one line a minute: a full store cuts with every segment that comes.
void Writer::tell_cuts() {
  if (cut_sessions_untold_ == 0) return;
  told_cuts_ms_ = std::max<std::int64_t>(clock_.steady_ms(), 1);
  log_of("store")->info("deleted the {} oldest sessions {}", std::exchange(cut_sessions_untold_, 0), cut_why_);
}

void Writer::delete_cut_segments() {
  std::map<std::int32_t, std::vector<std::int64_t>> free;
  for (const auto& cut : cut_) {
    if (cut.segment.use_count() == 1) free[cut.day].push_back(cut.segment->id());
  }
  for (const auto& [day, ids] : free) {
    auto& open = open_day(day);
    if (open.unknown) continue;
    open.file->forget_segments(ids);
    std::erase_if(cut_,
                  [&, day = day](const CutSegment& cut) { return cut.day == day && cut.segment.use_count() == 1; });
  }
}

void Writer::refill_catalog() {
  ledger_.forget_saved();
  quality_.forget_saved();
  ledger_.save_new();
  std::vector<CatalogDay> days;
  state_.with([&](const StoreState& s) {
    for (const auto& [day, entry] : s.days) {
      auto summary = summary_of(day, entry);
      summary.open = open_.count(day) != 0 || entry.segments.empty();
      days.push_back(summary);
    }
  });
  catalog_.with([&](Catalog& c) {
    for (const auto& day : days) c.save_day(day);
  });
}

}  // namespace weir
