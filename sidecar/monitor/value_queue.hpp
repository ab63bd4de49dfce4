// Values that Zabbix could not take yet, in one SQLite file, oldest first; bounded: past it the oldest are given up and
// counted. One thread; SqliteError when the disk refuses.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "exchange/zabbix_sender.hpp"
#include "sqlite/database.hpp"

namespace weir {

class ValueQueue {
 public:
  ValueQueue(const std::string& path, std::uint64_t max_values);

  void push(std::span<const SenderValue> values);
  // The oldest; pop() takes as many away.
  std::vector<SenderValue> front(std::size_t limit);
  void pop(std::size_t count);

  std::uint64_t size() const { return size_; }
  std::uint64_t given_up() const { return given_up_; }
  // The newest stamp, in nanoseconds since the epoch; 0 when empty.
  std::int64_t newest_stamp_ns();

 private:
  const std::uint64_t max_values_;
  Database database_;
  std::uint64_t size_ = 0, given_up_ = 0;
};

}  // namespace weir
