// What the log says of senders that are no exporters: once in kEveryMs at most, whatever is sent. The housekeeper's.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "decode/decoder.hpp"
#include "flow/exporter_table.hpp"
#include "receive/allowed_senders.hpp"

namespace weir {

class SenderWatch {
 public:
  // The lines that are due. `decode` is the sum over the workers.
  std::vector<std::string> look(std::int64_t now_ms, const AllowedSenders& allowed, const ExporterTable& exporters,
                                const DecodeCounters& decode);

 private:
  struct Seen {
    std::uint64_t not_allowed = 0, turned_away = 0, refused = 0, displaced = 0, outbid = 0, unknown_drops = 0;
  };
  Seen told_;
  std::int64_t told_ms_ = INT64_MIN / 2;
};

}  // namespace weir
