// The decode stage: datagrams of any supported protocol in, flow records out. One Decoder per worker thread, which owns
// the templates and sequences of the exporters sharded to it. Never throws on what the network sends.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/setting_defaults.hpp"
#include "decode/flow_memory.hpp"
#include "decode/sampling.hpp"
#include "flow/exporter_table.hpp"
#include "flow/flow_record.hpp"
#include "flow/interface_counters.hpp"
#include "flow/undecoded_sender.hpp"
#include "receive/datagram.hpp"

namespace weir {

class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // Records of one datagram, in one or several calls, all of one exporter; records that had waited for a template come
  // with the datagram that brought it. Borrowed for the call.
  virtual void on_records(std::span<const FlowRecord> records) = 0;
};

// What a sender has to do to become an exporter. Until then its datagrams wait (decode/waiting_room.hpp).
struct AdmissionLimits {
  std::uint32_t datagrams = 1;    // valid ones, flow records among them; 1: the first valid datagram is enough
  std::int64_t probation_ms = 0;  // at least so long between the first and its admission
  std::uint32_t free_places = 0;  // while fewer are taken, one datagram with a flow record is enough
  std::uint32_t max_senders = setting_defaults::kExportersMaxWaiting;
  std::uint64_t max_bytes_per_sender = setting_defaults::kExportersMaxWaitingBytesPerSender;
  std::uint64_t max_bytes = setting_defaults::kExportersMaxWaitingBytes;
  std::int64_t max_wait_ms = setting_defaults::kDecodeMaxWaitingMs;
};

// What the octets of a sampled packet are: of its IP packet, as flow records count, or of its frame, as interfaces do.
enum class SampledOctets : std::uint8_t { kIp = 0, kFrame = 1 };
inline constexpr std::array<const char*, 2> kSampledOctetsNames = {"ip", "frame"};

// Every bound has a setting (decode.*, exporters.* in weir.toml) and a counter in DecodeCounters.
struct DecodeLimits {
  std::uint32_t max_templates_per_exporter = setting_defaults::kDecodeMaxTemplatesPerExporter;
  std::uint32_t max_fields_per_template = setting_defaults::kDecodeMaxFieldsPerTemplate;
  std::uint32_t max_domains_per_exporter = setting_defaults::kDecodeMaxDomainsPerExporter;
  std::uint32_t max_streams_per_exporter =
      setting_defaults::kDecodeMaxStreamsPerExporter;  // source ports and domains that are told apart
  std::uint64_t max_waiting_bytes_per_exporter =
      setting_defaults::kDecodeMaxWaitingBytesPerExporter;  // data sets held until their template comes
  std::uint64_t max_waiting_bytes = setting_defaults::kDecodeMaxWaitingBytes;
  std::int64_t max_waiting_ms = setting_defaults::kDecodeMaxWaitingMs;
  std::int64_t duplicate_window_ms =
      setting_defaults::kDecodeDuplicateWindowMs;  // a datagram that comes again within it counts once; 0: each counts
  std::int64_t max_clock_skew_ms =
      setting_defaults::kDecodeMaxClockSkewMs;  // an exporter's clock farther off is corrected against arrival
  std::int64_t max_export_delay_ms =
      setting_defaults::kDecodeMaxExportDelayMs;  // between a flow's last packet and its export
  std::int64_t max_flow_duration_ms = setting_defaults::kDecodeMaxFlowDurationMs;
  std::uint32_t max_sampling_rates_per_exporter =
      setting_defaults::kDecodeMaxSamplingRatesPerExporter;  // of selectors, interfaces and templates
  std::uint32_t max_record_rates_per_exporter =
      setting_defaults::kDecodeMaxRecordRatesPerExporter;  // different rates that its records have within an hour
  std::uint32_t max_names_per_exporter =
      setting_defaults::kDecodeMaxNamesPerExporter;  // that it tells: of interfaces, applications, VRFs
  std::uint64_t max_name_bytes = setting_defaults::kDecodeMaxNameBytes;  // of all exporters
  // Templates, domains and sampling rates, in memory.
  std::uint64_t max_state_bytes_per_exporter = setting_defaults::kDecodeMaxStateBytesPerExporter;
  std::uint64_t max_state_bytes = setting_defaults::kDecodeMaxStateBytes;
  std::uint32_t min_record_octets =
      0;  // shorter flow records, and those that say nothing that is stored, are refused; 0: none
  std::uint64_t max_link_bps =
      setting_defaults::kDecodeMaxLinkBps;  // what no link of these exporters carries; a record of more is refused
  FlowMemoryLimits flows;                   // whose last report is remembered
  SampledOctets sampled_octets = SampledOctets::kFrame;
  std::uint32_t max_originals =
      setting_defaults::kExportersMaxOriginals;  // exporters that the records of one mediator may name
  AdmissionLimits admission;
};

