// Decides whose turn it is, makes room, and drops.
#include "receive/datagram_queue.hpp"

#include <algorithm>
#include <utility>

namespace weir {

namespace {

constexpr std::int64_t kQuantum = 64 << 10;    // of work in one turn
constexpr std::size_t kBatchBytes = 64 << 10;  // what is popped at once
constexpr std::size_t kOverhead = DatagramBatch::kEntryBytes;
constexpr std::uint64_t kUnknownShare = 8;  // unknown senders may fill this part of the queue
constexpr std::size_t kLanesToSweep = 1024;
constexpr std::uint64_t kMostWork = std::uint64_t{1} << 26;  // charged for one batch

std::uint64_t bytes_of(std::span<const DatagramQueue::Arrival> run) {
  std::uint64_t bytes = 0;
  for (const auto& a : run) bytes += a.datagram->payload.size() + kOverhead;
  return bytes;
}

}  // namespace

DatagramQueue::DatagramQueue(std::string name, std::uint64_t capacity_bytes)
    : name_(std::move(name)), capacity_(capacity_bytes) {}

void DatagramQueue::push(std::span<const Arrival> arrivals) {
  {
    const std::lock_guard lock(mutex_);
    while (!arrivals.empty()) {
      const IpAddress sender = lane_key(arrivals.front());
      std::size_t n = 1;
      while (n < arrivals.size() && lane_key(arrivals[n]) == sender) ++n;
      put(lane_of(sender), arrivals.first(n));
      arrivals = arrivals.subspan(n);
    }
  }
  filled_.notify_one();
}

const IpAddress& DatagramQueue::lane_key(const Arrival& arrival) const {
  static const IpAddress kUnknown{};
  const auto& sender = arrival.datagram->source;
  return arrival.known && (among_unknown_.empty() || !among_unknown_.contains(sender)) ? sender : kUnknown;
}

void DatagramQueue::count_out(const Lane& lane, const DatagramBatch& batch) {
  if (!lane.sender.is_unset()) return;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto at = among_unknown_.find(batch[i].source);
    if (at != among_unknown_.end() && --at->second == 0) among_unknown_.erase(at);
  }
}

DatagramQueue::Lane& DatagramQueue::lane_of(const IpAddress& sender) {
  if (const auto at = lanes_.find(sender); at != lanes_.end()) return *at->second;
  if (lanes_.size() >= kLanesToSweep) forget_idle_lanes();
  auto& lane = *lanes_.emplace(sender, std::make_unique<Lane>()).first->second;
  lane.sender = sender;
  lane.credit = kQuantum;
  lane.round = round_;
  return lane;
}

void DatagramQueue::forget_idle_lanes() {
  std::erase_if(lanes_, [&](const auto& entry) {
    const Lane& lane = *entry.second;
    // What it owes is paid by the rounds that went by.
    const bool owes = lane.credit + static_cast<std::int64_t>(round_ - lane.round) * kQuantum < 0;
    return !lane.waiting && &lane != popped_ && !owes;
  });
}

void DatagramQueue::put(Lane& lane, std::span<const Arrival> run) {
  if (closed_) {
    if (on_drop_) on_drop_(lane.sender, run.size());
    dropped_ += bytes_of(run);
    return;
  }
  for (std::size_t done = 0; done < run.size();) {
    // As much of the run as one batch takes.
    const bool append = !lane.batches.empty() && lane.batches.back().bytes() < kBatchBytes;
    std::uint64_t bytes = append ? lane.batches.back().bytes() : 0;
    std::size_t n = 0, payload = 0;
    for (; done + n < run.size() && (n == 0 || bytes < kBatchBytes); ++n) {
      payload += run[done + n].datagram->payload.size();
      bytes += run[done + n].datagram->payload.size() + kOverhead;
    }
    const auto part = run.subspan(done, n);
    done += n;
    if (!make_room(lane, payload + n * kOverhead)) {
      if (on_drop_) on_drop_(lane.sender, n);
      dropped_ += payload + n * kOverhead;
      continue;
    }
    if (!append || lane.batches.empty()) {  // its own newest may have made room
      lane.batches.emplace_back();
      lane.batches.back().reserve(n, payload);
    }
    auto& batch = lane.batches.back();
    const std::uint64_t before = batch.bytes();
    for (const auto& a : part) {
      batch.add(*a.datagram);
      if (lane.sender.is_unset()) ++among_unknown_[a.datagram->source];
    }
    lane.bytes += batch.bytes() - before;
    size_ += batch.bytes() - before;
    if (!lane.waiting) {
      lane.waiting = true;
      // Rounds in which it had nothing paid what it owed; they earned it no more than a turn.
      const auto rounds = static_cast<std::int64_t>(std::min<std::uint64_t>(round_ - lane.round, 1 << 20));
      lane.credit = std::min(lane.credit + rounds * kQuantum, kQuantum);
      lane.round = round_;
      turns_.push_back(&lane);
    }
  }
}

