// Values of a record that need interpretation before they are stored: times, sampling, … A plain value; any thread.
#pragma once
#include <cstdint>

#include "decode/record_extras.hpp"
#include "decode/sampling.hpp"
#include "decode/time_repair.hpp"

namespace weir {

struct RecordNotes {
  FlowTimes times;
  SamplingElements sampling;
  std::uint64_t initiator_octets = 0, responder_octets = 0, initiator_packets = 0, responder_packets = 0;
  std::uint16_t icmp = 0;
  std::uint8_t biflow_direction = 1;  // IE 239; not given: the source is the initiator
  bool from_totals = false;           // a counter was taken from a total because its delta was empty
  RecordExtras* extras = nullptr;     // to be filled; needed where RecordPlan::has_extras()
};

}  // namespace weir
