// Arithmetic and lookup of sampling rates.
#include "decode/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/ip_address.hpp"

namespace weir {

std::uint32_t SamplingElements::rate() const {
  if (interval != 0) return interval;
  if (size != 0 && population != 0) return static_cast<std::uint32_t>((std::uint64_t{population} + size / 2) / size);
  if (packet_interval != 0) {
    // Alone, IE 305 is the rate itself (ipfix-pmacct-500: a 1:1 sampler without IE 306).
    if (!has_packet_space) return packet_interval;
    const std::uint64_t period = std::uint64_t{packet_interval} + packet_space;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(period / packet_interval, std::numeric_limits<std::uint32_t>::max()));
  }
  if (probability > 0 && probability <= 1) {
    const double n = std::round(1 / probability);
    return n <= std::numeric_limits<std::uint32_t>::max() ? static_cast<std::uint32_t>(n) : 0;
  }
  return 0;
}

std::size_t SamplingTable::KeyHash::operator()(const Key& k) const {
  return hash_mix(k.id, std::uint64_t{k.domain} << 16 | static_cast<std::uint64_t>(k.scope) << 1 | (k.any_domain ? 1u : 0u));
}

bool SamplingTable::learn(std::uint32_t domain, SamplingScope scope, std::uint64_t id, std::uint32_t rate) {
  const Key own{.domain = domain, .scope = scope, .id = id};
  const Key any{.scope = scope, .any_domain = true, .id = id};
  if (rates_.size() + 2 > max_entries_ && (!rates_.contains(own) || !rates_.contains(any))) return false;
  const auto before = std::exchange(rates_[own], rate);
  rates_[any] = rate;
  if (scope == SamplingScope::kInterface) has_interfaces_ = true;
  if (scope == SamplingScope::kSelector) {
    if (const auto old = selector_rates_.find(before); old != selector_rates_.end() && --old->second == 0) selector_rates_.erase(old);
    ++selector_rates_[rate];
  }
  return true;
}

std::uint32_t SamplingTable::find_key(const Key& key) const {
  const auto at = rates_.find(key);
  return at == rates_.end() ? 0 : at->second;
}

std::uint32_t SamplingTable::find(std::uint32_t domain, SamplingScope scope, std::uint64_t id) const {
  if (rates_.empty()) return 0;
  if (const auto rate = find_key({.domain = domain, .scope = scope, .id = id})) return rate;
  return find_key({.scope = scope, .any_domain = true, .id = id});
}

std::uint32_t SamplingTable::default_rate(std::uint32_t domain, std::uint16_t template_id) const {
  if (rates_.empty()) return 0;
  if (const auto rate = find_key({.domain = domain, .scope = SamplingScope::kTemplate, .id = template_id})) return rate;
  if (const auto rate = find(domain, SamplingScope::kDomain, 0)) return rate;
  return selector_rates_.size() == 1 ? selector_rates_.begin()->first : 0;
}

}  // namespace weir
