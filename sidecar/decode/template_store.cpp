// Definitions of template ids: whose they are, redefinition, and what a port without one may use.
#include "decode/template_store.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "decode/sequence.hpp"
#include "decode/told_texts.hpp"

namespace weir {

namespace {

constexpr std::size_t kMaxListed = 32;  // layouts of one id that a port without its own may choose from
constexpr std::uint64_t kPortBytes = 96;
constexpr std::uint16_t kMisfitsOfOddPadding = 3;

// Of a definition with its index entry and its compiled form: four octets of a specifier become one step and one
// specifier, 24 octets in all.
std::uint64_t cost_of(std::size_t wire_octets) { return 512 + 7 * std::uint64_t{wire_octets}; }

bool same(const TemplateDefinition& a, const TemplateRecord& b) { return a.options == b.options && a.wire == b.wire; }

std::uint32_t key_of(std::uint16_t id, std::uint16_t port) { return std::uint32_t{id} << 16 | port; }

}  // namespace

const Template& TemplateDefinition::layout() {
  if (!compiled) {
    ByteCursor cursor(wire);
    TemplateRecord record;
    // It was read before, so it can be read again.
    decode_template_record(cursor, version, options, std::numeric_limits<std::uint32_t>::max(), record);
    record.wire = {};
    RecordPlan plan(record);
    const bool names = options && tells_names(record);
    compiled = std::make_unique<const Template>(
        Template{.record = std::move(record), .plan = std::move(plan), .tells_names = names});
  }
  return *compiled;
}

TemplateStore::Outcome TemplateStore::add(const TemplateRecord& record, std::uint16_t port, std::int64_t booted_ms,
                                          std::int64_t now_ms, const TemplateRoom& room) {
  if (const auto known = by_port_.find(key_of(record.id, port));
      known != by_port_.end() && same(*known->second.definition, record)) {
    auto& own = known->second;
    own.used_ms = own.definition->used_ms = now_ms;
    own.booted_ms = own.definition->booted_ms = booted_ms;
    const bool waited = own.standing != Standing::kAnnounced || own.misfits != 0;
    own.standing = Standing::kAnnounced;
    own.insisted |= own.misfits >= kMisfitsOfOddPadding;
    own.misfits = 0;
    return waited ? Outcome::kConfirmed : Outcome::kUnchanged;
  }
  return put(record, port, booted_ms, now_ms, room, Standing::kAnnounced);
}

bool TemplateStore::restore(const TemplateRecord& record, std::uint16_t port, std::int64_t booted_ms,
                            const TemplateRoom& room) {
  // As old as can be, so that what is announced again outlives it at the bound.
  return put(record, port, booted_ms, 0, room, Standing::kRestored) != Outcome::kFull;
}

TemplateStore::Outcome TemplateStore::put(const TemplateRecord& record, std::uint16_t port, std::int64_t booted_ms,
                                          std::int64_t now_ms, const TemplateRoom& room, Standing standing) {
  const auto known = by_port_.find(key_of(record.id, port));
  const bool is_new_port = known == by_port_.end();
  const auto at = by_id_.find(record.id);
  Shared definition;
  if (at != by_id_.end()) {
    const auto found = std::find_if(at->second.listed.begin(), at->second.listed.end(),
                                    [&](const Shared& d) { return same(*d, record); });
    if (found != at->second.listed.end()) {
      std::rotate(at->second.listed.begin(), found, found + 1);
      definition = at->second.listed.front();
    }
  }
  const bool is_new_layout = definition == nullptr;
  // What is only this port's makes way for what it says now.
  const bool replaces = !is_new_port && known->second.definition->ports == 1;
  const std::uint64_t won = replaces ? cost_of(known->second.definition->wire.size()) : 0;
  const std::uint64_t cost = (is_new_layout ? cost_of(record.wire.size()) : 0) + (is_new_port ? kPortBytes : 0);
  if ((is_new_layout && !replaces && room.definitions == 0) || (cost > won && cost - won > room.bytes))
    return Outcome::kFull;

  if (is_new_layout) {
    definition = std::make_shared<TemplateDefinition>();
    definition->version = record.version;
    definition->options = record.options;
    definition->wire = record.wire;
    definition->proven = standing == Standing::kRestored;
  }
  definition->used_ms = now_ms;
  definition->booted_ms = booted_ms;
  ++definition->ports;
  auto& own = is_new_port ? by_port_[key_of(record.id, port)] : known->second;
  if (is_new_port) bytes_ += kPortBytes;
  const Shared before = std::exchange(own.definition, definition);
  if (before != nullptr) release(record.id, before);
  if (is_new_layout) {
    auto& layouts = by_id_[record.id];
    if (layouts.listed.size() == kMaxListed) {
      layouts.listed.back()->listed = false;
      layouts.listed.pop_back();
      ++layouts.unlisted;
    }
    definition->listed = true;
    layouts.listed.insert(layouts.listed.begin(), definition);
    bytes_ += cost_of(definition->wire.size());
    ++size_;
  }
  own.used_ms = now_ms;
  own.booted_ms = booted_ms;
  own.standing = standing;
  own.saved = standing == Standing::kRestored;
  own.insisted = false;
  own.misfits = 0;
  return Outcome::kNew;
}

void TemplateStore::release(std::uint16_t id, const Shared& definition) {
  if (--definition->ports != 0) return;
  bytes_ -= cost_of(definition->wire.size());
  --size_;
  const auto at = by_id_.find(id);
  if (at == by_id_.end()) return;
  if (definition->listed) std::erase(at->second.listed, definition);
  else --at->second.unlisted;
  if (at->second.listed.empty() && at->second.unlisted == 0) by_id_.erase(at);
}

TemplateStore::Found TemplateStore::find(std::uint16_t id, std::uint16_t port, std::int64_t booted_ms,
                                         std::int64_t now_ms) {
  if (const auto known = by_port_.find(key_of(id, port)); known != by_port_.end()) {
    auto& own = known->second;
    auto& definition = *own.definition;
    const bool on_trial = own.standing != Standing::kAnnounced;
    // Uptimes that tell nothing (0) cannot tell of a restart either.
    if (own.standing == Standing::kOutdated && booted_ms != 0) return {};
    if (on_trial && !may_be_one_boot(own.booted_ms, booted_ms, now_ms)) return {};
    own.used_ms = definition.used_ms = now_ms;
    return {.definition = &definition, .own = &own, .on_trial = on_trial};
  }
  const auto at = by_id_.find(id);
  if (at == by_id_.end() || at->second.unlisted != 0) return {};
  TemplateDefinition* only = nullptr;
  for (const auto& definition : at->second.listed) {
    if (!may_be_one_boot(definition->booted_ms, booted_ms, now_ms)) continue;
    if (only != nullptr) return {};
    only = definition.get();
  }
  if (only != nullptr) only->used_ms = now_ms;
  return {.definition = only, .own = nullptr, .on_trial = true};
}

TemplateDefinition* TemplateStore::look(std::uint16_t id, std::uint16_t port) {
  if (const auto known = by_port_.find(key_of(id, port)); known != by_port_.end())
    return known->second.definition.get();
  const auto at = by_id_.find(id);
  return at == by_id_.end() || at->second.listed.size() != 1 || at->second.unlisted != 0
             ? nullptr
             : at->second.listed.front().get();
}

void TemplateStore::mark_outdated(std::uint16_t port) {
  for (auto& [key, own] : by_port_) {
    if (static_cast<std::uint16_t>(key) == port) own.standing = Standing::kOutdated;
  }
}

void TemplateStore::drop(std::unordered_map<std::uint32_t, PortTemplate>::iterator at) {
  const auto definition = at->second.definition;
  const auto id = static_cast<std::uint16_t>(at->first >> 16);
  by_port_.erase(at);
  bytes_ -= kPortBytes;
  release(id, definition);
}

std::size_t TemplateStore::layouts(std::uint16_t id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? 0 : at->second.listed.size() + at->second.unlisted;
}

std::uint32_t TemplateStore::drop_idle(std::int64_t unproven_before_ms, std::int64_t before_ms) {
  const std::uint32_t before = size_;
  for (auto at = by_port_.begin(); at != by_port_.end();) {
    const auto& own = at->second;
    // What others use stays with the last port that has it.
    const std::int64_t used_ms =
        own.definition->ports == 1 ? std::max(own.used_ms, own.definition->used_ms) : own.used_ms;
    if (used_ms >= (own.definition->proven ? before_ms : unproven_before_ms)) {
      ++at;
      continue;
    }
    drop(std::exchange(at, std::next(at)));
  }
  return before - size_;
}

}  // namespace weir
