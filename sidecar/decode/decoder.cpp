// The decoder's memory: which exporter a datagram belongs to, and what is told to the rest.
#include "decode/decoder.hpp"

#include <algorithm>
#include <unordered_map>

#include "decode/duplicate_filter.hpp"
#include "decode/message.hpp"
#include "decode/protocol_table.hpp"
#include "decode/trace_text.hpp"
#include "decode/undecoded_senders.hpp"
#include "decode/waiting_room.hpp"

namespace weir {

namespace {

constexpr std::int64_t kRetryMs = 1000;  // between looks whether a sender has earned its place
// What a waiting sender has sent counts as that of so long at least: a burst is not a rate that an exporter keeps up.
constexpr std::int64_t kLeastBidMs = 30'000;
constexpr std::int64_t kIdleSweepMs = 60'000;
constexpr std::uint64_t kLeastRoom = 1 << 16;  // of all templates: less than this is full
constexpr std::uint64_t kUnknownWork = 256;    // of Decoder::work(), for a datagram of a sender without a place

}  // namespace

struct Decoder::State {
  State(const DecodeLimits& given, ExporterTable& table, RecordSink& sink)
      : limits(given),
        exporters(table),
        context{.limits = limits,
                .sink = sink,
                .counters = {},
                .log = {},
                .on_template = {},
                .on_rate = {},
                .records = {},
                .unrated = {},
                .unsettled = {},
                .parts = {},
                .extras = {},
                .template_record = {},
                .state = {}},
        duplicates(given.duplicate_window_ms),
        room(given.admission) {
    context.make_state_room = [this](const ExporterState& of, std::int64_t now_ms) {
      return make_state_room(of, now_ms);
    };
    context.admit_original = [this](const IpAddress& address, std::int64_t now_ms) {
      return exporters.admit(address, now_ms);
    };
    context.make_waiting_room = [this](const ExporterState& of, std::uint64_t bytes) {
      return make_waiting_room(of, bytes);
    };
  }

  const DecodeLimits limits;
  ExporterTable& exporters;
  DecodeContext context;
  std::unordered_map<IpAddress, std::unique_ptr<ExporterState>> known;
  ExporterState* last = nullptr;
  DuplicateFilter duplicates;
  WaitingRoom room;
  UndecodedSenders undecoded;

  // What is remembered of an exporter that has a place; nullptr: it has none.
  ExporterState* find(const IpAddress& address) {
    if (last != nullptr && last->exporter.address == address && last->exporter.has_place()) return last;
    if (const auto at = known.find(address); at != known.end()) {
      if (at->second->exporter.has_place()) return last = at->second.get();
      forget(at);
      return nullptr;
    }
    auto* exporter = exporters.find(address);
    return exporter != nullptr && exporter->has_place() ? remember(*exporter) : nullptr;
  }
  ExporterState* remember(Exporter& exporter) {
    return last = known.emplace(exporter.address, std::make_unique<ExporterState>(exporter, limits, context.state))
                      .first->second.get();
  }
  std::unordered_map<IpAddress, std::unique_ptr<ExporterState>>::iterator forget(
      std::unordered_map<IpAddress, std::unique_ptr<ExporterState>>::iterator at) {
    auto& from = *at->second;
    context.waiting_bytes -= from.waiting.bytes();
    context.counters.waiting_dropped.add(from.waiting.shrink_to(0));
    from.exporter.domains.with([](std::vector<DomainStatus>& published) { published.clear(); });
    last = nullptr;
    return known.erase(at);
  }
  // Gives the sender a place, when the table has one.
  ExporterState* admit(const IpAddress& address, std::int64_t now_ms, double records_per_s = 0) {
    auto* exporter = exporters.admit(address, now_ms, records_per_s);
    if (exporter != nullptr) {
      context.counters.senders_admitted.add(1);
      return remember(*exporter);
    }
    context.log.note(DecodeFault::kExporterRefused, [&] {
      return address.text() + ": refused, " + std::to_string(exporters.max_exporters()) +
             " exporters are known already, and none of them sends less than half of what it sends; name your networks "
             "in receive.allow, or forget exporters that are none " +
             "(weir console -c 'forget ADDRESS')";
    });
    return nullptr;
  }

