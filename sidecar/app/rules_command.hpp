// `weir rules check` and `weir rules test`: rules are tried before they are trusted. Return the exit code.
#pragma once
#include <string>
#include <vector>

#include "app/commands.hpp"

namespace weir {

struct RulesCheckOptions {
  CommonOptions common;
  std::vector<std::string> files;
};
// Reads the files, runs their tests, and says what each rule costs; on stored sessions when there are some.
int rules_check_command(const RulesCheckOptions& options);

struct RulesTestOptions {
  CommonOptions common;
  std::string file, rule, from, to, compare, format = "table";
};
// When the rule would have fired over stored sessions; with `compare`, what a second version does differently.
int rules_test_command(const RulesTestOptions& options);

}  // namespace weir
