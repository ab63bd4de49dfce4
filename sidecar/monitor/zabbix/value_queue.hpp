// Values that Zabbix could not take yet, in one SQLite file, oldest first; bounded: past it the oldest are given up and
// counted. One thread; see KeptDatabase for what happens when the file is damaged or refuses.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "exchange/zabbix_sender.hpp"
#include "sqlite/kept_database.hpp"

namespace weir {

class ValueQueue {
 public:
  // Throws std::runtime_error when the file is of a newer version of the program.
  ValueQueue(const std::string& path, std::uint64_t max_values, const Clock& clock);

  void push(std::span<const SenderValue> values);
  struct Front {
    std::vector<SenderValue> values;  // the oldest
    std::int64_t last = 0;            // number of the last of them
  };
  Front front(std::size_t limit);
  // Takes away those up to and including number `last`.
  void pop(std::int64_t last);

  std::uint64_t size();
  std::uint64_t given_up() const { return given_up_; }
  // The newest stamp, in nanoseconds since the epoch; 0 when empty.
  std::int64_t newest_stamp_ns();
  KeptDatabaseStatus file_status() const { return kept_.status(); }

 private:
  const std::uint64_t max_values_;
  KeptDatabase kept_;
  std::uint64_t given_up_ = 0;
};

}  // namespace weir
