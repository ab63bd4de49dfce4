// Levels are put together from the parts, coarse units first.
#include "store/sqlite/stored_sums.hpp"

#include <algorithm>
#include <map>

namespace weir {

StoredSums::StoredSums(const StoredBlock& block, std::vector<std::shared_ptr<const SealedSegment>> covered,
                       std::shared_ptr<const DayHandle> file, ColumnCache& cache)
    : id_(block.id),
      min_start_ms_(block.min_start_ms),
      max_end_ms_(block.max_end_ms),
      sessions_(block.sessions),
      file_(std::move(file)),
      cache_(cache),
      cache_id_(cache.new_segment()),
      covered_(covered.begin(), covered.end()) {
  std::map<std::int64_t, SumLevel, std::greater<>> levels;
  for (const auto& part : block.parts) {
    auto segment = std::make_shared<const SealedSegment>(part.info, file_, cache_, SealedSegment::Rows::kSums);
    parts_.push_back(segment);
    switch (part.what) {
      case SumPart::kOdd: odd_.push_back(std::move(segment)); break;
      case SumPart::kCrossing: crossing_.push_back(std::move(segment)); break;
      case SumPart::kSums: {
        auto& level = levels[part.unit_ms];
        level.unit_ms = part.unit_ms;
        auto& family = level.families[static_cast<std::size_t>(part.family)];
        if (!family) family.emplace();
        family->push_back(std::move(segment));
        break;
      }
    }
  }
  for (auto& [unit_ms, level] : levels) levels_.push_back(std::move(level));
}

std::shared_ptr<const Column> StoredSums::kept_rows(std::size_t covered) const {
  const auto number = static_cast<std::uint16_t>(covered);
  if (auto cached = cache_.find(cache_id_, number)) return cached;
  auto lease = file_->lease();
  try {
    auto loaded = std::make_shared<const Column>(read_kept_rows(*lease, id_, covered));
    if (loaded->rows != covered_[covered]->rows())
      throw std::runtime_error(file_->path() + ", block " + std::to_string(id_) + ": not of the segment that it names");
    cache_.add(cache_id_, number, loaded);
    return loaded;
  } catch (const std::runtime_error& e) {
    lease.discard();
    damage_.with([&](std::string& damage) { damage = e.what(); });
    throw;
  }
}

std::string StoredSums::damage() const {
  auto damage = damage_.with([](const std::string& text) { return text; });
  for (const auto& part : parts_) {
    if (damage.empty()) damage = part->damage();
  }
  return damage;
}

std::vector<std::shared_ptr<const StoredSums>> read_sums(
    const std::shared_ptr<const DayHandle>& file, const std::vector<std::shared_ptr<const SealedSegment>>& segments,
    ColumnCache& cache, std::vector<std::int64_t>& stale) {
  std::map<std::int64_t, std::shared_ptr<const SealedSegment>> by_id;
  for (const auto& segment : segments) by_id.emplace(segment->id(), segment);
  auto lease = file->lease();
  std::vector<std::shared_ptr<const StoredSums>> sums;
  if (!is_sum_file(*lease)) return sums;
  for (const auto& block : read_blocks(*lease)) {
    std::vector<std::shared_ptr<const SealedSegment>> covered;
    for (const auto& cover : block.covered) {
      const auto found = by_id.find(cover.segment);
      if (found == by_id.end() || found->second->checksum() != cover.checksum) break;
      covered.push_back(found->second);
      // A session is in one block.
      by_id.erase(found);
    }
    const bool known_parts = std::all_of(block.parts.begin(), block.parts.end(), [](const StoredPart& part) {
      return part.what <= SumPart::kCrossing && static_cast<std::size_t>(part.family) < kSumFamilyCount &&
             (part.what != SumPart::kSums || part.unit_ms > 0);
    });
    if (covered.size() != block.covered.size() || !known_parts) {
      stale.push_back(block.id);
      continue;
    }
    sums.push_back(std::make_shared<const StoredSums>(block, std::move(covered), file, cache));
  }
  return sums;
}

std::string sum_path(const std::string& dir, std::int32_t day) { return dir + "/sums/" + day_name(day) + ".sqlite"; }

}  // namespace weir
