// Template sets, data sets and waiting sets of v9 and IPFIX.
#include "decode/sets.hpp"

#include <algorithm>

#include "decode/options.hpp"

namespace weir {

namespace {

constexpr std::size_t kMaxPadding = 3;     // to the next multiple of four
constexpr std::uint64_t kTemplateWork = 256, kHeldSetWork = 256;  // of Decoder::work(), beside their octets

bool all_zero(std::span<const std::uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

std::string set_name(std::uint16_t version, std::uint16_t id) {
  return (version == kVersion9 ? "NetFlow v9 set " : "IPFIX set ") + std::to_string(id);
}

// The rates that hold for the records of one set.
class SetSampling {
 public:
  SetSampling(const Message& message, const Template& layout)
      : table_(message.from.sampling), domain_(message.domain->id), in_records_(layout.plan.has_sampling()),
        default_(table_.default_rate(domain_, layout.record.id)) {}

  void apply(const SamplingElements& elements, FlowRecord& flow, Message& message) const {
    if (in_records_) {
      flow.sampling = elements.rate();
      if (flow.sampling != 0) {
        message.publish_sampling(flow.sampling);
        return;
      }
      if (elements.selector && *elements.selector != 0) {
        flow.sampling = table_.find(domain_, SamplingScope::kSelector, *elements.selector);
        // A selector whose rate has not been announced.
        if (flow.sampling == 0) flow.quality |= kQualitySamplingUnknown;
        return;
      }
    }
    if (table_.has_interfaces()) flow.sampling = table_.find(domain_, SamplingScope::kInterface, flow.in_if);
    if (flow.sampling == 0) flow.sampling = default_;
    // Several samplers, and the record says nothing of which.
    if (flow.sampling == 0 && !elements.selector && table_.selectors_differ()) flow.quality |= kQualitySamplingUnknown;
  }

 private:
  const SamplingTable& table_;
  const std::uint32_t domain_;
  const bool in_records_;
  const std::uint32_t default_;
};

// An IPFIX exporter that sends uptimes without saying when it was started: the set's latest flow end bounds it.
void estimate_boot(ByteCursor set, const Template& layout, Message& message, MessageTime& time) {
  auto& boot = message.domain->boot;
  if (!boot.announced() && message.from.boot_ms == 0) {
    const std::uint32_t latest = layout.plan.latest_end_uptime(set, message.context.parts);
    if (latest != 0) boot.observe(time.export_ms, latest, message.context.limits.max_flow_duration_ms);
  }
  time.boot_ms = boot.value() != 0 ? boot.value() : message.from.boot_ms;
}

// False when the set ends inside a record.
bool decode_data_records(ByteCursor set, const Template& layout, MessageTime time, Message& message) {
  const auto& plan = layout.plan;
  if (!layout.record.options && !plan.describes_flows(message.context.limits.min_record_octets)) {
    message.refuse_empty(plan.count_records(set, message.context.parts));
    return true;
  }
  if (plan.has_uptimes() && !time.has_uptime && !layout.record.options) estimate_boot(set, layout, message, time);
  const SetSampling sampling(message, layout);
  while (set.remaining() >= plan.minimum_length()) {
    if (!plan.fixed_length() && set.remaining() <= kMaxPadding) {
      ByteCursor rest = set;
      if (all_zero(rest.take(rest.remaining()))) break;
    }
    if (layout.record.options) {
      if (!decode_options_record(set, layout, message)) return false;
      continue;
    }
    auto& flow = message.begin_record();
    RecordNotes notes;
    if (!plan.decode(set, flow, notes, message.context.parts)) {
      message.drop_record();
      return false;
    }
    sampling.apply(notes.sampling, flow, message);
    message.finish_record(flow, notes.times, time);
  }
  return true;
}

// Hands a template on to be kept over a restart once it has decoded something: what never does, nobody needs again.
void prove(TemplateDefinition& definition, std::uint16_t id, Message& message) {
  definition.proven = true;
  auto& context = message.context;
  if (!context.on_template) return;
  if (!message.from.may_save(message.datagram.arrival_ms)) return context.counters.saves_deferred.add(1);
  definition.saved = true;
  const bool by_port = message.domain->templates.by_port(id);
  context.on_template({.exporter = message.from.exporter.address,
                       .source_port = by_port ? definition.port : std::uint16_t{0},
                       .domain = message.domain->id,
                       .version = definition.version,
                       .options = definition.options,
                       .record = definition.wire});
}

// Decodes a data set by its template; false when the set ends inside a record.
bool decode_data_set(ByteCursor set, std::uint16_t id, TemplateDefinition& definition, const MessageTime& time, Message& message) {
  const std::uint64_t before = message.useful();
  const bool whole = decode_data_records(set, definition.layout(), time, message);
  if (!definition.saved && message.useful() != before) prove(definition, id, message);
  return whole;
}

void count_waiting_dropped(Message& message, std::uint64_t sets) {
  if (sets == 0) return;
  message.context.counters.waiting_dropped.add(sets);
  message.context.log.note(DecodeFault::kWaitingDropped, [&] {
    return message.sender() + ": data without a template given up, too much is waiting (decode.max_waiting_bytes_per_exporter, "
                              "decode.max_waiting_bytes); let the exporter send its templates more often";
  });
}

// Keeps the content of a data set until its template comes.
void hold(std::uint16_t version, std::uint16_t set_id, std::span<const std::uint8_t> content, Message& message) {
  auto& context = message.context;
  auto& waiting = message.from.waiting;
  context.work += kHeldSetWork;
  context.counters.came_without_template.add(1);
  context.counters.waiting_for_template.add(1);
  message.from.exporter.waiting_for_template.fetch_add(1, std::memory_order_relaxed);
  WaitingSet set{.version = version, .domain = message.domain->id, .set_id = set_id, .port = message.datagram.source_port,
                 .time = message.time, .content = {content.begin(), content.end()}};
  const std::uint64_t bytes = set.bytes();
  if (bytes > context.limits.max_waiting_bytes_per_exporter) return count_waiting_dropped(message, 1);
  const std::uint64_t before = waiting.bytes();
  count_waiting_dropped(message, waiting.shrink_to(context.limits.max_waiting_bytes_per_exporter - bytes));
  context.waiting_bytes -= before - waiting.bytes();
  if (context.waiting_bytes + bytes > context.limits.max_waiting_bytes) {
    if (!message.may_look_for_room() || !context.make_waiting_room(message.from, bytes)) return count_waiting_dropped(message, 1);
    if (context.waiting_bytes + bytes > context.limits.max_waiting_bytes) return count_waiting_dropped(message, 1);
  }
  context.waiting_bytes += bytes;
  waiting.hold(std::move(set));
}

// A template has come: decodes what waited for it.
void decode_waiting(std::uint16_t version, std::uint16_t id, Message& message) {
  auto& context = message.context;
  const auto sets = message.from.waiting.take(version, message.domain->id, id);
  if (sets.empty()) return;
  const std::uint64_t before = message.decoded();
  for (const auto& s : sets) {
    context.waiting_bytes -= s.bytes();
    auto* definition = message.domain->templates.find(id, s.port, message.datagram.arrival_ms);
    if (definition != nullptr && !decode_data_set(ByteCursor(s.content), id, *definition, s.time, message)) {
      message.malformed([&] { return set_name(version, id) + " does not fit its template"; });
    }
  }
  message.count_waited(message.decoded() - before);
  context.counters.waiting_for_template.subtract(sets.size());
  message.from.exporter.waiting_for_template.fetch_sub(sets.size(), std::memory_order_relaxed);
}

void refuse_template(const TemplateRecord& record, Message& message) {
  const auto& limits = message.context.limits;
  message.context.counters.templates_refused.add(1);
  message.context.log.note(DecodeFault::kTemplateRefused, [&] {
    return message.sender() + ": template " + std::to_string(record.id) + " refused: more than " +
           std::to_string(limits.max_fields_per_template) + " fields (decode.max_fields_per_template) or " +
           std::to_string(limits.max_templates_per_exporter) + " templates (decode.max_templates_per_exporter), or more memory than one exporter or all may take "
           "(decode.max_state_bytes_per_exporter, decode.max_state_bytes)";
  });
}

// A withdrawal that came by UDP can be anybody's: it "MUST be ignored" (RFC 7011 8.4).
void ignore_withdrawal(const TemplateRecord& record, Message& message) {
  message.context.counters.withdrawals_ignored.add(1);
  message.context.log.note(DecodeFault::kWithdrawal, [&] {
    return message.sender() + ": the withdrawal of template " + std::to_string(record.id) + " was ignored, as it has to be by UDP (RFC 7011 8.4)";
  });
}

void decode_template_set(ByteCursor set, std::uint16_t version, bool options, std::uint16_t set_id, Message& message) {
  auto& context = message.context;
  auto& from = message.from;
  auto& record = context.template_record;
  const std::int64_t now = message.datagram.arrival_ms;
  const std::uint32_t held = from.templates();
  while (set.remaining() != 0) {
    const std::size_t at = set.position();
    const auto outcome = decode_template_record(set, version, options, context.limits.max_fields_per_template, record);
    if (outcome == TemplateOutcome::kPadding) {
      // A few octets of any content (v9-cisco-wlc) or zeros to the end of the set (v9-cisco-aci) are padding.
      if (set.remaining() > kMaxPadding && !all_zero(set.take(set.remaining()))) {
        message.malformed([&] { return set_name(version, set_id) + " holds a template with an id below 256"; });
      }
      break;
    }
    if (outcome == TemplateOutcome::kMalformed) {
      message.malformed([&] { return set_name(version, set_id) + ": template " + std::to_string(record.id) + " is cut short or describes empty records"; });
      if (set.position() == at) break;
      continue;
    }
    if (outcome == TemplateOutcome::kTooManyFields) {
      refuse_template(record, message);
      continue;
    }
    if (outcome == TemplateOutcome::kWithdrawal) {
      ignore_withdrawal(record, message);
      continue;
    }
    context.work += kTemplateWork;
    const auto add = [&] { return from.add_template(*message.domain, record, message.datagram.source_port, now, from.template_room(now)); };
    auto added = add();
    // All exporters together have too many: the one with most makes room.
    if (added == TemplateStore::Outcome::kFull && message.may_look_for_room() && context.make_state_room(from, now)) added = add();
    switch (added) {
      case TemplateStore::Outcome::kUnchanged: break;
      case TemplateStore::Outcome::kFull: refuse_template(record, message); break;
      case TemplateStore::Outcome::kNew: decode_waiting(version, record.id, message); break;
    }
  }
  from.changed |= from.templates() != held;
}

}  // namespace

bool decode_sets(ByteCursor body, std::uint16_t version, const SetIds& ids, Message& message) {
  bool counted = true;
  while (body.remaining() >= kSetHeaderSize) {
    ByteCursor header = body;
    const std::uint16_t id = header.u16();
    std::size_t length = header.u16();
    if (length < kSetHeaderSize) {
      // Zeros fill the rest (v9-cisco-aci, v9-bitkeks-zeros); any other length would not lead on.
      ByteCursor rest = body;
      if (!all_zero(rest.take(rest.remaining()))) {
        counted = false;
        message.malformed([&] { return set_name(version, id) + " has a length of " + std::to_string(length); });
      }
      return counted;
    }
    if (length > body.remaining()) {
      counted = false;
      message.malformed([&] {
        return set_name(version, id) + " is " + std::to_string(length) + " octets long, the datagram ends after " +
               std::to_string(body.remaining()) + "; what is whole was decoded. Is something on the way cutting datagrams?";
      });
      length = body.remaining();
    }
    ByteCursor set = body.sub(length);
    set.skip(kSetHeaderSize);
    if (id == ids.templates || id == ids.options_templates) {
      decode_template_set(set, version, id == ids.options_templates, id, message);
    } else if (id >= kFirstDataSet) {
      auto* definition = message.domain->templates.find(id, message.datagram.source_port, message.datagram.arrival_ms);
      if (definition == nullptr) {
        counted = false;
        hold(version, id, set.take(set.remaining()), message);
      } else if (!decode_data_set(set, id, *definition, message.time, message)) {
        counted = false;
        message.malformed([&] { return set_name(version, id) + " does not fit its template"; });
      }
    }
  }
  return counted;
}

}  // namespace weir
