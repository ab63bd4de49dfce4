// The table of derived columns: one row for each DerivedId of schemas/fields.json.
#include <algorithm>
#include <cstdlib>

#include "query/application_column.hpp"
#include "query/derived_column.hpp"
#include "query/label_column.hpp"
#include "query/packet_part_column.hpp"
#include "query/prefix_column.hpp"

namespace weir {

std::optional<RawKey> DerivedColumn::raw_of(const std::string& text, const DerivedSources& sources) const {
  const auto* known = missing(sources).empty() ? names(sources) : nullptr;
  if (known == nullptr) return std::nullopt;
  const auto at = std::find(known->begin(), known->end(), text);
  if (at == known->end()) return std::nullopt;
  return raw_key(first_named() + static_cast<std::uint64_t>(at - known->begin()));
}

const DerivedColumn& derived_column(DerivedId id) {
  switch (id) {
    case DerivedId::kNone: break;
    case DerivedId::kApplication: return application_column();
    case DerivedId::kAsName: return as_name_column();
    case DerivedId::kCountry: return country_column();
    case DerivedId::kDscp: return dscp_column();
    case DerivedId::kIcmpCode: return icmp_code_column();
    case DerivedId::kIcmpType: return icmp_type_column();
    case DerivedId::kNetwork: return network_column();
    case DerivedId::kPrefix: return prefix_column();
  }
  std::abort();  // a stored field has no derived column
}

const DerivedColumn* derived_column_of(FieldId field) {
  const auto id = field_info(field).derived;
  return id == DerivedId::kNone ? nullptr : &derived_column(id);
}

std::string missing_for(FieldId field, const DerivedSources& sources) {
  const auto* derived = derived_column_of(field);
  return derived == nullptr ? "" : derived->missing(sources);
}

}  // namespace weir
