// What the API asks of the running collector, answered from its stages. Any thread.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/backend.hpp"
#include "app/settings.hpp"
#include "app/told_traffic_names.hpp"
#include "app/traffic_rates.hpp"
#include "app/worker.hpp"
#include "decode/trace_tap.hpp"
#include "enrich/address_database.hpp"
#include "monitor/monitor.hpp"
#include "peers/peer_set.hpp"
#include "query/local_answerer.hpp"
#include "receive/allowed_senders.hpp"
#include "receive/tcp_listener.hpp"
#include "receive/udp_listener.hpp"
#include "script/server_ports.hpp"
#include "script/traffic_name_scripts.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace weir {

class ApiBackendOfPipeline final : public ApiBackend {
 public:
  // Borrows all; they outlive it.
  ApiBackendOfPipeline(const Settings& settings, const Clock& clock, ExporterTable& exporters, SqliteStore& store,
                       ServerPorts& server_ports, TrafficNameScripts& name_scripts, ToldTrafficNames& traffic_names,
                       const AddressDatabases& databases, const TrafficRates& rates,
                       const std::vector<std::unique_ptr<Worker>>& workers, const UdpListener& listener,
                       const TcpListener& tcp_listener, const AllowedSenders& allowed, AlertEngine& alerts,
                       const Monitor& monitor);

  Store& store() override { return store_; }
  Answerer& answerer() override { return answerer_; }
  ExporterTable& exporters() override { return exporters_; }
  AlertEngine& alerts() override { return alerts_; }
  CollectorStatus status() const override;
  AboutReport about() const override;
  double records_per_s(const Exporter& exporter) const override { return rates_.records_per_s(exporter); }
  std::vector<InterfaceInfo> interfaces(const Exporter& exporter) const override;
  std::optional<DeviceInfo> device(const Exporter& exporter) const override;
  std::string restart_reason() const override;
  Result<void> set_exporter(Exporter& exporter, const ExporterChange& change) override;
  Result<void> forget_exporter(Exporter& exporter) override;
  UnknownSenders senders() const override;
  std::vector<PeerStatus> peers() const override { return peers_.status(); }
  ExporterExamination examine(const Exporter& exporter) const override { return examine_(exporter); }
  SettingsReport settings() const override {
    return {.file = settings_.file().string(), .settings = settings_.report()};
  }
  std::string service_name(std::uint8_t protocol, std::uint16_t port) const override;
  std::shared_ptr<const PortTable> server_port_table() const override { return server_ports_.current(); }
  DerivedSources derived_sources() const override { return databases_.sources(traffic_names_.current()); }
  Result<std::vector<std::string>> trace(const IpAddress& exporter, std::uint32_t datagrams,
                                         const std::atomic<bool>* cancelled) override {
    return trace_tap_.wait({.exporter = exporter, .datagrams = datagrams, .cancelled = cancelled});
  }
  TappedRecords tap(std::uint64_t from, std::size_t most, std::int64_t patience_ms,
                    const std::atomic<bool>* cancelled) override {
    return record_tap_.read(from, most, patience_ms, cancelled);
  }
  std::string console_answer(std::string_view line, bool only_look, const std::atomic<bool>* cancelled) override {
    return console_(line, only_look, cancelled);
  }
  QueryLimits* query_limits() override { return &query_limits_; }
  Result<std::string> reload_scripts() override;
  void write_metrics(MetricsWriter& writer) const override;
  // Further families, the doctor, and the console, of what is built on top of this. Before the API starts.
  void on_metrics(std::function<void(MetricsWriter&)> write) { more_metrics_ = std::move(write); }
  void on_examine(std::function<ExporterExamination(const Exporter&)> examine) { examine_ = std::move(examine); }
  void on_console(std::function<std::string(std::string_view, bool, const std::atomic<bool>*)> answer) {
    console_ = std::move(answer);
  }
  // Where the workers put what trace() waits for.
  TraceTap& trace_tap() { return trace_tap_; }
  // Where the workers put what tap() waits for.
  RecordTap& record_tap() { return record_tap_; }

 private:
  const Settings& settings_;
  const Clock& clock_;
  ExporterTable& exporters_;
  SqliteStore& store_;
  ServerPorts& server_ports_;
  TrafficNameScripts& name_scripts_;
  ToldTrafficNames& traffic_names_;
  const AddressDatabases& databases_;
  const TrafficRates& rates_;
  const std::vector<std::unique_ptr<Worker>>& workers_;
  const UdpListener& listener_;
  const TcpListener& tcp_listener_;
  const AllowedSenders& allowed_;
  AlertEngine& alerts_;
  const Monitor& monitor_;
  std::function<void(MetricsWriter&)> more_metrics_;
  std::function<std::string(std::string_view, bool, const std::atomic<bool>*)> console_;
  std::function<ExporterExamination(const Exporter&)> examine_;
  TraceTap trace_tap_;
  RecordTap record_tap_;
  QueryLimits query_limits_;
  LocalAnswerer own_answerer_;
  PeerSet peers_;
  MergedAnswerer answerer_;
  const std::int64_t started_ms_;
  std::uint64_t bytes_at_start_;
  const std::map<std::string, std::string> files_at_start_;
};

}  // namespace weir
