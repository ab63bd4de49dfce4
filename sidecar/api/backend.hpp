// What the API asks of the rest of the program. app/pipeline implements it; the tests have a fake. Every function may
// be called from the API thread and the query threads at once, and returns without waiting for disk or network.
// Excepted are store()'s snapshots, what alerts() keeps on disk, trace() and console_answer(), which only query threads
// ask for.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alert/alert_engine.hpp"
#include "api/settings_report.hpp"
#include "core/bounded_queue.hpp"
#include "core/metrics.hpp"
#include "core/result.hpp"
#include "flow/exporter_table.hpp"
#include "flow/port_table.hpp"
#include "flow/record_tap.hpp"
#include "flow/traffic_names.hpp"
#include "flow/undecoded_sender.hpp"
#include "query/answerer.hpp"
#include "store/store.hpp"

namespace weir {

struct RecentError {
  std::int64_t at_ms = 0;
  std::string stage, message;
};

struct ServerPortsStatus {
  std::string file;
  std::optional<std::int64_t> loaded_ms;  // when the list in force was read
  std::uint64_t count = 0;                // ports in force
  std::optional<std::string> error;       // why the newest file is not loaded
};

struct AddressDatabaseState {
  std::string word, what, setting;        // "country", "country database", "enrich.country_database"
  std::string file;                       // "": none is set
  std::optional<std::int64_t> loaded_ms;  // when the loaded one was read
  std::string type;                       // what the loaded one calls itself
  std::optional<std::int64_t> built_ms;
  std::optional<std::string> error;  // why the newest file is not loaded
};

struct CollectorStatus {
  std::string version, build;
  std::int64_t started_ms = 0;
  double records_per_s = 0, datagrams_per_s = 0;
  std::optional<std::int64_t> store_full_in_ms;  // at the present rate; none: not growing, or no limit
  std::vector<QueueStatus> queues;
  std::vector<RecentError> last_errors;  // newest first
  ServerPortsStatus server_ports;
  std::vector<ServerPortsStatus> name_scripts;  // applications and networks
  std::vector<AddressDatabaseState> address_databases;
  std::vector<KeptDatabaseStatus> state_files;  // alerts, and what is kept for the monitor
};

// For a bug report. No secrets in any of it; about_text() puts it together for the clipboard.
struct AboutReport {
  std::string version, build, os;
  std::vector<std::pair<std::string, std::string>> libraries;         // name, version
  std::vector<std::pair<std::string, std::string>> settings_changed;  // key, value; of a URL scheme and host
  std::vector<std::pair<std::string, std::string>> collector;         // what runs: name, figures
  std::vector<std::string> warnings;                                  // the last ones
};

struct InterfaceInfo {
  std::uint32_t index = 0;  // ifIndex
  std::optional<std::string> name, alias;
  std::optional<std::uint64_t> speed_bps;
  std::optional<double> snmp_ratio;    // octets of flows by octets of the monitor's SNMP counters; none: not compared
  std::optional<std::string> verdict;  // what that means, and how to fix it
  std::optional<double>
      flow_bps;  // in and out, in the last minute that is known; none: it is not, or no flow has named it lately
};

// Another collector that this one asks, by what it has answered so far.
struct PeerStatus {
  std::string name, address;  // address: host and port
  std::uint64_t questions = 0, failures = 0;
  std::int64_t answered_ms = 0, failed_ms = 0;  // last; 0: never
  std::int64_t took_ms = 0;                     // the last answer
  std::string last_error;                       // of the last failure
  bool is_away() const { return failed_ms > answered_ms; }
};

// What the monitor calls an exporter.
struct DeviceInfo {
  std::string hostid, name;  // name: "" when this host had it last, and has it no more
};

// What is wrong with an exporter, or good to know, in words, with what can be done.
struct ExporterFinding {
  std::string what, advice;
  bool is_note = false;  // nothing is wrong
};
struct ExporterExamination {
  std::size_t checks = 0;
  std::vector<ExporterFinding> findings;
};

struct ExporterChange {
  std::optional<std::string> name;        // "" takes the name away
  std::optional<std::uint32_t> sampling;  // 1 in N; 0: back to what the exporter announces
  std::optional<Metering> metering;
};

// Those who send and are no exporters; counted since the start, but for what waits.
struct UnknownSenders {
  std::uint64_t not_allowed = 0;  // datagrams of senders that receive.allow does not name
  IpAddress last_not_allowed;
  std::uint64_t waiting = 0, waiting_bytes = 0;  // not yet sent enough
  std::uint64_t admitted = 0, refused = 0;       // refused: datagrams for which the exporter table had no place
  std::uint64_t turned_away = 0, datagrams_turned_away = 0;
  std::uint64_t not_decoded = 0;           // datagrams of protocols that are not decoded
  std::vector<UndecodedSender> undecoded;  // who sent them, the newest first; some of them when there are many
  std::uint64_t withdrawals_ignored = 0, templates_refused = 0, templates_forgotten = 0;
};

class ApiBackend {
 public:
  virtual ~ApiBackend() = default;

