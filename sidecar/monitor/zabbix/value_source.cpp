// Several exporters of one host are one device: rates are added, the worst loss and the latest sign of life count.
#include "monitor/zabbix/value_source.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/durations.hpp"
#include "core/log.hpp"
#include "monitor/zabbix/json_fields.hpp"

namespace weir {

namespace json = boost::json;

namespace {

constexpr const char* kExportersKey = "weir.exporters";
constexpr const char* kInterfacesKey = "weir.interfaces";
constexpr std::int64_t kExporterForgottenMs = 30 * kDayMs;
constexpr std::int64_t kSaidAgainMs = 600'000;
constexpr std::size_t kMaxToldProblems = 100;  // a text item takes 64 KiB
constexpr const char* kSelection = "@IFNAME.MATCHES@\n@IFNAME.NOT_MATCHES@\n@IFALIAS.MATCHES@\n@IFALIAS.NOT_MATCHES@\n";

std::string number(double value, int decimals) {
  char text[64];
  return std::string(text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals).ptr);
}

std::string name_of(const Exporter& e) {
  const auto name = e.name.with([](const std::string& n) { return plain_line(n, kMaxFieldBytes); });
  return name.empty() ? e.address.text() : name;
}

// What one exporter of a device does not know is not known of their sum.
template <class Rates>
void add_rates(const std::vector<InterfaceRate>& of_exporter, Rates& sums) {
  for (const auto& rate : of_exporter) {
    const auto [sum, is_first] = sums.try_emplace(rate.end_ms, rate.bps);
    if (is_first || !sum->second) continue;
    if (rate.bps) sum->second = {.in = sum->second->in + rate.bps->in, .out = sum->second->out + rate.bps->out};
    else sum->second.reset();
  }
}

}  // namespace

bool is_discovery(const std::string& key) { return key == kExportersKey || key == kInterfacesKey; }

ValueSource::ValueSource(const MonitorSettings& settings, Store& store, const ExporterTable& exporters,
                         const Clock& clock, std::string version, const SeenInterfaces& seen)
    : settings_(settings),
      store_(store),
      exporters_(exporters),
      clock_(clock),
      version_(std::move(version)),
      seen_(seen),
      meter_(exporters) {}

std::vector<SenderValue> ValueSource::next(const DeviceView* devices, const VerdictMap& verdicts,
                                           const SeenInterfaces::Round& round) {
  const auto now = clock_.now_ms();
  if (started_ms_ == 0) started_ms_ = now;
  meter_.sample(now, round.heard);
  std::vector<SenderValue> values;
  if (devices) add_exporters(*devices, verdicts, round, values);
  add_collector(values);
  return values;
}

void ValueSource::add_discovery(const std::string& host, const std::string& key, std::string list,
                                std::vector<SenderValue>& values) {
  auto& sent = sent_[{host, key}];
  const auto now = clock_.now_ms();
  if (sent.value == list && now >= sent.at_ms && now - sent.at_ms < kSaidAgainMs) return;
  sent = {.value = list, .at_ms = now};
  values.insert(values.begin(), {.host = host, .key = key, .value = std::move(list), .stamp = {}});
}

void ValueSource::add_collector(std::vector<SenderValue>& values) const {
  const auto add = [&](const char* key, std::string value) {
    values.push_back({.host = settings_.host, .key = key, .value = std::move(value), .stamp = {}});
  };
  if (const auto totals = meter_.totals()) {
    add("weir.records", number(totals->records_per_s, 2));
    add("weir.datagrams", number(totals->datagrams_per_s, 2));
    add("weir.dropped", number(totals->drops_per_s, 2));
  }
  const auto store = store_.status();
  add("weir.store.bytes", std::to_string(store.bytes));
  add("weir.store.days", std::to_string(store.days));
  add("weir.version", version_);
}

std::optional<std::int64_t> ValueSource::silence_ms(std::int64_t last_seen_ms) {
  const auto now = clock_.now_ms();
  if (last_seen_ms >= started_ms_) return std::max<std::int64_t>(0, now - last_seen_ms);
  // Exporters have a minute to be heard by this run; by then the store has taken down when it began.
  if (now - started_ms_ < kMinuteMs) return std::nullopt;
  if (!down_before_)
    down_before_ = store_.quality({.from_ms = started_ms_ - kExporterForgottenMs, .to_ms = started_ms_}, {}, now).gaps;
  auto silence = now - last_seen_ms;
  for (const auto& gap : *down_before_)
    silence -= std::max<std::int64_t>(0, gap.to_ms - std::max(gap.from_ms, last_seen_ms));
  return silence;
}

