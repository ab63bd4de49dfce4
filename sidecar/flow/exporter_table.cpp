// Looks exporters up, and lets the table grow.
#include "flow/exporter_table.hpp"

#include <algorithm>
#include <limits>

namespace weir {

namespace {
// Who sent a record within this keeps its place: a settled exporter, and one that is new.
constexpr std::int64_t kRecentMs = 3'600'000, kRecentNewMs = 300'000;
constexpr std::int64_t kLookAgainMs = 1000;
// A newcomer has to send so many times as much as the one whose place it takes, so that two of a kind do not take
// turns.
constexpr double kOutbid = 2;
// For so long after it got its place, an exporter is compared by what it sent before.
constexpr std::int64_t kBidHoldsMs = 30'000;
}  // namespace

std::vector<std::string> protocol_names(std::uint32_t bits) {
  static constexpr std::pair<std::uint32_t, const char*> kNames[] = {
      {kProtocolV1, "v1"}, {kProtocolV5, "v5"},       {kProtocolV7, "v7"},      {kProtocolV8, "v8"},
      {kProtocolV9, "v9"}, {kProtocolIpfix, "ipfix"}, {kProtocolSflow, "sflow"}};
  std::vector<std::string> names;
  for (const auto& [bit, name] : kNames) {
    if (bits & bit) names.emplace_back(name);
  }
  return names;
}

std::optional<Metering> parse_metering(std::string_view name) {
  const auto at = std::find(kMeteringNames.begin(), kMeteringNames.end(), name);
  if (at == kMeteringNames.end()) return std::nullopt;
  return static_cast<Metering>(at - kMeteringNames.begin());
}

Exporter* ExporterTable::add(State& s, std::uint32_t id, const IpAddress& address) {
  auto* added = s.entries.emplace_back(std::make_unique<Exporter>(id, address)).get();
  s.by_address.emplace(address, added);
  s.by_id.emplace(id, added);
  s.next_id = std::max(s.next_id, id + 1);
  return added;
}

void ExporterTable::set_place(Exporter& exporter, bool placed) {
  if (exporter.has_place() == placed) return;
  exporter.placed_.store(placed, std::memory_order_relaxed);
  placed_ += placed ? 1 : -1;
}

bool ExporterTable::is_set_by_operator(const Exporter& e) {
  return e.configured_sampling != 0 || e.metering != Metering::kAuto ||
         e.name.with([](const std::string& name) { return !name.empty(); });
}

bool ExporterTable::keeps_place(const Exporter& e, std::int64_t now_ms) const {
  if (is_set_by_operator(e)) return true;
  const std::int64_t heard_ms = e.last_seen_ms;
  const bool settled = is_settled(e);
  if (e.last_record_ms > now_ms - (settled ? kRecentMs : kRecentNewMs)) return true;
  return settled && heard_ms >= oldest_stored_ms_ && heard_ms > now_ms - ages_.forget_ms;
}

double ExporterTable::records_per_s(Exporter& e, std::int64_t now_ms) {
  if (e.placed_ms_ == 0 || now_ms < e.placed_ms_) {
    e.placed_ms_ = now_ms;
    e.records_when_placed_ = e.records;
  }
  const std::int64_t span_ms = now_ms - e.placed_ms_;
  if (span_ms < kBidHoldsMs) return e.bid_;
  return static_cast<double>(risen(e.records, e.records_when_placed_)) * 1000 / static_cast<double>(span_ms);
}

bool ExporterTable::make_room(State& s, std::int64_t now_ms, double bid) {
  // A newcomer that is refused comes again at once: it must not look over all entries each time.
  if (now_ms >= s.looked_ms && now_ms - s.looked_ms < kLookAgainMs && bid < s.needed_bid) return false;
  Exporter* silent = nullptr;
  Exporter* least = nullptr;
  double least_per_s = std::numeric_limits<double>::infinity();
  for (const auto& e : s.entries) {
    if (!e->has_place()) continue;
    if (!keeps_place(*e, now_ms)) {
      if (silent == nullptr || e->last_seen_ms < silent->last_seen_ms) silent = e.get();
    } else if (e->contested_ && !is_settled(*e) && !is_set_by_operator(*e)) {
      const double per_s = records_per_s(*e, now_ms);
      if (per_s < least_per_s) least = e.get(), least_per_s = per_s;
    }
  }
  if (silent != nullptr) {
    set_place(*silent, false);
    ++displaced_;
    return true;
  }
  s.looked_ms = now_ms;
  s.needed_bid = least_per_s * kOutbid;
  if (least == nullptr || bid <= 0 || bid < s.needed_bid) return false;
  set_place(*least, false);
  ++outbid_;
  return true;
}

Exporter* ExporterTable::admit(const IpAddress& address, std::int64_t now_ms, double records_per_s) {
  return state_.with([&](State& s) -> Exporter* {
    const auto it = s.by_address.find(address);
    if (it != s.by_address.end() && it->second->has_place()) return it->second;
    if (placed_ >= max_exporters_ && !make_room(s, now_ms, records_per_s)) {
      ++refused_;
      return nullptr;
    }
    auto* entry = it != s.by_address.end() ? it->second : add(s, s.next_id, address);
    set_place(*entry, true);
    entry->placed_ms_ = now_ms;
    entry->records_when_placed_ = entry->records;
    entry->bid_ = records_per_s;
    entry->contested_ = placed_ > max_exporters_ / 2;
    entry->last_record_ms = now_ms;  // it is here because of its records, which are decoded next
    return entry;
  });
}

Exporter* ExporterTable::find_or_add(const IpAddress& address) { return admit(address, 0); }

Exporter* ExporterTable::find(const IpAddress& address) const {
  return state_.with([&](State& s) -> Exporter* {
    const auto it = s.by_address.find(address);
    return it == s.by_address.end() ? nullptr : it->second;
  });
}

Exporter* ExporterTable::find(std::uint32_t id) const {
  return state_.with([&](State& s) -> Exporter* {
    const auto it = s.by_id.find(id);
    return it == s.by_id.end() ? nullptr : it->second;
  });
}

Exporter* ExporterTable::restore(std::uint32_t id, const IpAddress& address) {
  return state_.with([&](State& s) -> Exporter* {
    if (const auto it = s.by_address.find(address); it != s.by_address.end()) return it->second;
    auto* added = add(s, id, address);
    if (placed_ < max_exporters_) set_place(*added, true);
    return added;
  });
}

void ExporterTable::place_restored(const std::function<bool(const IpAddress&)>& is_unwanted) {
  struct Claim {
    Exporter* exporter;
    bool set_by_operator;
    std::int64_t heard_ms;
  };
  state_.with([&](State& s) {
    std::vector<Claim> claims;
    for (const auto& e : s.entries) {
      set_place(*e, false);
      if (e->last_seen_ms == 0 || is_unwanted(e->address)) continue;
      claims.push_back({.exporter = e.get(), .set_by_operator = is_set_by_operator(*e), .heard_ms = e->last_seen_ms});
    }
    std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
      return a.set_by_operator != b.set_by_operator ? a.set_by_operator : a.heard_ms > b.heard_ms;
    });
    for (std::size_t i = 0; i < claims.size() && i < max_exporters_; ++i) {
      set_place(*claims[i].exporter, true);
      claims[i].exporter->contested_ = placed_ > max_exporters_ / 2;
    }
  });
}

