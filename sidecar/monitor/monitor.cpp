// Rounds come once a second; each part knows itself when it is due.
#include "monitor/monitor.hpp"

#include <algorithm>

#include "core/log.hpp"

namespace weir {

namespace {
constexpr auto kRoundEvery = std::chrono::seconds(1);
}  // namespace

Monitor::Monitor(const MonitorSettings& settings, Store& store, const ExporterTable& exporters, const Clock& clock,
                 std::string version)
    : settings_(settings),
      clock_(clock),
      devices_(settings.device_file, clock),
      seen_(settings_, store, exporters, clock, &stopping_) {
  if (!settings_.url.empty()) {
    api_ = std::make_unique<ZabbixApi>(settings_, clock_, &stopping_);
    watch_ = std::make_unique<DeviceWatch>(settings_, *api_, exporters, devices_, clock_);
    comparison_ = std::make_unique<SnmpComparison>(settings_, *watch_, store, exporters, devices_, clock_, &stopping_);
  }
  if (!settings_.server.empty()) {
    source_ = std::make_unique<ValueSource>(settings_, store, exporters, clock_, std::move(version), seen_);
    sender_ = std::make_unique<ValueSender>(settings_, clock_, &stopping_);
  }
}

Monitor::~Monitor() { stop(); }

template <class F>
void Monitor::run(F&& round) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    try {
      round();
    } catch (const std::exception& e) {
      log_of("monitor")->error("{}", e.what());
    }
    lock.lock();
    woken_.wait_for(lock, kRoundEvery, [&] { return stopping_.load(); });
  }
}

void Monitor::start() {
  if (api_) api_thread_ = std::thread([this] { run([this] { run_api_round(); }); });
  values_thread_ = std::thread([this] { run([this] { run_values_round(); }); });
}

void Monitor::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  if (api_thread_.joinable()) api_thread_.join();
  if (values_thread_.joinable()) values_thread_.join();
}

void Monitor::run_api_round() {
  if (!api_) return;
  watch_->refresh();
  if (!watch_->status().answered) return;
  if (auto compared = comparison_->compare(*watch_->view()); !compared && !stopping_) {
    ++compare_failures_;
    log_of("monitor")->warn("flows against SNMP: {}; verdicts stay as they were", compared.error().message);
  }
}

void Monitor::run_values_round() {
  seen_.listen();
  const auto now = clock_.now_ms();
  const auto wait_ms = next_values_ms_ - now;
  if (wait_ms > 0 && wait_ms <= settings_.values_ms) {
    if (sender_) sender_->drain();
    return;
  }
  next_values_ms_ = now + settings_.values_ms;
  const auto devices = api_ ? watch_->view() : nullptr;
  const auto round = seen_.read(devices.get());
  if (!sender_) return;
  // Before Zabbix has said which hosts there are, every exporter would look like one without a host.
  static const DeviceView kNoDevices;
  static const VerdictMap kNoVerdicts;
  const auto verdicts = api_ ? comparison_->verdicts() : nullptr;
  const bool is_known = api_ && watch_->is_known();
  // Items that a list has just made, and those of a template that has just been imported, refuse their first values.
  const auto refused = sender_->status().refused;
  sender_->deliver(source_->next(!api_      ? &kNoDevices
                                 : is_known ? devices.get()
                                            : nullptr,
                                 verdicts ? *verdicts : kNoVerdicts, round));
  if (sender_->status().refused != refused) source_->say_again();
}

MonitorStatus Monitor::status() const {
  MonitorStatus s{.api = {}, .url = settings_.url, .values = {}, .server = settings_.server};
  if (watch_) {
    s.api = watch_->status();
    const auto view = watch_->view();
    s.linked = view->links.size();
    s.unsettled = view->unsettled.size();
  }
  if (sender_) s.values = sender_->status();
  return s;
}

std::vector<KeptDatabaseStatus> Monitor::files() const {
  std::vector<KeptDatabaseStatus> files;
  if (sender_) files.push_back(sender_->status().file);
  if (auto file = devices_.status()) files.push_back(std::move(*file));
  return files;
}

std::shared_ptr<const std::map<IpAddress, std::string>> Monitor::device_names() const {
  static const auto kNone = std::make_shared<const std::map<IpAddress, std::string>>();
  return watch_ ? watch_->device_names() : kNone;
}

std::optional<DeviceLink> Monitor::device(const IpAddress& exporter) const {
  if (!watch_) return std::nullopt;
  const auto view = watch_->view();
  const auto found = view->links.find(exporter);
  return found == view->links.end() ? std::nullopt : std::optional(found->second);
}

std::uint64_t Monitor::interface_speed(const IpAddress& exporter, std::uint64_t index) const {
  if (!watch_) return 0;
  const auto view = watch_->view();
  const auto* facts = view->interfaces_of(exporter);
  if (!facts || index > UINT32_MAX) return 0;
  const auto found = facts->find(static_cast<std::uint32_t>(index));
  return found == facts->end() ? 0 : found->second.speed_bps.value_or(0);
}

