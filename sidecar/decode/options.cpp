// Learns sampling rates and boot times from options data records.
#include "decode/options.hpp"

#include <optional>

#include "decode/told_texts.hpp"

namespace weir {

namespace {

// Scope field types of v9 (RFC 3954 6.1).
constexpr std::uint16_t kScopeSystem9 = 1, kScopeInterface9 = 2, kScopeTemplate9 = 5;
// Elements that are scopes in IPFIX (RFC 7011 4, IANA).
constexpr std::uint16_t kIngressInterface = 10, kEgressInterface = 14, kSamplerId = 48, kExporterV4 = 130,
                        kExporterV6 = 131, kExportingProcess = 144, kMeteringProcess = 143, kTemplateId = 145,
                        kObservationDomain = 149, kSelectorId = 302;

struct Scope {
  std::optional<std::uint64_t> interface, in_if, out_if, layout;
  std::optional<std::uint64_t> part;  // of something that no record names: a line card, a cache, an observation point
};

void read_scope(const FieldSpecifier& field, std::uint16_t version, std::uint64_t value, Scope& scope) {
  if (version == kVersion9) {
    switch (field.ie) {
      case kScopeSystem9: return;
      case kScopeInterface9: scope.interface = value; return;
      case kScopeTemplate9: scope.layout = value; return;
      default: scope.part = value; return;
    }
  }
  if (field.pen != 0) {
    scope.part = value;
    return;
  }
  switch (field.ie) {
    case kIngressInterface: scope.in_if = value; return;
    case kEgressInterface: scope.out_if = value; return;
    case kTemplateId: scope.layout = value; return;
    case kSamplerId:
    case kSelectorId:  // read as a field
    case kExporterV4:
    case kExporterV6:
    case kExportingProcess:
    case kMeteringProcess:
    case kObservationDomain: return;
    default: scope.part = value; return;
  }
}

// Interfaces that are no scope, but fields beside the rate.
void read_fields(const FlowRecord& fields, Scope& scope) {
  if (fields.in_if != 0 && !scope.in_if) scope.in_if = fields.in_if;
  if (fields.out_if != 0 && !scope.out_if) scope.out_if = fields.out_if;
  if (!scope.interface || fields.direction == kDirectionUnknown) return;
  (fields.direction == 0 ? scope.in_if : scope.out_if) = scope.interface;
  scope.interface.reset();
}

AnnouncedRate announced_by(const SamplingElements& elements, const Scope& scope, const Message& message) {
  AnnouncedRate a{.port = message.stream->key.port,
                  .domain = message.domain->id,
                  .rate = elements.rate(),
                  .booted_ms = message.stream->booted_ms};
  const auto holds_for = [&](SamplingScope kind, std::uint64_t id) {
    a.scope = kind;
    a.id = id;
  };
  if (elements.selector) holds_for(SamplingScope::kSelector, *elements.selector);
  else if (scope.interface.value_or(0) != 0) holds_for(SamplingScope::kInterface, *scope.interface);
  else if (scope.in_if.value_or(0) != 0) holds_for(SamplingScope::kInterfaceIn, *scope.in_if);
  else if (scope.out_if.value_or(0) != 0) holds_for(SamplingScope::kInterfaceOut, *scope.out_if);
  else if (scope.part) holds_for(SamplingScope::kPart, *scope.part);
  else if (scope.layout) holds_for(SamplingScope::kTemplate, *scope.layout);
  return a;
}

void learn(const AnnouncedRate& announced, Message& message) {
  auto& context = message.context;
  const bool is_first = !message.from.sampling.announced();
  switch (message.from.sampling.learn(announced, message.datagram.arrival_ms)) {
    case SamplingTable::Outcome::kKnown: return;
    case SamplingTable::Outcome::kNew:
      message.note_learnt_rates(is_first);
      if (!context.on_rate) return;
      if (!message.from.may_save(message.datagram.arrival_ms)) return context.counters.saves_deferred.add(1);
      return context.on_rate({.exporter = message.from.exporter.address, .announced = announced});
    case SamplingTable::Outcome::kFull: break;
  }
  context.counters.sampling_refused.add(1);
  context.log.note(DecodeFault::kSamplingRefused, [&] {
    return message.sender() + ": a sampling rate refused, this exporter has announced " +
           std::to_string(context.limits.max_sampling_rates_per_exporter) + " (decode.max_sampling_rates_per_exporter)";
  });
}

void learn_sampling(const SamplingElements& elements, const Scope& scope, Message& message) {
  auto announced = announced_by(elements, scope, message);
  if (announced.rate == 0 && !elements.samples_somehow()) return;
  message.publish_sampling(announced.rate);
  learn(announced, message);
  // A rate of what comes in and goes out.
  if (announced.scope != SamplingScope::kInterfaceIn || scope.out_if.value_or(0) == 0) return;
  announced.scope = SamplingScope::kInterfaceOut;
  announced.id = *scope.out_if;
  learn(announced, message);
}

}  // namespace

bool decode_options_record(ByteCursor& set, const Template& layout, Message& message) {
  ByteCursor fields = set;
  const ByteCursor whole = set;
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
  FlowRecord beside;
  RecordNotes notes;
  if (!layout.plan.decode(set, beside, notes, message.context.parts)) return false;
  message.count_options_record();
  if (layout.tells_names) learn_told_names(whole, layout.record, message);
  read_fields(beside, scope);
  learn_sampling(notes.sampling, scope, message);
  if (notes.times.has(FlowTimes::kInit)) {
    message.stream->boot.announce(notes.times.init_ms);
    message.from.announce_boot(message.datagram.source_port, notes.times.init_ms);
  }
  return true;
}

}  // namespace weir
