// Definitions of template ids: redefinition, and the split by port.
#include "decode/template_store.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weir {

namespace {

constexpr std::size_t kMaxDefinitions = 16;  // of one id; past it the one announced longest ago goes

bool same(const TemplateRecord& a, const TemplateRecord& b) { return a.options == b.options && a.wire == b.wire; }

}  // namespace

TemplateStore::Outcome TemplateStore::add(TemplateRecord& record, std::uint16_t port, std::int64_t now_ms, std::uint32_t room) {
  const auto at = by_id_.find(record.id);
  if (at != by_id_.end()) {
    auto& known = at->second;
    // A lone definition belongs to whoever repeats it; of several, each port has its own.
    auto own = known.size() == 1 && same(known.front().content->record, record)
                   ? known.begin()
                   : std::find_if(known.begin(), known.end(), [&](const Definition& d) { return d.port == port; });
    if (own != known.end()) {
      own->port = port;
      own->used_ms = now_ms;
      std::rotate(known.begin(), own, own + 1);
      auto& front = known.front();
      if (same(front.content->record, record)) return Outcome::kUnchanged;
      RecordPlan plan(record);
      front.content = std::make_unique<const Template>(Template{.record = std::move(record), .plan = std::move(plan)});
      return Outcome::kNew;
    }
  }
  if (room == 0) return Outcome::kFull;
  auto& known = by_id_[record.id];
  if (known.size() == kMaxDefinitions) {
    known.pop_back();
    --size_;
  }
  RecordPlan plan(record);
  known.insert(known.begin(), Definition{.port = port,
                                         .used_ms = now_ms,
                                         .content = std::make_unique<const Template>(
                                             Template{.record = std::move(record), .plan = std::move(plan)})});
  ++size_;
  return Outcome::kNew;
}

const Template* TemplateStore::find(std::uint16_t id, std::uint16_t port, std::int64_t now_ms) {
  const auto at = by_id_.find(id);
  if (at == by_id_.end()) return nullptr;
  auto& known = at->second;
  auto chosen = known.begin();
  if (known.size() > 1) {
    const auto own = std::find_if(known.begin(), known.end(), [&](const Definition& d) { return d.port == port; });
    if (own != known.end()) chosen = own;
  }
  chosen->used_ms = now_ms;
  return chosen->content.get();
}

void TemplateStore::withdraw(std::uint16_t id) {
  const auto at = by_id_.find(id);
  if (at == by_id_.end()) return;
  size_ -= static_cast<std::uint32_t>(at->second.size());
  by_id_.erase(at);
}

template <class F>
void TemplateStore::forget_if(F&& unwanted) {
  for (auto at = by_id_.begin(); at != by_id_.end();) {
    size_ -= static_cast<std::uint32_t>(std::erase_if(at->second, unwanted));
    at = at->second.empty() ? by_id_.erase(at) : std::next(at);
  }
}

void TemplateStore::withdraw_all(bool options) {
  forget_if([&](const Definition& d) { return d.content->record.options == options; });
}

std::uint32_t TemplateStore::drop_idle(std::int64_t before_ms) {
  const std::uint32_t before = size_;
  forget_if([&](const Definition& d) { return d.used_ms < before_ms; });
  return before - size_;
}

bool TemplateStore::by_port(std::uint16_t id) const {
  const auto at = by_id_.find(id);
  return at != by_id_.end() && at->second.size() > 1;
}

}  // namespace weir