void ValueSource::add_exporters(const DeviceView& devices, const VerdictMap& verdicts,
                                const SeenInterfaces::Round& round, std::vector<SenderValue>& values) {
  const auto now = clock_.now_ms();
  std::map<std::pair<std::string, std::string>, HostValues> hosts;  // by host and suffix
  json::array without_host;
  for (const auto* e : exporters_.all()) {
    const auto last_seen_ms = e->last_seen_ms.load();
    if (now - last_seen_ms > kExporterForgottenMs) continue;
    const auto link = devices.links.find(e->address);
    const bool linked = link != devices.links.end() && devices.takes_values(link->second.hostid);
    const auto address = e->address.text();
    const auto suffix = linked ? "" : "[" + address + "]";
    if (!linked) without_host.push_back(json::object{{"{#EXPORTER}", address}, {"{#EXPORTER.NAME}", name_of(*e)}});
    auto& of = hosts[{linked ? link->second.host : settings_.host, suffix}];
    of.suffix = suffix;
    of.last_seen_ms = std::max(of.last_seen_ms, last_seen_ms);
    if (const auto silence = silence_ms(last_seen_ms))
      of.silence_ms = std::min(of.silence_ms.value_or(*silence), *silence);
    if (const auto figures = meter_.figures(e->id)) {
      if (!of.figures) of.figures.emplace();
      of.figures->records_per_s += figures->records_per_s;
      of.figures->loss = std::max(of.figures->loss, figures->loss);
    }
    if (!linked) continue;
    of.hostid = link->second.hostid;
    of.facts = devices.interfaces_of(e->address);
    for (const auto& [index, bps] : seen_.of(e->address)) {
      auto& rates = of.interfaces[index];
      const auto told = round.rates.find({e->address, index});
      if (told != round.rates.end()) add_rates(told->second, rates);
    }
  }
  for (const auto& [place, of] : hosts) {
    const auto add = [&, &host = place.first, &of = of](const char* key, std::string value) {
      values.push_back({.host = host,
                        .key = std::string("weir.exporter.") + key + of.suffix,
                        .value = std::move(value),
                        .stamp = {}});
    };
    add("lastseen", std::to_string(of.last_seen_ms / 1000));
    if (of.silence_ms) add("silence", std::to_string(*of.silence_ms / 1000));
    if (of.figures) {
      add("records", number(of.figures->records_per_s, 2));
      add("loss", number(of.figures->loss * 100, 2));
    }
    if (!of.hostid.empty()) add_interfaces(place.first, of, verdicts, values);
  }
  add_discovery(settings_.host, kExportersKey, json::serialize(without_host), values);
}

void ValueSource::add_interfaces(const std::string& host, const HostValues& of, const VerdictMap& verdicts,
                                 std::vector<SenderValue>& values) {
  const auto device = verdicts.find(of.hostid);
  json::array list;
  auto interfaces = of.interfaces;
  // What was never in flows needs no items: a switch may have hundreds of such interfaces.
  if (device != verdicts.end()) {
    for (const auto& [index, verdict] : device->second.interfaces) {
      if (verdict.kind != VerdictKind::kNotExported) interfaces[index];
    }
  }
  const auto now = clock_.now_ms();
  for (const auto& [index, rates] : interfaces) {
    const auto number_text = std::to_string(index);
    const auto fact = of.facts ? of.facts->find(index) : InterfaceMap::const_iterator{};
    const bool known = of.facts && fact != of.facts->end();
    list.push_back(json::object{{"{#IFINDEX}", number_text},
                                {"{#IFNAME}", known && !fact->second.name.empty() ? fact->second.name : number_text},
                                {"{#IFALIAS}", known ? fact->second.alias : ""}});
    const auto add = [&](const char* what, std::string value, std::int64_t at_ms = 0) {
      values.push_back({.host = host,
                        .key = std::string("weir.if.") + what + "[" + number_text + "]",
                        .value = std::move(value),
                        .stamp = {.clock_s = at_ms / 1000, .ns = at_ms % 1000 * 1'000'000}});
    };
    for (const auto& [end_ms, rate] : rates) {
      if (!rate) continue;
      add("in", number(rate->in, 0), end_ms);
      add("out", number(rate->out, 0), end_ms);
    }
    if (device == verdicts.end()) continue;
    const auto verdict = device->second.interfaces.find(index);
    if (verdict == device->second.interfaces.end()) continue;
    add("ratio", number(verdict->second.ratio * 100, 1));
    auto& sent = sent_[{host, "weir.if.verdict[" + number_text + "]"}];
    if (sent.value == verdict->second.text && now >= sent.at_ms && now - sent.at_ms < kSaidAgainMs) continue;
    sent = {.value = verdict->second.text, .at_ms = now};
    add("verdict", verdict->second.text);
  }
  // After a start it is not known yet that there are none.
  if (!list.empty() || sent_.contains({host, kInterfacesKey}))
    add_discovery(host, kInterfacesKey, json::serialize(list), values);
  if (device != verdicts.end()) add_problems(host, of, device->second, values);
}

// The item's preprocessing puts the macros that select interfaces in the place of the first lines.
void ValueSource::add_problems(const std::string& host, const HostValues& of, const ComparedDevice& device,
                               std::vector<SenderValue>& values) {
  json::array problems;
  std::uint64_t more = 0;
  for (const auto& [index, verdict] : device.interfaces) {
    if (!is_problem(verdict.kind)) continue;
    if (problems.size() >= kMaxToldProblems) {
      ++more;
      continue;
    }
    const auto fact = of.facts ? of.facts->find(index) : InterfaceMap::const_iterator{};
    const bool known = of.facts && fact != of.facts->end();
    problems.push_back(
        json::object{{"name", known && !fact->second.name.empty() ? fact->second.name : std::to_string(index)},
                     {"alias", known ? fact->second.alias : ""},
                     {"verdict", verdict.text}});
  }
  values.push_back({.host = host,
                    .key = "weir.verdicts",
                    .value = std::string(kSelection) +
                             json::serialize(json::object{{"problems", std::move(problems)}, {"more", more}}),
                    .stamp = {}});
}

}  // namespace weir