  virtual Store& store() = 0;
  // Who answers questions about flows: this collector, with its peers if it has any.
  virtual Answerer& answerer() = 0;
  virtual ExporterTable& exporters() = 0;
  virtual AlertEngine& alerts() = 0;
  virtual CollectorStatus status() const = 0;
  virtual AboutReport about() const = 0;

  // Records per second of one exporter, lately.
  virtual double records_per_s(const Exporter& exporter) const = 0;
  // The interfaces that are known of an exporter, by index. Empty when none are.
  virtual std::vector<InterfaceInfo> interfaces(const Exporter& exporter) const = 0;
  // None when the monitor knows no such device, or there is no monitor.
  virtual std::optional<DeviceInfo> device(const Exporter&) const { return std::nullopt; }
  // Why the collector has to be restarted, for people who may see all; "": it has not.
  virtual std::string restart_reason() const { return {}; }
  // Puts the change in force and keeps it over a restart. The error says why it could not be kept.
  virtual Result<void> set_exporter(Exporter& exporter, const ExporterChange& change) = 0;
  // Takes its place away, with its templates and rates; its stored sessions stay. The error says why that could not be
  // kept.
  virtual Result<void> forget_exporter(Exporter& exporter) = 0;
  virtual UnknownSenders senders() const { return {}; }
  // The other collectors that answerer() asks.
  virtual std::vector<PeerStatus> peers() const { return {}; }
  // What doctor says of it.
  virtual ExporterExamination examine(const Exporter&) const { return {}; }
  // Every setting, in the order of the schema.
  virtual SettingsReport settings() const { return {}; }

  // "https" for (6, 443); "" when the port list has no name for it.
  virtual std::string service_name(std::uint8_t protocol, std::uint16_t port) const = 0;
  // The list in force; never nullptr.
  virtual std::shared_ptr<const PortTable> server_port_table() const = 0;
  // As they are now; its names are never nullptr.
  virtual DerivedSources derived_sources() const = 0;

  // What queries share; nullptr: no limits.
  virtual QueryLimits* query_limits() { return nullptr; }

  // Reads the scripts again, changed or not, and says what is in force now. The error names file and line; the last
  // good ones stay in force then.
  virtual Result<std::string> reload_scripts() = 0;

  // The next datagrams that come from `exporter`, decoded field by field: what came within ten seconds. The error says
  // why it cannot be had now. Waits.
  virtual Result<std::vector<std::string>> trace(const IpAddress& exporter, std::uint32_t datagrams,
                                                 const std::atomic<bool>* cancelled) = 0;

  // Flow records from number `from` on (0: from now on) as they are decoded. Waits up to `patience_ms` for the first.
  virtual TappedRecords tap(std::uint64_t /*from*/, std::size_t /*most*/, std::int64_t /*patience_ms*/,
                            const std::atomic<bool>* /*cancelled*/) {
    return {};
  }

  // What the console answers to a line; it begins with "? " when the line was not understood, with "! " when it could
  // not be done. `only_look`: commands that change something are not done. May take long.
  virtual std::string console_answer(std::string_view line, bool only_look, const std::atomic<bool>* cancelled) = 0;

  // Families that only the pipeline knows (sockets, templates, sessions, limits). Exporters, store, cache, queues,
  // alerts and the API's own are written already.
  virtual void write_metrics(MetricsWriter& writer) const = 0;
};

// What a query of a running collector goes by.
inline QueryControl query_control(ApiBackend& backend, std::int64_t now_ms, QueryTurn::Asker asker,
                                  const std::atomic<bool>* cancelled,
                                  decltype(QueryControl::on_progress) on_progress = {}) {
  auto* limits = backend.query_limits();
  return {.cancelled = cancelled,
          .on_progress = std::move(on_progress),
          .derived = backend.derived_sources(),
          .now_ms = now_ms,
          .slots = limits != nullptr ? &limits->slots : nullptr,
          .asker = std::move(asker),
          .memory = limits != nullptr ? &limits->memory : nullptr};
}

}  // namespace weir
