// Texts that stand for codes or prefixes are in the order of these.
#include "query/key_order.hpp"

#include "query/coded_text.hpp"

namespace weir {

namespace {

// Of a prefix its first address.
IpAddress address_of(const KeyValue& value) {
  if (const auto* address = std::get_if<IpAddress>(&value)) return *address;
  const auto* text = std::get_if<std::string>(&value);
  const auto prefix = text == nullptr ? Result<IpPrefix>(error("")) : parse_ip_prefix(*text);
  return prefix ? prefix->address : IpAddress{};
}

}  // namespace

bool key_precedes(const std::vector<FieldId>& by, const std::vector<KeyValue>& a, const std::vector<KeyValue>& b) {
  for (std::size_t f = 0; f < by.size(); ++f) {
    if (a[f] == b[f]) continue;
    const auto type = field_info(by[f]).type;
    const auto *x = std::get_if<std::string>(&a[f]), *y = std::get_if<std::string>(&b[f]);
    if (is_coded_text(type) && x != nullptr && y != nullptr) return code_of_text(type, *x) < code_of_text(type, *y);
    if (type == FieldType::kAddress) return address_of(a[f]) < address_of(b[f]);
    return a[f] < b[f];
  }
  return false;
}

std::uint64_t ranked_value(const ResultRow& row, Measure measure, RankBy rank) {
  switch (rank) {
    case RankBy::kMeasure: return value_of(row.measures, measure);
    case RankBy::kOctetsIn: return row.octets_in;
    case RankBy::kOctetsOut: return row.octets_out;
    case RankBy::kOctetsClient: return row.octets_client;
    case RankBy::kOctetsServer: return row.octets_server;
    case RankBy::kKey: return 0;
  }
  return 0;
}

}  // namespace weir
