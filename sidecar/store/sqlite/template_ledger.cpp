// The bounds on what waits and on what is stored.
#include "store/sqlite/template_ledger.hpp"

namespace weir {

namespace {

constexpr std::uint64_t kMaxWaitingBytes = 16u << 20;
// Of one commit: what a flood of templates may cost the writer.
constexpr std::size_t kSavedAtOnce = 1'000;
constexpr std::uint64_t kSavedBytesAtOnce = 1u << 20;
// Twice what one exporter may have at a time by default: domains and ids that nobody uses any more stay in the catalog.
constexpr std::uint32_t kMaxPerExporter = 8'192;
constexpr std::uint64_t kMaxStoredBytes = 64u << 20;
constexpr std::uint64_t kRowBytes = 64;  // of a template, beside its record

std::uint64_t bytes_of(const TemplateCopy& copy) { return copy.record.size() + kRowBytes; }

}  // namespace

TemplateLedger::Key TemplateLedger::key_of(const TemplateCopy& copy) {
  return {copy.exporter, copy.source_port, copy.domain, copy.version, copy.id()};
}

void TemplateLedger::save(const TemplateCopy& copy) {
  if (copy.record.size() < 2) return;
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

TemplateLedger::Copies TemplateLedger::take_some() {
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

bool TemplateLedger::Stored::has_room(const Key& key, const TemplateCopy& copy) const {
  const auto at = bytes.find(key);
  const std::uint64_t before = at == bytes.end() ? 0 : at->second;
  if (all_bytes - before + bytes_of(copy) > kMaxStoredBytes) return false;
  const auto of_exporter = per_exporter.find(copy.exporter);
  return before != 0 || of_exporter == per_exporter.end() || of_exporter->second < kMaxPerExporter;
}

void TemplateLedger::Stored::add(const TemplateCopy& copy) {
  auto& now = bytes[key_of(copy)];
  if (now == 0) ++per_exporter[copy.exporter];
  all_bytes += bytes_of(copy) - now;
  now = bytes_of(copy);
}

void TemplateLedger::read_stored(Stored& stored) {
  const auto generation = catalog_.generation();
  if (stored.known && stored.generation == generation) return;
  const auto templates = catalog_.with([](Catalog& c) { return c.templates(); });
  stored = {};
  for (const auto& copy : templates) stored.add(copy);
  stored.generation = generation;
  stored.known = true;
}

void TemplateLedger::save_waiting() {
  stored_.with([&](Stored& stored) {
    auto some = take_some();
    if (some.empty()) return;
    std::vector<TemplateCopy> fitting;
    try {
      read_stored(stored);
      for (const auto& [key, copy] : some) {
        if (!stored.has_room(key, copy)) continue;
        fitting.push_back(copy);
        stored.add(copy);
      }
      catalog_.with([&](Catalog& c) {
        c.save_templates(fitting);
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

void TemplateLedger::forget(const IpAddress& exporter) {
  stored_.with([&](Stored& stored) {
    waiting_.with([&](Waiting& w) {
      std::erase_if(w.copies, [&](const auto& entry) {
        if (entry.second.exporter != exporter) return false;
        w.counters.waiting_bytes -= bytes_of(entry.second);
        return true;
      });
    });
    catalog_.with([&](Catalog& c) { c.forget_templates(exporter); });
    stored.known = false;
  });
}

TemplateLedgerCounters TemplateLedger::counters() const {
  return waiting_.with([](const Waiting& w) {
    auto counters = w.counters;
    counters.waiting = w.copies.size();
    return counters;
  });
}

}  // namespace weir
