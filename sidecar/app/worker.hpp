// One worker: a thread that decodes the datagrams of the exporters sharded to it and pairs their records. Owns its
// decoder and session table; the queue in front is the only thing that others touch.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "decode/decoder.hpp"
#include "decode/trace_tap.hpp"
#include "flow/record_tap.hpp"
#include "receive/datagram_queue.hpp"
#include "session/session_table.hpp"

namespace weir {

struct WorkerSettings {
  std::string name = "worker";
  DecodeLimits decode;
  SessionLimits session;
  std::uint64_t first_session_id = 1;
  std::uint64_t queue_bytes = 128 << 20;
  std::int64_t flush_ms = 500;  // how often changed sessions go to the store
  std::int64_t stop_ms = 5000;  // how long the stop may decode what waits
};

struct WorkerStatus {
  DecodeCounters decode;
  std::vector<UndecodedSender> undecoded;
  SessionCounters session;
  QueueStatus queue;
};

class Worker final : private RecordSink {
 public:
  Worker(const WorkerSettings& settings, ExporterTable& exporters, SessionSink& store, const Clock& clock);
  ~Worker() override;

  // Before start().
  void restore_template(const StoredTemplate& stored) { decoder_.restore_template(stored); }
  void restore_rate(const StoredRate& stored) { decoder_.restore_rate(stored); }
  void on_rate(std::function<void(const StoredRate&)> callback) { decoder_.on_rate(std::move(callback)); }
  void on_name(std::function<void(const StoredName&)> callback) { decoder_.on_name(std::move(callback)); }
  void on_template(std::function<void(const StoredTemplate&)> callback) { decoder_.on_template(std::move(callback)); }
  // Where traces of exporters are asked for; it outlives the worker.
  void set_trace_tap(TraceTap* tap) { trace_tap_ = tap; }
  // Where records are asked for; it outlives the worker.
  void set_record_tap(RecordTap* tap) { record_tap_ = tap; }
  void start();

  // From the receive thread. What finds no room is dropped, and counted for its sender.
  void push(std::span<const DatagramQueue::Arrival> arrivals) { queue_.push(arrivals); }
  // From any thread: the ports of the sessions to come.
  void set_ports(std::shared_ptr<const PortTable> ports);
  // No more datagrams: from now on stop_ms count.
  void close();
  // Decodes what waits as long as it may, makes every session final, ends the thread.
  void stop();
  // Datagrams that stop() left: they are not stored.
  std::uint64_t datagrams_left() const { return datagrams_left_; }
  WorkerStatus status() const;
  QueueStatus queue_status() const { return queue_.status(); }

 private:
  void on_records(std::span<const FlowRecord> records) override;
  void run();
  void take(const DatagramBatch& batch);
  bool is_late() const;
  void count_left();
  void flush();
  void trace(const Datagram& datagram);

  const WorkerSettings settings_;
  const Clock& clock_;
  Decoder decoder_;
  SessionTable sessions_;
  DatagramQueue queue_;
  Guarded<std::shared_ptr<const PortTable>> next_ports_;
  Guarded<SessionCounters> published_;
  std::int64_t arrival_ms_ = 0;  // of the datagram being decoded
  TraceTap* trace_tap_ = nullptr;
  RecordTap* record_tap_ = nullptr;
  std::atomic<std::int64_t> stop_by_ms_{INT64_MAX};  // of the steady clock
  std::uint64_t datagrams_left_ = 0;
  std::thread thread_;
};

}  // namespace weir
