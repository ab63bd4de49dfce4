// How much memory the queries of a process may hold together: tables of groups, lists of sessions, series. A query
// tells what it holds as it grows; one that would go past the limit ends with an error. Any thread.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>

namespace weir {

class QueryMemory {
 public:
  explicit QueryMemory(std::uint64_t limit) : limit_(limit) {}
  QueryMemory(const QueryMemory&) = delete;
  QueryMemory& operator=(const QueryMemory&) = delete;

  std::uint64_t limit() const { return limit_; }
  std::uint64_t used() const { return used_; }
  std::uint64_t refused() const { return refused_; }  // queries
  // Bytes that queries gave back since they were last forgotten: they are free, and with the allocator.
  std::uint64_t given_back() const { return given_back_; }
  void forget_given_back() { given_back_ = 0; }

  // What one query holds; given back at its end.
  class Share {
   public:
    explicit Share(QueryMemory* memory) : memory_(memory) {}  // nullptr: no limit
    ~Share() { give_back(held_); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    // The query holds `bytes` more; false, and nothing is taken, when that is too much.
    bool add(std::uint64_t bytes) {
      if (memory_ == nullptr) return true;
      const auto before = memory_->used_.fetch_add(bytes);
      if (before + bytes <= memory_->limit_) {
        held_ += bytes;
        return true;
      }
      memory_->used_ -= bytes;
      if (!refused_.exchange(true)) ++memory_->refused_;
      return false;
    }
    void give_back(std::uint64_t bytes) {
      if (memory_ == nullptr) return;
      held_ -= bytes;
      memory_->used_ -= bytes;
      memory_->given_back_ += bytes;
    }
    bool refused() const { return refused_; }
    std::uint64_t held() const { return held_; }
    // What to tell the asker.
    std::string refusal() const {
      const auto mib = [](std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; };
      const auto others = memory_->used() - std::min(memory_->used(), held_.load());
      return "the query needs more memory than there is for all queries (query.memory_bytes, " + mib(memory_->limit_) +
             "): narrow the range or the filter, or group by fewer fields" +
             (others > memory_->limit_ / 4
                  ? "; other queries hold " + mib(others) + " now, so it may also do to try again later"
                  : "");
    }

   private:
    QueryMemory* const memory_;
    std::atomic<std::uint64_t> held_{0};
    std::atomic<bool> refused_{false};
  };

 private:
  const std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0}, refused_{0}, given_back_{0};
};

}  // namespace weir
