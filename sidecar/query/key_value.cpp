// Derived columns say what their values are; codes with a text come next; the rest are numbers and addresses.
#include "query/key_value.hpp"

#include "query/coded_text.hpp"
#include "query/derived_column.hpp"

namespace weir {

KeyValue key_value(FieldId field, const RawKey& raw, const DerivedSources& sources) {
  if (const auto* derived = derived_column_of(field)) return derived->value(raw, sources);
  const auto type = field_info(field).type;
  if (is_coded_text(type)) return coded_text(type, raw.b);
  if (type == FieldType::kAddress) return address_of(raw);
  return raw.b;
}

std::optional<RawKey> raw_of_key(FieldId field, const KeyValue& value, const DerivedSources& sources) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return raw_key(*number);
  if (const auto* address = std::get_if<IpAddress>(&value)) return raw_key(*address);
  const auto& text = std::get<std::string>(value);
  const auto type = field_info(field).type;
  if (is_coded_text(type)) {
    const auto code = code_of_text(type, text);
    return code ? std::optional(raw_key(*code)) : std::nullopt;
  }
  const auto* derived = derived_column_of(field);
  return derived == nullptr ? std::nullopt : derived->raw_of(text, sources);
}

}  // namespace weir