  void decode(const Datagram& datagram, const Protocol& protocol, ExporterState& from) {
    auto& exporter = from.exporter;
    if (exporter.first_seen_ms.load(std::memory_order_relaxed) == 0)
      exporter.first_seen_ms.store(datagram.arrival_ms, std::memory_order_relaxed);
    exporter.last_seen_ms.store(datagram.arrival_ms, std::memory_order_relaxed);
    if ((exporter.protocols.load(std::memory_order_relaxed) & protocol.bit) == 0)
      exporter.protocols.fetch_or(protocol.bit, std::memory_order_relaxed);
    if (datagram.carriage == Carriage::kDatagram && duplicates.is_copy(datagram)) {
      exporter.datagrams.fetch_add(1, std::memory_order_relaxed);
      exporter.duplicates.fetch_add(1, std::memory_order_relaxed);
      context.counters.duplicates.add(1);
      context.work += kUnknownWork + datagram.payload.size() / 4;
      return;
    }
    Message message(context, from, datagram);
    protocol.decode(ByteCursor(datagram.payload), message);
    if (datagram.carriage == Carriage::kDatagram && message.holds_records()) duplicates.note_records();
    message.finish();
  }

  // A datagram of a sender that has no place.
  void receive_unknown(const Datagram& datagram, const Protocol& protocol) {
    context.work += kUnknownWork + datagram.payload.size() / 4;
    const auto check = protocol.check(ByteCursor(datagram.payload));
    if (!check.valid) {
      context.counters.malformed.add(1);
      context.log.note(DecodeFault::kMalformed, [&] {
        return datagram.source.text() + " to port " + std::to_string(datagram.local_port) + ": begins like " +
               protocol.name + ", and is no whole message of it; the sender takes no place among the exporters";
      });
      return;
    }
    // Who has made a connection has not forged the address.
    if (limits.admission.datagrams <= 1 || datagram.carriage == Carriage::kSession) {
      auto* from = admit(datagram.source, datagram.arrival_ms);
      if (from == nullptr) return context.counters.senders_refused.add(1);
      return decode(datagram, protocol, *from);
    }
    auto* sender = room.hold(datagram, check.has_template);
    if (sender != nullptr) consider(*sender, datagram.arrival_ms, false);
    publish_room();
  }

  bool has_sent_enough(const WaitingSender& sender, std::int64_t now_ms) const {
    return exporters.places_taken() < limits.admission.free_places || sender.has_sent_enough(limits.admission, now_ms);
  }

  // Admits the sender if it has earned its place. Looking costs a trial of what is held, so that it waits for as much
  // to come as the last trial read, or for a second to pass.
  bool consider(WaitingSender& sender, std::int64_t now_ms, bool at_end) {
    if (!has_sent_enough(sender, at_end ? now_ms + limits.admission.probation_ms : now_ms)) return false;
    const bool tried_lately = sender.tried_ms > now_ms - kRetryMs && sender.tried_ms <= now_ms;
    if (!at_end && tried_lately && sender.untried_bytes < sender.bytes) return false;
    sender.untried_bytes = 0;
    sender.tried_ms = now_ms;
    const std::uint64_t records = records_held(sender);
    if (records == 0) return false;
    const IpAddress address = sender.address;
    auto* from = admit(address, now_ms,
                       static_cast<double>(records) * 1000 /
                           static_cast<double>(std::max(sender.last_ms - sender.first_ms, kLeastBidMs)));
    if (from == nullptr) {
      context.counters.senders_refused.add(1);
      return false;
    }
    for (const auto& held : room.take(address)) {
      const Datagram datagram = held.of(address);
      if (const auto* protocol = protocol_of(datagram.payload)) decode(datagram, *protocol, *from);
    }
    return true;
  }

