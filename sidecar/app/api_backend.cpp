// Status, about and metrics, put together from the stages' own figures.
#include "app/api_backend.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>

#include "api/token.hpp"
#include "app/about.hpp"
#include "app/pipeline.hpp"
#include "app/version.hpp"
#include "console/plain_text.hpp"
#include "core/file_stamp.hpp"
#include "core/log.hpp"

namespace weir {

namespace {

// Of what is read at the start alone: path and stamp. The secret is made by the first start.
std::map<std::string, std::string> stamps_of(const Settings& settings) {
  load_or_make_secret(secret_file(settings).string());
  std::map<std::string, std::string> stamps;
  for (const auto& file :
       {settings.file(), secret_file(settings), settings.path("api.tls_certificate"), settings.path("api.tls_key")}) {
    if (!file.empty()) stamps[file.string()] = file_stamp(file.string());
  }
  return stamps;
}

// 16 hexadecimal digits.
std::string random_name() {
  std::random_device random;
  char text[17];
  std::snprintf(text, sizeof text, "%08x%08x", random(), random());
  return text;
}

IpAddress address_of(const ExporterTable& exporters, std::uint32_t id) {
  const auto* exporter = exporters.find(id);
  return exporter == nullptr ? IpAddress{} : exporter->address;
}

}  // namespace

ApiBackendOfPipeline::ApiBackendOfPipeline(const Settings& settings, const Clock& clock, ExporterTable& exporters,
                                           SqliteStore& store, ServerPorts& server_ports,
                                           TrafficNameScripts& name_scripts, ToldTrafficNames& traffic_names,
                                           const AddressDatabases& databases, const TrafficRates& rates,
                                           const std::vector<std::unique_ptr<Worker>>& workers,
                                           const UdpListener& listener, const TcpListener& tcp_listener,
                                           const AllowedSenders& allowed, AlertEngine& alerts, const Monitor& monitor)
    : settings_(settings),
      clock_(clock),
      exporters_(exporters),
      store_(store),
      server_ports_(server_ports),
      name_scripts_(name_scripts),
      traffic_names_(traffic_names),
      databases_(databases),
      rates_(rates),
      workers_(workers),
      listener_(listener),
      tcp_listener_(tcp_listener),
      allowed_(allowed),
      alerts_(alerts),
      monitor_(monitor),
      record_tap_(clock),
      query_limits_{
          .slots = QuerySlots({.slots = query_slots(settings), .timeout_ms = settings.integer("query.timeout_ms")}),
          .memory = QueryMemory(query_memory_bytes(settings))},
      own_answerer_(
          store, clock, [&exporters](std::uint32_t id) { return address_of(exporters, id); }, random_name()),
      peers_(peer_set(settings, clock)),
      answerer_(peers_.sources(own_answerer_)),
      started_ms_(clock.now_ms()),
      bytes_at_start_(store.status().bytes),
      files_at_start_(stamps_of(settings)) {}

CollectorStatus ApiBackendOfPipeline::status() const {
  CollectorStatus s{.version = kVersion,
                    .build = kBuild,
                    .started_ms = started_ms_,
                    .records_per_s = rates_.records_per_s(),
                    .datagrams_per_s = rates_.datagrams_per_s()};
  const StoreStatus store = store_.status();
  const std::int64_t up_ms = clock_.now_ms() - started_ms_;
  if (store.limit_bytes > store.bytes && store.bytes > bytes_at_start_ && up_ms > 60'000) {
    const double per_ms = static_cast<double>(store.bytes - bytes_at_start_) / static_cast<double>(up_ms);
    s.store_full_in_ms = static_cast<std::int64_t>(static_cast<double>(store.limit_bytes - store.bytes) / per_ms);
  }
  for (const auto& w : workers_) s.queues.push_back(w->status().queue);
  s.queues.push_back(
      {.name = "store", .size = store.queue_rows, .capacity = store.queue_capacity, .dropped = store.queue_dropped});
  for (auto& e : recent_errors())
    s.last_errors.push_back({.at_ms = e.at_ms, .stage = std::move(e.stage), .message = std::move(e.message)});
  const auto told = [](const ScriptStatus& script) {
    ServerPortsStatus status{.file = script.file, .loaded_ms = {}, .count = script.count, .error = {}};
    if (script.loaded_ms) status.loaded_ms = script.loaded_ms;
    if (!script.error.empty()) status.error = script.error;
    return status;
  };
  s.state_files.push_back(alerts_.last_status().file);
  for (auto& file : monitor_.files()) s.state_files.push_back(std::move(file));
  s.server_ports = told(server_ports_.status());
  for (const auto& script : name_scripts_.status()) s.name_scripts.push_back(told(script));
  for (const auto& database : databases_.all()) {
    const auto& row = database->row();
    const AddressDatabaseStatus status = database->status();
    auto& state = s.address_databases.emplace_back(AddressDatabaseState{.word = std::string(row.word),
                                                                        .what = std::string(row.what),
                                                                        .setting = std::string(row.setting),
                                                                        .file = status.file,
                                                                        .loaded_ms = {},
                                                                        .type = status.type,
                                                                        .built_ms = {},
                                                                        .error = {}});
    if (status.loaded_ms) state.loaded_ms = status.loaded_ms;
    if (status.built_ms) state.built_ms = status.built_ms;
    if (!status.error.empty()) state.error = status.error;
  }
  return s;
}

UnknownSenders ApiBackendOfPipeline::senders() const {
  UnknownSenders s{.not_allowed = allowed_.refused(), .last_not_allowed = allowed_.last_refused()};
  for (const auto& w : workers_) {
    auto status = w->status();
    const auto& c = status.decode;
    s.not_decoded += c.unsupported;
    s.undecoded.insert(s.undecoded.end(), status.undecoded.begin(), status.undecoded.end());
    s.waiting += c.senders_waiting, s.waiting_bytes += c.senders_waiting_bytes, s.admitted += c.senders_admitted,
        s.refused += c.senders_refused;
    s.turned_away += c.senders_turned_away, s.datagrams_turned_away += c.datagrams_turned_away;
    s.withdrawals_ignored += c.withdrawals_ignored, s.templates_refused += c.templates_refused,
        s.templates_forgotten += c.templates_forgotten;
  }
  std::stable_sort(s.undecoded.begin(), s.undecoded.end(),
                   [](const auto& a, const auto& b) { return a.last_ms > b.last_ms; });
  return s;
}

Result<void> ApiBackendOfPipeline::forget_exporter(Exporter& exporter) {
  exporters_.forget(exporter.address);
  exporter.told.with([](ToldNames& told) { told.clear(); });
  traffic_names_.note_change();
  try {
    store_.forget_learnt(exporter.address);
    store_.save_exporter(exporter);
  } catch (const std::exception& e) {
    return error(std::string("it is forgotten until the next restart; that could not be kept: ") + e.what());
  }
  return {};
}

AboutReport ApiBackendOfPipeline::about() const {
  AboutReport report = about_program(settings_);
  const StoreStatus store = store_.status();
  const auto line = [&](const std::string& name, const std::string& value) {
    report.collector.emplace_back(name, value);
  };
  line("up", duration_text(clock_.now_ms() - started_ms_) + ", since " + utc_text(started_ms_));
  line("exporters", std::to_string(exporters_.all().size()));
  line("records/s", std::to_string(std::llround(rates_.records_per_s())));
  line("store", std::to_string(store.sessions) + " sessions, " + std::to_string(store.bytes) + " bytes of " +
                    std::to_string(store.max_bytes) + ", " + std::to_string(store.days) + " days, " +
                    std::to_string(store.unsealed) + " not yet sealed");
  if (store.sessions + store.unsealed != 0)
    line("stored", utc_text(store.oldest_ms) + " to " + utc_text(store.newest_ms));
  line("cache", std::to_string(store.cache_bytes) + " of " + std::to_string(store.cache_max_bytes) + " bytes");
  for (const auto& database : databases_.all()) {
    const auto status = database->status();
    if (status.file.empty()) continue;
    const std::string what(database->row().what);
    line(what, status.file + (status.loaded_ms
                                  ? ": " + status.type + (status.built_ms ? ", built " + utc_text(status.built_ms) : "")
                                  : ": none is loaded"));
    if (!status.error.empty()) line(what + "'s error", status.error);
  }
  const auto errors = recent_errors();
  for (std::size_t i = 0; i < std::min<std::size_t>(errors.size(), 10); ++i)
    report.warnings.push_back(errors[i].stage + ": " + errors[i].message);
  return report;
}

std::vector<InterfaceInfo> ApiBackendOfPipeline::interfaces(const Exporter& exporter) const {
  std::map<std::uint32_t, InterfaceInfo> all;
  exporter.told.with([&](const ToldNames& told) {
    told.each(ToldKind::kInterfaceName, [&](std::uint64_t index, const std::string& text) {
      all[static_cast<std::uint32_t>(index)].name = text;
    });
    told.each(ToldKind::kInterfaceDescription, [&](std::uint64_t index, const std::string& text) {
      all[static_cast<std::uint32_t>(index)].alias = text;
    });
    told.each(ToldKind::kInterfaceSpeed, [&](std::uint64_t index, const std::string& text) {
      all[static_cast<std::uint32_t>(index)].speed_bps = told_number(text);
    });
  });
  // What the monitor says wins.
  for (const auto& i : monitor_.interfaces(exporter.address)) {
    auto& one = all[i.index];
    if (!i.name.empty()) one.name = i.name;
    if (!i.alias.empty()) one.alias = i.alias;
    if (i.speed_bps) one.speed_bps = i.speed_bps;
    one.flow_bps = i.flow_bps;
    if (!i.verdict) continue;
    one.snmp_ratio = i.verdict->ratio;
    one.verdict = i.verdict->text;
  }
  std::vector<InterfaceInfo> list;
  for (auto& [index, interface] : all) {
    interface.index = index;
    // An exporter that describes its interfaces and does not name them.
    if (!interface.name && interface.alias) interface.name.swap(interface.alias);
    list.push_back(std::move(interface));
  }
  return list;
}

std::optional<DeviceInfo> ApiBackendOfPipeline::device(const Exporter& exporter) const {
  const auto link = monitor_.device(exporter.address);
  if (link) return DeviceInfo{.hostid = link->hostid, .name = link->name};
  // Who had it last, though it does not any more: the monitor's module lets nobody else have it.
  const auto kept = monitor_.kept_link(exporter.address);
  return kept ? std::optional(DeviceInfo{.hostid = kept->hostid, .name = ""}) : std::nullopt;
}

std::string ApiBackendOfPipeline::restart_reason() const {
  std::string reason;
  for (const auto& [file, stamp] : files_at_start_) {
    if (file_stamp(file) != stamp) reason += (reason.empty() ? "" : ", ") + file;
  }
  return reason.empty() ? "" : reason + " changed since the collector was started";
}

Result<std::string> ApiBackendOfPipeline::reload_scripts() {
  alerts_.reload();
  server_ports_.reload();
  name_scripts_.reload();
  for (const auto& database : databases_.all()) database->reload();
  const auto ports = server_ports_.status();
  std::string errors = ports.error;
  for (const auto& script : name_scripts_.status()) {
    if (!script.error.empty()) errors += (errors.empty() ? "" : "; ") + script.error;
  }
  for (const auto& database : databases_.all()) {
    if (const auto status = database->status(); !status.error.empty())
      errors += (errors.empty() ? "" : "; ") + status.error;
  }
  if (!errors.empty()) return error(errors + "; what was good before is still used");
  const auto names = name_scripts_.current();
  return ports.file + ": " + std::to_string(ports.count) + " server ports, " +
         std::to_string(names->applications.rule_count()) + " application rules and " +
         std::to_string(names->networks.prefix_count()) + " networks are loaded; the rule files are being read";
}

Result<void> ApiBackendOfPipeline::set_exporter(Exporter& exporter, const ExporterChange& change) {
  if (change.name) exporter.name.with([&](std::string& n) { n = *change.name; });
  if (change.sampling) exporter.configured_sampling = *change.sampling;
  if (change.metering) exporter.metering = *change.metering;
  try {
    store_.save_exporter(exporter);
  } catch (const std::exception& e) {
    return error(std::string("it holds until the next restart: it could not be kept: ") + e.what());
  }
  return {};
}

std::string ApiBackendOfPipeline::service_name(std::uint8_t protocol, std::uint16_t port) const {
  return std::string(server_ports_.current()->name(protocol, port));
}

}  // namespace weir
