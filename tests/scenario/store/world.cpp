// The lives of the store, and the comparisons after each command.
#include "scenario/store/world.hpp"

#include <algorithm>
#include <filesystem>

#include "store/sqlite/day_handle.hpp"

namespace weir::testing {

namespace {
constexpr std::int64_t kFirstMs = 1'700'049'600'000;  // 2023-11-15 12:00 UTC
constexpr std::int64_t kCommitIntervalMs = 1000, kHourMs = 3'600'000;
}  // namespace

void Tally::add(const Tally& other) {
  sequences += other.sequences;
  commands += other.commands;
  comparisons += other.comparisons;
  for (const auto& [kind, count] : other.faults) faults[kind] += count;
}

World::World(const Sequence& sequence)
    : sequence_(sequence),
      disk_(folder_.path()),
      clock_(kFirstMs),
      model_({.max_bytes = sequence.max_bytes, .max_age_days = sequence.max_age_days}),
      random_(sequence.commands.size()) {}

World::~World() {
  held_.clear();
  reader_.reset();
  disk_.stop_after(0);  // nothing more needs to be written
  life_.reset();
}

std::optional<std::string> World::run() {
  ++tally_.sequences;
  std::size_t number = 0;
  try {
    for (const auto& command : sequence_.commands) {
      ++number;
      ++tally_.commands;
      carry_out(command);
      if (disk_.stopped()) die();
      if (life_) compare();
    }
    release(false);
  } catch (const Difference& e) {
    const auto& at = sequence_.commands[number - 1];
    return "command " + std::to_string(number) + " (" + text_of(at) + "): " + e.what();
  }
  return std::nullopt;
}

void World::carry_out(const Command& command) {
  const auto& n = command.numbers;
  switch (command.kind) {
    case CommandKind::kAppend: append(command); return;
    case CommandKind::kChange: change(command); return;
    case CommandKind::kFinal: finish_lane(static_cast<std::size_t>(n[0]), n[1]); return;
    case CommandKind::kFlush: flush(); return;
    case CommandKind::kTick: tick(n[0]); return;
    case CommandKind::kStop:
      if (life_) stop();
      return;
    case CommandKind::kStart: alive(); return;
    case CommandKind::kKill:
    case CommandKind::kPowerCut:
      if (command.kind == CommandKind::kPowerCut) power_cut_ = static_cast<std::uint64_t>(n[1]);
      disk_.stop_after(static_cast<std::uint64_t>(n[0]));
      if (n[0] == 0) die();
      return;
    case CommandKind::kRefuse:
      ++tally_.faults[n[2] == 0 ? "disk full" : "disk broken"];
      disk_.refuse_after(static_cast<std::uint64_t>(n[0]), static_cast<std::uint64_t>(n[1]),
                         n[2] == 0 ? SimulatedDisk::Refusal::kFull : SimulatedDisk::Refusal::kBroken);
      return;
    case CommandKind::kHeal: disk_.heal(); return;
    case CommandKind::kImport: import(n[0], n[1]); return;
    case CommandKind::kDamage: damage(n[0], n[1], static_cast<std::uint64_t>(n[2])); return;
    case CommandKind::kHold: hold(n[0] == 1); return;
    case CommandKind::kRelease: release(false); return;
    case CommandKind::kLook: look(); return;
  }
}

World::Life& World::alive() {
  while (!life_) {
    if (!start()) die();
  }
  return *life_;
}

// False when the disk stopped meanwhile.
bool World::start() {
  auto life = std::make_unique<Life>(100);
  const SqliteStoreSettings settings{.dir = folder_.path(),
                                     .commit_interval_ms = kCommitIntervalMs,
                                     .seal_rows = sequence_.seal_rows,
                                     .seal_after_ms = 60'000,
                                     .max_bytes = sequence_.max_bytes,
                                     .max_age_days = sequence_.max_age_days,
                                     .cache_bytes = 1 << 20,
                                     .queue_rows = 1,
                                     .max_unsealed_rows = sequence_.unsealed_rows};
  const auto refused = disk_.refused();
  const auto try_again = [&] {
    if (life->store) {
      disk_.stop_after(0);
      life->store.reset();
      disk_.go_on();
    }
    ++tally_.faults["start refused"];
    disk_.heal();
    return true;
  };
  try {
    life->store = std::make_unique<SqliteStore>(settings, clock_, life->exporters);
  } catch (const std::exception& e) {
    if (disk_.stopped()) return false;
    if (disk_.refused() == refused) throw Difference(std::string("does not start: ") + e.what());
    return try_again();
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const auto first = life->store->next_session_id() + lane * kSessionIdRange;
    life->lanes[lane] = {.first = first, .next = first, .final_below = first, .marks = {}};
  }
  const auto seen = observe(life->store->snapshot(std::nullopt));
  if (disk_.stopped()) return false;
  // A day that a full or broken disk kept from being opened is left out of this life.
  if (disk_.refused() != refused && seen.tells_of_damage()) return try_again();
  life_ = std::move(life);
  auto counted = count();
  ++tally_.comparisons;
  model_.check_restarted(seen, counted, today());
  return true;
}

void World::stop() {
  release(true);
  const auto refused = disk_.refused();
  life_->store->close();
  const auto status = life_->store->status();
  const auto counted = count();
  before_ = {.dropped = counted.dropped, .deleted = counted.deleted, .closed = true};
  const auto seen = look_at([&] { return life_->store->snapshot(std::nullopt); });
  if (disk_.stopped()) return;
  // Retention deletes at a stop too. A stop that failed leaves what its last commit did to the next start.
  if (seen && status.last_error.empty()) model_.check_running(*seen, counted, today());
  if (disk_.refused() == refused && (!status.last_error.empty() || counted.dropped != 0))
    throw Difference("did not stop cleanly: " + status.last_error);
  if (status.last_error.empty() && counted.dropped == 0) model_.committed();
  life_.reset();
}

void World::die() {
  ++tally_.faults[power_cut_ ? "power cut" : "kill"];
  release(!power_cut_);
  if (life_) {
    const auto counted = count();
    before_ = {.dropped = 0, .deleted = counted.deleted, .closed = false};
  }
  disk_.stop_after(0);
  life_.reset();
  if (power_cut_) {
    reader_.reset();
    disk_.lose_power(*power_cut_);
    power_cut_.reset();
    model_.power_was_cut();
  } else {
    disk_.go_on();
  }
}

Model::Counted World::count() {
  const auto status = life_->store->status();
  Model::Counted counted = before_;
  counted.dropped += status.dropped_sessions - life_->dropped;
  counted.deleted += status.deleted_sessions - life_->deleted;
  if (status.deleted_days != life_->deleted_days && sequence_.max_bytes == 0 && life_->jumped_ms &&
      clock_.steady_ms() - *life_->jumped_ms < kHourMs) {
    throw Difference("a day was deleted by age within an hour after a jump of the clock");
  }
  life_->dropped = status.dropped_sessions;
  life_->deleted_days = status.deleted_days;
  life_->deleted = status.deleted_sessions;
  before_ = {};
  return counted;
}

template <class F>
std::optional<Observed> World::look_at(F snapshot) {
  const auto refused = disk_.refused();
  auto seen = observe(snapshot());
  if (disk_.stopped() || (disk_.refused() != refused && seen.tells_of_damage())) return std::nullopt;
  return seen;
}

void World::compare() {
  auto& store = *life_->store;
  const auto from_ms = kFirstMs + static_cast<std::int64_t>(random_.below(20 * 24)) * 3'600'000 - 15 * 24 * 3'600'000;
  const TimeRange range{.from_ms = from_ms,
                        .to_ms = from_ms + 1 + static_cast<std::int64_t>(random_.below(40'000'000))};
  const auto all = look_at([&] { return store.snapshot(std::nullopt); });
  const auto within = look_at([&] { return store.snapshot(range); });
  if (disk_.stopped()) return die();
  if (!all || !within) return;
  const auto& seen = *all;
  const auto status = store.status();
  const auto counted = count();
  ++tally_.comparisons;
  model_.check_running(seen, counted, today());

  if (model_.any_damage()) return;
  const auto touches = [&](const ObservedRow& row) {
    return row.start_ms < range.to_ms && row.end_ms >= range.from_ms;
  };
  const auto wanted = std::count_if(seen.rows.begin(), seen.rows.end(), touches);
  if (std::count_if(within->rows.begin(), within->rows.end(), touches) != wanted)
    throw Difference("a snapshot of a range has not all that touches it");
  if (status.sessions != seen.rows.size()) {
    throw Difference("the status counts " + std::to_string(status.sessions) + " sessions, there are " +
                     std::to_string(seen.rows.size()));
  }
  std::optional<TimeRange> stored;
  for (const auto& row : seen.rows) {
    if (!stored) stored = TimeRange{.from_ms = row.start_ms, .to_ms = row.end_ms + 1};
    stored->from_ms = std::min(stored->from_ms, row.start_ms);
    stored->to_ms = std::max(stored->to_ms, row.end_ms + 1);
  }
  if (seen.stored != stored) throw Difference("the stored range is not that of the sessions");
}

void World::look() {
  if (!std::filesystem::exists(folder_of_days())) return;
  // A life that ended in the middle of retention: what went is known with the next start.
  if (!life_ && before_.deleted != 0) return;
  if (!reader_) reader_ = open_read_only(folder_.path(), 1 << 20);
  const auto fresh = open_read_only(folder_.path(), 1 << 20);
  for (auto* store : {reader_.get(), fresh.get()}) {
    const auto seen = look_at([&] { return store->snapshot(std::nullopt); });
    if (!seen) continue;
    ++tally_.comparisons;
    model_.check_outside(*seen);
  }
}

void World::settle() {
  // The queue holds one batch: when the second of two can be pushed, the one before the first has been worked on.
  for (int i = 0; i < 2; ++i) life_->store->on_sessions({.sessions = {}, .final_below = life_->lanes[0].final_below});
}

std::int32_t World::today() const { return day_of(clock_.now_ms()); }

}  // namespace weir::testing
