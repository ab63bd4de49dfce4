// What a decoder remembers of one exporter: its domains with their templates, sequences and clocks, its sampling rates,
// and what waits for a template. Owned by one decoder; one thread.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "decode/decoder.hpp"
#include "decode/sampling.hpp"
#include "decode/sequence.hpp"
#include "decode/template_store.hpp"
#include "decode/time_repair.hpp"
#include "decode/waiting_sets.hpp"
#include "flow/exporter_table.hpp"

namespace weir {

// An observation domain (IPFIX), a source id (v9) or an engine (v5) of one exporter.
struct Domain {
  std::uint16_t version = 0;
  std::uint32_t id = 0;
  std::int64_t used_ms = 0;
  std::uint16_t port = 0;  // source port last seen
  std::uint64_t lost = 0;
  TemplateStore templates;
  SequenceTracker sequence;
  ClockSkew skew;
  BootTime boot;
};

class ExporterState {
 public:
  ExporterState(Exporter& of, const DecodeLimits& limits)
      : exporter(of), sampling(limits.max_sampling_rates_per_exporter), limits_(limits) {}

  // The domain, made when new. When all places are taken, one unused for limits.max_waiting_ms makes room; else nullptr.
  Domain* domain(std::uint16_t version, std::uint32_t id, std::int64_t now_ms);
  std::uint32_t templates() const;
  // How many more templates may come. At the bound, those unused for limits.max_waiting_ms are forgotten first.
  std::uint32_t template_room(std::int64_t now_ms);
  std::vector<DomainStatus> domain_status() const;

  Exporter& exporter;
  SamplingTable sampling;
  WaitingSets waiting;
  std::int64_t boot_ms = 0;               // announced by options of any domain (IE 160); 0: not
  std::uint32_t announced_sampling = 0;   // as published in `exporter`
  std::uint32_t templates_forgotten = 0;  // with domains that made room; not yet taken off the decoder's counter
  bool changed = false;                   // since domain_status() was last published

 private:
  const DecodeLimits& limits_;
  std::vector<std::unique_ptr<Domain>> domains_;
  Domain* last_ = nullptr;
  std::int64_t swept_ms_ = 0;
};

}  // namespace weir
