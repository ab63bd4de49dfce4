// The folder's bookkeeping, and what is left of it when the power goes.
#include "support/simulated_disk.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/disk_state.hpp"
#include "support/generated_sessions.hpp"

namespace weir::testing {

namespace {

constexpr std::uint64_t kSector = 512;

std::mutex disks_mutex;
std::vector<std::shared_ptr<SimulatedDisk::State>> disks;

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

void apply(const DiskFile::Write& write, std::vector<std::uint8_t>& content) {
  if (write.cut) {
    content.resize(write.at);
    return;
  }
  content.resize(std::max<std::size_t>(content.size(), write.at + write.bytes.size()));
  std::copy(write.bytes.begin(), write.bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(write.at));
}

// Each sector of the write is on the disk or is not.
void apply_by_chance(const DiskFile::Write& write, std::vector<std::uint8_t>& content, Random& random) {
  if (write.cut) {
    if (random.one_in(2)) apply(write, content);
    return;
  }
  for (std::uint64_t at = 0; at < write.bytes.size();) {
    const auto length = std::min(kSector - (write.at + at) % kSector, write.bytes.size() - at);
    if (random.one_in(2)) {
      const auto first = write.bytes.begin() + static_cast<std::ptrdiff_t>(at);
      apply({.at = write.at + at, .bytes = {first, first + static_cast<std::ptrdiff_t>(length)}}, content);
    }
    at += length;
  }
}

// All writes, none, those before some moment with that one torn, or any.
std::vector<std::uint8_t> content_after_power_loss(const DiskFile& file, Random& random) {
  auto content = file.synced;
  const auto kind = random.below(4);
  const auto whole = kind == 0                          ? file.since.size()
                     : kind == 2 && !file.since.empty() ? random.below(file.since.size())
                                                        : 0;
  for (std::size_t i = 0; i < file.since.size(); ++i) {
    if (i < whole) {
      apply(file.since[i], content);
    } else if (kind == 3 || (kind == 2 && i == whole)) {
      apply_by_chance(file.since[i], content, random);
    }
  }
  return content;
}

}  // namespace

std::shared_ptr<SimulatedDisk::State> SimulatedDisk::State::of(const std::string& path) {
  const std::lock_guard lock(disks_mutex);
  for (const auto& disk : disks) {
    if (path.size() > disk->folder.size() && path.starts_with(disk->folder) && path[disk->folder.size()] == '/')
      return disk;
  }
  return nullptr;
}

std::shared_ptr<SimulatedDisk::State> SimulatedDisk::State::of_descriptor(int descriptor, std::string& path) {
  {
    const std::lock_guard lock(disks_mutex);
    if (disks.empty()) return nullptr;
  }
  char name[PATH_MAX];
  const auto length = readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), name, sizeof name);
  if (length <= 0) return nullptr;
  path.assign(name, static_cast<std::size_t>(length));
  auto disk = of(path + "/");
  return disk;
}

SimulatedDisk::State::Verdict SimulatedDisk::State::verdict(bool grows) {
  const auto number = operations++;
  if (number >= stop_at) stopped = true;
  if (stopped) return Verdict::kStopped;
  const bool refused = number >= refuse_from && number < refuse_to && (grows || refusal == Refusal::kBroken);
  refused_operations += refused;
  return refused ? Verdict::kRefused : Verdict::kDone;
}

void SimulatedDisk::State::adopt() {
  now.clear();
  changes.clear();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) now[entry.path().string()] = std::make_shared<DiskFile>();
  }
  synced = now;
}

void SimulatedDisk::State::load(const std::string& path, DiskFile& file) {
  if (file.loaded) return;
  std::ifstream in(path, std::ios::binary);
  file.synced.assign(std::istreambuf_iterator<char>(in), {});
  file.loaded = true;
}

void SimulatedDisk::State::made(const std::string& path) {
  auto file = std::make_shared<DiskFile>();
  file->loaded = true;
  now[path] = file;
  changes.push_back({.from = "", .to = path, .file = file});
}

