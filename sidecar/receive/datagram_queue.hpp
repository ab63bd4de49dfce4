// The queue in front of a worker, fair between senders. Each has a queue of its own; they take turns, and who has cost
// more work than its share waits for the others (deficit round robin, charged with what the work came to). When the
// queue is full, the sender with most in it loses its newest, so that one that sends less than its share loses nothing,
// whatever the others send. Senders that are not known share one queue and one turn; what a sender sends once it is
// known stays behind what of it still waits there, so that the order of its datagrams is kept. One thread pushes, one
// pops; any asks for status.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/bounded_queue.hpp"
#include "receive/datagram.hpp"

namespace weir {

class DatagramQueue {
 public:
  DatagramQueue(std::string name, std::uint64_t capacity_bytes);

  // Called, with the lock held, for datagrams that were dropped: the address is unset for those of unknown senders.
  void on_drop(std::function<void(const IpAddress& sender, std::uint64_t datagrams)> callback) {
    on_drop_ = std::move(callback);
  }

  struct Arrival {
    const Datagram* datagram = nullptr;
    bool known = false;  // the sender is an exporter
  };
  void push(std::span<const Arrival> arrivals);

  // The next datagrams, of one sender or of unknown ones; nothing on time-out, or once closed and drained.
  template <class Duration>
  std::optional<DatagramBatch> pop(Duration timeout) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, timeout, [&] { return closed_ || size_ != 0; });
    return take();
  }
  // What the batch that was popped last has cost, in units of about an octet.
  void charge(std::uint64_t work);

  // No more pushes; what waits can still be popped.
  void close();
  bool closed_and_empty() const;
  // Drops all that waits, as on_drop() tells; returns how many datagrams.
  std::uint64_t drop_all();
  // Sizes in bytes.
  QueueStatus status() const;

 private:
  struct Lane {
    IpAddress sender;  // unset: all unknown ones
    std::deque<DatagramBatch> batches;
    std::uint64_t bytes = 0;
    std::int64_t credit = 0;
    std::uint64_t round = 0;  // when `credit` was last brought up to date
    bool waiting = false;     // in turns_
  };

  Lane& lane_of(const IpAddress& sender);
  const IpAddress& lane_key(const Arrival& arrival) const;
  void put(Lane& lane, std::span<const Arrival> run);
  // A batch leaves the lane.
  void count_out(const Lane& lane, const DatagramBatch& batch);
  bool make_room(Lane& lane, std::uint64_t bytes);
  std::uint64_t drop_newest(Lane& lane);
  std::optional<DatagramBatch> take();
  void forget_idle_lanes();

  const std::string name_;
  const std::uint64_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::function<void(const IpAddress&, std::uint64_t)> on_drop_;
  std::unordered_map<IpAddress, std::unique_ptr<Lane>> lanes_;
  std::unordered_map<IpAddress, std::uint32_t> among_unknown_;  // datagrams in the lane of unknown senders, by sender
  std::deque<Lane*> turns_;                                     // lanes with something in them
  Lane* popped_ = nullptr;
  std::size_t turned_ = 0;  // turns since the round began
  std::uint64_t size_ = 0, dropped_ = 0, round_ = 0;
  bool closed_ = false;
};

}  // namespace weir
