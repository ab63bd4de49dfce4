// The bounds on what waits and on what is stored.
#include "store/sqlite/learnt_ledger.hpp"

namespace weir {

namespace {

constexpr std::uint64_t kMaxWaitingBytes = 16u << 20;
// Of one commit: what a flood of templates may cost the writer.
constexpr std::size_t kSavedAtOnce = 1'000;
constexpr std::uint64_t kSavedBytesAtOnce = 1u << 20;
// Twice what one exporter may have at a time by default: domains and ids that nobody uses any more stay in the catalog.
constexpr std::uint32_t kMaxPerExporter = 8'192;
constexpr std::uint64_t kMaxStoredBytes = 64u << 20;
constexpr std::uint64_t kRowBytes = 64;  // of a rate, or of a template beside its record

using Key = std::tuple<IpAddress, std::uint16_t, std::uint32_t, std::uint16_t, std::uint64_t>;

std::uint64_t bytes_of(const TemplateCopy& copy) { return copy.record.size() + kRowBytes; }
std::uint64_t bytes_of(const RateCopy&) { return kRowBytes; }
std::uint64_t bytes_of(const ToldCopy& copy) { return copy.text.size() + kRowBytes; }
Key key_of(const TemplateCopy& copy) { return {copy.exporter, copy.source_port, copy.domain, copy.version, copy.id()}; }
Key key_of(const RateCopy& copy) { return {copy.exporter, copy.source_port, copy.domain, copy.scope, copy.id}; }
Key key_of(const ToldCopy& copy) {
  return {copy.exporter, std::uint16_t{0}, 0u, static_cast<std::uint16_t>(copy.kind), copy.id};
}
bool is_whole(const TemplateCopy& copy) { return copy.record.size() >= 2; }
bool is_whole(const RateCopy&) { return true; }
bool is_whole(const ToldCopy&) { return true; }

void read(Catalog& catalog, std::vector<TemplateCopy>& copies) { copies = catalog.templates(); }
void read(Catalog& catalog, std::vector<RateCopy>& copies) { copies = catalog.rates(); }
void read(Catalog& catalog, std::vector<ToldCopy>& copies) { copies = catalog.told(); }
void write(Catalog& catalog, const std::vector<TemplateCopy>& copies) { catalog.save_templates(copies); }
void write(Catalog& catalog, const std::vector<RateCopy>& copies) { catalog.save_rates(copies); }
void write(Catalog& catalog, const std::vector<ToldCopy>& copies) { catalog.save_told(copies); }
void erase(Catalog& catalog, const IpAddress& exporter, const TemplateCopy*) { catalog.forget_templates(exporter); }
void erase(Catalog& catalog, const IpAddress& exporter, const RateCopy*) { catalog.forget_rates(exporter); }
void erase(Catalog& catalog, const IpAddress& exporter, const ToldCopy*) { catalog.forget_told(exporter); }

}  // namespace

template <class Copy>
void LearntLedger<Copy>::save(const Copy& copy) {
  if (!is_whole(copy)) return;
  waiting_.with([&](Waiting& w) {
    const auto [at, added] = w.copies.try_emplace(key_of(copy));
    auto& bytes = w.counters.waiting_bytes;
    if (!added) bytes -= bytes_of(at->second);
    if (bytes + bytes_of(copy) > kMaxWaitingBytes) {
      w.copies.erase(at);
      ++w.counters.refused;
      return;
    }
    bytes += bytes_of(copy);
    at->second = copy;
  });
}

template <class Copy>
typename LearntLedger<Copy>::Copies LearntLedger<Copy>::take_some() {
  return waiting_.with([](Waiting& w) {
    Copies some;
    std::uint64_t bytes = 0;
    while (!w.copies.empty() && some.size() < kSavedAtOnce && bytes < kSavedBytesAtOnce) {
      auto node = w.copies.extract(w.copies.begin());
      bytes += bytes_of(node.mapped());
      some.insert(std::move(node));
    }
    w.counters.waiting_bytes -= bytes;
    return some;
  });
}

template <class Copy>
bool LearntLedger<Copy>::Stored::has_room(const Key& key, const Copy& copy) const {
  const auto at = bytes.find(key);
  const std::uint64_t before = at == bytes.end() ? 0 : at->second;
  if (all_bytes - before + bytes_of(copy) > kMaxStoredBytes) return false;
  const auto of_exporter = per_exporter.find(copy.exporter);
  return before != 0 || of_exporter == per_exporter.end() || of_exporter->second < kMaxPerExporter;
}

template <class Copy>
void LearntLedger<Copy>::Stored::add(const Copy& copy) {
  auto& now = bytes[key_of(copy)];
  if (now == 0) ++per_exporter[copy.exporter];
  all_bytes += bytes_of(copy) - now;
  now = bytes_of(copy);
}

template <class Copy>
void LearntLedger<Copy>::read_stored(Stored& stored) {
  const auto generation = catalog_.generation();
  if (stored.known && stored.generation == generation) return;
  std::vector<Copy> copies;
  catalog_.with([&](Catalog& c) { read(c, copies); });
  stored = {};
  for (const auto& copy : copies) stored.add(copy);
  stored.generation = generation;
  stored.known = true;
}

template <class Copy>
void LearntLedger<Copy>::save_waiting() {
  stored_.with([&](Stored& stored) {
    auto some = take_some();
    if (some.empty()) return;
    std::vector<Copy> fitting;
    try {
      read_stored(stored);
      for (const auto& [key, copy] : some) {
        if (!stored.has_room(key, copy)) continue;
        fitting.push_back(copy);
        stored.add(copy);
      }
      catalog_.with([&](Catalog& c) {
        write(c, fitting);
        c.checkpoint(false);
      });
    } catch (const SqliteError&) {
      stored.known = false;
      // Back to what waits; a copy that came meanwhile is newer.
      waiting_.with([&](Waiting& w) {
        for (auto& [key, copy] : some) {
          if (w.copies.try_emplace(key, copy).second) w.counters.waiting_bytes += bytes_of(copy);
        }
      });
      throw;
    }
    waiting_.with([&](Waiting& w) {
      w.counters.saved += fitting.size();
      w.counters.refused += some.size() - fitting.size();
    });
  });
}

template <class Copy>
void LearntLedger<Copy>::forget(const IpAddress& exporter) {
  stored_.with([&](Stored& stored) {
    waiting_.with([&](Waiting& w) {
      std::erase_if(w.copies, [&](const auto& entry) {
        if (entry.second.exporter != exporter) return false;
        w.counters.waiting_bytes -= bytes_of(entry.second);
        return true;
      });
    });
    catalog_.with([&](Catalog& c) { erase(c, exporter, static_cast<const Copy*>(nullptr)); });
    stored.known = false;
  });
}

template <class Copy>
LearntLedgerCounters LearntLedger<Copy>::counters() const {
  return waiting_.with([](const Waiting& w) {
    auto counters = w.counters;
    counters.waiting = w.copies.size();
    return counters;
  });
}

template class LearntLedger<TemplateCopy>;
template class LearntLedger<RateCopy>;
template class LearntLedger<ToldCopy>;

}  // namespace weir
