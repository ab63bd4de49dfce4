// A backend of the API in memory: two exporters, three sessions, a store whose snapshots a test can hold back, and an
// alert engine on a clock of its own that runs when a test says so. Its members are for the test's thread to set before
// the API runs.
#pragma once
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "api/backend.hpp"
#include "query/local_answerer.hpp"
#include "store/memory_store.hpp"

namespace weir::testing {

// While shut, whoever wants a snapshot waits: a query is then under way for as long as a test wants.
class GatedStore final : public Store {
 public:
  void on_sessions(SessionBatch&& batch) override { inner_.on_sessions(std::move(batch)); }
  void add_exporter(ExporterName exporter) { inner_.add_exporter(std::move(exporter)); }
  void flush() override {}
  StoreStatus status() const override {
    auto status = inner_.status();
    status.newest_ms = newest_ms;
    status.last_error = last_error;
    return status;
  }
  Snapshot snapshot(std::optional<TimeRange> range) override {
    {
      std::unique_lock lock(mutex_);
      ++arrived_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return !shut_; });
    }
    return inner_.snapshot(range);
  }

  // As said by the test, of the exporters that are asked for.
  RangeQuality quality(const TimeRange&, const std::vector<std::uint32_t>& exporters, std::int64_t) override {
    auto asked = missing;
    const auto other = [&](std::uint32_t id) {
      return std::find(exporters.begin(), exporters.end(), id) == exporters.end();
    };
    std::erase_if(asked.exporters, [&](const auto& e) { return other(e.exporter); });
    std::erase_if(asked.gaps,
                  [&](const auto& gap) { return gap.reason == GapReason::kNotHeard && other(gap.exporter); });
    return asked;
  }

  void shut() {
    const std::lock_guard lock(mutex_);
    shut_ = true;
  }
  void open() {
    const std::lock_guard lock(mutex_);
    shut_ = false;
    changed_.notify_all();
  }
  // Waits until `count` snapshots have been asked for since the start.
  void wait_for_queries(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }

  // Snapshots asked for since the start.
  int arrived() {
    const std::lock_guard lock(mutex_);
    return arrived_;
  }

  std::int64_t newest_ms = 0;
  std::string last_error;  // of the disk
  RangeQuality missing;

 private:
  MemoryStore inner_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool shut_ = false;
};

// Two rules (alerts by exporter, and by client), one that is off, and a file with a mistake; nothing is delivered but
// to a port of loopback where nobody listens.
struct AlertFolder {
  AlertFolder() {
    static std::atomic<int> number{0};
    path = std::filesystem::temp_directory_path() /
           ("weir-fake-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    std::filesystem::create_directories(path);
    write("rules.lua",
          "weir.rule { name = 'by exporter', description = 'Anything at all', severity = 'high', query = { by = "
          "'exporter', window = '1m', every = '1m' },\n"
          "            when = { octets = '>0' }, message = '{exporter} is busy' }\n"
          "weir.rule { name = 'by client', query = { by = 'client', window = '1m', every = '1m' }, when = { octets = "
          "'>5k' }, labels = { team = 'net' } }\n"
          "weir.rule { name = 'off', enabled = false, query = { by = 'client', window = '1m', every = '1m' }, when = { "
          "octets = '>0' } }\n");
    write("broken.lua", "weir.rule {\n  name = \n}\n");
  }
  ~AlertFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name, std::ios::binary) << text;
  }
  AlertSettings settings() const {
    AlertSettings s;
    s.state_file = (path / "alerts.sqlite").string();
    s.rule_folders = {path.string()};
    s.timing = {.lateness_ms = 0, .late_ms = 0, .max_catch_up = 10};
    s.webhooks = {"http://127.0.0.1:1/"};
    return s;
  }
  std::filesystem::path path;
};

class FakeBackend final : public ApiBackend {
 public:
  static constexpr std::int64_t kNow = 1'700'000'000'000;

