// doctor: what is wrong, in words, with the step that fixes it. The counters that it reads count since the start.
#include <algorithm>

#include "api/status_json.hpp"
#include "console/alert_doctor.hpp"
#include "console/console_call.hpp"
#include "console/doctor_report.hpp"
#include "console/examine_exporter.hpp"
#include "console/monitor_doctor.hpp"
#include "console/peer_doctor.hpp"
#include "core/counted.hpp"
#include "flow/rate_wait.hpp"

namespace weir {

namespace {

constexpr std::int64_t kRefusalsToldMs = 3'600'000;  // what was refused at the door before that is no finding any more

constexpr std::size_t kMostUndecoded = 10;  // senders that are named
constexpr std::int64_t kAheadMs = 60'000;
constexpr std::uint64_t kTellingSamples = 1000;
constexpr std::uint64_t kManySenders = 20;  // a scanner that comes by is nothing wrong

// What only an sFlow agent can have.
void examine_agent(const Exporter& e, DoctorReport& report) {
  report.check((e.protocols & kFlowProtocols) == 0, "it sends sFlow and flow records: the same traffic counts twice",
               "let the device send one of them");
  report.check(e.samples_dropped == 0,
               counted_text(e.samples_dropped, "sample was", "samples were") +
                   " dropped by the agent, as it says: what they stood for is missing",
               "let it take fewer: a larger N of 1 in N");
  // So many samples tell the ratio well within a quarter.
  const std::uint64_t pool = e.sample_pool, by_rate = e.sample_pool_by_rate,
                      rate = std::max<std::uint32_t>(e.announced_sampling, 1);
  const bool is_telling = by_rate / rate >= kTellingSamples;
  report.check(!is_telling || (pool * 4 <= by_rate * 5 && pool * 5 >= by_rate * 4),
               "its samples stand for " + counted_text(pool, "packet", "packets") +
                   ", as it says, and by its rate for " + count_text(by_rate) + ": its real rate is 1 in " +
                   count_text(rate * pool / std::max<std::uint64_t>(by_rate, 1)),
               "it drops samples, or its rate is another than it says: compare with the interface counters, and let it "
               "take fewer samples");
}

}  // namespace

DoctorReport examine_exporter(const Exporter& e, std::int64_t now) {
  DoctorReport report;
  const auto address = e.address.text();
  const std::uint64_t came = e.records, lost = e.lost;
  const auto units = sequence_units(e);
  const bool templated = (e.protocols & (kProtocolV9 | kProtocolIpfix)) != 0;
  std::uint64_t templates = 0, devices = 1;
  for (const auto& domain : e.domains.with([](const auto& domains) { return domains; })) {
    templates += domain.templates;
    devices = std::max<std::uint64_t>(devices, domain.devices);
  }

  report.check(now - e.last_seen_ms < kExporterActiveMs, "silent: last heard " + ago_text(e.last_seen_ms, now),
               "see whether the device exports to this machine and whether a firewall is between: tcpdump -ni any udp "
               "and host " +
                   address);
  report.check(e.last_seen_ms <= now + kAheadMs, "heard in the future: " + utc_text(e.last_seen_ms),
               "the clock of this machine was set back; run chrony or systemd-timesyncd");
  report.check(e.datagrams == 0 || came + e.options_records + e.waiting_for_template > 0,
               "datagrams come, and no record is in them",
               "see under malformed and templates; capture a minute with tcpdump and try weir import on it");
  report.check(lost == 0,
               counted(lost, units.one, units.name) + " lost on the way by sequence number (" +
                   percent_text(lost, lost + units.came) + " of what was sent)",
               "if nothing is dropped here (below), it is the network or the device: look for drops on the path, "
               "export over a quieter link, or sample more");
  report.check(
      e.kernel_drops == 0,
      counted(e.kernel_drops, "datagram", "datagrams") + " dropped by the kernel about when this exporter sent",
      "raise receive.socket_buffer_bytes, and net.core.rmem_max to at least that: sysctl -w "
      "net.core.rmem_max=33554432");
  report.check(e.queue_drops == 0,
               counted(e.queue_drops, "datagram", "datagrams") + " dropped because a worker was behind",
               "it sent more than its share of a worker: see queues; raise receive.queue_bytes, give the collector "
               "more CPU, or sample more");
  report.check(
      e.duplicates == 0,
      counted_text(e.duplicates, "datagram came twice and was", "datagrams came twice and were") + " counted once",
      "see whether it has two destinations that are this collector, or whether a mirrored port or a replicator repeats "
      "what it sends");
  report.check(devices == 1,
               "at least " + std::to_string(devices) +
                   " devices send from this address: their boot times or sequences differ from port to port",
               "they are one exporter here: let each send from an address of its own (no NAT, a container's own "
               "address), so that its flows, its name and its sampling rate are its own");
  report.check(e.unsampled == 0,
               counted_text(e.unsampled, "record", "records") +
                   " came at an unknown sampling rate, though this exporter samples: " +
                   (e.unsampled == 1 ? "it is marked and counts" : "they are marked and count") +
                   " 1 in 1, unless it announced the rate soon afterwards",
               "let it send its sampling options more often, or set the rate on its page in the Flows window");
  report.check(
      !templated || templates > 0, "no template has come: nothing of it can be decoded",
      "wait for the exporter's next round, or let it send templates every minute (Cisco: template data timeout 60)");
  report.check(
      e.waiting_for_template == 0,
      counted(e.waiting_for_template, "data set waits, or was given up, without its",
              "data sets wait, or were given up, without their") +
          " template",
      "normal just after a first start; if it grows, shorten the template time-out on the exporter to a minute");
  report.check(
      e.malformed == 0,
      counted(e.malformed, "datagram could not be read to its", "datagrams could not be read to their") + " end",
      "something else than flows may come to the port, or the exporter has a bug: log debug decode says what; please "
      "report it with a capture");
  const std::uint64_t counters = e.rejected_counters, rates = e.rejected_rates,
                      empty = e.rejected - std::min<std::uint64_t>(e.rejected, counters + rates);
  report.check(
      counters == 0,
      counted(counters, "record was refused: it counts", "records were refused: they count") +
          " more than a link carries",
      "weir console -c 'trace " + address +
          "' shows what it sends; its software may be at fault. If a link is that fast, raise decode.max_link_bps");
  report.check(rates == 0, counted(rates, "record was", "records were") + " refused: too many different sampling rates",
               "weir console -c 'trace " + address +
                   "' shows what it sends; if it is right, raise decode.max_record_rates_per_exporter");
  report.check(
      empty == 0,
      counted(empty, "record was left out: nothing in it", "records were left out: nothing in them") + " tells a flow",
      "normal if it exports something else than flows too; else look at its templates: addresses, ports and counters "
      "belong in them");
  const std::string may_come = now < first_rate_due_ms(e, e.first_seen_ms)
                                   ? ". It may still say it: for the first half hour values of its interfaces for "
                                     "Zabbix wait for that"
                                   : "";
  report.check(e.announced_sampling != 0 || e.configured_sampling != 0,
               "sampling is unknown: nobody said 1 in how many packets is counted; queries take it as 1 in 1",
               "let the exporter send its sampling options, or set the rate on its page in the Flows window; 1 if it "
               "counts every packet" +
                   may_come);
  const auto metering = e.metering.load();
  if ((e.protocols & kProtocolSflow) != 0) examine_agent(e, report);
  if (e.directions == 3 && (e.protocols & kFlowProtocols) != 0 && metering == Metering::kAuto) {
    report.note("it meters on ingress and on egress; a flow that was metered on both counts once",
                e.announced_sampling > 1 || e.configured_sampling > 1
                    ? "it samples, so that few flows are caught on both: set metering " + address +
                          " ingress (or egress) if it meters all interfaces so"
                    : "metering " + address + " ingress, egress or both count otherwise");
  }
  report.check(e.left_out == 0 || e.directions == 3,
               counted(e.left_out, "record is", "records are") + " left out, because metering is " +
                   kMeteringNames[static_cast<std::size_t>(metering)] + ", and none came of the direction that counts",
               "metering " + address + " auto counts all of them");
  report.check(e.time_repaired == 0,
               counted(e.time_repaired, "record had times that could not be, and was moved to when it",
                       "records had times that could not be, and were moved to when they") +
                   " came",
               "set the device's clock by NTP, and shorten its active time-out to a minute");
  return report;
}

namespace {

void examine_disk(const StoreStatus& store, const CollectorStatus& status, DoctorReport& report) {
  constexpr std::uint64_t kLittleSpace = std::uint64_t{1} << 30;
  report.check(store.last_error.empty(), "the disk refuses sessions: " + store.last_error,
               "make room, or repair the disk; " + count_text(store.unsealed) + " of " +
                   count_text(store.max_unsealed) +
                   " sessions wait in memory, more are dropped (store.max_unsealed_rows)");
  report.check(store.free_bytes > kLittleSpace || store.limit_bytes == 0,
               "the disk has " + bytes_text(store.free_bytes) + " left", "make room, or lower store.max_bytes");
  report.check(store.max_bytes == 0 || store.limit_bytes >= store.max_bytes,
               "store.max_bytes is " + bytes_text(store.max_bytes) + ", and the disk has room for " +
                   bytes_text(store.limit_bytes) + ": the oldest sessions go then",
               "give the store a larger disk, or lower store.max_bytes to what fits");
  report.check(store.deleted_segments == 0,
               "one day is larger than the store may be: " +
                   counted_text(store.deleted_sessions, "session was", "sessions were") +
                   " deleted, the oldest of the day among them",
               "raise store.max_bytes, or let the exporters sample more");
  report.check(!store.age_waits, "nothing is deleted by age (store.max_age_days), because the clock was moved",
               "see whether the clock is right (chrony, systemd-timesyncd); it goes on by itself within a day");
  report.check(store.damaged_days == 0, counted(store.damaged_days, "day was", "days were") + " damaged and set aside",
               "the log names the files and what was saved of them; the others go on");
  report.check(store.damaged_segments == 0,
               counted(store.damaged_segments, "segment cannot be read and is", "segments cannot be read and are") +
                   " left out of answers",
               "the log names them; weir store check reads everything");
  report.check(store.damaged_catalogs == 0, "the catalog was damaged and was made anew",
               "see whether the exporters have their names and sampling rates; look at the disk");
  report.check(store.lost_files == 0,
               counted(store.lost_files, "file was", "files were") + " deleted or replaced while the collector ran",
               "the log names them; stop the collector before you touch its files");
  report.check(
      store.templates_refused == 0,
      counted_text(store.templates_refused, "template was", "templates were") +
          " not kept: the catalog has no room for more",
      "an exporter makes templates all the time (see templates in exporters); their data wait after a restart");
  report.check(!status.store_full_in_ms || *status.store_full_in_ms > 86'400'000,
               "the store reaches store.max_bytes within a day", "raise it if older days are to be kept");
}

DoctorReport examine_collector(const ConsoleCall& call) {
  DoctorReport report;
  auto& backend = call.backend();
  const auto status = backend.status();
  const auto store = backend.store().status();
  const auto& exporters = backend.exporters();
  const auto senders = backend.senders();
  std::size_t told = 0;
  for (const auto& s : senders.undecoded) {
    if (call.now_ms() - s.last_ms > kRefusalsToldMs || ++told > kMostUndecoded) continue;
    report.check(false,
                 s.address.text() + " sends " + s.what + " to port " + std::to_string(s.port) +
                     ", which is not decoded: " + counted_text(s.datagrams, "datagram", "datagrams") + ", last " +
                     ago_text(s.last_ms, call.now_ms()),
                 s.hint);
  }
  report.check(
      !exporters.all().empty() || told != 0, "no exporter has sent anything",
      "point one at this machine (UDP, ports of receive.listen), or try softflowd -i INTERFACE -n 127.0.0.1:2055");
  const auto minutes =
      counted(static_cast<std::uint64_t>(std::max<std::int64_t>((call.now_ms() - status.started_ms) / 60'000, 1)),
              "minute", "minutes");
  report.check(senders.refused == 0,
               counted(senders.refused, "datagram of new exporters was", "datagrams of new exporters were") +
                   " refused: all " + std::to_string(exporters.max_exporters()) + " places are taken",
               "name your exporters' networks in receive.allow, so that no others come in; weir console -c 'forget "
               "ADDRESS' for those that are none; or raise exporters.max");
  report.check(senders.turned_away < kManySenders,
               counted(senders.turned_away, "sender", "senders") + " in " + minutes +
                   " sent no flow record, or too little to be exporters: spoofed?",
               "name your exporters' networks in receive.allow; it costs your exporters nothing as it is");
  report.check(senders.not_allowed == 0,
               counted(senders.not_allowed, "datagram", "datagrams") +
                   " came from senders that receive.allow does not name, lately " + senders.last_not_allowed.text(),
               "add its network to receive.allow if it is one of your exporters; else ask who sends");
  report.check(exporters.unknown_drops() == 0,
               counted(exporters.unknown_drops(), "datagram of senders that are no exporters came too fast and was",
                       "datagrams of senders that are no exporters came too fast and were") +
                   " dropped",
               "name your exporters' networks in receive.allow, and keep others from the ports");
  report.check(senders.withdrawals_ignored == 0,
               counted(senders.withdrawals_ignored, "withdrawal of templates came by UDP and was",
                       "withdrawals of templates came by UDP and were") +
                   " ignored",
               "nothing is lost by it; an exporter that does so breaks RFC 7011 8.1, or somebody forges it");
  report.check(senders.templates_refused == 0,
               counted(senders.templates_refused, "template was", "templates were") + " refused",
               "the log says of whom: an exporter with so many is at fault, or somebody forges it; else raise what the "
               "log names");
  report.check(senders.templates_forgotten == 0,
               counted(senders.templates_forgotten, "template was", "templates were") +
                   " forgotten so that other exporters had room",
               "raise decode.max_state_bytes, or look at templates of the exporter with most");
  for (const auto& q : status.queues) {
    report.check(q.dropped == 0, "queue '" + q.name + "' was full and dropped " + std::to_string(q.dropped),
                 "the stage behind it was too slow: give it CPU or a faster disk, or a longer queue in weir.toml");
  }
  report.check(store.dropped_sessions == 0,
               counted(store.dropped_sessions, "session", "sessions") + " could not be stored",
               "the disk refused: " + (store.last_error.empty() ? "see the log" : store.last_error));
  examine_disk(store, status, report);
  report.check(!status.server_ports.error,
               "the newest list of server ports is not loaded: " + status.server_ports.error.value_or(""),
               "fix the file; it is read again when it changes");
  for (const auto& script : status.name_scripts) {
    report.check(!script.error, "the newest names are not loaded: " + script.error.value_or(""),
                 "fix the file; it is read again when it changes");
  }
  for (const auto& database : status.address_databases) {
    report.check(!database.error, "the newest " + database.what + " is not loaded: " + database.error.value_or(""),
                 "give " + database.setting + " a whole file; it is read again when it changes");
  }
  if (call.services.refusals) {
    for (const auto& r : call.services.refusals()) {
      report.check(r.count == 0 || call.now_ms() - r.last_ms > kRefusalsToldMs,
                   r.what + ": " + counted(r.count, "time", "times") + ", last " + ago_text(r.last_ms, call.now_ms()) +
                       ", " + r.last,
                   r.advice);
    }
  }
  if (const auto* limits = backend.query_limits()) {
    const auto slots = limits->slots.status();
    report.check(slots.timed_out == 0,
                 counted(slots.timed_out, "query", "queries") + " took longer than " +
                     std::to_string(limits->slots.timeout_ms() / 1000) + " s and " +
                     (slots.timed_out == 1 ? "was" : "were") + " ended",
                 "ask for a shorter range, a narrower filter or fewer fields; or raise query.timeout_ms");
    report.check(
        limits->memory.refused() == 0,
        counted(limits->memory.refused(), "query", "queries") + " needed more memory than all queries may hold",
        "ask for a shorter range, a narrower filter or fewer fields; or raise query.memory_bytes, now " +
            bytes_text(limits->memory.limit()));
    report.check(slots.waiting < 8, std::to_string(slots.waiting) + " large queries wait for their turn",
                 "see who asks: console command ext; more cores, or query.threads, answer more at a time");
  }
  examine_alerts(report, backend.alerts().last_status(), call.now_ms());
  MetricsWriter metrics;
  backend.write_metrics(metrics);
  const auto last = std::find_if(status.last_errors.begin(), status.last_errors.end(),
                                 [](const RecentError& e) { return e.stage == "monitor"; });
  examine_monitor(report, metrics.take(), last == status.last_errors.end() ? "" : last->message);
  const auto restart = backend.restart_reason();
  report.check(restart.empty(), restart,
               "restart the collector: systemctl restart weir, or end weir run and start it again");
  examine_state_files(report, status.state_files, call.now_ms());
  examine_peers(report, backend.peers(), call.now_ms());
  return report;
}

}  // namespace

std::string doctor_command(const ConsoleCall& call) {
  if (!call.arguments.empty()) {
    std::string failure;
    const auto* exporter = find_named_exporter(call, "doctor", failure);
    return exporter == nullptr ? failure : examine_exporter(*exporter, call.now_ms()).text(exporter_title(*exporter));
  }
  auto text = examine_collector(call).text("Collector");
  std::size_t healthy = 0;
  for (const auto* exporter : call.backend().exporters().all()) {
    const auto report = examine_exporter(*exporter, call.now_ms());
    if (report.findings() == 0) ++healthy;
    else text += report.text(exporter_title(*exporter));
  }
  if (healthy != 0) text += counted(healthy, "exporter has", "exporters have") + " nothing wrong.\n";
  return text;
}

}  // namespace weir
