// What a SimulatedDisk knows of its folder: each file as it was at its last sync with the writes since, and the names
// as they were when their folder was synced with the changes since. Any thread; the caller holds `mutex`.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/simulated_disk.hpp"

namespace weir::testing {

struct DiskFile {
  struct Write {
    std::uint64_t at = 0;
    std::vector<std::uint8_t> bytes;
    bool cut = false;  // the file ends at `at`
  };
  bool loaded = false;  // `synced` is known; else the file was not changed
  std::vector<std::uint8_t> synced;
  std::vector<Write> since;
};

struct NameChange {
  std::string from, to;  // a new file has no `from`, a deleted one no `to`
  std::shared_ptr<DiskFile> file;
};

struct SimulatedDisk::State {
  using Names = std::map<std::string, std::shared_ptr<DiskFile>>;

  explicit State(std::string name) : folder(std::move(name)) {}
  const std::string folder;
  std::mutex mutex;
  Names now, synced;
  std::vector<NameChange> changes;
  std::uint64_t operations = 0, refused_operations = 0, stop_at = kForever, refuse_from = 0, refuse_to = 0;
  Refusal refusal = Refusal::kFull;
  bool stopped = false;

  // Counts an operation, which may make its file longer. Whether it has an effect.
  enum class Verdict { kDone, kRefused, kStopped };
  Verdict verdict(bool grows);

  void adopt();
  void load(const std::string& path, DiskFile& file);
  void made(const std::string& path);
  void renamed(const std::string& from, const std::string& to);
  void deleted(const std::string& path);
  void file_synced(DiskFile& file);
  void folder_synced(const std::string& path);
  void lose_power(std::uint64_t seed);

  // The disk that a path is on; null: none.
  static std::shared_ptr<State> of(const std::string& path);
  // The disk and path of an open file or folder; null: on none.
  static std::shared_ptr<State> of_descriptor(int descriptor, std::string& path);
};

// Makes SQLite go through the simulated disks. Once per process.
void use_simulated_disks();

}  // namespace weir::testing
