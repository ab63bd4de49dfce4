// Sampling rates that an exporter announces after the records that they hold for: for which stretch of time, and
// whether it can be told. The sessions are stored by then, so the stretch is noted beside them (Exporter::late_rates)
// and queries scale by it. Owned by the state of its exporter; one thread.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "decode/sampling.hpp"
#include "decode/stream_table.hpp"
#include "flow/exporter_table.hpp"

namespace weir {

class LateRates {
 public:
  struct Announcement {
    std::int64_t now_ms = 0;
    bool is_first = false;         // nobody behind this address had announced anything before
    std::int64_t max_skew_ms = 0;  // by so much sessions may end after their records arrived
    const std::unordered_map<IpAddress, Exporter*>& originals;  // whose records the exporter sends, too
  };

  // `sender` has announced something new; `sampling` is what its port has announced by now.
  // Returns what it cost (Decoder::work()).
  std::uint64_t learn(const Stream& sender, const PortSampling& sampling, StreamTable& streams,
                      const Announcement& announced, Exporter& exporter);

 private:
  struct Span {
    std::uint16_t version = 0, port = 0;
    std::uint32_t domain = 0;
    std::int64_t learnt_ms = 0;
    bool open = true;     // something was announced, and no rate that holds for all of it
    UnratedSpan unrated;  // what the rate was looked up for
    LateRate late;
    bool is_of(const StreamKey& key) const { return key.version == version && key.port == port; }
  };
  // The sender's stretch whose rate is not announced yet; nullptr: there is none.
  Span* open_span(const Stream& sender);
  Span& add_span(const Stream& sender, std::int64_t from_ms);
  bool is_ambiguous(const Span& span, const StreamTable& streams) const;

  std::vector<Span> spans_;  // of this run
};

}  // namespace weir
