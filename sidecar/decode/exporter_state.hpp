// What a decoder remembers of one exporter: its domains with their templates and sequences, its streams with their
// clocks, its sampling rates, and what waits for a template. Owned by one decoder; one thread.
#pragma once
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "decode/decoder.hpp"
#include "decode/flow_memory.hpp"
#include "decode/late_rates.hpp"
#include "decode/record_rates.hpp"
#include "decode/sample_sources.hpp"
#include "decode/sampling.hpp"
#include "decode/sequence.hpp"
#include "decode/stream_table.hpp"
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
  bool has_data = false;  // flow records came of it
  TemplateStore templates;
  SequenceTracker sequence;
};

// What all exporters of a decoder take together: templates, domains, sampling rates and names.
struct StateTotal {
  std::uint64_t bytes = 0;
  std::uint64_t templates = 0;
  std::uint64_t name_bytes = 0;  // what exporters tell of themselves
  FlowMemoryTotal flows;
};

// What becomes of a name that an exporter tells.
enum class ToldOutcome : std::uint8_t {
  kKnown,
  kNew,
  kFull,     // past a bound
  kTooFast,  // it changes its names all the time; what it tells later counts
};

// How often an exporter may have something kept over a restart, whatever it sends.
class SaveAllowance {
 public:
  explicit SaveAllowance(double burst) : burst_(burst) {}
  bool take(std::int64_t now_ms);

 private:
  const double burst_;
  double left_ = 0;
  std::int64_t filled_ms_ = 0;
};

class ExporterState {
 public:
  ExporterState(Exporter& of, const DecodeLimits& limits, StateTotal& total)
      : exporter(of),
        streams(limits.max_streams_per_exporter),
        sampling(limits.max_sampling_rates_per_exporter, limits.max_waiting_ms),
        rates(limits.max_record_rates_per_exporter),
        sources(limits.max_sampling_rates_per_exporter),
        flows(limits.flows, total.flows),
        limits_(limits),
        total_(total) {
    total_.name_bytes += name_bytes_ = of.told.with([](const ToldNames& told) { return told.bytes(); });
  }
  ~ExporterState();
  ExporterState(const ExporterState&) = delete;
  ExporterState& operator=(const ExporterState&) = delete;

  // The domain, made when new. When all places or all memory are taken, one unused for limits.max_waiting_ms makes
  // room; else nullptr. There is always room for the first.
  Domain* domain(std::uint16_t version, std::uint32_t id, std::int64_t now_ms);
  std::uint32_t templates() const { return templates_; }
  // Of templates, domains, streams and sampling rates.
  std::uint64_t bytes() const {
    return template_bytes_ + domains_.size() * kDomainBytes + streams.bytes() + sampling.size() * kSamplingBytes +
           sources.bytes();
  }
  // How many more templates may come. At the bound, those unused for limits.max_waiting_ms are forgotten first.
  TemplateRoom template_room(std::int64_t now_ms);
  TemplateStore::Outcome add_template(Domain& domain, const TemplateRecord& record, const Stream& from,
                                      std::int64_t now_ms, const TemplateRoom& room);
  // What the transport session of this port was told ends with it (RFC 7011 10.4.2).
  void end_session(std::uint16_t port);
  // Templates of one session and domain that it withdraws (RFC 7011 8.1): one, all, or all of options.
  void withdraw(Domain& domain, std::uint16_t id, std::uint16_t port);
  // Puts back what an earlier run was told; false: there is no room.
  bool restore_template(Domain& domain, const TemplateRecord& record, std::uint16_t port, std::int64_t booted_ms);
  // Forgets templates that have decoded nothing and were not announced lately, and domains left without any and without
  // flow records.
  void forget_idle(std::int64_t now_ms);
  // Makes room for other exporters: what has decoded nothing goes first, then what was not used for longest. About a
  // quarter of it goes.
  void shrink(std::int64_t now_ms);
  // Whether one more template or rate may be handed on to be kept: seldom, whatever is sent.
  bool may_save(std::int64_t now_ms) { return saves_.take(now_ms); }
  ToldOutcome learn_told(ToldKind kind, std::uint64_t id, const std::string& text, std::int64_t now_ms);
  bool has_room_for_source() const;
  // Brings `total` up to date with this exporter.
  void settle();
  std::vector<DomainStatus> domain_status() const;

  Exporter& exporter;
  StreamTable streams;
  SamplingTable sampling;
  LateRates late_rates;
  RecordRates rates;
  SampleSources sources;
  FlowMemory flows;
  std::unordered_map<IpAddress, Exporter*> originals;  // that records name as their exporters, this being a mediator
  WaitingSets waiting;
  // The boot time that options of any domain have announced (IE 160), by source port.
  void announce_boot(std::uint16_t port, std::int64_t boot_ms);
  std::int64_t announced_boot(std::uint16_t port) const;
  std::uint32_t announced_sampling = 0;  // as published in `exporter`
  bool changed = false;                  // since domain_status() was last published

 private:
  static constexpr std::uint64_t kDomainBytes = 768;  // with its index entry and a sequence or two
  static constexpr std::uint64_t kSamplingBytes = 96;

  bool has_room_for_domain() const;
  // How many devices send for this domain, as far as boot times and sequences tell.
  std::uint32_t devices(const Domain& domain) const;
  // After `domain.templates` has changed: what it took before is given.
  void count_templates(const Domain& domain, std::uint32_t held, std::uint64_t bytes);
  void erase_domain(std::unordered_map<std::uint64_t, std::unique_ptr<Domain>>::iterator at);
  std::uint32_t drop_templates(Domain& domain, std::int64_t unproven_before_ms, std::int64_t before_ms);

  const DecodeLimits& limits_;
  StateTotal& total_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Domain>> domains_;  // by version and id
  Domain* last_ = nullptr;
  std::uint32_t templates_ = 0;
  std::uint64_t template_bytes_ = 0;
  std::uint64_t settled_bytes_ = 0, settled_templates_ = 0;
  std::int64_t swept_ms_ = 0, domains_swept_ms_ = 0;
  std::unordered_map<std::uint16_t, std::int64_t> boots_;
  SaveAllowance saves_{256}, name_saves_{8192};
  std::uint64_t name_bytes_ = 0;
};

}  // namespace weir
