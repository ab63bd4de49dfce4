// Domains of an exporter and the bounds on them.
#include "decode/exporter_state.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

namespace weir {

namespace {

constexpr std::int64_t kSweepEveryMs = 1000;  // a flood at a bound must not make every datagram of it a sweep
constexpr std::int64_t kDeviceSilentMs = 120'000;
constexpr std::size_t kMostDevices = 64;  // that are counted by their boot times
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

std::uint64_t domain_key(std::uint16_t version, std::uint32_t id) { return std::uint64_t{version} << 32 | id; }

}  // namespace

ExporterState::~ExporterState() {
  total_.bytes -= settled_bytes_;
  total_.templates -= settled_templates_;
  total_.name_bytes -= name_bytes_;
}

bool SaveAllowance::take(std::int64_t now_ms) {
  constexpr double kPerMs = 0.01;
  if (now_ms > filled_ms_) {
    left_ = std::min(burst_, left_ + static_cast<double>(now_ms - filled_ms_) * kPerMs);
    filled_ms_ = now_ms;
  } else if (filled_ms_ - now_ms > kSweepEveryMs) {
    filled_ms_ = now_ms;  // the clock was set back
  }
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

ToldOutcome ExporterState::learn_told(ToldKind kind, std::uint64_t id, const std::string& text, std::int64_t now_ms) {
  return exporter.told.with([&](ToldNames& told) {
    const auto* known = told.find(kind, id);
    if (known != nullptr && *known == text) return ToldOutcome::kKnown;
    const std::uint64_t more = known != nullptr ? text.size() : text.size() + ToldNames::kEntryBytes;
    if ((known == nullptr && told.size() >= limits_.max_names_per_exporter) ||
        total_.name_bytes + more > limits_.max_name_bytes)
      return ToldOutcome::kFull;
    if (!name_saves_.take(now_ms)) return ToldOutcome::kTooFast;
    total_.name_bytes -= name_bytes_;
    told.set(kind, id, text);
    total_.name_bytes += name_bytes_ = told.bytes();
    return ToldOutcome::kNew;
  });
}

void ExporterState::settle() {
  const std::uint64_t now = bytes();
  total_.bytes += now - settled_bytes_;
  total_.templates += std::uint64_t{templates_} - settled_templates_;
  settled_bytes_ = now;
  settled_templates_ = templates_;
}

Domain* ExporterState::domain(std::uint16_t version, std::uint32_t id, std::int64_t now_ms) {
  if (last_ == nullptr || last_->id != id || last_->version != version) {
    const auto key = domain_key(version, id);
    const auto known = domains_.find(key);
    if (known != domains_.end()) {
      last_ = known->second.get();
    } else {
      if (!has_room_for_domain()) {
        if (now_ms >= domains_swept_ms_ && now_ms - domains_swept_ms_ < kSweepEveryMs) return nullptr;
        domains_swept_ms_ = now_ms;
        const auto idle = std::min_element(domains_.begin(), domains_.end(),
                                           [](auto& a, auto& b) { return a.second->used_ms < b.second->used_ms; });
        if (idle == domains_.end() || idle->second->used_ms > now_ms - limits_.max_waiting_ms) return nullptr;
        erase_domain(idle);
        domains_swept_ms_ = 0;
      }
      last_ = domains_.emplace(key, std::make_unique<Domain>()).first->second.get();
      last_->version = version;
      last_->id = id;
    }
  }
  last_->used_ms = now_ms;
  return last_;
}

bool ExporterState::has_room_for_domain() const {
  if (domains_.empty()) return true;
  const std::uint64_t taken = bytes() + kDomainBytes;
  return domains_.size() < limits_.max_domains_per_exporter && taken <= limits_.max_state_bytes_per_exporter &&
         total_.bytes - settled_bytes_ + taken <= limits_.max_state_bytes;
}

bool ExporterState::has_room_for_source() const {
  const std::uint64_t taken = bytes() + SampleSources::kSourceBytes;
  return taken <= limits_.max_state_bytes_per_exporter &&
         total_.bytes - settled_bytes_ + taken <= limits_.max_state_bytes;
}

void ExporterState::erase_domain(std::unordered_map<std::uint64_t, std::unique_ptr<Domain>>::iterator at) {
  templates_ -= at->second->templates.size();
  template_bytes_ -= at->second->templates.bytes();
  streams.erase_domain(at->second->version, at->second->id);
  if (last_ == at->second.get()) last_ = nullptr;
  domains_.erase(at);
  changed = true;
}

void ExporterState::count_templates(const Domain& domain, std::uint32_t held, std::uint64_t bytes) {
  templates_ += domain.templates.size() - held;         // either wraps round when it became
  template_bytes_ += domain.templates.bytes() - bytes;  // less
}

TemplateStore::Outcome ExporterState::add_template(Domain& domain, const TemplateRecord& record, const Stream& from,
                                                   std::int64_t now_ms, const TemplateRoom& room) {
  const std::uint32_t held = domain.templates.size();
  const std::uint64_t bytes = domain.templates.bytes();
  const auto outcome = domain.templates.add(record, from.key.port, from.booted_ms, now_ms, room);
  count_templates(domain, held, bytes);
  return outcome;
}

void ExporterState::end_session(std::uint16_t port) {
  for (auto& [key, domain] : domains_) {
    const std::uint32_t held = domain->templates.size();
    const std::uint64_t bytes = domain->templates.bytes();
    domain->templates.drop_port(port, [](std::uint16_t, bool) { return true; });
    count_templates(*domain, held, bytes);
  }
  changed = true;
  settle();
}

void ExporterState::withdraw(Domain& domain, std::uint16_t id, std::uint16_t port) {
  const std::uint32_t held = domain.templates.size();
  const std::uint64_t bytes = domain.templates.bytes();
  domain.templates.drop_port(port, [id](std::uint16_t one, bool options) {
    return one == id || (id == kAllTemplates && !options) || (id == kAllOptionsTemplates && options);
  });
  count_templates(domain, held, bytes);
  changed = true;
}

bool ExporterState::restore_template(Domain& domain, const TemplateRecord& record, std::uint16_t port,
                                     std::int64_t booted_ms) {
  const std::uint32_t held = domain.templates.size();
  const std::uint64_t bytes = domain.templates.bytes();
  const bool restored = domain.templates.restore(record, port, booted_ms, template_room(0));
  count_templates(domain, held, bytes);
  return restored;
}

std::uint32_t ExporterState::drop_templates(Domain& domain, std::int64_t unproven_before_ms, std::int64_t before_ms) {
  const std::uint64_t bytes = domain.templates.bytes();
  const std::uint32_t dropped = domain.templates.drop_idle(unproven_before_ms, before_ms);
  templates_ -= dropped;
  template_bytes_ -= bytes - domain.templates.bytes();
  changed |= dropped != 0;
  return dropped;
}

TemplateRoom ExporterState::template_room(std::int64_t now_ms) {
  const auto room = [&] {
    const std::uint64_t taken = bytes(), everywhere = total_.bytes - settled_bytes_ + taken;
    return TemplateRoom{
        .definitions =
            templates_ < limits_.max_templates_per_exporter ? limits_.max_templates_per_exporter - templates_ : 0,
        .bytes =
            std::min(taken < limits_.max_state_bytes_per_exporter ? limits_.max_state_bytes_per_exporter - taken : 0,
                     everywhere < limits_.max_state_bytes ? limits_.max_state_bytes - everywhere : 0)};
  };
  // A template of the longest kind always has room, or room is looked for.
  constexpr std::uint64_t kLongest = 1 << 14;
  const auto left = room();
  if ((left.definitions == 0 || left.bytes < kLongest) && now_ms - swept_ms_ >= kSweepEveryMs) {
    swept_ms_ = now_ms;
    const std::int64_t before = now_ms - limits_.max_waiting_ms;
    for (auto& d : domains_) drop_templates(*d.second, before, before);
    return room();
  }
  return left;
}

void ExporterState::forget_idle(std::int64_t now_ms) {
  const std::int64_t before = now_ms - limits_.max_waiting_ms;
  sources.forget_before(before);
  streams.forget_passing(now_ms - kLongestRateWaitMs);
  for (auto at = domains_.begin(); at != domains_.end();) {
    auto& domain = *at->second;
    drop_templates(domain, before, kNever);
    const auto next = std::next(at);
    if (domain.templates.size() == 0 && domain.used_ms < before && !domain.has_data) erase_domain(at);
    at = next;
  }
}

void ExporterState::shrink(std::int64_t now_ms) {
  const std::uint64_t goal = bytes() - bytes() / 4;
  const auto drop_domains = [&](std::int64_t before_ms, bool with_data) {
    for (auto at = domains_.begin(); at != domains_.end();) {
      const auto next = std::next(at);
      const auto& domain = *at->second;
      if (domain.templates.size() == 0 && domain.used_ms < before_ms && (with_data || !domain.has_data))
        erase_domain(at);
      at = next;
    }
  };
  for (auto& d : domains_) drop_templates(*d.second, std::numeric_limits<std::int64_t>::max(), kNever);
  drop_domains(std::numeric_limits<std::int64_t>::max(), false);
  for (std::int64_t age_ms = limits_.max_waiting_ms; bytes() > goal; age_ms /= 2) {
    for (auto& d : domains_) drop_templates(*d.second, now_ms - age_ms, now_ms - age_ms);
    drop_domains(now_ms - age_ms, true);
    sources.forget_before(now_ms - age_ms);
    if (age_ms == 0) break;
  }
}

void ExporterState::announce_boot(std::uint16_t port, std::int64_t boot_ms) {
  if (boots_.size() >= limits_.max_streams_per_exporter && !boots_.contains(port)) boots_.clear();
  boots_[port] = boot_ms;
}

std::int64_t ExporterState::announced_boot(std::uint16_t port) const {
  const auto at = boots_.find(port);
  return at == boots_.end() ? 0 : at->second;
}

std::uint32_t ExporterState::devices(const Domain& domain) const {
  // What is heard now and then; a device that was started anew or changed its port is not two.
  const std::int64_t since_ms = domain.used_ms - kDeviceSilentMs;
  std::vector<std::int64_t> boots;
  for (const auto& s : streams.all()) {
    if (s.last_ms < since_ms || boots.size() >= kMostDevices) break;
    if (s.key.version != domain.version || s.key.domain != domain.id || s.booted_ms == 0) continue;
    if (std::none_of(boots.begin(), boots.end(),
                     [&](std::int64_t b) { return may_be_one_boot(b, s.booted_ms, s.last_ms); }))
      boots.push_back(s.booted_ms);
  }
  return static_cast<std::uint32_t>(std::max({std::size_t{1}, boots.size(), domain.sequence.lines_since(since_ms)}));
}

std::vector<DomainStatus> ExporterState::domain_status() const {
  std::vector<DomainStatus> all;
  for (const auto& [key, d] : domains_) {
    all.push_back({.domain = d->id,
                   .port = d->port,
                   .sequence_lost = d->lost,
                   .templates = d->templates.size(),
                   .devices = devices(*d)});
  }
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.domain < b.domain; });
  return all;
}

}  // namespace weir
