// Computes and looks up sampling rates.
#include "decode/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/ip_address.hpp"
#include "decode/sequence.hpp"

namespace weir {

namespace {

constexpr std::uint64_t kLargestRate = std::numeric_limits<std::uint32_t>::max();
// selectorAlgorithm (RFC 5477 8.2.1): what is filtered by its properties is all there; 0 and 9 up are not assigned.
constexpr std::int64_t kLookEveryMs = 1'000;
constexpr std::uint8_t kPropertyMatch = 5, kLastAlgorithm = 8;

std::uint32_t rounded(std::uint64_t whole, std::uint64_t part) {
  const std::uint64_t n = whole / part + (whole % part >= part - part / 2 ? 1 : 0);
  return static_cast<std::uint32_t>(std::min(n, kLargestRate));
}

// So many taken in a row, then so many left out.
std::uint32_t periodic(std::uint32_t taken, std::uint32_t left_out) {
  return taken == 0 ? 0 : rounded(std::uint64_t{taken} + left_out, taken);
}

std::uint32_t packets_rate(const SamplingElements& e) {
  if (e.interval != 0) return e.interval;
  if (e.size != 0 && e.population != 0) return rounded(e.population, e.size);
  if (e.packet_interval != 0) {
    // Alone, IE 305 is the rate itself (ipfix-pmacct-500: a 1:1 sampler without IE 306).
    return e.has_packet_space ? periodic(e.packet_interval, e.packet_space) : e.packet_interval;
  }
  if (e.probability > 0 && e.probability <= 1) {
    const double n = std::round(1 / e.probability);
    return n <= static_cast<double>(kLargestRate) ? static_cast<std::uint32_t>(n) : 0;
  }
  if (e.time_interval != 0) return periodic(e.time_interval, e.time_space);
  if (e.hash_output_max > e.hash_output_min && e.hash_selected_max >= e.hash_selected_min && e.hash_selected_max != 0) {
    const double all = static_cast<double>(e.hash_output_max - e.hash_output_min) + 1,
                 taken = static_cast<double>(e.hash_selected_max - e.hash_selected_min) + 1;
    const double n = std::round(all / taken);
    return n >= 1 && n <= static_cast<double>(kLargestRate) ? static_cast<std::uint32_t>(n) : 0;
  }
  return 0;
}

}  // namespace

std::uint32_t SamplingElements::rate() const {
  const std::uint32_t packets = packets_rate(*this);
  const std::uint32_t flows =
      flow_interval != 0 ? periodic(flow_interval, flow_space) : periodic(flow_time_interval, flow_time_space);
  if (flows == 0) return packets;
  return static_cast<std::uint32_t>(std::min(std::uint64_t{flows} * std::max<std::uint32_t>(packets, 1), kLargestRate));
}

bool SamplingElements::samples_somehow() const {
  return algorithm != 0 && algorithm <= kLastAlgorithm && algorithm != kPropertyMatch && selector.has_value();
}

std::size_t PortSampling::KeyHash::operator()(const Key& k) const {
  return hash_mix(k.id,
                  std::uint64_t{k.domain} << 16 | static_cast<std::uint64_t>(k.scope) << 1 | (k.any_domain ? 1u : 0u));
}

std::uint32_t PortSampling::find_key(const Key& key) const {
  const auto at = rates_.find(key);
  return at == rates_.end() ? 0 : at->second;
}

std::uint32_t PortSampling::find(std::uint32_t domain, SamplingScope scope, std::uint64_t id) const {
  if (const auto rate = find_key({.domain = domain, .scope = scope, .id = id})) return rate;
  return find_key({.scope = scope, .any_domain = true, .id = id});
}

std::uint32_t PortSampling::of_interface(std::uint32_t domain, std::uint8_t direction, std::uint32_t in_if,
                                         std::uint32_t out_if) const {
  if (!has_interfaces_) return 0;
  const auto rate = [&](SamplingScope one_way, std::uint32_t interface) {
    const auto found = find(domain, one_way, interface);
    return found != 0 ? found : find(domain, SamplingScope::kInterface, interface);
  };
  if (direction == 1) return rate(SamplingScope::kInterfaceOut, out_if);
  const auto in = rate(SamplingScope::kInterfaceIn, in_if);
  // Where the record does not say: most meter what comes in, and where only what goes out has a rate, it was metered
  // there.
  return in != 0 || direction == 0 ? in : rate(SamplingScope::kInterfaceOut, out_if);
}

std::uint32_t PortSampling::default_rate(std::uint32_t domain, std::uint16_t template_id) const {
  if (const auto rate = find_key({.domain = domain, .scope = SamplingScope::kTemplate, .id = template_id})) return rate;
  if (const auto rate = of_domain(domain)) return rate;
  return selector_rates_.size() == 1 ? selector_rates_.begin()->first : 0;
}

std::uint32_t PortSampling::common_rate(std::uint32_t domain, const UnratedSpan& unrated) const {
  if (unrated.more_kinds) return 0;
  std::uint32_t common = 0;
  for (const auto& kind : unrated.kinds) {
    std::uint32_t rate = 0;
    if (kind.selector.value_or(0) != 0) {
      rate = find(domain, SamplingScope::kSelector, *kind.selector);
      if (rate == 0) rate = of_domain(domain);
    } else if (!has_interfaces_) {
      rate = default_rate(domain, kind.template_id);
    }
    if (rate == 0 || (common != 0 && rate != common)) return 0;
    common = rate;
  }
  return common;
}

bool PortSampling::names_domain(std::uint32_t domain) const { return domains_.contains(domain); }

SamplingTable::Outcome SamplingTable::learn(const AnnouncedRate& a, std::int64_t now_ms) {
  const PortSampling::Key own{.domain = a.domain, .scope = a.scope, .id = a.id};
  const PortSampling::Key any{.scope = a.scope, .any_domain = true, .id = a.id};
  const auto known = ports_.find(a.port);
  const bool is_known = known != ports_.end() && known->second.rates_.contains(own);
  if (!is_known && size_ + 2 > max_entries_ && !make_room(a.port, now_ms)) return Outcome::kFull;
  auto& port = ports_[a.port];
  port.used_ms_ = now_ms;
  const bool anew = !may_be_one_boot(port.booted_ms_, a.booted_ms, now_ms);
  port.booted_ms_ = now_ms == 0 ? std::max(port.booted_ms_, a.booted_ms) : a.booted_ms;
  const std::size_t before = port.rates_.size();
  const auto old = std::exchange(port.rates_[own], a.rate);
  port.rates_[any] = a.rate;
  size_ += port.rates_.size() - before;
  if (!is_known) ++port.domains_[a.domain];
  const bool is_interface = a.scope == SamplingScope::kInterface || a.scope == SamplingScope::kInterfaceIn ||
                            a.scope == SamplingScope::kInterfaceOut;
  port.has_interfaces_ |= is_interface;
  if (a.scope == SamplingScope::kSelector) {
    if (const auto at = port.selector_rates_.find(old);
        is_known && at != port.selector_rates_.end() && --at->second == 0)
      port.selector_rates_.erase(at);
    ++port.selector_rates_[a.rate];
  }
  return is_known && old == a.rate && !anew ? Outcome::kKnown : Outcome::kNew;
}

bool SamplingTable::make_room(std::uint16_t for_port, std::int64_t now_ms) {
  // Looking costs more than a record may.
  if (now_ms - looked_ms_ < kLookEveryMs && now_ms >= looked_ms_) return false;
  looked_ms_ = now_ms;
  const auto silent = std::min_element(ports_.begin(), ports_.end(),
                                       [](auto& a, auto& b) { return a.second.used_ms_ < b.second.used_ms_; });
  if (silent == ports_.end() || silent->first == for_port || silent->second.used_ms_ > now_ms - max_silence_ms_)
    return false;
  size_ -= silent->second.rates_.size();
  ports_.erase(silent);
  forgotten_ = true;
  return true;
}

const PortSampling* SamplingTable::of(std::uint16_t port) const {
  if (ports_.empty()) return nullptr;
  const auto at = ports_.find(port);
  return at == ports_.end() ? nullptr : &at->second;
}

bool SamplingTable::announced_for(std::uint32_t domain) const {
  return forgotten_ ||
         std::any_of(ports_.begin(), ports_.end(), [&](auto& p) { return p.second.names_domain(domain); });
}

}  // namespace weir