bool DatagramQueue::make_room(Lane& lane, std::uint64_t bytes) {
  if (lane.sender.is_unset() && lane.bytes != 0 && lane.bytes + bytes > capacity_ / kUnknownShare) return false;
  while (size_ != 0 && size_ + bytes > capacity_) {
    Lane* most = turns_.front();
    for (auto* other : turns_) {
      if (other->bytes > most->bytes) most = other;
    }
    if (most->bytes <= lane.bytes + bytes) return false;
    const auto dropped = drop_newest(*most);
    if (on_drop_) on_drop_(most->sender, dropped);
  }
  return true;
}

std::uint64_t DatagramQueue::drop_newest(Lane& lane) {
  const std::uint64_t bytes = lane.batches.back().bytes(), datagrams = lane.batches.back().size();
  count_out(lane, lane.batches.back());
  lane.batches.pop_back();
  lane.bytes -= bytes;
  size_ -= bytes;
  dropped_ += bytes;
  if (lane.batches.empty()) {
    lane.waiting = false;
    lane.round = round_;
    std::erase(turns_, &lane);
  }
  return datagrams;
}

std::optional<DatagramBatch> DatagramQueue::take() {
  popped_ = nullptr;
  if (turns_.empty()) return std::nullopt;
  while (turns_.front()->credit <= 0) {
    Lane* lane = turns_.front();
    lane->credit += kQuantum;
    turns_.pop_front();
    turns_.push_back(lane);
    // All of them have had a turn once this one is at the front again; counted by turns, so that no list is walked.
    if (++turned_ >= turns_.size()) {
      turned_ = 0;
      ++round_;
    }
  }
  Lane* lane = turns_.front();
  std::optional<DatagramBatch> batch(std::move(lane->batches.front()));
  lane->batches.pop_front();
  count_out(*lane, *batch);
  lane->bytes -= batch->bytes();
  size_ -= batch->bytes();
  if (lane->batches.empty()) {
    lane->waiting = false;
    lane->round = round_;
    turns_.pop_front();
  }
  popped_ = lane;
  return batch;
}

void DatagramQueue::charge(std::uint64_t work) {
  const std::lock_guard lock(mutex_);
  if (popped_ != nullptr) popped_->credit -= static_cast<std::int64_t>(std::min<std::uint64_t>(work, kMostWork));
}

void DatagramQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_.notify_all();
}

bool DatagramQueue::closed_and_empty() const {
  const std::lock_guard lock(mutex_);
  return closed_ && size_ == 0;
}

std::uint64_t DatagramQueue::drop_all() {
  const std::lock_guard lock(mutex_);
  std::uint64_t dropped = 0;
  while (!turns_.empty()) {
    Lane& lane = *turns_.front();
    const auto datagrams = drop_newest(lane);
    if (on_drop_) on_drop_(lane.sender, datagrams);
    dropped += datagrams;
  }
  return dropped;
}

QueueStatus DatagramQueue::status() const {
  const std::lock_guard lock(mutex_);
  return {.name = name_, .size = size_, .capacity = capacity_, .dropped = dropped_};
}

}  // namespace weir
