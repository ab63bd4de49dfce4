// The loop of a worker thread.
#include "app/worker.hpp"

#include "core/counted.hpp"
#include "core/log.hpp"

namespace weir {

Worker::Worker(const WorkerSettings& settings, ExporterTable& exporters, SessionSink& store, const Clock& clock)
    : settings_(settings),
      clock_(clock),
      decoder_(settings.decode, exporters, *this),
      sessions_(settings.session, settings.first_session_id, store),
      queue_(settings.name, settings.queue_bytes) {
  queue_.on_drop([&exporters](const IpAddress& sender, std::uint64_t datagrams) {
    if (sender.is_unset()) exporters.count_unknown_drops(datagrams);
    else if (Exporter* e = exporters.find(sender)) e->queue_drops += datagrams;
  });
}

Worker::~Worker() { stop(); }

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::set_ports(std::shared_ptr<const PortTable> ports) {
  next_ports_.with([&](auto& next) { next = std::move(ports); });
}

void Worker::close() {
  std::int64_t open = INT64_MAX;
  stop_by_ms_.compare_exchange_strong(open, clock_.steady_ms() + settings_.stop_ms);
  queue_.close();
}

void Worker::stop() {
  close();
  if (thread_.joinable()) thread_.join();
}

void Worker::on_records(std::span<const FlowRecord> records) {
  if (record_tap_ != nullptr && record_tap_->is_wanted()) record_tap_->add(records, arrival_ms_);
  sessions_.add(records, arrival_ms_);
}

bool Worker::is_late() const { return clock_.steady_ms() >= stop_by_ms_.load(std::memory_order_relaxed); }

void Worker::run() {
  std::int64_t flushed_ms = clock_.now_ms();
  flush();
  while (!queue_.closed_and_empty() && !is_late()) {
    if (const auto batch = queue_.pop(std::chrono::milliseconds(settings_.flush_ms / 2))) {
      const std::uint64_t before = decoder_.work();
      take(*batch);
      queue_.charge(decoder_.work() - before);
    }
    const std::int64_t now_ms = clock_.now_ms();
    if (now_ms - flushed_ms >= settings_.flush_ms || now_ms < flushed_ms) {
      flush();
      flushed_ms = now_ms;
    }
  }
  count_left();
  sessions_.finish();
  flush();
}

void Worker::take(const DatagramBatch& batch) {
  const bool tracing = trace_tap_ != nullptr && trace_tap_->is_wanted();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const Datagram datagram = batch[i];
    arrival_ms_ = datagram.arrival_ms;
    decoder_.decode(datagram);
    if (tracing) trace(datagram);
  }
}

void Worker::count_left() {
  const auto log = log_of("decode");
  const auto queued = queue_.drop_all();
  if (queued != 0)
    log->error("{}: {} not decoded: the stop may take {} ms (receive.stop_ms); counted as dropped", settings_.name,
               counted(queued, "datagram", "datagrams"), settings_.stop_ms);
  const auto before = decoder_.counters();
  decoder_.finish();
  const auto after = decoder_.counters();
  const auto unknown = after.datagrams_turned_away - before.datagrams_turned_away;
  if (unknown != 0) {
    log->info(
        "{}: {} datagrams of {} senders are left out: the senders had not yet sent enough to be exporters "
        "(exporters.admit_datagrams)",
        settings_.name, unknown, after.senders_turned_away - before.senders_turned_away);
  }
  datagrams_left_ = queued;
}

void Worker::trace(const Datagram& datagram) {
  if (const auto room = trace_tap_->room_for(datagram.source))
    trace_tap_->add(datagram.source, decoder_.trace(datagram, room));
}

void Worker::flush() {
  if (auto ports = next_ports_.with([](auto& next) { return std::exchange(next, nullptr); }))
    sessions_.set_ports(std::move(ports));
  const std::int64_t now_ms = clock_.now_ms();
  decoder_.tick(now_ms);
  sessions_.flush(now_ms);
  published_.with([&](SessionCounters& c) { c = sessions_.counters(); });
  for (const auto& line : decoder_.take_log_lines()) log_of("decode")->warn("{}", line);
}

WorkerStatus Worker::status() const {
  return {.decode = decoder_.counters(),
          .undecoded = decoder_.undecoded_senders(),
          .session = published_.with([](const SessionCounters& c) { return c; }),
          .queue = queue_.status()};
}

}  // namespace weir