std::vector<MonitoredInterface> Monitor::interfaces(const IpAddress& exporter) const {
  std::map<std::uint32_t, MonitoredInterface> all;
  for (const auto& [index, bps] : seen_.of(exporter)) all[index].flow_bps = bps;
  if (watch_) {
    const auto view = watch_->view();
    if (const auto* facts = view->interfaces_of(exporter)) {
      for (const auto& [index, fact] : *facts) {
        auto& one = all[index];
        one.name = fact.name, one.alias = fact.alias, one.speed_bps = fact.speed_bps;
      }
    }
    const auto verdicts = comparison_->verdicts();
    if (const auto link = view->links.find(exporter); link != view->links.end()) {
      if (const auto device = verdicts->find(link->second.hostid); device != verdicts->end()) {
        for (const auto& [index, verdict] : device->second.interfaces) all[index].verdict = verdict;
      }
    }
  }
  std::vector<MonitoredInterface> list;
  for (auto& [index, interface] : all) {
    interface.index = index;
    list.push_back(std::move(interface));
  }
  return list;
}

void Monitor::write_metrics(MetricsWriter& w) const {
  // All families are there without a Zabbix, too: a dashboard then shows zeros instead of nothing.
  const auto watched = watch_ ? watch_->status() : decltype(watch_->status()){};
  std::uint64_t compared = 0;
  if (comparison_) {
    const auto verdicts = comparison_->verdicts();
    for (const auto& [hostid, device] : *verdicts) compared += device.interfaces.size();
  }
  w.gauge("weir_monitor_api_answers", "1 while the Zabbix API answers.", watched.answered ? 1 : 0);
  w.gauge("weir_monitor_api_since_seconds",
          "When the Zabbix API began to answer, or stopped, as a time of the epoch; 0: not asked yet.",
          static_cast<std::uint64_t>(watched.since_ms / 1000));
  w.gauge("weir_monitor_choices_unread",
          "1 while links by hand, or who may edit hosts, cannot be read from Zabbix: links of before hold.",
          watched.choices_error.empty() ? 0 : 1);
  w.counter("weir_monitor_api_failures_total", "Calls of the Zabbix API that failed.", api_ ? api_->failures() : 0);
  w.gauge("weir_monitor_hosts", "Hosts that the Zabbix API names.", watched.hosts);
  w.gauge("weir_monitor_linked_exporters", "Exporters that are linked to a host.",
          watch_ ? watch_->view()->links.size() : 0);
  w.gauge("weir_monitor_unsettled_exporters", "Exporters that hosts fit, and a super admin has to choose one.",
          watch_ ? watch_->view()->unsettled.size() : 0);
  w.gauge("weir_monitor_hosts_without_template", "Hosts of exporters that take no values.", watched.without_template);
  w.gauge("weir_monitor_templates_missing", "1 while the templates are not imported.",
          watched.templates == TemplateState::kMissing ? 1 : 0);
  w.gauge("weir_monitor_templates_old", "1 while the imported templates are of another version of the program.",
          watched.templates == TemplateState::kOld ? 1 : 0);
  w.gauge("weir_monitor_clock_apart_seconds", "How far the clock of the Zabbix frontend is from ours.",
          static_cast<std::uint64_t>(watched.clock_apart_ms / 1000));
  w.gauge("weir_monitor_compared_interfaces", "Interfaces whose flows were held against SNMP.", compared);
  w.counter("weir_monitor_compare_failures_total", "Comparisons with SNMP that failed.", compare_failures_);
  w.gauge("weir_monitor_cut_interfaces", "Interfaces past the bound of zabbix.max_interfaces.",
          watched.cut_interfaces + seen_.cut());
  const auto sent = sender_ ? sender_->status() : decltype(sender_->status()){};
  w.counter("weir_monitor_values_sent_total", "Values that Zabbix took.", sent.sent);
  w.counter("weir_monitor_values_refused_total",
            "Values for items that Zabbix does not know, or that take none from here.", sent.refused);
  w.gauge("weir_monitor_values_taken", "1 while the Zabbix server takes values; also before any was sent.",
          sent.last_error.empty() ? 1 : 0);
  w.gauge("weir_monitor_values_since_seconds",
          "When it began to take them, or stopped, as a time of the epoch; 0: none was sent yet.",
          static_cast<std::uint64_t>(sent.since_ms / 1000));
  w.gauge("weir_monitor_values_refused_lately", "Values of the last round that Zabbix refused.", sent.refused_lately);
  w.counter("weir_monitor_values_failures_total", "Tries to send values that failed.", sent.failures);
  w.gauge("weir_monitor_values_waiting", "Values that wait on disk.", sent.waiting);
  w.counter("weir_monitor_values_given_up_total", "Values given up because too many waited.", sent.given_up);
  w.gauge("weir_monitor_file_refused", "1 while monitor.sqlite cannot be written and values are kept in memory.",
          sent.file.refusal.empty() ? 0 : 1);
  w.counter("weir_monitor_file_renewals_total",
            "Times that monitor.sqlite was damaged, gone or replaced, and was made anew.", sent.file.renewals);
}

}  // namespace weir
