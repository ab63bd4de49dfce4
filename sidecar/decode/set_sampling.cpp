// Chooses a rate, and chooses again when options come in the same message.
#include "decode/set_sampling.hpp"

namespace weir {

namespace {

// 0: none is known.
std::uint32_t announced_rate(const PortSampling& port, std::uint32_t domain, std::uint32_t by_default,
                             const std::optional<std::uint64_t>& selector, const FlowRecord& flow) {
  if (selector && *selector != 0) {
    const auto rate = port.find(domain, SamplingScope::kSelector, *selector);
    // Some announce one rate for all, and number their samplers all the same.
    return rate != 0 ? rate : port.of_domain(domain);
  }
  const auto rate = port.of_interface(domain, flow.direction, flow.in_if, flow.out_if);
  return rate != 0 ? rate : by_default;
}

// What a record of this stream is marked with when no rate is known for it, and it names no selector.
std::uint16_t mark_of_unknown(const Message& message, const PortSampling* port) {
  const auto& table = message.from.sampling;
  if (!table.announced()) return 0;  // nobody has said
  if (port != nullptr || table.announced_for(message.domain->id)) return kQualitySamplingUnknown;
  // Another device behind the same address samples; this one may still say.
  return message.datagram.arrival_ms - message.stream->heard_ms < kLongestRateWaitMs ? kQualitySamplingUnknown : 0;
}

}  // namespace

SetSampling::SetSampling(Message& message, const Template& layout)
    : message_(message),
      port_(message.from.sampling.of(message.stream->key.port)),
      domain_(message.domain->id),
      template_id_(layout.record.id),
      in_records_(layout.plan.has_sampling()),
      default_(port_ == nullptr ? 0 : port_->default_rate(domain_, template_id_)),
      is_outdated_(port_ != nullptr &&
                   !may_be_one_boot(port_->booted_ms(), message.stream->booted_ms, message.datagram.arrival_ms)),
      if_unknown_(mark_of_unknown(message, port_)) {}

void SetSampling::apply(const SamplingElements& elements, FlowRecord& flow) {
  if (in_records_) {
    flow.sampling = elements.rate();
    if (flow.sampling != 0) return message_.publish_sampling(flow.sampling);
  }
  if (port_ != nullptr) flow.sampling = announced_rate(*port_, domain_, default_, elements.selector, flow);
  if (flow.sampling != 0) {
    if (is_outdated_) flow.quality |= kQualitySamplingUnknown;
    return;
  }
  const bool by_none = elements.selector && *elements.selector == 0;  // no sampler has taken it
  if (!by_none) flow.quality |= elements.selector ? std::uint16_t{kQualitySamplingUnknown} : if_unknown_;
  message_.note_unrated({.template_id = template_id_, .selector = elements.selector});
}

void rate_late(Message& message) {
  const auto* port = message.from.sampling.of(message.stream->key.port);
  if (port == nullptr) return;
  message.rate_unrated([&](const UnratedRecord& unrated, const FlowRecord& flow) {
    return announced_rate(*port, message.domain->id, port->default_rate(message.domain->id, unrated.kind.template_id),
                          unrated.kind.selector, flow);
  });
  auto& from = message.from;
  message.context.work += from.late_rates.learn(*message.stream, *port, from.streams,
                                                {.now_ms = message.datagram.arrival_ms,
                                                 .is_first = message.learnt_first(),
                                                 .max_skew_ms = message.context.limits.max_clock_skew_ms,
                                                 .originals = from.originals},
                                                from.exporter);
}

}  // namespace weir
