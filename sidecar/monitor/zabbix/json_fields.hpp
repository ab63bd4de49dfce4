// Members of answers of the Zabbix API, where numbers are texts and what is not there may be left out. Any thread.
#pragma once
#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "core/plain_line.hpp"

namespace weir {

inline constexpr std::size_t kMaxFieldBytes = 2048;

// The member as one line of text; "" when there is none. A number becomes text.
inline std::string text_field(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (!value) return "";
  if (value->is_string()) return plain_line(value->as_string(), kMaxFieldBytes);
  return value->is_number() ? boost::json::serialize(*value) : "";
}

// Calls f(object) for each object of a member that is a list.
template <class F>
void for_each_object(const boost::json::object& object, std::string_view name, F&& f) {
  const auto* value = object.if_contains(name);
  if (!value || !value->is_array()) return;
  for (const auto& entry : value->as_array()) {
    if (entry.is_object()) f(entry.as_object());
  }
}

}  // namespace weir
