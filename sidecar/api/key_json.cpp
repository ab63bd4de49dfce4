// Numbers are written as numbers. For texts, the field says whether one is an address.
#include "api/key_json.hpp"

#include <boost/json.hpp>

namespace weir {

namespace {

constexpr std::size_t kMaxKeyText = 1000;

Result<KeyValue> read_value(FieldId field, const boost::json::value& value) {
  if (value.is_uint64()) return KeyValue(value.get_uint64());
  if (value.is_int64() && value.get_int64() >= 0) return KeyValue(static_cast<std::uint64_t>(value.get_int64()));
  if (!value.is_string()) return error("has to be text or a whole number");
  const std::string text(value.get_string());
  if (text.size() > kMaxKeyText) return error("is longer than " + std::to_string(kMaxKeyText) + " octets");
  const auto type = field_info(field).type;
  const bool is_address = type == FieldType::kAddress || type == FieldType::kExporter;
  // A prefix is told with its length.
  if (!is_address || text.find('/') != std::string::npos) return KeyValue(text);
  if (text.empty()) return KeyValue(IpAddress{});
  const auto address = parse_ip_address(text);
  if (!address) return address.error();
  return KeyValue(*address);
}

}  // namespace

Result<std::vector<KeyValue>> read_key(const std::vector<FieldId>& by, const boost::json::object& key) {
  std::vector<KeyValue> values;
  for (const auto field : by) {
    const auto* given = key.if_contains(field_info(field).word);
    if (given == nullptr) return error("a key has no " + std::string(field_info(field).word));
    auto value = read_value(field, *given);
    if (!value) return error(std::string(field_info(field).word) + ": " + value.error().message);
    values.push_back(*std::move(value));
  }
  return values;
}

}  // namespace weir