  // How many flow records there are in what the sender sent: decoded by a decoder that is thrown away.
  std::uint64_t records_held(const WaitingSender& sender) {
    struct Nothing final : RecordSink {
      void on_records(std::span<const FlowRecord>) override {}
    } nothing;
    DecodeLimits trial_limits = limits;
    trial_limits.admission = {};
    trial_limits.duplicate_window_ms = 0;
    ExporterTable one(1);
    Decoder trial(trial_limits, one, nothing);
    for (const auto& held : sender.held) trial.decode(held.of(sender.address));
    context.work += trial.work();
    return trial.counters().records;
  }

  void publish_room() {
    context.counters.senders_waiting.set(room.senders());
    context.counters.senders_waiting_bytes.set(room.bytes());
    context.counters.senders_turned_away.set(room.senders_turned_away());
    context.counters.datagrams_turned_away.set(room.datagrams_turned_away());
  }

  bool make_state_room(const ExporterState& of, std::int64_t now_ms) {
    if (context.state.bytes + kLeastRoom < limits.max_state_bytes) return false;  // its own bound
    ExporterState* most = nullptr;
    for (const auto& [address, from] : known) {
      if (most == nullptr || from->bytes() > most->bytes()) most = from.get();
    }
    if (most == nullptr || most == &of || most->bytes() <= of.bytes()) return false;
    const std::uint32_t templates = most->templates();
    const std::uint64_t bytes = most->bytes();
    most->shrink(now_ms);
    most->settle();
    context.counters.templates_forgotten.add(templates - most->templates());
    return most->bytes() < bytes;
  }

  bool make_waiting_room(const ExporterState& of, std::uint64_t bytes) {
    ExporterState* most = nullptr;
    for (const auto& [address, from] : known) {
      if (most == nullptr || from->waiting.bytes() > most->waiting.bytes()) most = from.get();
    }
    if (most == nullptr || most == &of || most->waiting.bytes() <= of.waiting.bytes() + bytes) return false;
    const std::uint64_t before = most->waiting.bytes();
    context.counters.waiting_dropped.add(most->waiting.shrink_to(before - before / 4));
    context.waiting_bytes -= before - most->waiting.bytes();
    return most->waiting.bytes() != before;
  }

