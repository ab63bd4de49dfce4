// Chunks of rows per lane. Ids of a lane mostly ascend, so a row is appended, or found by bisection.
#include "store/sqlite/pending_rows.hpp"

#include <algorithm>
#include <limits>

#include "store/sqlite/day_handle.hpp"

namespace weir {

namespace {

// Small enough that a changed row makes little to be encoded again, large enough that a query reads few segments.
constexpr std::size_t kChunkRows = 16'384;

std::size_t first_not_below(const RowSegment& rows, std::uint64_t id) {
  const auto& list = rows.sessions();
  const auto at = std::lower_bound(list.begin(), list.end(), id,
                                   [](const Session& s, std::uint64_t wanted) { return s.id < wanted; });
  return static_cast<std::size_t>(at - list.begin());
}

}  // namespace

PendingRows::Added PendingRows::add(const SessionBatch& batch, std::uint64_t run, std::int64_t now_ms,
                                    std::uint64_t max_rows) {
  Added added;
  Lane lane{.run = run, .range = std::numeric_limits<std::uint64_t>::max()};
  std::uint64_t* highest = nullptr;
  std::int32_t day = -1;
  std::deque<Chunk>* chunks = nullptr;  // of `day` and `lane`
  for (const auto& row : batch.sessions) {
    if (range_of(row.id) != lane.range) {
      lane.range = range_of(row.id);
      highest = &highest_[lane];
      chunks = nullptr;
    }
    if (row.id <= *highest) {
      const auto at = find(lane, row.id, day_of(row.start_ms));
      if (at.chunks) {
        auto& chunk = (*at.chunks)[at.chunk];
        writable(chunk).replace(at.row, row);
        chunk.unjournaled[at.row] = true;
        continue;
      }
      const auto below = final_below_.find(lane);
      if (below != final_below_.end() && row.id < below->second) {
        ++added.late;
        continue;
      }
    }
    if (rows_ >= max_rows) {
      ++added.refused;
      continue;
    }
    if (!chunks || day_of(row.start_ms) != day) {
      day = day_of(row.start_ms);
      chunks = &chunks_of(day, lane, now_ms);
    }
    insert(*chunks, row);
    *highest = std::max(*highest, row.id);
  }
  auto& below = final_below_[{.run = run, .range = range_of(batch.final_below)}];
  below = std::max(below, batch.final_below);
  return added;
}

void PendingRows::restore(std::int32_t day, const Lane& lane, const std::vector<Session>& rows, std::int64_t now_ms) {
  auto& chunks = chunks_of(day, lane, now_ms);
  for (std::size_t at = 0; at < rows.size(); at += kChunkRows) {
    const auto end = std::min(rows.size(), at + kChunkRows);
    chunks.push_back(
        {.rows = std::make_shared<RowSegment>(std::vector<Session>(rows.begin() + static_cast<std::ptrdiff_t>(at),
                                                                   rows.begin() + static_cast<std::ptrdiff_t>(end))),
         .published = false,
         .unjournaled = std::vector<bool>(end - at, false)});
  }
  rows_ += rows.size();
  highest_[lane] = std::max(highest_[lane], rows.back().id);
  final_below_[lane] = highest_[lane] + 1;
}

void PendingRows::make_all_final() { all_final_ = true; }

PendingRows::Position PendingRows::find(const Lane& lane, std::uint64_t id, std::int32_t likely_day) {
  const auto within = [&](DayRows& day) -> Position {
    const auto it = day.lanes.find(lane);
    if (it == day.lanes.end()) return {};
    auto& chunks = it->second;
    const auto chunk = std::partition_point(chunks.begin(), chunks.end(),
                                            [&](const Chunk& c) { return c.rows->sessions().back().id < id; });
    if (chunk == chunks.end()) return {};
    const auto row = first_not_below(*chunk->rows, id);
    if (chunk->rows->sessions()[row].id != id) return {};
    return {.chunks = &chunks, .chunk = static_cast<std::size_t>(chunk - chunks.begin()), .row = row};
  };
  const auto likely = days_.find(likely_day);
  if (likely != days_.end()) {
    if (const auto found = within(likely->second); found.chunks) return found;
  }
  // A row whose start moved to another day since.
  for (auto& [day, entry] : days_) {
    if (day == likely_day) continue;
    if (const auto found = within(entry); found.chunks) return found;
  }
  return {};
}

std::deque<PendingRows::Chunk>& PendingRows::chunks_of(std::int32_t day, const Lane& lane, std::int64_t now_ms) {
  return days_.try_emplace(day, DayRows{.lanes = {}, .since_ms = now_ms}).first->second.lanes[lane];
}

void PendingRows::insert(std::deque<Chunk>& chunks, const Session& row) {
  ++rows_;
  if (chunks.empty() || chunks.back().rows->sessions().back().id < row.id) {
    if (chunks.empty() || chunks.back().rows->rows() >= kChunkRows) chunks.emplace_back();
    writable(chunks.back()).append(row);
    chunks.back().unjournaled.push_back(true);
    return;
  }
  auto& chunk = *std::partition_point(chunks.begin(), chunks.end(),
                                      [&](const Chunk& c) { return c.rows->sessions().back().id < row.id; });
  const auto at = first_not_below(*chunk.rows, row.id);
  writable(chunk).insert(at, row);
  chunk.unjournaled.insert(chunk.unjournaled.begin() + static_cast<std::ptrdiff_t>(at), true);
}

RowSegment& PendingRows::writable(Chunk& chunk) {
  if (chunk.published) {
    chunk.rows = std::make_shared<RowSegment>(chunk.rows->sessions());
    chunk.published = false;
  }
  return *chunk.rows;
}

std::size_t PendingRows::final_rows(const Lane& lane, const Chunk& chunk) const {
  if (all_final_) return chunk.rows->rows();
  const auto below = final_below_.find(lane);
  return below == final_below_.end() ? 0 : first_not_below(*chunk.rows, below->second);
}

std::vector<PendingRows::Part> PendingRows::final_parts(std::int32_t day, std::uint64_t max_rows) const {
  std::vector<Part> parts;
  const auto entry = days_.find(day);
  if (entry == days_.end()) return parts;
  for (const auto& [lane, chunks] : entry->second.lanes) {
    for (const auto& chunk : chunks) {
      const std::size_t ready = final_rows(lane, chunk), count = std::min<std::uint64_t>(ready, max_rows);
      if (count != 0) parts.push_back({.lane = lane, .rows = chunk.rows, .count = count});
      max_rows -= count;
      if (count < chunk.rows->rows()) break;
    }
  }
  return parts;
}

std::uint64_t PendingRows::final_rows(std::int32_t day) const {
  std::uint64_t rows = 0;
  for (const auto& part : final_parts(day, std::numeric_limits<std::uint64_t>::max())) rows += part.count;
  return rows;
}

std::vector<PendingRows::Unjournaled> PendingRows::unjournaled(std::int32_t day,
                                                               const std::vector<Part>& sealing) const {
  std::vector<Unjournaled> found;
  const auto entry = days_.find(day);
  if (entry == days_.end()) return found;
  for (const auto& [lane, chunks] : entry->second.lanes) {
    for (const auto& chunk : chunks) {
      const auto part =
          std::find_if(sealing.begin(), sealing.end(), [&](const Part& p) { return p.rows == chunk.rows; });
      Unjournaled some{.lane = lane, .rows = chunk.rows, .positions = {}};
      for (std::size_t row = part == sealing.end() ? 0 : part->count; row < chunk.unjournaled.size(); ++row) {
        if (chunk.unjournaled[row]) some.positions.push_back(static_cast<std::uint32_t>(row));
      }
      if (!some.positions.empty()) found.push_back(std::move(some));
    }
  }
  return found;
}

void PendingRows::mark_journaled(std::int32_t day) {
  const auto entry = days_.find(day);
  if (entry == days_.end()) return;
  for (auto& [lane, chunks] : entry->second.lanes) {
    for (auto& chunk : chunks) chunk.unjournaled.assign(chunk.unjournaled.size(), false);
  }
}

void PendingRows::mark_unjournaled(std::int32_t day) {
  const auto entry = days_.find(day);
  if (entry == days_.end()) return;
  for (auto& [lane, chunks] : entry->second.lanes) {
    for (auto& chunk : chunks) chunk.unjournaled.assign(chunk.unjournaled.size(), true);
  }
}

void PendingRows::drop(std::int32_t day, const std::vector<Part>& sealed, std::int64_t now_ms) {
  const auto entry = days_.find(day);
  if (entry == days_.end()) return;
  entry->second.since_ms = now_ms;
  auto& lanes = entry->second.lanes;
  for (const auto& part : sealed) {
    auto& chunks = lanes[part.lane];
    auto& chunk = chunks.front();
    rows_ -= part.count;
    if (part.count == chunk.rows->rows()) {
      chunks.pop_front();
    } else {
      const auto kept = static_cast<std::ptrdiff_t>(part.count);
      const auto& rows = chunk.rows->sessions();
      chunk.rows = std::make_shared<RowSegment>(std::vector<Session>(rows.begin() + kept, rows.end()));
      chunk.published = false;
      chunk.unjournaled.erase(chunk.unjournaled.begin(), chunk.unjournaled.begin() + kept);
    }
    if (chunks.empty()) lanes.erase(part.lane);
  }
  if (lanes.empty()) days_.erase(entry);
}

std::uint64_t PendingRows::forget(std::int32_t day) {
  const auto entry = days_.find(day);
  if (entry == days_.end()) return 0;
  std::uint64_t rows = 0;
  for (const auto& [lane, chunks] : entry->second.lanes) {
    for (const auto& chunk : chunks) rows += chunk.rows->rows();
  }
  rows_ -= rows;
  days_.erase(entry);
  return rows;
}

std::vector<std::int32_t> PendingRows::days() const {
  std::vector<std::int32_t> days;
  for (const auto& [day, entry] : days_) days.push_back(day);
  return days;
}

std::int64_t PendingRows::waiting_since_ms(std::int32_t day) const {
  const auto entry = days_.find(day);
  return entry == days_.end() ? std::numeric_limits<std::int64_t>::max() : entry->second.since_ms;
}

bool PendingRows::has_other_run(std::int32_t day, std::uint64_t run) const {
  const auto entry = days_.find(day);
  if (entry == days_.end()) return false;
  const auto& lanes = entry->second.lanes;
  return std::any_of(lanes.begin(), lanes.end(), [&](const auto& lane) { return lane.first.run != run; });
}

bool PendingRows::ends_with(std::int32_t day, const Part& part) const {
  const auto entry = days_.find(day);
  if (entry == days_.end()) return false;
  const auto chunks = entry->second.lanes.find(part.lane);
  return chunks != entry->second.lanes.end() && chunks->second.back().rows == part.rows &&
         part.count == part.rows->rows();
}

std::vector<std::pair<std::int64_t, std::int64_t>> PendingRows::ranges() const {
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges;
  for (const auto& [day, entry] : days_) {
    for (const auto& [lane, chunks] : entry.lanes) {
      for (const auto& chunk : chunks) ranges.emplace_back(chunk.rows->min_start_ms(), chunk.rows->max_end_ms());
    }
  }
  return ranges;
}

std::vector<std::shared_ptr<const RowSegment>> PendingRows::publish() {
  std::vector<std::shared_ptr<const RowSegment>> segments;
  for (auto& [day, entry] : days_) {
    for (auto& [lane, chunks] : entry.lanes) {
      for (auto& chunk : chunks) {
        chunk.published = true;
        segments.push_back(chunk.rows);
      }
    }
  }
  return segments;
}

}  // namespace weir
