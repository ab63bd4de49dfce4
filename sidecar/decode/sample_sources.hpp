// What is remembered of the data sources of one exporter: an sFlow agent samples each interface by itself, and says
// with every sample how many packets it had to choose from and how many samples it had to drop. Owned by one decoder;
// one thread. Bounded: the source that was silent longest makes room.
#pragma once
#include <cstdint>
#include <list>
#include <unordered_map>

namespace weir {

struct SampleSourceKey {
  std::uint32_t domain = 0;           // the sub-agent
  std::uint32_t type = 0, index = 0;  // type 0: an interface, by its ifIndex
};

// What the head of a flow sample says.
struct SampleHead {
  std::uint32_t sequence = 0, rate = 0, pool = 0, drops = 0;
};

// What a sample adds to the one before it.
struct SampleStep {
  std::uint64_t lost = 0;           // samples that did not come
  std::uint64_t dropped = 0;        // samples that the agent could not take
  std::uint64_t pool = 0;           // packets that were chosen from
  std::uint64_t expected_pool = 0;  // and that its rate means for as many samples; both 0: it does not tell
};

class SampleSources {
 public:
  static constexpr std::uint64_t kSourceBytes = 160;  // with its index entry

  explicit SampleSources(std::uint32_t max_sources) : max_sources_(max_sources) {}

  // `may_grow`: there is memory for one more.
  SampleStep advance(const SampleSourceKey& key, const SampleHead& head, std::int64_t now_ms, bool may_grow);
  // The source has sampled a packet where it came in.
  void note_ingress(const SampleSourceKey& key, std::int64_t now_ms);
  // Whether packets that come in there are sampled there, as far as is known: it did so lately.
  bool samples_ingress(const SampleSourceKey& key, std::int64_t now_ms) const;
  void forget_before(std::int64_t before_ms);
  // The agent was started anew, and so were its numbers.
  void clear();
  std::uint64_t bytes() const { return sources_.size() * kSourceBytes; }

 private:
  struct Source {
    std::uint64_t key = 0;
    SampleHead last;
    std::int64_t heard_ms = 0, ingress_ms = 0;
  };
  static std::uint64_t hash_of_key(const SampleSourceKey& key);

  const std::uint32_t max_sources_;
  std::list<Source> sources_;  // heard last first
  std::unordered_map<std::uint64_t, std::list<Source>::iterator> by_key_;
};

}  // namespace weir
