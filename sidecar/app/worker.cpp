// The loop of a worker thread.
#include "app/worker.hpp"

#include "core/log.hpp"

namespace weir {

Worker::Worker(const WorkerSettings& settings, ExporterTable& exporters, SessionSink& store, const Clock& clock)
    : settings_(settings),
      clock_(clock),
      decoder_(settings.decode, exporters, *this),
      sessions_(settings.session, settings.first_session_id, store),
      queue_(settings.name, settings.queue_bytes) {}

Worker::~Worker() { stop(); }

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

bool Worker::push(DatagramBatch&& batch) {
  const std::uint64_t weight = batch.bytes();
  return queue_.try_push(std::move(batch), weight);
}

void Worker::set_ports(std::shared_ptr<const PortTable> ports) {
  next_ports_.with([&](auto& next) { next = std::move(ports); });
}

void Worker::stop() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void Worker::on_records(std::span<const FlowRecord> records) { sessions_.add(records, arrival_ms_); }

void Worker::run() {
  std::int64_t flushed_ms = clock_.now_ms();
  flush();
  while (!queue_.closed_and_empty()) {
    if (const auto batch = queue_.pop(std::chrono::milliseconds(settings_.flush_ms / 2))) {
      const bool tracing = trace_tap_ != nullptr && trace_tap_->is_wanted();
      for (std::size_t i = 0; i < batch->size(); ++i) {
        const Datagram datagram = (*batch)[i];
        arrival_ms_ = datagram.arrival_ms;
        decoder_.decode(datagram);
        if (tracing) trace(datagram);
      }
    }
    const std::int64_t now_ms = clock_.now_ms();
    if (now_ms - flushed_ms >= settings_.flush_ms || now_ms < flushed_ms) {
      flush();
      flushed_ms = now_ms;
    }
  }
  sessions_.finish();
  flush();
}

void Worker::trace(const Datagram& datagram) {
  if (const auto room = trace_tap_->room_for(datagram.source)) trace_tap_->add(datagram.source, decoder_.trace(datagram, room));
}

void Worker::flush() {
  if (auto ports = next_ports_.with([](auto& next) { return std::exchange(next, nullptr); })) sessions_.set_ports(std::move(ports));
  const std::int64_t now_ms = clock_.now_ms();
  decoder_.tick(now_ms);
  sessions_.flush(now_ms);
  published_.with([&](SessionCounters& c) { c = sessions_.counters(); });
  for (const auto& line : decoder_.take_log_lines()) log_of("decode")->warn("{}", line);
}

WorkerStatus Worker::status() const {
  return {.decode = decoder_.counters(), .session = published_.with([](const SessionCounters& c) { return c; }), .queue = queue_.status()};
}

}  // namespace weir
