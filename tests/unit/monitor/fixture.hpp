// What collector and module must answer alike, from tests/support/zabbix.
#pragma once
#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "support/catch.hpp"

namespace weir::testing {

namespace json = boost::json;

inline std::string text_of(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

inline json::array fixture(const std::string& source_dir, const char* name) {
  std::ifstream file(source_dir + "/tests/support/zabbix/" + name);
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return json::parse(text.str()).as_array();
}

}  // namespace weir::testing
