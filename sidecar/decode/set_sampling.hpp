// Which sampling rate holds for a flow record: what it says itself, else what its stream has announced for its
// selector, interface, template or domain. What is not known is marked, and is not taken from a neighbour. On the
// decoder's thread.
#pragma once
#include <cstdint>

#include "decode/message.hpp"

namespace weir {

// For the records of one set.
class SetSampling {
 public:
  SetSampling(Message& message, const Template& layout);
  // Sets rate and mark.
  void apply(const SamplingElements& elements, FlowRecord& flow);

 private:
  Message& message_;
  const PortSampling* const port_;
  const std::uint32_t domain_;
  const std::uint16_t template_id_;
  const bool in_records_;
  const std::uint32_t default_;
  const bool is_outdated_;          // the sender was started anew since it announced: it may sample otherwise now
  const std::uint16_t if_unknown_;  // quality of a record without a rate
};

// At a message's end: options behind the flows may have told the rates that were missing.
void rate_late(Message& message);

}  // namespace weir