  FakeBackend() {
    auto* edge = table.find_or_add(address("192.0.2.1"));
    auto* core = table.find_or_add(address("192.0.2.2"));
    edge->name.with([](std::string& name) { name = "edge-1"; });
    edge->first_seen_ms = edge->last_seen_ms = core->first_seen_ms = core->last_seen_ms = kNow - 1000;
    edge->datagrams = 7;
    edge->records = 70;
    edge->lost = edge->lost_most = 3;
    edge->announced_sampling = 10;
    edge->protocols = kProtocolV5 | kProtocolIpfix;
    edge->domains.with(
        [](auto& domains) { domains.push_back({.domain = 1, .port = 5000, .sequence_lost = 3, .templates = 2}); });
    gated.add_exporter({.id = edge->id, .address = edge->address, .name = "edge-1"});
    gated.add_exporter({.id = core->id, .address = core->address});
    gated.newest_ms = kNow - 500;
    gated.missing.exporters = {
        {.exporter = edge->id, .lost = 3, .complete_to_ms = kNow - 2000, .protocols = kProtocolV5 | kProtocolIpfix},
        {.exporter = core->id, .complete_to_ms = kNow - 1000, .protocols = kProtocolV9}};
    gated.missing.gaps = {
        {.from_ms = kNow - 50'000, .to_ms = kNow - 40'000, .reason = GapReason::kNotHeard, .exporter = edge->id}};
    gated.on_sessions({.sessions = {session(1, edge->id, "10.0.0.1", "198.51.100.1", 443, 1000, 9000),
                                    session(2, edge->id, "10.0.0.2", "198.51.100.1", 53, 100, 300),
                                    session(3, core->id, "10.0.0.1", "2001:db8::1", 443, 50, 50)},
                       .final_below = 4});
  }

