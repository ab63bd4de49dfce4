// The text of /metrics, family by family. Octets are what Prometheus would call bytes; they are kept in the project's
// word.
#include "api/api_counters.hpp"

#include "api/alert_json.hpp"
#include "api/rpc_methods.hpp"

namespace weir {
namespace {

void write_exporters(MetricsWriter& w, ApiBackend& backend) {
  struct Family {
    const char* name;
    const char* help;
    std::atomic<std::uint64_t> Exporter::*counter;
  };
  constexpr Family kFamilies[] = {
      {"weir_exporter_datagrams_total", "Export datagrams received.", &Exporter::datagrams},
      {"weir_exporter_records_total", "Flow records decoded.", &Exporter::records},
      {"weir_exporter_options_records_total", "Options records of NetFlow and IPFIX, counter samples of sFlow.",
       &Exporter::options_records},
      {"weir_exporter_octets_total", "Octets in the flow records, before sampling is applied.", &Exporter::octets},
      {"weir_exporter_packets_total", "Packets in the flow records, before sampling is applied.", &Exporter::packets},
      {"weir_exporter_lost_total", "Datagrams (NetFlow v9, sFlow) or records missing by sequence number.",
       &Exporter::lost_most},
      {"weir_exporter_malformed_total", "Datagrams or sets that could not be decoded.", &Exporter::malformed},
      {"weir_exporter_rejected_total", "Flow records decoded and then refused.", &Exporter::rejected},
      {"weir_exporter_kernel_drops_total", "Datagrams dropped by the kernel before they were read.",
       &Exporter::kernel_drops},
      {"weir_exporter_queue_drops_total", "Datagrams dropped because the decoder's queue was full.",
       &Exporter::queue_drops},
      {"weir_exporter_duplicates_total", "Datagrams that came twice and were counted once.", &Exporter::duplicates},
      {"weir_exporter_unsampled_records_total", "Records of an exporter that samples, at a rate that is not known.",
       &Exporter::unsampled},
      {"weir_exporter_samples_lost_total", "sFlow samples that did not come.", &Exporter::samples_lost},
      {"weir_exporter_samples_dropped_total", "sFlow samples that the agent could not take, as it says.",
       &Exporter::samples_dropped},
      {"weir_exporter_sample_pool_packets_total", "Packets that sFlow samples were chosen from, as the agent says.",
       &Exporter::sample_pool},
      {"weir_exporter_sample_pool_by_rate_packets_total",
       "The same by the rate of the samples: less than it if the agent drops samples.", &Exporter::sample_pool_by_rate},
      {"weir_exporter_time_repaired_total", "Records whose times were repaired.", &Exporter::time_repaired},
  };
  const auto all = backend.exporters().all();
  for (const auto& family : kFamilies) {
    w.family(family.name, MetricType::kCounter, family.help);
    for (const auto* e : all) w.sample((e->*family.counter).load(), {{"exporter", e->address.text()}});
  }
  w.family("weir_exporter_waiting_for_template", MetricType::kGauge,
           "Sets held for want of a template, and sets given up.");
  for (const auto* e : all) w.sample(e->waiting_for_template.load(), {{"exporter", e->address.text()}});
  w.family("weir_exporter_last_seen_timestamp_seconds", MetricType::kGauge, "When the last datagram came.");
  for (const auto* e : all)
    w.sample_real(static_cast<double>(e->last_seen_ms.load()) / 1000, {{"exporter", e->address.text()}});
  w.gauge("weir_exporters", "Exporters that have a place.", all.size());
  w.gauge("weir_exporters_max", "Places for exporters (exporters.max).", backend.exporters().max_exporters());
  w.counter("weir_exporters_refused_total", "New exporters refused because every place was taken.",
            backend.exporters().refused());
}

void write_store(MetricsWriter& w, const StoreStatus& s) {
  w.gauge("weir_store_bytes", "Size of what is stored, without logs.", s.bytes);
  w.gauge("weir_store_max_bytes", "Size at which the oldest day is deleted (store.max_bytes); 0: no limit.",
          s.max_bytes);
  w.gauge("weir_store_sessions", "Sessions stored.", s.sessions);
  w.gauge("weir_store_segments", "Segments stored.", s.segments);
  w.gauge("weir_store_sum_blocks", "Blocks of sums, each of some segments (store.sums).", s.sum_blocks);
  w.gauge("weir_store_summed_sessions", "Sessions of which there are sums.", s.summed_sessions);
  w.gauge("weir_store_unsealed_sessions", "Sessions not yet in a segment.", s.unsealed);
  w.gauge("weir_store_days", "Day files.", s.days);
  w.family("weir_store_oldest_timestamp_seconds", MetricType::kGauge,
           "Start of the oldest session; 0: nothing is stored.");
  w.sample_real(static_cast<double>(s.oldest_ms) / 1000);
  w.family("weir_store_newest_timestamp_seconds", MetricType::kGauge,
           "End of the newest session; 0: nothing is stored.");
  w.sample_real(static_cast<double>(s.newest_ms) / 1000);
  w.counter("weir_store_commits_total", "Commits of the journal.", s.commits);
  w.counter("weir_store_sealed_segments_total", "Segments sealed since the start.", s.sealed_segments);
  w.counter("weir_store_deleted_days_total", "Days deleted by age or size.", s.deleted_days);
  w.counter("weir_store_deleted_segments_total", "Segments deleted by size out of days that stay.", s.deleted_segments);
  w.counter("weir_store_deleted_sessions_total", "Sessions deleted by age or size.", s.deleted_sessions);
  w.gauge("weir_store_limit_bytes", "What store.max_bytes comes to on this disk.", s.limit_bytes);
  w.gauge("weir_store_disk_free_bytes", "What the disk of the store has left.", s.free_bytes);
  w.counter("weir_store_damaged_days_total", "Days set aside as damaged.", s.damaged_days);
  w.gauge("weir_store_damaged_segments", "Segments that cannot be read and are left out.", s.damaged_segments);
  w.counter("weir_store_damaged_catalogs_total", "Catalogs set aside as damaged.", s.damaged_catalogs);
  w.gauge("weir_store_set_aside_bytes", "Size of the damaged files that were set aside.", s.set_aside_bytes);
  w.counter("weir_store_lost_files_total", "Files that were deleted or replaced under the collector.", s.lost_files);
  w.gauge("weir_store_templates_waiting", "Templates on their way to the catalog.", s.templates_waiting);
  w.counter("weir_store_templates_refused_total", "Templates that the catalog has no room for.", s.templates_refused);
  w.counter("weir_store_dropped_sessions_total", "Sessions not stored because the disk refused, after retries.",
            s.dropped_sessions);
  w.gauge("weir_store_queue_rows", "Sessions waiting for the writer.", s.queue_rows);
  w.gauge("weir_store_queue_max_rows", "Sessions that may wait for the writer (store.queue_rows).", s.queue_capacity);
  w.counter("weir_store_queue_dropped_total", "Sessions dropped because the writer's queue was full.", s.queue_dropped);
  w.gauge("weir_store_cache_bytes", "Decoded columns held in memory.", s.cache_bytes);
  w.gauge("weir_store_cache_max_bytes", "Decoded columns that may be held (store.cache_bytes).", s.cache_max_bytes);
  w.counter("weir_store_cache_hits_total", "Columns found in memory.", s.cache_hits);
  w.counter("weir_store_cache_misses_total", "Columns read and decoded.", s.cache_misses);
}

void write_queues(MetricsWriter& w, const std::vector<QueueStatus>& queues) {
  const auto family = [&](const char* name, MetricType type, const char* help, std::uint64_t QueueStatus::*value) {
    w.family(name, type, help);
    for (const auto& queue : queues) w.sample(queue.*value, {{"queue", queue.name}});
  };
  family("weir_queue_size", MetricType::kGauge, "What waits in a queue, in the queue's own measure.",
         &QueueStatus::size);
  family("weir_queue_capacity", MetricType::kGauge, "What may wait in a queue.", &QueueStatus::capacity);
  family("weir_queue_dropped_total", MetricType::kCounter, "What a full queue refused.", &QueueStatus::dropped);
}

void write_api(MetricsWriter& w, const ApiCounters& c, const QueryPool& pool) {
  w.gauge("weir_api_connections", "Open connections.", c.connections);
  w.gauge("weir_api_connections_unauthenticated", "Open connections of clients that have not logged in.", c.strangers);
  w.gauge("weir_api_websockets", "Open WebSockets.", c.websockets);
  w.gauge("weir_api_subscriptions", "Live subscriptions.", c.subscriptions);
  w.counter("weir_api_connections_accepted_total", "Connections accepted.", c.accepted);
  w.counter("weir_api_connections_displaced_total",
            "Connections closed before a login, to make room for newcomers (api.max_unauthenticated, "
            "api.max_unauthenticated_per_address).",
            c.displaced.count());
  w.counter("weir_api_connections_refused_total", "Logins refused because of api.max_connections.",
            c.members_refused.count());
  w.counter("weir_api_tls_failed_total", "TLS handshakes that failed.", c.tls_failed);
  w.counter("weir_api_http_requests_total", "HTTP requests.", c.http_requests);
  w.counter("weir_api_requests_too_large_total", "Requests and messages refused because of api.max_request_bytes.",
            c.requests_too_large);
  w.counter("weir_api_origins_refused_total", "WebSockets refused because of the page they came from.",
            c.origins_refused);
  w.counter("weir_api_hosts_refused_total", "Requests refused because they name another host.", c.hosts_refused);
  w.counter("weir_api_logins_refused_total", "Tokens refused.", c.logins_refused.count());
  w.counter("weir_api_requests_ambiguous_total", "Requests refused because they name host, origin or token twice.",
            c.ambiguous_requests);
  w.counter("weir_api_slow_readers_total", "WebSockets closed because too much waited to be read.", c.slow_readers);
  w.counter("weir_api_idle_closed_total", "Connections closed because nothing came, or no login.", c.idle_closed);

  w.family("weir_api_requests_total", MetricType::kCounter, "JSON-RPC calls by method.");
  for (std::size_t i = 0; i < kRpcMethodCount; ++i) w.sample(c.calls[i].load(), {{"method", kRpcMethods[i].name}});
  w.counter("weir_api_unknown_methods_total", "JSON-RPC calls of methods that there are not.", c.unknown_calls);
  w.counter("weir_api_errors_total", "JSON-RPC calls answered with an error.", c.failed_calls);

  w.family("weir_query_seconds", MetricType::kHistogram, "How long queries ran.");
  w.histogram(c.query_seconds);
  w.gauge("weir_query_running", "Queries that run now.", pool.running());
  w.gauge("weir_query_waiting", "Queries that have no thread yet.", pool.waiting().size);
  w.gauge("weir_query_waiting_max", "Queries that may wait (query.queue).", pool.waiting().capacity);
  w.counter("weir_query_refused_total", "Queries refused because too many waited.", c.queries_refused);
  w.counter("weir_query_displaced_total",
            "Queries that gave their place to another client's, because their own had the most.", pool.displaced());
  w.counter("weir_query_cancelled_total", "Queries cancelled.", c.queries_cancelled);
  w.counter("weir_query_failed_total", "Queries ended by a fault of the collector.", c.queries_failed);
  w.counter("weir_query_filters_refused_total", "Filters refused: too long, too deep, or not understood.",
            c.filters_refused);
  w.counter("weir_query_updates_skipped_total",
            "Subscription results left out because the one before still ran, or too many waited.", c.updates_skipped);
}

}  // namespace

std::string build_metrics_text(ApiBackend& backend, const ApiCounters& counters, const QueryPool& pool,
                               const Clock& clock) {
  MetricsWriter w;
  const auto status = backend.status();
  w.family("weir_build_info", MetricType::kGauge, "Always 1; the version is in the labels.");
  w.sample(1, {{"version", status.version}, {"build", status.build}});
  w.family("weir_start_timestamp_seconds", MetricType::kGauge, "When the collector started.");
  w.sample_real(static_cast<double>(status.started_ms) / 1000);
  w.family("weir_uptime_seconds", MetricType::kGauge, "How long the collector runs.");
  w.sample_real(static_cast<double>(clock.now_ms() - status.started_ms) / 1000);
  write_exporters(w, backend);
  write_store(w, backend.store().status());
  write_queues(w, status.queues);
  write_api(w, counters, pool);
  write_alert_metrics(w, backend.alerts().last_status());
  backend.write_metrics(w);
  return w.take();
}

}  // namespace weir
