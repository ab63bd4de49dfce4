// Domains of an exporter and the bounds on them.
#include "decode/exporter_state.hpp"

#include <algorithm>

namespace weir {

Domain* ExporterState::domain(std::uint16_t version, std::uint32_t id, std::int64_t now_ms) {
  const auto is_it = [&](const Domain& d) { return d.version == version && d.id == id; };
  if (last_ == nullptr || !is_it(*last_)) {
    const auto known = std::find_if(domains_.begin(), domains_.end(), [&](auto& d) { return is_it(*d); });
    if (known != domains_.end()) {
      last_ = known->get();
    } else {
      if (domains_.size() >= limits_.max_domains_per_exporter) {
        const auto idle = std::min_element(domains_.begin(), domains_.end(), [](auto& a, auto& b) { return a->used_ms < b->used_ms; });
        if (idle == domains_.end() || (*idle)->used_ms > now_ms - limits_.max_waiting_ms) return nullptr;
        templates_forgotten += (*idle)->templates.size();
        domains_.erase(idle);
      }
      last_ = domains_.emplace_back(std::make_unique<Domain>()).get();
      last_->version = version;
      last_->id = id;
    }
  }
  last_->used_ms = now_ms;
  return last_;
}

std::uint32_t ExporterState::templates() const {
  std::uint32_t sum = 0;
  for (const auto& d : domains_) sum += d->templates.size();
  return sum;
}

std::uint32_t ExporterState::template_room(std::int64_t now_ms) {
  constexpr std::int64_t kSweepEveryMs = 1000;  // a flood of templates must not make every one of them a sweep
  std::uint32_t held = templates();
  if (held >= limits_.max_templates_per_exporter && now_ms - swept_ms_ >= kSweepEveryMs) {
    swept_ms_ = now_ms;
    for (auto& d : domains_) held -= d->templates.drop_idle(now_ms - limits_.max_waiting_ms);
  }
  return held < limits_.max_templates_per_exporter ? limits_.max_templates_per_exporter - held : 0;
}

std::vector<DomainStatus> ExporterState::domain_status() const {
  std::vector<DomainStatus> all;
  for (const auto& d : domains_) {
    all.push_back({.domain = d->id, .port = d->port, .sequence_lost = d->lost, .templates = d->templates.size()});
  }
  return all;
}

}  // namespace weir
