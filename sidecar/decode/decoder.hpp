// The decode stage: datagrams of any supported protocol in, flow records out. One Decoder per worker thread, which owns
// the templates and sequences of the exporters sharded to it. Never throws on what the network sends.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "flow/exporter_table.hpp"
#include "flow/flow_record.hpp"
#include "receive/datagram.hpp"

namespace weir {

class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // Records of one datagram, in one or several calls, all of one exporter; records that had waited for a template come
  // with the datagram that brought it. Borrowed for the call.
  virtual void on_records(std::span<const FlowRecord> records) = 0;
};

// Every bound has a setting (decode.* in weir.toml) and a counter in DecodeCounters.
struct DecodeLimits {
  std::uint32_t max_templates_per_exporter = 4096;
  std::uint32_t max_fields_per_template = 512;
  std::uint32_t max_domains_per_exporter = 256;
  std::uint64_t max_waiting_bytes_per_exporter = 1 << 20;  // data sets held until their template comes
  std::uint64_t max_waiting_bytes = 64 << 20;
  std::int64_t max_waiting_ms = 30 * 60 * 1000;
  std::int64_t max_clock_skew_ms = 30'000;        // an exporter's clock farther off is corrected against arrival
  std::int64_t max_flow_duration_ms = 24 * 3600 * 1000;
  std::uint32_t max_sampling_rates_per_exporter = 4096;  // of selectors, interfaces and templates
};

struct DecodeCounters {
  std::uint64_t datagrams = 0;              // all that came, whatever they were
  std::uint64_t records = 0, options_records = 0;
  std::uint64_t malformed = 0;              // datagrams of which something could not be read
  std::uint64_t unsupported = 0;            // datagrams of protocols that are not decoded
  std::uint64_t came_without_template = 0;  // data sets, whatever became of them: never falls
  std::uint64_t waiting_for_template = 0;   // data sets without a template: held now, plus given up
  std::uint64_t waiting_dropped = 0;        // of these, given up: bounds or age
  std::uint64_t templates = 0;              // held now
  std::uint64_t templates_refused = 0, sampling_refused = 0;
  std::uint64_t domains_refused = 0;        // datagrams of domains past the bound
  std::uint64_t time_repaired = 0;          // records
  std::uint64_t rejected = 0;               // datagrams of exporters past the exporter table's bound
};

// A template as it came, so that an earlier run's templates survive a restart.
struct StoredTemplate {
  IpAddress exporter;
  std::uint16_t source_port = 0;  // nonzero only when the exporter's domains are told apart by port
  std::uint32_t domain = 0;
  std::uint16_t version = 0;      // 9 or 10
  bool options = false;
  std::vector<std::uint8_t> record;  // template record: id, counts, field specifiers
};

class Decoder {
 public:
  Decoder(const DecodeLimits& limits, ExporterTable& exporters, RecordSink& sink);
  ~Decoder();

  void decode(const Datagram& datagram);
  // Drops what waited too long, publishes per-domain status to the exporters. Call about once a second with the
  // arrival clock (ms), and once more at the end of an import.
  void tick(std::int64_t now_ms);

  DecodeCounters counters() const;  // any thread
  // The datagram, field by field, by the templates known now: call it after decode(). For people; at most `max_bytes`.
  std::string trace(const Datagram& datagram, std::size_t max_bytes);
  // Called on this thread whenever a template is new or changed.
  void on_template(std::function<void(const StoredTemplate&)> callback);
  // Puts back what an earlier run was told; what cannot be read or exceeds a bound is left out.
  void restore_template(const StoredTemplate& stored);
  // Mistakes for the log, kinds taking turns: at most one line a second of the clock given to tick().
  std::vector<std::string> take_log_lines();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir
