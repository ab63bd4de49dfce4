// Elements of IANA's registry, scopes of RFC 3954 6.1.
#include "decode/told_texts.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "core/plain_line.hpp"
#include "decode/element_use.hpp"

namespace weir {

namespace {

constexpr std::uint16_t kScopeOfInterface9 = 2;
constexpr std::uint16_t kIeIngress = 10, kIeEgress = 14, kIeSampler = 48, kIeInterfaceName = 82,
                        kIeInterfaceDescription = 83, kIeSamplerName = 84, kIeApplicationDescription = 94,
                        kIeApplicationId = 95, kIeApplicationName = 96, kIeIngressVrf = 234, kIeEgressVrf = 235,
                        kIeVrfName = 236, kIeSelector = 302, kIeSelectorName = 335;

enum class TextElement : std::uint8_t {
  kInterfaceName,
  kInterfaceDescription,
  kSampler,
  kApplication,
  kApplicationDescription,
  kVrf,
  kCount
};
std::optional<TextElement> text_element(const FieldSpecifier& field) {
  if (field.pen != 0) return std::nullopt;
  switch (field.ie) {
    case kIeInterfaceName: return TextElement::kInterfaceName;
    case kIeInterfaceDescription: return TextElement::kInterfaceDescription;
    case kIeSamplerName:
    case kIeSelectorName: return TextElement::kSampler;
    case kIeApplicationName: return TextElement::kApplication;
    case kIeApplicationDescription: return TextElement::kApplicationDescription;
    case kIeVrfName: return TextElement::kVrf;
    default: return std::nullopt;
  }
}

// What the texts of a record are about. Zero is no interface, and no VRF that needs a name.
struct ToldIds {
  std::uint64_t interface = 0, vrf = 0, sampler = 0;
  std::uint32_t application = 0;
};

void take_id(const FieldSpecifier& field, bool is_scope9, std::span<const std::uint8_t> bytes, ToldIds& ids) {
  const auto number = [&](std::uint64_t& member) {
    if (member == 0 && bytes.size() <= 8) member = ByteCursor(bytes).uint_sized(bytes.size());
  };
  if (is_scope9) {
    if (field.ie == kScopeOfInterface9) number(ids.interface);
    return;
  }
  if (field.pen != 0) return;
  switch (field.ie) {
    case kIeIngress:
    case kIeEgress: return number(ids.interface);
    case kIeIngressVrf:
    case kIeEgressVrf: return number(ids.vrf);
    case kIeSampler:
    case kIeSelector: return number(ids.sampler);
    case kIeApplicationId:
      if (!bytes.empty()) ids.application = application_id(bytes);
      return;
    default: return;
  }
}

}  // namespace

bool tells_names(const TemplateRecord& layout) {
  return std::any_of(layout.fields.begin() +
                         static_cast<std::ptrdiff_t>(std::min<std::size_t>(layout.scope_fields, layout.fields.size())),
                     layout.fields.end(), [](const FieldSpecifier& field) { return text_element(field).has_value(); });
}

void learn_told_names(ByteCursor record, const TemplateRecord& layout, Message& message) {
  std::array<std::span<const std::uint8_t>, static_cast<std::size_t>(TextElement::kCount)> texts;
  ToldIds ids;
  for (std::size_t i = 0; i < layout.fields.size(); ++i) {
    const auto& field = layout.fields[i];
    std::size_t length = field.length;
    if (length == kVariableLength) {
      length = record.u8();
      if (length == 255) length = record.u16();
    }
    const auto bytes = record.take(length);
    if (record.failed()) return;
    if (const auto element = text_element(field)) texts[static_cast<std::size_t>(*element)] = bytes;
    else take_id(field, layout.version == kVersion9 && i < layout.scope_fields, bytes, ids);
  }
  if (ids.interface > std::numeric_limits<std::uint32_t>::max()) ids.interface = 0;
  const auto learn = [&](ToldKind kind, std::uint64_t id, TextElement element) {
    const auto bytes = texts[static_cast<std::size_t>(element)];
    if (id != 0 && !bytes.empty())
      learn_told_name(kind, id, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, message);
  };
  learn(ToldKind::kInterfaceName, ids.interface, TextElement::kInterfaceName);
  learn(ToldKind::kInterfaceDescription, ids.interface, TextElement::kInterfaceDescription);
  learn(ToldKind::kSampler, ids.sampler, TextElement::kSampler);
  learn(ToldKind::kVrf, ids.vrf, TextElement::kVrf);
  const bool is_named = !texts[static_cast<std::size_t>(TextElement::kApplication)].empty();
  learn(ToldKind::kApplication, ids.application,
        is_named ? TextElement::kApplication : TextElement::kApplicationDescription);
}

void learn_told_name(ToldKind kind, std::uint64_t id, std::string_view text, Message& message) {
  // Texts of fixed length are padded with zeros or blanks.
  if (const auto end = text.find('\0'); end != std::string_view::npos) text = text.substr(0, end);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.empty()) return;
  auto line = plain_line(text, kMaxToldBytes);
  auto& context = message.context;
  auto& from = message.from;
  const auto refuse = [&] {
    context.counters.names_refused.add(1);
    context.log.note(DecodeFault::kNameRefused, [&] {
      return message.sender() + ": a name was refused, this exporter has told " +
             std::to_string(from.exporter.told.with([](const ToldNames& told) { return told.size(); })) +
             " (decode.max_names_per_exporter, decode.max_name_bytes)";
    });
  };
  switch (from.learn_told(kind, id, line, message.datagram.arrival_ms)) {
    case ToldOutcome::kKnown: return;
    case ToldOutcome::kFull: return refuse();
    case ToldOutcome::kTooFast: return context.counters.saves_deferred.add(1);
    case ToldOutcome::kNew: break;
  }
  if (context.on_name)
    context.on_name({.exporter = from.exporter.address, .kind = kind, .id = id, .text = std::move(line)});
}

}  // namespace weir
