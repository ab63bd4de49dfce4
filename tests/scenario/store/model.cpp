// The comparisons.
#include "scenario/store/model.hpp"

#include "store/sqlite/day_handle.hpp"

namespace weir::testing {

void Model::handed_over(std::uint64_t mark, Session& row) {
  auto& item = items_[mark];
  row.client_mac = mark;
  row.halves[kToServer].octets = item.versions.size() + 1;
  if (item.visible == 0) item.days.insert(day_of(row.start_ms));
  item.versions.push_back(row);
  item.visible = item.versions.size();
}

void Model::committed() {
  for (auto& [mark, item] : items_) item.committed = item.visible;
}

void Model::damaged(std::int32_t day, Excuse excuse) {
  any_damage_ = true;
  for (auto& [mark, item] : items_) {
    if (item.days.contains(day) && item.excuse != Excuse::kSilent) item.excuse = excuse;
  }
}

ObservedRow Model::expected_row(std::uint64_t mark, std::uint64_t version) const {
  const auto& row = items_.at(mark).versions[version - 1];
  return {.mark = mark,
          .version = version,
          .start_ms = row.start_ms,
          .end_ms = row.end_ms,
          .client = row.client,
          .exporter = row.exporter};
}

std::map<std::uint64_t, std::uint64_t> Model::shown() const {
  std::map<std::uint64_t, std::uint64_t> shown;
  for (const auto& [mark, item] : items_) {
    if (item.visible != 0) shown[mark] = item.visible;
  }
  return shown;
}

std::set<std::int32_t> Model::days() const {
  std::set<std::int32_t> days;
  for (const auto& [mark, item] : items_) {
    if (item.committed != 0) days.insert(item.days.begin(), item.days.end());
  }
  return days;
}

std::string Model::describe(std::uint64_t mark, const Item& item) const {
  std::string days;
  for (const auto day : item.days) days += (days.empty() ? "" : ", ") + day_name(day);
  return "session " + std::to_string(mark) + " of " + days + " (version " + std::to_string(item.committed) +
         " committed, " + std::to_string(item.visible) + " the newest)";
}

std::map<std::uint64_t, std::uint64_t> Model::sound_rows(const Observed& seen) const {
  std::map<std::uint64_t, std::uint64_t> versions;
  for (const auto& row : seen.rows) {
    const auto it = items_.find(row.mark);
    if (it == items_.end() || row.version == 0 || row.version > it->second.versions.size()) {
      throw Difference("session " + std::to_string(row.mark) + " version " + std::to_string(row.version) +
                       " was never handed over");
    }
    if (!versions.emplace(row.mark, row.version).second)
      throw Difference(describe(row.mark, it->second) + " is there twice");
    const auto& wanted = it->second.versions[row.version - 1];
    if (row.start_ms != wanted.start_ms || row.end_ms != wanted.end_ms || row.client != wanted.client ||
        row.exporter != wanted.exporter) {
      throw Difference(describe(row.mark, it->second) + " has wrong content");
    }
  }
  return versions;
}

void Model::explain_by_retention(std::vector<std::uint64_t>& missing, const Counted& counted, std::int32_t today) {
  std::uint64_t gone = 0;
  std::erase_if(missing, [&](std::uint64_t mark) {
    auto& item = items_.at(mark);
    const bool too_old =
        retention_.max_age_days != 0 && *item.days.begin() < today - static_cast<std::int32_t>(retention_.max_age_days);
    if (counted.deleted == 0 || (!too_old && retention_.max_bytes == 0)) return false;
    item.deleted = std::max(item.deleted, item.visible);
    item.visible = item.committed = 0;
    ++gone;
    return true;
  });
  if (gone > counted.deleted + counted.dropped) {
    throw Difference(std::to_string(gone) + " sessions are gone, " + std::to_string(counted.deleted) +
                     " are counted as deleted");
  }
}

void Model::check_running(const Observed& seen, const Counted& counted, std::int32_t today) {
  const auto versions = sound_rows(seen);
  const std::string said = seen.unread.empty() ? "" : " (" + seen.unread[0] + ")";
  std::vector<std::uint64_t> missing;
  for (auto& [mark, item] : items_) {
    const auto it = versions.find(mark);
    const auto version = it == versions.end() ? 0 : it->second;
    if (version == item.visible) continue;
    if (item.excuse != Excuse::kNone) {
      if (version == 0 && item.excuse == Excuse::kTold && counted.deleted == 0 && !seen.tells_of_damage())
        throw Difference(describe(mark, item) + " is left out without a warning");
      item.visible = item.committed = version;
    } else if (version == 0) {
      missing.push_back(mark);
    } else {
      throw Difference(describe(mark, item) + " is shown in version " + std::to_string(version));
    }
  }
  explain_by_retention(missing, counted, today);
  // What is committed is never dropped.
  for (const auto mark : missing) {
    auto& item = items_.at(mark);
    if (item.committed != 0) throw Difference(describe(mark, item) + " is not shown any more" + said);
    item.visible = 0;
  }
  if (missing.size() > counted.dropped) {
    throw Difference(std::to_string(missing.size()) + " sessions are not shown, such as " +
                     describe(missing[0], items_.at(missing[0])) + "; " + std::to_string(counted.dropped) +
                     " are counted as dropped");
  }
}

void Model::check_outside(const Observed& seen) const {
  const auto versions = sound_rows(seen);
  for (const auto& [mark, item] : items_) {
    const auto it = versions.find(mark);
    const auto version = it == versions.end() ? 0 : it->second;
    if (item.excuse != Excuse::kNone || (version >= item.committed && version <= std::max(item.visible, item.deleted)))
      continue;
    throw Difference("a reader beside the store: " + describe(mark, item) +
                     (version == 0 ? " is missing" : " is there in version " + std::to_string(version)));
  }
}

void Model::check_restarted(const Observed& seen, const Counted& counted, std::int32_t today) {
  const auto versions = sound_rows(seen);
  std::vector<std::uint64_t> missing, lost;
  for (auto& [mark, item] : items_) {
    const auto it = versions.find(mark);
    const auto version = it == versions.end() ? 0 : it->second;
    if (item.excuse == Excuse::kNone && version < item.visible && !(version == 0 && item.committed != 0))
      lost.push_back(mark);
    if (item.excuse != Excuse::kNone) {
      if (version == 0 && item.committed != 0 && item.excuse == Excuse::kTold && counted.deleted == 0 &&
          !seen.tells_of_damage()) {
        throw Difference("after a restart " + describe(mark, item) + " is left out without a warning");
      }
      item.committed = std::min(item.committed, version);
    } else if (version == 0 && item.committed != 0) {
      missing.push_back(mark);
      continue;
    } else if (version < item.committed || (version > std::max(item.visible, item.deleted) && !names_may_return_)) {
      throw Difference("after a restart " + describe(mark, item) + " is there in version " + std::to_string(version));
    }
    item.visible = version;
  }
  explain_by_retention(missing, counted, today);
  if (!missing.empty()) {
    throw Difference("after a restart " + std::to_string(missing.size()) + " committed sessions are missing, such as " +
                     describe(missing[0], items_.at(missing[0])));
  }
  if (counted.closed && lost.size() > counted.dropped + counted.deleted) {
    throw Difference("after a stop " + std::to_string(lost.size()) +
                     " sessions are not as they were handed over, such as " + describe(lost[0], items_.at(lost[0])) +
                     "; " + std::to_string(counted.dropped) + " are counted as dropped");
  }
  names_may_return_ = false;
}

}  // namespace weir::testing
