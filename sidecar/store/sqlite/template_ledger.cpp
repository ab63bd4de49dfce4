// The lock on what waits is held while the catalog is written, so that an older copy never overtakes a newer one.
#include "store/sqlite/template_ledger.hpp"

namespace weir {

namespace {
constexpr std::size_t kMaxWaiting = 10'000;
// Twice what one exporter may have at a time by default: domains and ids that nobody uses any more stay in the catalog.
constexpr std::uint32_t kMaxPerExporter = 8'192;
}  // namespace

TemplateLedger::Key TemplateLedger::key_of(const TemplateCopy& copy) {
  return {copy.exporter, copy.source_port, copy.domain, copy.version, static_cast<std::uint16_t>(copy.record[0] << 8 | copy.record[1])};
}

void TemplateLedger::save(const TemplateCopy& copy) {
  if (copy.record.size() < 2) return;
  waiting_.with([&](auto& waiting) {
    const auto key = key_of(copy);
    try {
      catalog_.with([&](Catalog& c) { c.save_template(copy, kMaxPerExporter); });
      waiting.erase(key);
    } catch (const SqliteError&) {
      if (waiting.size() < kMaxWaiting || waiting.contains(key)) waiting.insert_or_assign(key, copy);
    }
  });
}

void TemplateLedger::save_waiting() {
  waiting_.with([&](auto& waiting) {
    while (!waiting.empty()) {
      catalog_.with([&](Catalog& c) { c.save_template(waiting.begin()->second, kMaxPerExporter); });
      waiting.erase(waiting.begin());
    }
  });
}

}  // namespace weir
