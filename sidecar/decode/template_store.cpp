// Definitions of template ids: redefinition, and the split by port.
#include "decode/template_store.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace weir {

namespace {

constexpr std::size_t kMaxDefinitions = 16;  // of one id; past it the one announced longest ago goes

// Of a definition with its index entry and its compiled form: four octets of a specifier become one step and one
// specifier, 24 octets in all.
std::uint64_t cost_of(std::size_t wire_octets) { return 512 + 7 * std::uint64_t{wire_octets}; }

bool same(const TemplateDefinition& a, const TemplateRecord& b) { return a.options == b.options && a.wire == b.wire; }

}  // namespace

const Template& TemplateDefinition::layout() {
  if (!compiled) {
    ByteCursor cursor(wire);
    TemplateRecord record;
    // It was read before, so it can be read again.
    decode_template_record(cursor, version, options, std::numeric_limits<std::uint32_t>::max(), record);
    record.wire = {};
    RecordPlan plan(record);
    compiled = std::make_unique<const Template>(Template{.record = std::move(record), .plan = std::move(plan)});
  }
  return *compiled;
}

TemplateStore::Outcome TemplateStore::add(const TemplateRecord& record, std::uint16_t port, std::int64_t now_ms, const TemplateRoom& room) {
  const std::uint64_t cost = cost_of(record.wire.size());
  const auto at = by_id_.find(record.id);
  if (at != by_id_.end()) {
    auto& known = at->second;
    // A lone definition belongs to whoever repeats it; of several, each port has its own.
    auto own = known.size() == 1 && same(known.front(), record)
                   ? known.begin()
                   : std::find_if(known.begin(), known.end(), [&](const TemplateDefinition& d) { return d.port == port; });
    if (own != known.end()) {
      const std::uint64_t before = cost_of(own->wire.size());
      if (cost > before && cost - before > room.bytes) return Outcome::kFull;
      own->port = port;
      own->used_ms = now_ms;
      std::rotate(known.begin(), own, own + 1);
      auto& front = known.front();
      if (same(front, record)) return Outcome::kUnchanged;
      bytes_ += cost - before;  // wraps round when it became smaller
      front.options = record.options;
      front.version = record.version;
      front.wire.assign(record.wire.begin(), record.wire.end());
      front.compiled.reset();
      front.saved = front.proven = false;
      return Outcome::kNew;
    }
  }
  if (room.definitions == 0 || cost > room.bytes) return Outcome::kFull;
  auto& known = by_id_[record.id];
  if (known.size() == kMaxDefinitions) {
    bytes_ -= cost_of(known.back().wire.size());
    known.pop_back();
    --size_;
  }
  TemplateDefinition fresh;
  fresh.port = port;
  fresh.version = record.version;
  fresh.options = record.options;
  fresh.used_ms = now_ms;
  fresh.wire = record.wire;
  known.insert(known.begin(), std::move(fresh));
  bytes_ += cost;
  ++size_;
  return Outcome::kNew;
}

TemplateDefinition* TemplateStore::find(std::uint16_t id, std::uint16_t port, std::int64_t now_ms) {
  const auto at = by_id_.find(id);
  if (at == by_id_.end()) return nullptr;
  auto& known = at->second;
  auto chosen = known.begin();
  if (known.size() > 1) {
    const auto own = std::find_if(known.begin(), known.end(), [&](const TemplateDefinition& d) { return d.port == port; });
    if (own != known.end()) chosen = own;
  }
  chosen->used_ms = now_ms;
  return &*chosen;
}

std::uint32_t TemplateStore::drop_idle(std::int64_t unproven_before_ms, std::int64_t before_ms) {
  const std::uint32_t before = size_;
  const auto idle = [&](const TemplateDefinition& d) {
    if (d.used_ms >= (d.proven ? before_ms : unproven_before_ms)) return false;
    bytes_ -= cost_of(d.wire.size());
    --size_;
    return true;
  };
  for (auto at = by_id_.begin(); at != by_id_.end();) {
    std::erase_if(at->second, idle);
    at = at->second.empty() ? by_id_.erase(at) : std::next(at);
  }
  return before - size_;
}

bool TemplateStore::by_port(std::uint16_t id) const {
  const auto at = by_id_.find(id);
  return at != by_id_.end() && at->second.size() > 1;
}

}  // namespace weir
