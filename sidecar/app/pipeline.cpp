// Construction, start and stop of the stages, in corridor order.
#include "app/pipeline.hpp"

#include <algorithm>
#include <filesystem>

#include "app/alert_settings.hpp"
#include "app/decode_settings.hpp"
#include "app/monitor_settings.hpp"
#include "app/version.hpp"
#include "console/console_prompt.hpp"
#include "console/console_table.hpp"
#include "console/examine_exporter.hpp"
#include "core/log.hpp"
#include "decode/protocol_table.hpp"

namespace weir {

namespace {

// The look-ups that alert rules can use. The arguments must outlive the alert engine.
AlertLookups alert_lookups(const Monitor& monitor, const ExporterTable& exporters, const ToldTrafficNames& names,
                           const AddressDatabases& databases) {
  return {.derived = [&] { return databases.sources(names.current()); },
          .interface_speed =
              [&monitor, &exporters](const IpAddress& exporter, std::uint64_t index) {
                if (const auto speed = monitor.interface_speed(exporter, index); speed != 0) return speed;
                const auto* known = exporters.find(exporter);
                return known == nullptr ? std::uint64_t{0} : known->told.with([&](const ToldNames& told) {
                  const auto* text = told.find(ToldKind::kInterfaceSpeed, index);
                  return text == nullptr ? std::uint64_t{0} : told_number(*text).value_or(0);
                });
              },
          .monitor_host =
              [&monitor](const IpAddress& exporter) {
                const auto link = monitor.device(exporter);
                return link ? link->host : std::string();
              }};
}

std::vector<ListenAddress> listen_addresses(const Settings& settings, const std::string& key) {
  std::vector<ListenAddress> addresses;
  for (const auto& text : settings.list(key)) {
    auto parsed = parse_listen_address(text);
    if (!parsed) throw std::runtime_error(key + ": " + parsed.error().message);
    addresses.push_back(std::move(*parsed));
  }
  return addresses;
}

std::vector<IpPrefix> allowed_networks(const Settings& settings) {
  auto networks = AllowedSenders::parse(settings.list("receive.allow"));
  if (!networks) throw std::runtime_error(networks.error().message);
  return *std::move(networks);
}

// INT64_MAX: nothing is stored.
std::int64_t oldest_stored_ms(const SqliteStore& store) {
  const auto status = store.status();
  return status.sessions + status.unsealed == 0 ? INT64_MAX : status.oldest_ms;
}

StoredTemplate stored_template(const TemplateCopy& c) {
  return {.exporter = c.exporter,
          .source_port = c.source_port,
          .domain = c.domain,
          .version = c.version,
          .options = c.options,
          .booted_ms = c.booted_ms,
          .record = c.record};
}
TemplateCopy template_copy(const StoredTemplate& t) {
  return {.exporter = t.exporter,
          .source_port = t.source_port,
          .domain = t.domain,
          .version = t.version,
          .options = t.options,
          .booted_ms = t.booted_ms,
          .record = t.record};
}
StoredRate stored_rate(const RateCopy& c) {
  return {.exporter = c.exporter,
          .announced = {.port = c.source_port,
                        .domain = c.domain,
                        .scope = static_cast<SamplingScope>(c.scope),
                        .id = c.id,
                        .rate = c.rate,
                        .booted_ms = c.booted_ms}};
}
RateCopy rate_copy(const StoredRate& r) {
  const auto& a = r.announced;
  return {.exporter = r.exporter,
          .source_port = a.port,
          .domain = a.domain,
          .scope = static_cast<std::uint8_t>(a.scope),
          .id = a.id,
          .rate = a.rate,
          .booted_ms = a.booted_ms};
}

}  // namespace

Pipeline::Pipeline(const Settings& settings, const Clock& clock)
    : settings_(settings),
      clock_(clock),
      allowed_(allowed_networks(settings)),
      exporters_(
          static_cast<std::uint32_t>(settings.integer("exporters.max")),
          {.forget_ms = settings.integer("exporters.forget_ms"), .settle_ms = settings.integer("exporters.settle_ms")}),
      server_ports_(server_ports_file(settings), lua_limits(settings), clock, own_server_ports_file(settings)),
      name_scripts_(traffic_name_files(settings), lua_limits(settings), clock),
      traffic_names_(name_scripts_, exporters_),
      databases_(path_of_setting(settings), clock),
      store_(store_settings(settings), clock, exporters_),
      monitor_(monitor_settings(settings), store_, exporters_, clock, kVersion),
      alerts_(alert_settings(settings), store_, exporters_, clock,
              alert_lookups(monitor_, exporters_, traffic_names_, databases_)),
      listener_(listen_addresses(settings, "receive.listen"),
                static_cast<std::uint64_t>(settings.integer("receive.socket_buffer_bytes")), *this),
      tcp_listener_(
          listen_addresses(settings, "receive.tcp_listen"), tcp_limits(settings), clock, *this,
          [this](const IpAddress& sender) { return allowed_.allows(sender); }, [this] { return has_room(); }),
      backend_(settings_, clock, exporters_, store_, server_ports_, name_scripts_, traffic_names_, databases_, rates_,
               workers_, listener_, tcp_listener_, allowed_, alerts_, monitor_),
      memory_keeper_(backend_.query_limits()->memory),
      api_(api_settings(settings), backend_, clock),
      console_services_{.backend = backend_,
                        .clock = clock,
                        .connections = [this] { return api_.connections(); },
                        .refusals =
                            [this] {
                              auto all = api_.refusals();
                              for (auto& refusal : console_.refusals()) all.push_back(std::move(refusal));
                              return all;
                            }},
      console_(console_settings(settings), console_services_) {
  backend_.on_console([this](std::string_view line, bool only_look, const std::atomic<bool>* cancelled) {
    return answer_console_line(console_services_, line, cancelled,
                               only_look ? ConsoleRights::kLook : ConsoleRights::kAll);
  });
  backend_.on_examine(
      [&clock](const Exporter& exporter) { return examine_exporter(exporter, clock.now_ms()).examination(); });
  backend_.on_metrics([this](MetricsWriter& writer) { console_.write_metrics(writer); });
  store_.keep_sums();
  store_.on_device_names([this] { return monitor_.device_names(); });
  ports_in_force_ = server_ports_.current();
  // One worker leaves a core to the store's writer and the queries on a small machine.
  for (unsigned i = 0, workers = std::max(1u, std::thread::hardware_concurrency() / 2); i < workers; ++i) {
    WorkerSettings w{.name = "worker " + std::to_string(i + 1),
                     .decode = decode_limits(settings),
                     .session = session_limits(settings)};
    w.first_session_id = store_.next_session_id() + i * kSessionIdRange;
    w.decode.admission = admission_limits(settings);
    w.stop_ms = settings.integer("receive.stop_ms");
    w.queue_bytes = static_cast<std::uint64_t>(settings.integer("receive.queue_bytes"));
    workers_.push_back(std::make_unique<Worker>(w, exporters_, store_, clock));
    workers_.back()->on_template([this](const StoredTemplate& t) { store_.save_template(template_copy(t)); });
    workers_.back()->on_name([this](const StoredName& n) {
      store_.save_told({.exporter = n.exporter, .kind = n.kind, .id = n.id, .text = n.text});
      if (n.kind == ToldKind::kApplication) traffic_names_.note_change();
    });
    workers_.back()->on_rate([this](const StoredRate& r) { store_.save_rate(rate_copy(r)); });
    workers_.back()->set_ports(ports_in_force_);
    workers_.back()->set_trace_tap(&backend_.trace_tap());
    workers_.back()->set_record_tap(&backend_.record_tap());
  }
  exporters_.set_oldest_stored(oldest_stored_ms(store_));
  exporters_.place_restored([this](const IpAddress& address) { return !allowed_.allows(address); });
  restore_learnt();
  arrivals_.resize(workers_.size());
  listener_.on_kernel_drops([this](const IpAddress& last_sender, std::uint64_t drops) {
    if (Exporter* e = exporters_.find(last_sender)) e->kernel_drops += drops;
  });
  if (const auto problem = own_scripts_problem(settings); !problem.empty()) log_of("script")->warn("{}", problem);
  if (const auto ports = server_ports_.status(); !ports.error.empty()) log_of("script")->warn("{}", ports.error);
  for (const auto& script : name_scripts_.status()) {
    if (!script.error.empty()) log_of("script")->warn("{}", script.error);
  }
  for (const auto& database : databases_.all()) {
    if (const auto status = database->status(); !status.error.empty()) log_of("enrich")->warn("{}", status.error);
  }
}

Pipeline::~Pipeline() { stop(); }

void Pipeline::restore_learnt() {
  for (auto& n : store_.told()) {
    if (auto* exporter = exporters_.find(n.exporter))
      exporter->told.with([&](ToldNames& told) { told.set(n.kind, n.id, std::move(n.text)); });
  }
  for (const auto& t : store_.templates())
    workers_[hash_of(t.exporter) % workers_.size()]->restore_template(stored_template(t));
  for (const auto& r : store_.rates()) workers_[hash_of(r.exporter) % workers_.size()]->restore_rate(stored_rate(r));
}

void Pipeline::start() {
  for (auto& w : workers_) w->start();
  listener_.start();
  tcp_listener_.start();
  alerts_.start();
  monitor_.start();
  api_.start();
  console_.start();
  housekeeper_ = std::thread([this] { keep_house(); });
}

StopReport Pipeline::stop() {
  alerts_.interrupt();
  {
    const std::lock_guard lock(house_mutex_);
    stopping_ = true;
  }
  house_wake_.notify_all();
  if (housekeeper_.joinable()) housekeeper_.join();
  console_.stop();
  api_.stop();
  monitor_.stop();
  alerts_.stop();
  listener_.stop();
  tcp_listener_.stop();
  for (auto& w : workers_) w->close();
  StopReport report;
  for (auto& w : workers_) {
    w->stop();
    report.datagrams_left += w->datagrams_left();
  }
  store_.close();
  return report;
}

void Pipeline::on_datagrams(std::span<const Datagram> datagrams) {
  const std::lock_guard lock(receiving_);
  std::uint64_t refused = 0;
  IpAddress last_refused;
  named_.clear();
  named_.reserve(datagrams.size());  // so that no pointer to one moves
  for (const auto& received : datagrams) {
    if (!allowed_.allows(received.source)) {
      ++refused;
      last_refused = received.source;
      continue;
    }
    Datagram& d = named_.emplace_back(received);
    name_exporter(d, protocol_of(d.payload));
    // Datagrams of one sender often come in a row.
    const Exporter* exporter = nullptr;
    auto& part = arrivals_[hash_of(d.source) % arrivals_.size()];
    if (!part.empty() && part.back().datagram->source == d.source) {
      part.push_back({.datagram = &d, .known = part.back().known});
    } else {
      exporter = exporters_.find(d.source);
      part.push_back({.datagram = &d, .known = exporter != nullptr && exporter->has_place()});
    }
  }
  if (refused != 0) allowed_.count_refused(refused, last_refused);
  for (std::size_t i = 0; i < arrivals_.size(); ++i) {
    if (arrivals_[i].empty()) continue;
    workers_[i]->push(arrivals_[i]);
    arrivals_[i].clear();
  }
}

bool Pipeline::has_room() const {
  return std::all_of(workers_.begin(), workers_.end(), [](const auto& w) {
    const auto queue = w->queue_status();
    return queue.size < queue.capacity / 2;
  });
}

std::uint64_t Pipeline::datagrams_dropped() const {
  std::uint64_t dropped = 0;
  for (const auto* e : exporters_.known()) dropped += e->queue_drops;
  return dropped;
}

void Pipeline::look_after_exporters() {
  const auto now_ms = clock_.now_ms();
  exporters_.set_oldest_stored(oldest_stored_ms(store_));
  exporters_.forget_silent(now_ms);
  DecodeCounters sum;
  for (const auto& w : workers_) {
    const auto c = w->status().decode;
    sum.senders_turned_away += c.senders_turned_away;
    sum.senders_waiting += c.senders_waiting;
    sum.senders_refused += c.senders_refused;
  }
  for (const auto& line : sender_watch_.look(now_ms, allowed_, exporters_, sum)) log_of("receive")->warn("{}", line);
}

void Pipeline::keep_house() {
  std::unique_lock lock(house_mutex_);
  while (!stopping_) {
    lock.unlock();
    rates_.sample(clock_.now_ms(), exporters_);
    memory_keeper_.look();
    look_after_exporters();
    if (server_ports_.poll()) {
      const auto status = server_ports_.status();
      if (status.error.empty()) log_of("script")->info("{}: {} server ports loaded", status.file, status.count);
      else log_of("script")->warn("{}; the last good list is still used", status.error);
    }
    if (name_scripts_.poll()) {
      for (const auto& script : name_scripts_.status()) {
        if (script.error.empty()) log_of("script")->info("{}: {} entries loaded", script.file, script.count);
        else log_of("script")->warn("{}; what it last gave is still used", script.error);
      }
    }
    for (const auto& database : databases_.all()) {
      if (!database->poll()) continue;
      const auto status = database->status();
      if (status.error.empty()) log_of("enrich")->info("{}: {} is loaded", status.file, status.type);
      else
        log_of("enrich")->warn("{}; {}", status.error, status.loaded_ms ? "the last good one stays" : "none is loaded");
    }
    // Also after a reload by command.
    if (auto ports = server_ports_.current(); ports != ports_in_force_) {
      for (auto& w : workers_) w->set_ports(ports);
      ports_in_force_ = std::move(ports);
    }
    ++house_rounds_;
    lock.lock();
    house_wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; });
  }
}

}  // namespace weir
