// Looks sources up, keeps their number bounded, and computes differences of their numbers, which wrap.
#include "decode/sample_sources.hpp"

#include "core/ip_address.hpp"

namespace weir {

namespace {

constexpr std::int64_t kIngressMs = 600'000;     // a source that sampled a packet so lately samples what comes in
constexpr std::uint32_t kAbsurdStep = 1u << 16;  // a gap this large is a source that began anew
constexpr std::uint32_t kLate = 64;              // samples that come late lie back so far
constexpr std::uint32_t kMostPoolRate = 1u << 28;

}  // namespace

// The keys are mixed with a secret of the process, so that nobody can choose two that are equal.
std::uint64_t SampleSources::hash_of_key(const SampleSourceKey& key) {
  return hash_mix(std::uint64_t{key.domain} << 32 | key.index, std::uint64_t{key.type} << 1 | 1);
}

SampleStep SampleSources::advance(const SampleSourceKey& key, const SampleHead& head, std::int64_t now_ms,
                                  bool may_grow) {
  const std::uint64_t hash = hash_of_key(key);
  const auto known = by_key_.find(hash);
  if (known == by_key_.end()) {
    if (sources_.empty() && !may_grow) return {};
    if (sources_.size() >= max_sources_ || !may_grow) {
      by_key_.erase(sources_.back().key);
      sources_.pop_back();
    }
    sources_.push_front({.key = hash, .last = head, .heard_ms = now_ms});
    by_key_[hash] = sources_.begin();
    return {};
  }
  sources_.splice(sources_.begin(), sources_, known->second);
  auto& source = sources_.front();
  source.heard_ms = now_ms;
  const SampleHead before = source.last;
  const std::uint32_t step = head.sequence - before.sequence;
  // Late, or begun anew: what lies between cannot be told. A late one leaves the newest as it is.
  if (step == 0 || step >= kAbsurdStep) {
    if (step != 0 && step < 0u - kLate) source.last = head;
    return {};
  }
  source.last = head;
  SampleStep result{.lost = step - 1};
  if (const std::uint32_t dropped = head.drops - before.drops; dropped < kAbsurdStep) result.dropped = dropped;
  const std::uint32_t pool = head.pool - before.pool;
  if (pool != 0 && pool / step < kMostPoolRate && head.rate == before.rate && head.rate != 0) {
    result.pool = pool;
    result.expected_pool = std::uint64_t{step} * head.rate;
  }
  return result;
}

void SampleSources::note_ingress(const SampleSourceKey& key, std::int64_t now_ms) {
  if (const auto known = by_key_.find(hash_of_key(key)); known != by_key_.end()) known->second->ingress_ms = now_ms;
}

bool SampleSources::samples_ingress(const SampleSourceKey& key, std::int64_t now_ms) const {
  const auto known = by_key_.find(hash_of_key(key));
  return known != by_key_.end() && known->second->ingress_ms != 0 && now_ms - known->second->ingress_ms <= kIngressMs;
}

void SampleSources::clear() {
  sources_.clear();
  by_key_.clear();
}

void SampleSources::forget_before(std::int64_t before_ms) {
  while (!sources_.empty() && sources_.back().heard_ms < before_ms) {
    by_key_.erase(sources_.back().key);
    sources_.pop_back();
  }
}

}  // namespace weir
