// Reads template sets, data sets and waiting sets of NetFlow v9 and IPFIX.
#include "decode/sets.hpp"

#include <algorithm>

#include "decode/layout_trial.hpp"
#include "decode/options.hpp"
#include "decode/set_sampling.hpp"

namespace weir {

namespace {

constexpr std::size_t kMaxPadding = 3;        // to the next multiple of four
constexpr std::uint8_t kEndReasonActive = 2;  // of IE 136: an active timeout, after which the flow goes on
constexpr std::uint64_t kTemplateWork = 256, kHeldSetWork = 256;  // of Decoder::work(), beside their octets

bool all_zero(std::span<const std::uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

std::string set_name(std::uint16_t version, std::uint16_t id) {
  return (version == kVersion9 ? "NetFlow v9 set " : "IPFIX set ") + std::to_string(id);
}

// When an IPFIX exporter that sends uptimes was started: the set's latest flow end bounds it, whatever was announced.
void estimate_boot(ByteCursor set, const Template& layout, Message& message, MessageTime& time) {
  auto& boot = message.stream->boot;
  const std::int64_t announced = message.from.announced_boot(message.stream->key.port);
  const std::uint32_t latest = layout.plan.latest_end_uptime(set, message.context.parts);
  if (latest != 0) boot.observe(time.export_ms, latest, announced);
  time.boot_ms = boot.value() != 0 ? boot.value() : announced;
  time.boot_doubtful = boot.doubtful();
}

// Records of zeros at a set's end are padding that is longer than a record (some pad to a fixed size).
ByteCursor without_padding(ByteCursor set, std::size_t record) {
  std::size_t records = set.remaining() / record;
  for (; records != 0; --records) {
    ByteCursor last = set;
    last.skip((records - 1) * record);
    if (!all_zero(last.take(record))) break;
  }
  return set.sub(records * record);
}

// What the counters of a record count.
FlowReport report_of(const RecordPlan& plan, const RecordNotes& notes, const FlowRecord& flow) {
  // Of a firewall's events (Cisco ASA NetFlow guide, "firewallEvent"): deleted counts all of the flow, denied nothing.
  constexpr std::uint8_t kDeleted = 2, kDenied = 3;
  FlowReport report;
  if (notes.extras != nullptr) report.flow_id = notes.extras->flow_id;
  if (const std::uint8_t event = plan.has_event_counters() ? flow.firewall_event : std::uint8_t{0}; event != 0) {
    if (event != kDenied) report.counting = event == kDeleted || notes.from_totals ? Counting::kEnd : Counting::kUpdate;
  } else if (plan.has_totals()) {
    report.counting = Counting::kTotal;
    report.ended = flow.end_reason != 0 && flow.end_reason != kEndReasonActive;
  }
  return report;
}

// False when the set ends inside a record.
bool decode_data_records(ByteCursor set, const Template& layout, MessageTime time, Message& message) {
  const auto& plan = layout.plan;
  if (!layout.record.options && !plan.describes_flows(message.context.limits.min_record_octets)) {
    message.refuse_empty(plan.count_records(set));
    return true;
  }
  if (plan.has_uptimes() && !time.has_uptime && !layout.record.options) estimate_boot(set, layout, message, time);
  SetSampling sampling(message, layout);
  if (plan.fixed_length() && !layout.record.options) set = without_padding(set, plan.minimum_length());
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
    if (plan.has_extras()) {
      message.context.extras = {};
      notes.extras = &message.context.extras;
    }
    if (!plan.decode(set, flow, notes, message.context.parts)) {
      message.drop_record();
      return false;
    }
    sampling.apply(notes.sampling, flow);
    if (notes.extras != nullptr) message.set_original(flow, notes.extras->original_exporter);
    message.finish_record(flow, notes.times, time, report_of(plan, notes, flow));
  }
  return true;
}

// Hands a template on to be kept over a restart once it has decoded something: what never does, nobody needs again.
void prove(TemplateDefinition& definition, PortTemplate& own, Message& message) {
  definition.proven = true;
  auto& context = message.context;
  if (!context.on_template || message.datagram.carriage == Carriage::kSession) return;
  if (!message.from.may_save(message.datagram.arrival_ms)) return context.counters.saves_deferred.add(1);
  own.saved = true;
  context.on_template({.exporter = message.from.exporter.address,
                       .source_port = message.stream->key.port,
                       .domain = message.domain->id,
                       .version = definition.version,
                       .options = definition.options,
                       .booted_ms = own.booted_ms,
                       .record = definition.wire});
}

enum class SetOutcome : std::uint8_t {
  kDecoded,
  kCutShort,  // decoded, up to a record that the set ends in
  kWaits,     // there is no template for it, or none that it is certain to be of
  kMisfit,    // it is not of the layout that its sender announced
};

// Decodes a data set by what its sender announced, or, if that is not known, by what it is likely to be.
SetOutcome decode_data_set(ByteCursor set, std::uint16_t id, const MessageTime& time, bool is_whole, Message& message) {
  const auto found = message.domain->templates.find(id, message.stream->key.port, message.stream->booted_ms,
                                                    message.datagram.arrival_ms);
  if (found.definition == nullptr || (found.own == nullptr && message.datagram.carriage == Carriage::kSession))
    return SetOutcome::kWaits;
  auto& definition = *found.definition;
  const auto& layout = definition.layout();
  if (found.on_trial) {
    if (!layout_fits(set, layout, time, message.context.parts)) return SetOutcome::kWaits;
  } else if (is_whole && octets_left(set, layout.plan) != 0) {
    if (!found.own->insisted) {
      if (found.own->misfits != UINT16_MAX) ++found.own->misfits;
      return SetOutcome::kMisfit;
    }
  } else {
    found.own->misfits = 0;
  }
  const std::uint64_t before = message.useful();
  const bool whole = decode_data_records(set, layout, time, message);
  if (message.useful() != before) {
    definition.proven = true;
    if (found.own != nullptr && !found.own->saved) prove(definition, *found.own, message);
  }
  return whole ? SetOutcome::kDecoded : SetOutcome::kCutShort;
}

void count_waiting_dropped(Message& message, std::uint64_t sets) {
  if (sets == 0) return;
  message.context.counters.waiting_dropped.add(sets);
  message.context.log.note(DecodeFault::kWaitingDropped, [&] {
    return message.sender() +
           ": data without a template given up, too much is waiting (decode.max_waiting_bytes_per_exporter, "
           "decode.max_waiting_bytes); let the exporter send its templates more often";
  });
}

// Keeps a data set until its template comes.
void hold(WaitingSet&& set, Message& message) {
  auto& context = message.context;
  auto& waiting = message.from.waiting;
  const std::uint64_t bytes = set.bytes();
  if (bytes > context.limits.max_waiting_bytes_per_exporter) return count_waiting_dropped(message, 1);
  const std::uint64_t before = waiting.bytes();
  count_waiting_dropped(message, waiting.shrink_to(context.limits.max_waiting_bytes_per_exporter - bytes));
  context.waiting_bytes -= before - waiting.bytes();
  if (context.waiting_bytes + bytes > context.limits.max_waiting_bytes) {
    if (!message.may_look_for_room() || !context.make_waiting_room(message.from, bytes))
      return count_waiting_dropped(message, 1);
    if (context.waiting_bytes + bytes > context.limits.max_waiting_bytes) return count_waiting_dropped(message, 1);
  }
  context.waiting_bytes += bytes;
  waiting.hold(std::move(set));
}

void hold_new(std::uint16_t version, std::uint16_t set_id, std::span<const std::uint8_t> content, Message& message) {
  auto& context = message.context;
  context.work += kHeldSetWork;
  message.count_held();
  context.counters.came_without_template.add(1);
  context.counters.waiting_for_template.add(1);
  message.from.exporter.waiting_for_template.fetch_add(1, std::memory_order_relaxed);
  hold({.version = version,
        .domain = message.domain->id,
        .set_id = set_id,
        .port = message.stream->key.port,
        .booted_ms = message.stream->booted_ms,
        .time = message.time,
        .content = {content.begin(), content.end()}},
       message);
}

// A template has come: decodes what waited for it. What came from before a restart of its sender is given up.
void decode_waiting(std::uint16_t version, std::uint16_t id, Message& message) {
  auto& context = message.context;
  auto& waiting = message.from.waiting;
  if (waiting.empty()) return;
  // Other ports may use the only layout that there is.
  const std::uint16_t port = message.stream->key.port;
  auto sets = message.domain->templates.layouts(id) == 1 ? waiting.take(version, message.domain->id, id)
                                                         : waiting.take(version, message.domain->id, id, port);
  if (sets.empty()) return;
  Stream* const sender = message.stream;
  const std::uint64_t before = message.decoded();
  std::uint64_t done = 0;
  for (auto& s : sets) {
    context.waiting_bytes -= s.bytes();
    message.stream =
        s.port == port ? sender
                       : message.from.streams.find({.version = version, .domain = message.domain->id, .port = s.port});
    auto outcome = SetOutcome::kWaits;
    if (message.stream != nullptr &&
        may_be_one_boot(s.booted_ms, message.stream->booted_ms, message.datagram.arrival_ms)) {
      outcome = decode_data_set(ByteCursor(s.content), id, s.time, true, message);
    } else if (message.stream == sender) {
      outcome = SetOutcome::kMisfit;
    }
    if (outcome == SetOutcome::kWaits) {
      context.work += kHeldSetWork;
      hold(std::move(s), message);
      continue;
    }
    if (outcome == SetOutcome::kMisfit) {
      // It counts as one that waited in vain.
      context.counters.waiting_dropped.add(1);
      message.malformed([&] {
        return set_name(version, id) + " does not fit its template, nor does one that came later: it is left out";
      });
      continue;
    }
    ++done;
    if (outcome == SetOutcome::kCutShort)
      message.malformed([&] { return set_name(version, id) + " does not fit its template"; });
  }
  message.stream = sender;
  message.count_waited(message.decoded() - before);
  context.counters.waiting_for_template.subtract(done);
  message.from.exporter.waiting_for_template.fetch_sub(done, std::memory_order_relaxed);
}

void refuse_template(const TemplateRecord& record, Message& message) {
  const auto& limits = message.context.limits;
  message.context.counters.templates_refused.add(1);
  message.context.log.note(DecodeFault::kTemplateRefused, [&] {
    return message.sender() + ": template " + std::to_string(record.id) + " refused: more than " +
           std::to_string(limits.max_fields_per_template) + " fields (decode.max_fields_per_template) or " +
           std::to_string(limits.max_templates_per_exporter) +
           " templates (decode.max_templates_per_exporter), or more memory than one exporter or all may take "
           "(decode.max_state_bytes_per_exporter, decode.max_state_bytes)";
  });
}

// A withdrawal that came by UDP can be anybody's: it "MUST be ignored" (RFC 7011 8.4).
void ignore_withdrawal(const TemplateRecord& record, Message& message) {
  message.context.counters.withdrawals_ignored.add(1);
  message.context.log.note(DecodeFault::kWithdrawal, [&] {
    return message.sender() + ": the withdrawal of template " + std::to_string(record.id) +
           " was ignored, as it has to be by UDP (RFC 7011 8.4)";
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
      message.malformed([&] {
        return set_name(version, set_id) + ": template " + std::to_string(record.id) +
               " is cut short or describes empty records";
      });
      if (set.position() == at) break;
      continue;
    }
    if (outcome == TemplateOutcome::kTooManyFields) {
      refuse_template(record, message);
      continue;
    }
    if (outcome == TemplateOutcome::kWithdrawal) {
      if (message.datagram.carriage == Carriage::kSession)
        from.withdraw(*message.domain, record.id, message.datagram.source_port);
      else ignore_withdrawal(record, message);
      continue;
    }
    context.work += kTemplateWork;
    const auto add = [&] {
      return from.add_template(*message.domain, record, *message.stream, now, from.template_room(now));
    };
    auto added = add();
    // All exporters together have too many: the one with most makes room.
    if (added == TemplateStore::Outcome::kFull && message.may_look_for_room() && context.make_state_room(from, now))
      added = add();
    if (added != TemplateStore::Outcome::kFull) message.note_announced(record.id);
    switch (added) {
      case TemplateStore::Outcome::kUnchanged: break;
      case TemplateStore::Outcome::kFull: refuse_template(record, message); break;
      case TemplateStore::Outcome::kConfirmed:
      case TemplateStore::Outcome::kNew: decode_waiting(version, record.id, message); break;
    }
  }
  from.changed |= from.templates() != held;
}

bool walk_sets(ByteCursor body, std::uint16_t version, const SetIds& ids, Message& message) {
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
    const bool is_whole = length <= body.remaining();
    if (!is_whole) {
      counted = false;
      message.malformed([&] {
        return set_name(version, id) + " is " + std::to_string(length) + " octets long, the datagram ends after " +
               std::to_string(body.remaining()) +
               "; what is whole was decoded. Is something on the way cutting datagrams?";
      });
      length = body.remaining();
    }
    ByteCursor set = body.sub(length);
    set.skip(kSetHeaderSize);
    if (id == ids.templates || id == ids.options_templates) {
      decode_template_set(set, version, id == ids.options_templates, id, message);
    } else if (id >= kFirstDataSet) {
      // A template in the same datagram is certainly the set's own, whatever is left of the set (v9-nprobe-dpi).
      switch (decode_data_set(set, id, message.time, is_whole && !message.has_announced(id), message)) {
        case SetOutcome::kDecoded: break;
        case SetOutcome::kCutShort:
          counted = false;
          message.malformed([&] { return set_name(version, id) + " does not fit its template"; });
          break;
        case SetOutcome::kMisfit:
          message.context.log.note(DecodeFault::kMisfit, [&] {
            return message.sender() + ": " + set_name(version, id) +
                   " does not fit its template; it waits for the template that it is of";
          });
          [[fallthrough]];
        case SetOutcome::kWaits:
          counted = false;
          hold_new(version, id, set.take(set.remaining()), message);
          break;
      }
    }
  }
  return counted;
}

}  // namespace

bool decode_sets(ByteCursor body, std::uint16_t version, const SetIds& ids, Message& message) {
  const bool counted = walk_sets(body, version, ids, message);
  if (message.learnt_rates()) rate_late(message);
  return counted;
}

}  // namespace weir
