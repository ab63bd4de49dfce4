// What each command does to the store, and what the model is told of it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "scenario/store/world.hpp"
#include "store/sqlite/day_handle.hpp"

namespace weir::testing {

namespace {
constexpr std::int64_t kHourMs = 3'600'000, kDayMs = 24 * kHourMs;
constexpr std::uint64_t kPage = 4096;

IpAddress exporter_of(std::uint64_t mark) {
  return IpAddress::from_v4(0xc000'0200u + static_cast<std::uint32_t>(mark % 3));
}

void rewrite(const std::string& path, std::int64_t how, Random& random) {
  namespace fs = std::filesystem;
  const auto size = fs::file_size(path);
  std::error_code refused;  // by a disk that is broken at the moment
  if (how == 2 || size == 0) {
    fs::remove(path, refused);
  } else if (how == 1) {
    fs::resize_file(path, random.below(size), refused);
  } else {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto at = random.below(how == 0 ? size : (size + kPage - 1) / kPage) * (how == 0 ? 1 : kPage);
    std::string bytes(how == 0 ? 1 : std::min<std::uint64_t>(kPage, size - at), 0);
    for (auto& byte : bytes) byte = static_cast<char>(random.next());
    file.seekp(static_cast<std::streamoff>(at));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
}
}  // namespace

void World::add_rows(std::size_t lane_number, std::int64_t count, std::int64_t days_back, bool midnight,
                     SessionBatch& batch) {
  auto& lane = life_->lanes[lane_number];
  const auto day_ms = (std::int64_t{today()} - days_back) * kDayMs;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto mark = model_.new_mark();
    Session row;
    row.id = lane.next++;
    row.start_ms = midnight ? day_ms + kDayMs - 500 : day_ms + static_cast<std::int64_t>(mark * 7919 % 80'000) * 1000;
    row.start_ms = std::max<std::int64_t>(row.start_ms, 0);
    row.end_ms = row.start_ms + static_cast<std::int64_t>(mark % 7) * 1000;
    row.client = IpAddress::from_v4(0x0a00'0000u + static_cast<std::uint32_t>(mark));
    row.server = IpAddress::from_v4(0xc633'6401u);
    row.exporter = life_->exporters.find_or_add(exporter_of(mark))->id;
    row.halves[kToServer].flows = 1;
    lane.marks.push_back(mark);
    model_.handed_over(mark, row);
    batch.sessions.push_back(row);
  }
}

void World::hand_over(SessionBatch&& batch) {
  life_->store->on_sessions(std::move(batch));
  settle();
}

void World::append(const Command& command) {
  const auto& n = command.numbers;
  const auto lane = static_cast<std::size_t>(n[0]);
  auto& life = alive();
  SessionBatch batch{.sessions = {}, .final_below = life.lanes[lane].final_below};
  add_rows(lane, n[1], n[2], n[3] != 0, batch);
  hand_over(std::move(batch));
}

void World::change(const Command& command) {
  const auto& n = command.numbers;
  auto& lane = alive().lanes[static_cast<std::size_t>(n[0])];
  SessionBatch batch{.sessions = {}, .final_below = lane.final_below};
  for (std::int64_t i = 0; i < n[2]; ++i) {
    const auto back = static_cast<std::uint64_t>(n[1] + n[2] - i);
    if (back > lane.next - lane.first || lane.next - back < lane.final_below) continue;
    const auto id = lane.next - back;
    const auto mark = lane.marks[id - lane.first];
    auto row = model_.newest(mark);
    row.id = id;
    row.end_ms += 2000;
    if (n[3] != 0) row.start_ms = std::max<std::int64_t>(row.start_ms - 2 * kHourMs, 0);
    model_.handed_over(mark, row);
    batch.sessions.push_back(row);
  }
  hand_over(std::move(batch));
}

void World::finish_lane(std::size_t lane_number, std::int64_t kept) {
  auto& lane = alive().lanes[lane_number];
  const auto below = lane.next - std::min<std::uint64_t>(lane.next - lane.first, static_cast<std::uint64_t>(kept));
  lane.final_below = std::max(lane.final_below, below);
  hand_over({.sessions = {}, .final_below = lane.final_below});
}

void World::flush() {
  auto& store = *alive().store;
  const auto refused = disk_.refused();
  try {
    store.flush();
  } catch (const std::exception& e) {
    if (!disk_.stopped() && disk_.refused() == refused) throw Difference(std::string("a flush failed: ") + e.what());
    return;
  }
  if (!disk_.stopped()) model_.committed();
}

void World::tick(std::int64_t ms) {
  auto& life = alive();
  if (ms < 0 || ms > 2 * kDayMs) {
    ++tally_.faults["clock step"];
    clock_.step(std::max<std::int64_t>(clock_.now_ms() + ms, 30 * kDayMs) - clock_.now_ms());
    clock_.advance(1000);
    if (std::abs(ms) >= kHourMs) life.jumped_ms = clock_.steady_ms();
  } else {
    clock_.advance(ms);
  }
  settle();
  if ((ms >= 1000 || ms < 0) && !disk_.stopped() && life.store->status().last_error.empty()) {
    // What is older than the commit interval is committed.
    settle();
    if (!disk_.stopped() && life.store->status().last_error.empty()) model_.committed();
  }
}

void World::import(std::int64_t days, std::int64_t count) {
  if (life_) stop();
  if (disk_.stopped()) return;
  ++tally_.faults["import"];
  alive();
  for (std::int64_t day = 1; day <= days; ++day) {
    SessionBatch batch{.sessions = {}, .final_below = 0};
    add_rows(0, count, 20 + day, false, batch);
    batch.final_below = life_->lanes[0].final_below = life_->lanes[0].next;
    hand_over(std::move(batch));
  }
  if (disk_.stopped()) return;
  compare();
  if (life_) stop();
}

void World::damage(std::int64_t what, std::int64_t how, std::uint64_t seed) {
  if (life_) stop();
  if (disk_.stopped()) die();
  Random random(seed);
  std::string path = folder_.path() + "/catalog.sqlite";
  std::optional<std::int32_t> day;
  if (what < 2) {
    const auto days = list_days(folder_of_days());
    if (days.empty()) return;
    day = days[random.below(days.size())];
    path = folder_of_days() + day_name(*day) + ".sqlite";
  }
  if (what % 2 == 1) path += "-wal";
  if (!std::filesystem::exists(path)) return;
  ++tally_.faults[what == 0   ? "day damaged"
                  : what == 1 ? "log of a day damaged"
                  : what == 2 ? "catalog damaged"
                              : "log of the catalog damaged"];
  release(false);
  reader_.reset();
  rewrite(path, how, random);
  disk_.adopt();
  // A deleted file is the operator's will; the end of a log that does not fit is what a crash leaves, to SQLite.
  if (day) model_.damaged(*day, what == 0 && how != 2 ? Model::Excuse::kTold : Model::Excuse::kSilent);
}

void World::hold(bool beside) {
  if (held_.size() >= 4) return;
  Held held{.snapshot = {}, .shown = {}, .beside = beside};
  if (beside) {
    look();
    if (!reader_ || disk_.stopped()) return;
    held.snapshot = reader_->snapshot(std::nullopt);
  } else {
    held.snapshot = alive().store->snapshot(std::nullopt);
    held.shown = model_.shown();
  }
  ++tally_.faults[beside ? "reader held" : "snapshot held"];
  held_.push_back(std::move(held));
}

void World::release(bool of_store_only) {
  std::erase_if(held_, [&](Held& held) {
    if (of_store_only && held.beside) return false;
    const auto refused = disk_.refused();
    const auto seen = observe(*held.snapshot);
    // It may be unable to read, also what a stopped disk has left in the middle.
    if (disk_.refused() != refused || (held.beside && disk_.stopped())) return true;
    std::map<std::uint64_t, std::uint64_t> shown;
    for (const auto& row : seen.rows) {
      if (!shown.emplace(row.mark, row.version).second)
        throw Difference("session " + std::to_string(row.mark) + " is twice in a held snapshot");
    }
    // A reader beside the store loses the files that retention deletes.
    if (!held.beside && !model_.any_damage() && shown != held.shown) throw Difference("a held snapshot has changed");
    if (!seen.unread.empty() && !model_.any_damage() &&
        !(held.beside && (sequence_.max_bytes != 0 || sequence_.max_age_days != 0))) {
      throw Difference("a held snapshot cannot be read: " + seen.unread[0]);
    }
    return true;
  });
}

}  // namespace weir::testing