  Store& store() override { return gated; }
  Answerer& answerer() override { return local; }
  ExporterTable& exporters() override { return table; }
  AlertEngine& alerts() override { return engine; }
  CollectorStatus status() const override {
    return {.version = "1.2.3",
            .build = "test",
            .started_ms = kNow - 60'000,
            .records_per_s = 2.5,
            .datagrams_per_s = 1,
            .store_full_in_ms = {},
            .queues = {{.name = "decode", .size = 1, .capacity = 10, .dropped = 2}},
            .last_errors = {{.at_ms = kNow, .stage = "store", .message = "disk \xff full"}},
            .server_ports = {.file = "server_ports.lua", .loaded_ms = kNow, .count = 2, .error = {}}};
  }
  std::vector<std::string> about_warnings;
  AboutReport about() const override {
    return {.version = "1.2.3",
            .build = "test",
            .os = "Debian",
            .libraries = {{"Boost", "1.81"}},
            .settings_changed = {{"api.listen", "x"}, {"api.web_dir", "/secret/path"}},
            .collector = {{"store", "4711 sessions"}},
            .warnings = about_warnings};
  }
  ExporterExamination examine(const Exporter& exporter) const override {
    return {.checks = 20,
            .findings = {
                {.what = "3 records of " + exporter.name.with([](const std::string& name) { return name; }) + " lost",
                 .advice = "look at the path"}}};
  }
  SettingsReport settings() const override {
    return {.file = "/secret/path/weir.toml",
            .settings = {{.key = "api.listen",
                          .description = "Address and port.",
                          .value = std::string("x"),
                          .fallback = std::string("127.0.0.1:8710"),
                          .allowed = "a text"},
                         {.key = "store.max_bytes",
                          .description = "Most.",
                          .value = std::int64_t{5},
                          .fallback = std::int64_t{5},
                          .allowed = "a whole number from 0 to 9"}}};
  }
  double records_per_s(const Exporter&) const override { return 1.5; }
  std::optional<DeviceInfo> device(const Exporter& exporter) const override {
    return exporter.id == 1 ? std::optional(DeviceInfo{.hostid = "10084", .name = "Edge router"}) : std::nullopt;
  }
  std::vector<InterfaceInfo> interfaces(const Exporter& exporter) const override {
    if (exporter.id != 1) return {};
    return {{.index = 3,
             .name = "ge-0/0/3",
             .alias = {},
             .speed_bps = 1'000'000'000,
             .snmp_ratio = 0.1,
             .verdict = "sampling 1 in 10 is not announced"}};
  }
  Result<void> forget_exporter(Exporter& exporter) override {
    table.forget(exporter.address);
    return {};
  }
  Result<void> set_exporter(Exporter& exporter, const ExporterChange& change) override {
    if (change.name) exporter.name.with([&](std::string& name) { name = *change.name; });
    if (change.sampling) exporter.configured_sampling = *change.sampling;
    if (change.metering) exporter.metering = *change.metering;
    return {};
  }
  std::string service_name(std::uint8_t protocol, std::uint16_t port) const override {
    if (port == 443 && protocol == 6) return "https";
    if (port == 53) return "domain";
    return {};
  }
  std::shared_ptr<const PortTable> server_port_table() const override { return ports; }
  DerivedSources derived_sources() const override { return {.names = traffic}; }
  std::shared_ptr<const TrafficNames> traffic = std::make_shared<const TrafficNames>();
  Result<std::vector<std::string>> trace(const IpAddress& exporter, std::uint32_t datagrams,
                                         const std::atomic<bool>*) override {
    if (!trace_error.empty()) return error(trace_error);
    if (exporter != address("192.0.2.1")) return std::vector<std::string>{};
    return std::vector<std::string>(std::min(datagrams, 2u), "NetFlow v5 from " + exporter.text() + "\n");
  }
  std::string console_answer(std::string_view line, bool only_look, const std::atomic<bool>*) override {
    if (only_look && line == "log debug") return "! may only look\n";
    if (line == "flows") return "two exporters\n";
    return line == "trace x" ? "! no exporter\n" : "? no such command\n";
  }
  Result<std::string> reload_scripts() override {
    engine.reload();
    if (!reload_error.empty()) return error(reload_error);
    return std::string("2 server ports are loaded");
  }
  void write_metrics(MetricsWriter& writer) const override {
    writer.counter("weir_fake_total", "From the backend.", 5);
  }

  // Three alerts then fire: of each exporter, and of client 10.0.0.1.
  void raise_alerts() {
    alert_clock.set(kNow + 45'000);
    engine.run_due();
  }

  static IpAddress address(const char* text) { return *parse_ip_address(text); }

  GatedStore gated;
  std::string reload_error, trace_error;
  std::shared_ptr<PortTable> ports = std::make_shared<PortTable>();
  ExporterTable table{16};
  AlertFolder folder;
  ManualClock alert_clock{kNow};
  LocalAnswerer local{gated, alert_clock, [this](std::uint32_t id) {
                        const auto* exporter = table.find(id);
                        return exporter == nullptr ? IpAddress{} : exporter->address;
                      }};
  AlertEngine engine{folder.settings(), gated, table, alert_clock};

 private:
  static Session session(std::uint64_t id, std::uint32_t exporter, const char* client, const char* server,
                         std::uint16_t port, std::uint64_t up, std::uint64_t down) {
    Session s{.id = id,
              .start_ms = kNow - 10'000,
              .end_ms = kNow - 2000,
              .client = address(client),
              .server = address(server),
              .exporter = exporter};
    s.halves[kToServer] = {.octets = up, .packets = 2, .flows = 1, .in_if = 3, .out_if = 4};
    s.halves[kToClient] = {.octets = down, .packets = 3, .flows = 1, .in_if = 4, .out_if = 3};
    s.client_port = 40'000;
    s.server_port = port;
    s.protocol = 6;
    s.reason = ServerReason::kPortList;
    return s;
  }
};

}  // namespace weir::testing
