// Runs the weir.test blocks of a rule file: their sessions in a store of their own, the rule over them. Any thread.
#pragma once
#include <string>
#include <vector>

#include "alert/rule_file.hpp"

namespace weir {

struct RuleTestOutcome {
  std::string name, rule;
  int line = 0;
  bool passed = false;
  std::string message;  // what was expected and what came; "" when passed
};
// The file was loaded with its tests.
std::vector<RuleTestOutcome> run_rule_tests(RuleFile& file);

}  // namespace weir