void SimulatedDisk::State::renamed(const std::string& from, const std::string& to) {
  const auto it = now.find(from);
  if (it == now.end()) return;
  const auto file = it->second;
  now.erase(it);
  now[to] = file;
  changes.push_back({.from = from, .to = to, .file = file});
}

void SimulatedDisk::State::deleted(const std::string& path) {
  const auto it = now.find(path);
  if (it == now.end()) return;
  changes.push_back({.from = path, .to = "", .file = it->second});
  now.erase(it);
}

void SimulatedDisk::State::file_synced(DiskFile& file) {
  for (const auto& write : file.since) apply(write, file.synced);
  file.since.clear();
}

void SimulatedDisk::State::folder_synced(const std::string& path) {
  std::erase_if(changes, [&](const NameChange& change) {
    if (folder_of(change.from.empty() ? change.to : change.from) != path) return false;
    if (!change.from.empty()) synced.erase(change.from);
    if (!change.to.empty()) synced[change.to] = change.file;
    return true;
  });
}

void SimulatedDisk::State::lose_power(std::uint64_t seed) {
  Random random(seed);
  auto names = synced;
  const auto kept = random.one_in(3) ? changes.size() : random.one_in(2) ? 0 : random.below(changes.size() + 1);
  for (std::size_t i = 0; i < kept; ++i) {
    if (!changes[i].from.empty()) names.erase(changes[i].from);
    if (!changes[i].to.empty()) names[changes[i].to] = changes[i].file;
  }
  // A file that was not changed has its content only on the real disk, maybe under another name.
  for (const auto& [path, file] : now) load(path, *file);
  std::map<std::string, std::vector<std::uint8_t>> content;
  for (const auto& [path, file] : names) {
    if (!path.ends_with("-shm")) content[path] = content_after_power_loss(*file, random);
  }
  for (const auto& [path, file] : now) std::filesystem::remove(path);
  // Indexes of logs live in memory.
  std::vector<std::filesystem::path> indexes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().native().ends_with("-shm")) indexes.push_back(entry.path());
  }
  for (const auto& path : indexes) std::filesystem::remove(path);
  for (const auto& [path, bytes] : content) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
}

SimulatedDisk::SimulatedDisk(const std::string& folder)
    : state_(std::make_shared<State>(std::filesystem::canonical(folder).string())) {
  use_simulated_disks();
  adopt();
  const std::lock_guard lock(disks_mutex);
  disks.push_back(state_);
}

SimulatedDisk::~SimulatedDisk() {
  const std::lock_guard lock(disks_mutex);
  std::erase(disks, state_);
}

std::uint64_t SimulatedDisk::operations() const {
  const std::lock_guard lock(state_->mutex);
  return state_->operations;
}
void SimulatedDisk::refuse_after(std::uint64_t good, std::uint64_t bad, Refusal refusal) {
  const std::lock_guard lock(state_->mutex);
  state_->refuse_from = state_->operations + good;
  state_->refuse_to = state_->refuse_from + bad;
  state_->refusal = refusal;
}
void SimulatedDisk::heal() { refuse_after(0, 0, Refusal::kFull); }
std::uint64_t SimulatedDisk::refused() const {
  const std::lock_guard lock(state_->mutex);
  return state_->refused_operations;
}
void SimulatedDisk::stop_after(std::uint64_t good) {
  const std::lock_guard lock(state_->mutex);
  state_->stop_at = state_->operations + good;
}
bool SimulatedDisk::stopped() const {
  const std::lock_guard lock(state_->mutex);
  return state_->stopped;
}
void SimulatedDisk::go_on() {
  const std::lock_guard lock(state_->mutex);
  state_->stop_at = kForever;
  state_->stopped = false;
}
void SimulatedDisk::lose_power(std::uint64_t seed) {
  go_on();
  {
    // The disk's own changes of the folder are no operations.
    const std::lock_guard lock(disks_mutex);
    std::erase(disks, state_);
  }
  state_->lose_power(seed);
  adopt();
  const std::lock_guard lock(disks_mutex);
  disks.push_back(state_);
}
void SimulatedDisk::adopt() {
  const std::lock_guard lock(state_->mutex);
  state_->adopt();
}

}  // namespace weir::testing
