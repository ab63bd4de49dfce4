// What weir.rule{…} and weir.test{…} are given, checked and turned into Rule and RuleTest. Runs within a protected
// call.
#pragma once
#include <map>

#include "alert/rule_file.hpp"
#include "alert/script_values.hpp"

namespace weir {

class RuleReader {
 public:
  RuleReader(RuleFile& file, lua_State* lua) : file_(file), lua_(lua) {}
  // Of the table at stack index 1.
  Result<void> read_rule();
  Result<void> read_test();
  // Of the table at stack index 1, into the test that is being read.
  Result<void> read_session(RuleTest& test);

 private:
  Result<void> read_query(ScriptTable& table, Rule& rule);
  Result<void> read_timing(ScriptTable& table, Rule& rule);
  Result<void> read_labels(ScriptTable& table, Rule& rule);
  Result<std::vector<RowCondition>> read_conditions(ScriptTable& table, const char* key, const Rule& rule);
  // A table of conditions or a function.
  Result<void> read_condition(ScriptTable& table, const char* key, const Rule& rule,
                              std::vector<RowCondition>& conditions, ScriptFunction& function);
  Result<void> read_half(ScriptTable& table, SessionHalf& half, const char* octets, const char* packets,
                         const char* flags);
  int caller_line() const;

  RuleFile& file_;
  lua_State* lua_;
};

}  // namespace weir
