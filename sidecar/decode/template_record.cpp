// Reads template records.
#include "decode/template_record.hpp"

namespace weir {

namespace {

constexpr std::uint16_t kEnterpriseBit = 0x8000;  // RFC 7011 3.2
constexpr std::size_t kSpecifierSize = 4;         // RFC 3954 5.2, RFC 7011 3.2
constexpr std::size_t kLongestRecord = 65535;     // a UDP payload cannot hold more

}  // namespace

std::size_t TemplateRecord::minimum_length() const {
  std::size_t length = 0;
  for (const auto& f : fields) length += f.length == kVariableLength ? 1 : f.length;
  return length;
}

bool TemplateRecord::fixed_length() const {
  for (const auto& f : fields) {
    if (f.length == kVariableLength) return false;
  }
  return true;
}

TemplateOutcome decode_template_record(ByteCursor& set, std::uint16_t version, bool options, std::uint32_t max_fields,
                                       TemplateRecord& record) {
  ByteCursor peek = set;
  const bool v9_options = version == kVersion9 && options;
  record.version = version;
  record.options = options;
  record.id = peek.u16();
  std::uint32_t count = peek.u16();
  record.scope_fields = 0;
  if (peek.failed()) return TemplateOutcome::kPadding;
  if (version == kVersionIpfix && count == 0 &&
      (record.id >= kFirstDataSet || record.id == kAllTemplates || record.id == kAllOptionsTemplates)) {
    set = peek;
    return TemplateOutcome::kWithdrawal;
  }
  if (record.id < kFirstDataSet) return TemplateOutcome::kPadding;
  if (v9_options) {
    // Lengths in octets of the scope and of the option specifiers (RFC 3954 6.1).
    const std::uint32_t scope_octets = count, option_octets = peek.u16();
    if (scope_octets % kSpecifierSize != 0 || option_octets % kSpecifierSize != 0) return TemplateOutcome::kMalformed;
    record.scope_fields = static_cast<std::uint16_t>(scope_octets / kSpecifierSize);
    count = (scope_octets + option_octets) / kSpecifierSize;
  } else if (options) {
    record.scope_fields = peek.u16();  // RFC 7011 3.4.2.2
    if (record.scope_fields > count) return TemplateOutcome::kMalformed;
  }
  if (peek.failed() || count == 0 || count * kSpecifierSize > peek.remaining()) return TemplateOutcome::kMalformed;

  record.fields.clear();
  for (std::uint32_t i = 0; i < count; ++i) {
    FieldSpecifier field{.ie = peek.u16(), .length = peek.u16()};
    if (version == kVersionIpfix && (field.ie & kEnterpriseBit) != 0) {
      field.ie &= static_cast<std::uint16_t>(~kEnterpriseBit);
      field.pen = peek.u32();
    }
    if (i < max_fields) record.fields.push_back(field);
  }
  if (peek.failed()) return TemplateOutcome::kMalformed;
  const auto wire = set.take(peek.position() - set.position());
  if (count > max_fields) return TemplateOutcome::kTooManyFields;
  if (record.minimum_length() == 0 || record.minimum_length() > kLongestRecord) return TemplateOutcome::kMalformed;
  record.wire.assign(wire.begin(), wire.end());
  return TemplateOutcome::kTemplate;
}

}  // namespace weir
