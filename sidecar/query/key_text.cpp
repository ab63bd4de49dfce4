// As the filter language reads it.
#include "query/key_text.hpp"

namespace weir {

namespace {

// Names may have blanks, or look like numbers; "" is what has no name.
std::string filter_value(FieldType type, const KeyValue& value) {
  if (const auto* address = std::get_if<IpAddress>(&value); address != nullptr && address->is_unset()) return "none";
  const auto text = key_text(value);
  if (!std::holds_alternative<std::string>(value) || type == FieldType::kAddress) return text;
  const char quote = text.find('"') == std::string::npos ? '"' : '\'';
  return quote + text + quote;
}

}  // namespace

std::string key_text(const KeyValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return std::to_string(*number);
  if (const auto* address = std::get_if<IpAddress>(&value)) return address->text();
  return std::get<std::string>(value);
}

std::string key_filter(const std::vector<FieldId>& by, const std::vector<KeyValue>& key) {
  std::string text;
  for (std::size_t f = 0; f < key.size(); ++f) {
    const auto& field = field_info(by[f]);
    text += (text.empty() ? "" : " and ") + std::string(field.word) + " " + filter_value(field.type, key[f]);
  }
  return text;
}

std::string both_filters(const std::string& filter, const std::string& more) {
  if (filter.empty() || more.empty()) return filter.empty() ? more : filter;
  return "(" + filter + ") and " + more;
}

}  // namespace weir