bool ExporterTable::forget(const IpAddress& address) {
  return state_.with([&](State& s) {
    const auto it = s.by_address.find(address);
    if (it == s.by_address.end() || !it->second->has_place()) return false;
    Exporter& e = *it->second;
    set_place(e, false);
    e.first_seen_ms = e.last_seen_ms = e.last_record_ms = 0;
    e.protocols = 0;
    e.announced_sampling = 0;
    e.domains.with([](std::vector<DomainStatus>& domains) { domains.clear(); });
    s.looked_ms = INT64_MIN / 2;
    ++forgotten_;
    return true;
  });
}

std::size_t ExporterTable::forget_silent(std::int64_t now_ms) {
  return state_.with([&](State& s) {
    std::size_t count = 0;
    for (const auto& e : s.entries) {
      if (!e->has_place() || e->last_seen_ms >= oldest_stored_ms_ || e->last_seen_ms > now_ms - ages_.forget_ms ||
          keeps_place(*e, now_ms))
        continue;
      set_place(*e, false);
      ++count;
    }
    forgotten_ += count;
    return count;
  });
}

std::vector<Exporter*> ExporterTable::known() const {
  return state_.with([](State& s) {
    std::vector<Exporter*> all;
    for (const auto& e : s.entries) all.push_back(e.get());
    std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->id < b->id; });
    return all;
  });
}

std::vector<Exporter*> ExporterTable::all() const {
  auto placed = known();
  std::erase_if(placed, [](const Exporter* e) { return !e->has_place(); });
  return placed;
}

}  // namespace weir
