// What /metrics says of the whole collector.
#include <algorithm>

#include "app/api_backend.hpp"
#include "app/pipeline.hpp"

namespace weir {

void ApiBackendOfPipeline::write_metrics(MetricsWriter& w) const {
  const auto listeners = listener_.status();
  const auto per_socket = [&](std::string_view name, std::string_view help, std::uint64_t ListenerStatus::*member) {
    w.family(name, MetricType::kCounter, help);
    for (const auto& l : listeners) w.sample(l.*member, {{"listen", l.address}});
  };
  per_socket("weir_receive_datagrams_total", "Datagrams read from the socket.", &ListenerStatus::datagrams);
  per_socket("weir_receive_bytes_total", "Payload bytes read from the socket.", &ListenerStatus::bytes);
  per_socket("weir_receive_kernel_drops_total",
             "Datagrams that the kernel dropped because the socket's buffer was full.", &ListenerStatus::kernel_drops);
  per_socket("weir_receive_truncated_total", "Datagrams longer than the receive buffer.", &ListenerStatus::truncated);

  const auto tcp = tcp_listener_.status();
  const auto per_tcp = [&](std::string_view name, std::string_view help, std::uint64_t TcpListenerStatus::*member,
                           MetricType type = MetricType::kCounter) {
    w.family(name, type, help);
    if (tcp.empty()) w.sample(0);  // nothing listens
    for (const auto& l : tcp) w.sample(l.*member, {{"listen", l.address}});
  };
  per_tcp("weir_receive_tcp_connections", "TCP connections of exporters now.", &TcpListenerStatus::connections,
          MetricType::kGauge);
  per_tcp("weir_receive_tcp_accepted_total", "TCP connections accepted.", &TcpListenerStatus::accepted);
  per_tcp("weir_receive_tcp_refused_total",
          "TCP connections refused: of a sender that receive.allow does not name, or past a bound.",
          &TcpListenerStatus::refused);
  per_tcp("weir_receive_tcp_idle_closed_total",
          "TCP connections closed because no whole message came for receive.tcp_idle_ms.",
          &TcpListenerStatus::idle_closed);
  per_tcp("weir_receive_tcp_broken_total", "TCP connections closed because what came is no IPFIX.",
          &TcpListenerStatus::broken);
  per_tcp("weir_receive_tcp_messages_total", "IPFIX messages that came by TCP.", &TcpListenerStatus::messages);
  per_tcp("weir_receive_tcp_bytes_total", "Octets that came by TCP.", &TcpListenerStatus::bytes);

  DecodeCounters d;
  SessionCounters s;
  std::uint64_t queue_drops = 0;
  for (const auto& worker : workers_) {
    const WorkerStatus status = worker->status();
    const auto& c = status.decode;
    d.datagrams += c.datagrams, d.records += c.records, d.options_records += c.options_records,
        d.malformed += c.malformed, d.unsupported += c.unsupported;
    d.came_without_template += c.came_without_template, d.waiting_dropped += c.waiting_dropped,
        d.templates += c.templates;
    d.templates_refused += c.templates_refused, d.sampling_refused += c.sampling_refused,
        d.domains_refused += c.domains_refused;
    d.time_repaired += c.time_repaired, d.rejected_counters += c.rejected_counters,
        d.rejected_rates += c.rejected_rates, d.rejected_empty += c.rejected_empty;
    d.left_out += c.left_out, d.flow_memory_bytes += c.flow_memory_bytes, d.flows_forgotten += c.flows_forgotten,
        d.originals_refused += c.originals_refused;
    d.withdrawals_ignored += c.withdrawals_ignored, d.templates_forgotten += c.templates_forgotten,
        d.saves_deferred += c.saves_deferred;
    d.names_refused += c.names_refused, d.name_bytes += c.name_bytes;
    d.duplicates += c.duplicates, d.streams_forgotten += c.streams_forgotten;
    d.state_bytes += c.state_bytes;
    d.samples_lost += c.samples_lost, d.samples_dropped += c.samples_dropped, d.samples_skipped += c.samples_skipped;
    s.samples_joined += status.session.samples_joined;
    s.records += status.session.records, s.sessions += status.session.sessions, s.merged += status.session.merged;
    s.window_rows += status.session.window_rows, s.released_full += status.session.released_full;
    queue_drops += status.queue.dropped;
  }
  const auto slots = query_limits_.slots.status();
  w.family("weir_query_reading", MetricType::kGauge,
           "Queries that read the store now: small ones, and large ones (at most query.threads of each).");
  w.sample(slots.small_running, {{"size", "small"}});
  w.sample(slots.large_running, {{"size", "large"}});
  w.gauge("weir_query_turn_waiting", "Queries that wait for their turn to read.", slots.waiting);
  w.gauge("weir_query_turn_paused", "Large queries that made way for others.", slots.paused);
  w.counter("weir_query_pauses_total", "Times that a large query made way for others.", slots.pauses);
  w.counter("weir_query_timed_out_total", "Queries ended because they read longer than query.timeout_ms.",
            slots.timed_out);
  w.gauge("weir_query_memory_bytes", "What queries hold now.", query_limits_.memory.used());
  w.gauge("weir_query_memory_max_bytes", "What queries may hold together (query.memory_bytes).",
          query_limits_.memory.limit());
  w.counter("weir_query_memory_refused_total", "Queries ended because of query.memory_bytes.",
            query_limits_.memory.refused());

  w.counter("weir_receive_queue_drops_total", "Bytes of datagrams dropped because a worker's queue was full.",
            queue_drops);
  w.counter("weir_decode_datagrams_total", "Datagrams decoded, whatever they were.", d.datagrams);
  w.counter("weir_decode_records_total", "Flow records decoded.", d.records);
  w.counter("weir_decode_options_records_total", "Options records of NetFlow and IPFIX, counter samples of sFlow.",
            d.options_records);
  w.counter("weir_decode_malformed_total", "Datagrams of which something could not be read.", d.malformed);
  w.counter("weir_decode_unsupported_total", "Datagrams of protocols that are not decoded.", d.unsupported);
  w.counter("weir_decode_waiting_total", "Data sets that came without a template.", d.came_without_template);
  w.counter("weir_decode_waiting_dropped_total", "Data sets given up without a template: bounds or age.",
            d.waiting_dropped);
  w.gauge("weir_decode_templates", "Templates held.", d.templates);
  w.counter("weir_decode_templates_refused_total", "Templates past a bound.", d.templates_refused);
  w.counter("weir_decode_sampling_refused_total", "Sampling rates past a bound.", d.sampling_refused);
  w.counter("weir_decode_names_refused_total", "Names that exporters told past a bound.", d.names_refused);
  w.gauge("weir_decode_name_bytes", "Memory that names take which exporters told.", d.name_bytes);
  w.counter("weir_decode_domains_refused_total", "Datagrams of observation domains past the bound.", d.domains_refused);
  w.counter("weir_decode_time_repaired_total", "Records whose times were repaired.", d.time_repaired);
  w.counter("weir_decode_left_out_total", "Records metered in a direction that is not counted of their exporter.",
            d.left_out);
  w.gauge("weir_decode_flow_memory_bytes", "Memory that the last reports of flows take.", d.flow_memory_bytes);
  w.counter("weir_decode_flows_forgotten_total",
            "Flows whose last report was forgotten to make room; what is not certain then is marked.",
            d.flows_forgotten);
  w.counter("weir_decode_originals_refused_total",
            "Records whose own exporter had no place: they count for their sender.", d.originals_refused);
  w.family("weir_decode_rejected_total", MetricType::kCounter,
           "Flow records decoded and then refused: they count more than a link carries, have one sampling rate too "
           "many, or say nothing that is stored.");
  w.sample(d.rejected_counters, {{"reason", "counters"}});
  w.sample(d.rejected_rates, {{"reason", "sampling_rates"}});
  w.sample(d.rejected_empty, {{"reason", "empty"}});
  w.counter("weir_decode_withdrawals_ignored_total", "Withdrawals of templates that came by UDP and were ignored.",
            d.withdrawals_ignored);
  w.counter("weir_decode_templates_forgotten_total", "Templates forgotten so that other exporters had room.",
            d.templates_forgotten);
  w.counter("weir_decode_duplicates_total", "Datagrams that came twice and were counted once.", d.duplicates);
  w.counter("weir_decode_streams_forgotten_total",
            "Streams (port and domain) past an exporter's bound that were forgotten.", d.streams_forgotten);
  w.counter("weir_decode_saves_deferred_total",
            "Templates, sampling rates and names that changed too fast to be kept over a restart at once.",
            d.saves_deferred);
  w.counter("weir_decode_samples_lost_total", "sFlow samples that did not come.", d.samples_lost);
  w.counter("weir_decode_samples_dropped_total", "sFlow samples that agents could not take, as they say.",
            d.samples_dropped);
  w.counter("weir_decode_samples_skipped_total", "sFlow samples of kinds that are not decoded, as drop notifications.",
            d.samples_skipped);
  w.gauge("weir_decode_state_bytes", "Memory that templates, domains and sampling rates take.", d.state_bytes);
  const UnknownSenders senders = this->senders();
  w.counter("weir_receive_not_allowed_total", "Datagrams of senders that receive.allow does not name.",
            senders.not_allowed);
  w.gauge("weir_senders_waiting", "Senders that have not yet sent enough to be exporters.", senders.waiting);
  w.gauge("weir_senders_waiting_bytes", "What they have sent, held in memory.", senders.waiting_bytes);
  w.counter("weir_senders_admitted_total", "Senders that became exporters.", senders.admitted);
  w.counter("weir_senders_turned_away_total",
            "Senders that sent too little, or nothing that could be decoded, before their place in the waiting room "
            "was needed.",
            senders.turned_away);
  w.counter("weir_senders_datagrams_turned_away_total",
            "Datagrams of senders that were turned away, or had sent more than may wait.",
            senders.datagrams_turned_away);
  w.counter("weir_senders_queue_drops_total",
            "Datagrams of senders that are no exporters, dropped because they came too fast.",
            exporters_.unknown_drops());
  w.counter("weir_exporters_displaced_total", "Exporters that were silent for long and made room for others.",
            exporters_.displaced());
  w.counter("weir_exporters_outbid_total",
            "Exporters that came lately and made room for others that send more than twice as many records.",
            exporters_.outbid());
  w.counter("weir_exporters_forgotten_total", "Exporters forgotten by command or by age.", exporters_.forgotten());
  std::uint64_t questions = 0, failures = 0, away = 0;
  for (const auto& peer : peers_.status())
    questions += peer.questions, failures += peer.failures, away += peer.is_away();
  w.counter("weir_peer_questions_total", "Questions put to other collectors (peers.ask).", questions);
  w.counter("weir_peer_failures_total", "Those that were not answered.", failures);
  w.gauge("weir_peers_away", "Other collectors that did not answer when they were asked last.", away);
  w.counter("weir_session_records_total", "Records that reached pairing.", s.records);
  w.counter("weir_session_opened_total", "Sessions opened.", s.sessions);
  w.counter("weir_session_merged_total", "Records that became the second half of a session.", s.merged);
  w.counter("weir_session_metered_twice_total", "Records that another had counted, metered in the other direction.",
            s.metered_twice);
  w.counter("weir_session_samples_joined_total", "Sampled packets that joined others of their flow.", s.samples_joined);
  w.gauge("weir_session_window_rows", "Sessions that may still find their other half.", s.window_rows);
  w.counter("weir_session_released_full_total", "Sessions that left the window early because it was full.",
            s.released_full);
  const PortListStatus ports = server_ports_.status();
  w.gauge("weir_script_server_ports", "Ports in the list that is loaded.", ports.count);
  w.gauge("weir_script_server_ports_error", "1 when the newest port list could not be loaded.",
          ports.error.empty() ? 0 : 1);
  const auto names = name_scripts_.current();
  const auto scripts = name_scripts_.status();
  w.gauge("weir_script_application_rules", "Application rules that are loaded.", names->applications.rule_count());
  w.gauge("weir_script_networks", "Labelled networks that are loaded.", names->networks.prefix_count());
  w.gauge("weir_script_names_errors", "Scripts of applications and networks whose newest version could not be loaded.",
          static_cast<std::uint64_t>(
              std::count_if(scripts.begin(), scripts.end(), [](const auto& script) { return !script.error.empty(); })));
  const auto database_family = [&](std::string_view name, std::string_view help,
                                   bool (*is_so)(const AddressDatabaseStatus&)) {
    w.family(name, MetricType::kGauge, help);
    for (const auto& database : databases_.all())
      w.sample(is_so(database->status()) ? 1 : 0, {{"database", database->row().word}});
  };
  database_family("weir_enrich_loaded", "1 when the file that says what addresses are is loaded.",
                  [](const AddressDatabaseStatus& status) { return status.loaded_ms != 0; });
  database_family("weir_enrich_error", "1 when the newest such file could not be loaded.",
                  [](const AddressDatabaseStatus& status) { return !status.error.empty(); });
  monitor_.write_metrics(w);
  if (more_metrics_) more_metrics_(w);
}

}  // namespace weir