  std::int64_t idle_swept_ms = 0;
};

Decoder::Decoder(const DecodeLimits& limits, ExporterTable& exporters, RecordSink& sink)
    : state_(std::make_unique<State>(limits, exporters, sink)) {}
Decoder::~Decoder() = default;

void Decoder::decode(const Datagram& received) {
  auto& context = state_->context;
  if (received.carriage == Carriage::kSessionEnd) {
    if (ExporterState* from = state_->find(received.source)) from->end_session(received.source_port);
    return;
  }
  context.counters.datagrams.add(1);
  const Protocol* protocol = protocol_of(received.payload);
  Datagram datagram = received;
  name_exporter(datagram, protocol);
  if (protocol == nullptr) {
    context.work += kUnknownWork;
    context.counters.unsupported.add(1);
    context.log.note(DecodeFault::kUnsupported, [&] {
      return datagram.source.text() + " to port " + std::to_string(datagram.local_port) + ": " +
             undecoded_name(datagram.payload) + ": " + undecoded_hint(undecoded_kind(datagram.payload));
    });
    state_->undecoded.note(datagram);
    return;
  }
  if (ExporterState* from = state_->find(datagram.source)) return state_->decode(datagram, *protocol, *from);
  state_->receive_unknown(datagram, *protocol);
}

void Decoder::tick(std::int64_t now_ms) {
  auto& state = *state_;
  auto& context = state.context;
  context.log.set_time(now_ms);
  const bool sweep = now_ms - state.idle_swept_ms >= kIdleSweepMs || now_ms < state.idle_swept_ms;
  if (sweep) state.idle_swept_ms = now_ms;
  for (auto at = state.known.begin(); at != state.known.end();) {
    const auto& address = at->first;
    const auto& from = at->second;
    if (!from->exporter.has_place()) {
      at = state.forget(at);
      continue;
    }
    ++at;
    const std::uint64_t before = from->waiting.bytes();
    const std::uint32_t dropped = from->waiting.drop_before(now_ms - state.limits.max_waiting_ms);
    context.waiting_bytes -= before - from->waiting.bytes();
    if (dropped != 0) {
      context.counters.waiting_dropped.add(dropped);
      context.log.note(DecodeFault::kWaitingDropped, [&] {
        return address.text() + ": " + std::to_string(dropped) +
               " data sets given up, no template came for them (decode.max_waiting_ms)";
      });
    }
    if (sweep) from->forget_idle(now_ms);
    from->settle();
    if (!from->changed) continue;
    from->changed = false;
    from->exporter.domains.with([&](std::vector<DomainStatus>& published) { published = from->domain_status(); });
  }
  context.counters.templates.set(context.state.templates);
  context.counters.state_bytes.set(context.state.bytes);
  context.counters.name_bytes.set(context.state.name_bytes);

  std::vector<IpAddress> ready;
  state.room.tick(now_ms, [&](WaitingSender& sender) {
    if (state.has_sent_enough(sender, now_ms)) ready.push_back(sender.address);
  });
  for (const auto& address : ready) {
    if (auto* sender = state.room.find(address)) state.consider(*sender, now_ms, false);
  }
  state.publish_room();
}

void Decoder::finish() {
  auto& state = *state_;
  std::vector<std::pair<IpAddress, std::int64_t>> waiting;
  state.room.tick(0, [&](WaitingSender& sender) { waiting.emplace_back(sender.address, sender.last_ms); });
  for (const auto& [address, last_ms] : waiting) {
    if (auto* sender = state.room.find(address)) state.consider(*sender, last_ms, true);
  }
  state.room.turn_all_away();
  state.publish_room();
}

std::vector<UndecodedSender> Decoder::undecoded_senders() const { return state_->undecoded.newest(); }

std::uint64_t Decoder::work() const { return state_->context.work; }

std::string Decoder::trace(const Datagram& received, std::size_t max_bytes) {
  Datagram datagram = received;
  name_exporter(datagram, protocol_of(datagram.payload));
  const auto from = state_->known.find(datagram.source);
  const auto templates = [&](std::uint16_t version, std::uint32_t domain_id,
                             std::uint16_t id) -> const TemplateRecord* {
    if (from == state_->known.end()) return nullptr;
    auto* domain = from->second->domain(version, domain_id, datagram.arrival_ms);
    auto* definition = domain == nullptr ? nullptr : domain->templates.look(id, datagram.source_port);
    return definition == nullptr ? nullptr : &definition->layout().record;
  };
  return trace_datagram(datagram, templates, max_bytes);
}

DecodeCounters Decoder::counters() const { return state_->context.counters.snapshot(); }

void Decoder::on_template(std::function<void(const StoredTemplate&)> callback) {
  state_->context.on_template = std::move(callback);
}

void Decoder::on_interface_counters(std::function<void(const InterfaceCounters&)> callback) {
  state_->context.on_interface_counters = std::move(callback);
}

void Decoder::on_name(std::function<void(const StoredName&)> callback) {
  state_->context.on_name = std::move(callback);
}

void Decoder::on_rate(std::function<void(const StoredRate&)> callback) {
  state_->context.on_rate = std::move(callback);
}

void Decoder::restore_rate(const StoredRate& stored) {
  ExporterState* from = state_->find(stored.exporter);
  if (from == nullptr) return;
  from->sampling.learn(stored.announced, 0);
  from->settle();
}

void Decoder::restore_template(const StoredTemplate& stored) {
  // Of exporters that have a place: what was forgotten stays forgotten.
  ExporterState* from = state_->find(stored.exporter);
  if (from == nullptr) return;
  ByteCursor wire(stored.record);
  TemplateRecord record;
  if (decode_template_record(wire, stored.version, stored.options, state_->limits.max_fields_per_template, record) !=
      TemplateOutcome::kTemplate)
    return;
  Domain* domain = from->domain(stored.version, stored.domain, 0);
  if (domain == nullptr) return;
  if (!from->restore_template(*domain, record, stored.source_port, stored.booted_ms)) return;
  from->settle();
  state_->context.counters.templates.set(state_->context.state.templates);
  from->changed = true;
}

std::vector<std::string> Decoder::take_log_lines() { return state_->context.log.take(); }

}  // namespace weir
