// Learning from options data records.
#include "decode/options.hpp"

#include <optional>

namespace weir {

namespace {

// Scope field types of v9 (RFC 3954 6.1).
constexpr std::uint16_t kScopeInterface9 = 2, kScopeTemplate9 = 5;
// Elements that are scopes in IPFIX (RFC 7011 4, IANA).
constexpr std::uint16_t kIngressInterface = 10, kEgressInterface = 14, kTemplateId = 145;

struct Scope {
  std::optional<std::uint64_t> interface, layout;
};

void read_scope(const FieldSpecifier& field, std::uint16_t version, std::uint64_t value, Scope& scope) {
  if (field.pen != 0) return;
  const bool v9 = version == kVersion9;
  if (v9 ? field.ie == kScopeInterface9 : field.ie == kIngressInterface || field.ie == kEgressInterface) {
    if (!scope.interface) scope.interface = value;
  } else if (field.ie == (v9 ? kScopeTemplate9 : kTemplateId)) {
    scope.layout = value;
  }
}

void learn_sampling(const SamplingElements& elements, const Scope& scope, Message& message) {
  const std::uint32_t rate = elements.rate();
  if (rate == 0) return;
  auto& table = message.from.sampling;
  const std::uint32_t domain = message.domain->id;
  bool kept = true;
  if (elements.selector) {
    kept = table.learn(domain, SamplingScope::kSelector, *elements.selector, rate);
  } else if (scope.interface.value_or(0) != 0) {
    kept = table.learn(domain, SamplingScope::kInterface, *scope.interface, rate);
  } else if (scope.layout) {
    kept = table.learn(domain, SamplingScope::kTemplate, *scope.layout, rate);
  } else {
    kept = table.learn(domain, SamplingScope::kDomain, 0, rate);
  }
  message.publish_sampling(rate);
  if (kept) return;
  message.context.counters.sampling_refused.add(1);
  message.context.log.note(DecodeFault::kSamplingRefused, [&] {
    return message.sender() + ": a sampling rate refused, this exporter has announced " +
           std::to_string(message.context.limits.max_sampling_rates_per_exporter) + " (decode.max_sampling_rates_per_exporter)";
  });
}

}  // namespace

bool decode_options_record(ByteCursor& set, const Template& layout, Message& message) {
  ByteCursor fields = set;
  Scope scope;
  const auto& record = layout.record;
  for (std::size_t i = 0; i < record.fields.size() && i < record.scope_fields; ++i) {
    const auto& f = record.fields[i];
    std::size_t length = f.length;
    if (length == kVariableLength) {
      length = fields.u8();
      if (length == 255) length = fields.u16();
    }
    read_scope(f, record.version, fields.uint_sized(length), scope);
  }
  FlowRecord unused;
  RecordNotes notes;
  if (!layout.plan.decode(set, unused, notes, message.context.parts)) return false;
  message.count_options_record();
  learn_sampling(notes.sampling, scope, message);
  if (notes.times.has(FlowTimes::kInit)) {
    message.domain->boot.announce(notes.times.init_ms);
    message.from.boot_ms = notes.times.init_ms;
  }
  return true;
}

}  // namespace weir
