// The table of protocols, and the decoder's memory: which exporter a datagram belongs to, and what is told to the rest.
#include "decode/decoder.hpp"

#include <unordered_map>

#include "decode/ipfix.hpp"
#include "decode/message.hpp"
#include "decode/netflow_v5.hpp"
#include "decode/netflow_v9.hpp"
#include "decode/trace_text.hpp"

namespace weir {

namespace {

struct Protocol {
  std::uint16_t version = 0;  // the first two octets of the payload
  std::uint32_t bit = 0;
  void (*decode)(ByteCursor payload, Message& message) = nullptr;
};

// All that is decoded, on any port. A protocol more is a row more.
constexpr Protocol kProtocols[] = {
    {.version = 1, .bit = kProtocolV1, .decode = decode_netflow_v1},
    {.version = 5, .bit = kProtocolV5, .decode = decode_netflow_v5},
    {.version = 7, .bit = kProtocolV7, .decode = decode_netflow_v7},
    {.version = kVersion9, .bit = kProtocolV9, .decode = decode_netflow_v9},
    {.version = kVersionIpfix, .bit = kProtocolIpfix, .decode = decode_ipfix},
};

const Protocol* protocol_of(std::span<const std::uint8_t> payload) {
  ByteCursor c(payload);
  const std::uint16_t version = c.u16();
  for (const auto& p : kProtocols) {
    if (!c.failed() && p.version == version) return &p;
  }
  return nullptr;
}

// What a payload without a decoder looks like, in words for the log.
std::string unsupported_name(std::span<const std::uint8_t> payload) {
  ByteCursor c(payload);
  const std::uint32_t word = c.u32();
  if (c.failed()) return "a datagram of " + std::to_string(payload.size()) + " octets is no flow export";
  if (word == 2 || word == 4 || word == 5) return "sFlow is not decoded yet";  // sFlow 5, "sample_datagram": version u32
  if (word >> 16 == 8) return "NetFlow v8 (router aggregation) is not decoded yet; let it export v5 or v9";
  return "the datagram begins with version " + std::to_string(word >> 16) + ", which is neither NetFlow 1, 5, 7, 9 nor IPFIX (10)";
}

}  // namespace

struct Decoder::State {
  State(const DecodeLimits& given, ExporterTable& table, RecordSink& sink)
      : limits(given), exporters(table),
        context{.limits = limits, .sink = sink, .counters = {}, .log = {}, .on_template = {}, .records = {}, .parts = {}, .template_record = {}} {}

  const DecodeLimits limits;
  ExporterTable& exporters;
  DecodeContext context;
  std::unordered_map<IpAddress, std::unique_ptr<ExporterState>> known;
  ExporterState* last = nullptr;

  // nullptr when the exporter table is full.
  ExporterState* find_or_add(const IpAddress& address) {
    if (last != nullptr && last->exporter.address == address) return last;
    if (const auto at = known.find(address); at != known.end()) return last = at->second.get();
    auto* exporter = exporters.find_or_add(address);
    if (exporter == nullptr) return nullptr;
    return last = known.emplace(address, std::make_unique<ExporterState>(*exporter, limits)).first->second.get();
  }
};

Decoder::Decoder(const DecodeLimits& limits, ExporterTable& exporters, RecordSink& sink)
    : state_(std::make_unique<State>(limits, exporters, sink)) {}
Decoder::~Decoder() = default;

void Decoder::decode(const Datagram& datagram) {
  auto& context = state_->context;
  context.counters.datagrams.add(1);
  const Protocol* protocol = protocol_of(datagram.payload);
  if (protocol == nullptr) {
    context.counters.unsupported.add(1);
    context.log.note(DecodeFault::kUnsupported, [&] {
      return datagram.source.text() + " to port " + std::to_string(datagram.local_port) + ": " + unsupported_name(datagram.payload);
    });
    return;
  }
  ExporterState* from = state_->find_or_add(datagram.source);
  if (from == nullptr) {
    context.counters.rejected.add(1);
    context.log.note(DecodeFault::kExporterRefused, [&] {
      return datagram.source.text() + ": refused, " + std::to_string(state_->exporters.max_exporters()) + " exporters are known already";
    });
    return;
  }
  auto& exporter = from->exporter;
  if (exporter.first_seen_ms.load(std::memory_order_relaxed) == 0) exporter.first_seen_ms.store(datagram.arrival_ms, std::memory_order_relaxed);
  exporter.last_seen_ms.store(datagram.arrival_ms, std::memory_order_relaxed);
  if ((exporter.protocols.load(std::memory_order_relaxed) & protocol->bit) == 0) exporter.protocols.fetch_or(protocol->bit, std::memory_order_relaxed);

  Message message(context, *from, datagram);
  protocol->decode(ByteCursor(datagram.payload), message);
  message.finish();
}

void Decoder::tick(std::int64_t now_ms) {
  auto& context = state_->context;
  context.log.set_time(now_ms);
  for (auto& known : state_->known) {
    const auto& address = known.first;
    const auto& from = known.second;
    const std::uint64_t before = from->waiting.bytes();
    const std::uint32_t dropped = from->waiting.drop_before(now_ms - state_->limits.max_waiting_ms);
    context.waiting_bytes -= before - from->waiting.bytes();
    if (dropped != 0) {
      context.counters.waiting_dropped.add(dropped);
      context.log.note(DecodeFault::kWaitingDropped, [&] {
        return address.text() + ": " + std::to_string(dropped) + " data sets given up, no template came for them (decode.max_waiting_ms)";
      });
    }
    if (!from->changed) continue;
    from->changed = false;
    from->exporter.domains.with([&](std::vector<DomainStatus>& published) { published = from->domain_status(); });
  }
}

std::string Decoder::trace(const Datagram& datagram, std::size_t max_bytes) {
  const auto from = state_->known.find(datagram.source);
  const auto templates = [&](std::uint16_t version, std::uint32_t domain_id, std::uint16_t id) -> const TemplateRecord* {
    if (from == state_->known.end()) return nullptr;
    auto* domain = from->second->domain(version, domain_id, datagram.arrival_ms);
    const auto* layout = domain == nullptr ? nullptr : domain->templates.find(id, datagram.source_port, datagram.arrival_ms);
    return layout == nullptr ? nullptr : &layout->record;
  };
  return trace_datagram(datagram, templates, max_bytes);
}

DecodeCounters Decoder::counters() const { return state_->context.counters.snapshot(); }

void Decoder::on_template(std::function<void(const StoredTemplate&)> callback) { state_->context.on_template = std::move(callback); }

void Decoder::restore_template(const StoredTemplate& stored) {
  ExporterState* from = state_->find_or_add(stored.exporter);
  if (from == nullptr) return;
  ByteCursor wire(stored.record);
  TemplateRecord record;
  if (decode_template_record(wire, stored.version, stored.options, state_->limits.max_fields_per_template, record) != TemplateOutcome::kTemplate) return;
  // Restored before anything arrived: as old as can be, so that what is announced again outlives it at the bound.
  Domain* domain = from->domain(stored.version, stored.domain, 0);
  if (domain == nullptr) return;
  const std::uint32_t before = domain->templates.size();
  domain->templates.add(record, stored.source_port, 0, from->template_room(0));
  state_->context.counters.templates.add(domain->templates.size() - before);
  from->changed = true;
}

std::vector<std::string> Decoder::take_log_lines() { return state_->context.log.take(); }

}  // namespace weir