struct DecodeCounters {
  std::uint64_t datagrams = 0;                     // all that came, whatever they were
  std::uint64_t records = 0, options_records = 0;  // handed on; of options, learnt from
  std::uint64_t malformed = 0;                     // datagrams of which something could not be read
  std::uint64_t unsupported = 0;                   // datagrams of protocols that are not decoded
  std::uint64_t came_without_template = 0;         // data sets, whatever became of them: never falls
  std::uint64_t waiting_for_template = 0;          // data sets without a template: held now, plus given up
  std::uint64_t waiting_dropped = 0;               // of these, given up: bounds or age
  std::uint64_t templates = 0;                     // held now
  std::uint64_t templates_refused = 0, sampling_refused = 0, names_refused = 0;
  std::uint64_t domains_refused = 0;      // datagrams of domains past the bound
  std::uint64_t time_repaired = 0;        // records
  std::uint64_t left_out = 0;             // records of a direction that is not counted (Metering)
  std::uint64_t flow_memory_bytes = 0;    // flows whose last report is remembered
  std::uint64_t flows_forgotten = 0;      // to make room for others: their next report is marked
  std::uint64_t originals_refused = 0;    // records whose own exporter had no place: they count for the mediator
  std::uint64_t rejected = 0;             // records that were refused, by the three reasons below
  std::uint64_t rejected_counters = 0;    // they count more than a link carries
  std::uint64_t rejected_rates = 0;       // too many different sampling rates
  std::uint64_t rejected_empty = 0;       // shorter than a flow can be, or nothing in them that is stored
  std::uint64_t withdrawals_ignored = 0;  // of templates, by UDP (RFC 7011 8.4)
  std::uint64_t templates_forgotten = 0;  // to make room for those of other exporters
  std::uint64_t duplicates = 0;           // datagrams that came twice and were counted once
  std::uint64_t streams_forgotten = 0;    // beyond the bound of an exporter
  std::uint64_t name_bytes = 0;           // what exporters tell of themselves, held now
  std::uint64_t saves_deferred = 0;       // templates and names that came too fast to be kept over a restart at once
  std::uint64_t samples_lost = 0;         // sFlow: of sources whose next sample came
  std::uint64_t samples_dropped = 0;      // sFlow: that agents could not take, as they say
  std::uint64_t samples_skipped = 0;      // sFlow: of kinds that are not decoded, as drop notifications
  std::uint64_t state_bytes = 0;          // templates, domains and sampling rates held now
  // Datagrams of senders that are no exporters.
  std::uint64_t senders_refused = 0;  // datagrams refused because the exporter table was full
  std::uint64_t senders_waiting = 0, senders_waiting_bytes = 0;  // now
  std::uint64_t senders_admitted = 0;
  std::uint64_t senders_turned_away = 0;    // that had no place in the waiting room, or lost it
  std::uint64_t datagrams_turned_away = 0;  // with them
};

// A template as it came, so that an earlier run's templates survive a restart.
struct StoredTemplate {
  IpAddress exporter;
  std::uint16_t source_port = 0;
  std::uint32_t domain = 0;
  std::uint16_t version = 0;  // 9 or 10
  bool options = false;
  std::int64_t booted_ms = 0;        // when the sender was started, by its own clock; 0: not known
  std::vector<std::uint8_t> record;  // template record: id, counts, field specifiers
};

// A sampling rate that an exporter announced, kept for the same reason.
struct StoredRate {
  IpAddress exporter;
  AnnouncedRate announced;
};

// What an exporter told of itself, kept for the same reason.
struct StoredName {
  IpAddress exporter;
  ToldKind kind = ToldKind::kInterfaceName;
  std::uint64_t id = 0;
  std::string text;
};

class Decoder {
 public:
  Decoder(const DecodeLimits& limits, ExporterTable& exporters, RecordSink& sink);
  ~Decoder();

  void decode(const Datagram& datagram);
  // Drops what waited too long, publishes per-domain status to the exporters. Call about once a second with the
  // arrival clock (ms), and once more at the end of an import.
  void tick(std::int64_t now_ms);

  DecodeCounters counters() const;                         // any thread
  std::vector<UndecodedSender> undecoded_senders() const;  // the newest first; any thread
  // The datagram, field by field, by the templates known now: call it after decode(). For people; at most `max_bytes`.
  std::string trace(const Datagram& datagram, std::size_t max_bytes);
  // Admits those that wait and have sent enough; what still waits then is counted as turned away. At the end.
  void finish();
  // What the decoding has cost so far, in units of about an octet: for sharing a worker by what senders cost.
  std::uint64_t work() const;
  // Called on this thread when a template that is new or changed has decoded its first record.
  void on_template(std::function<void(const StoredTemplate&)> callback);
  // Called on this thread when a sampling rate was announced that is new or changed.
  void on_rate(std::function<void(const StoredRate&)> callback);
  // Called on this thread when an exporter told a name that is new or changed; Exporter::told has it already.
  void on_name(std::function<void(const StoredName&)> callback);
  // Called on this thread when an sFlow agent tells the counters of an interface.
  void on_interface_counters(std::function<void(const InterfaceCounters&)> callback);
  void restore_rate(const StoredRate& stored);
  // Puts back what an earlier run was told; what cannot be read or exceeds a bound is left out.
  void restore_template(const StoredTemplate& stored);
  // Mistakes for the log, kinds taking turns: at most one line a second of the clock given to tick().
  std::vector<std::string> take_log_lines();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir
