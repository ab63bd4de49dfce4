// The shipped rules: each loads, has tests that must fire and tests that must not, and passes them.
#include <filesystem>

#include "alert/rule_test_run.hpp"
#include "script/lua_vm.hpp"
#include "support/catch.hpp"

using namespace weir;

TEST_CASE("every shipped rule passes its own tests") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WEIR_SOURCE_DIR "/lua/alerts")) {
    const auto path = entry.path().string();
    CAPTURE(path);
    const auto source = read_text_file(path, 1 << 20);
    REQUIRE(source.has_value());
    LuaLimits limits;
    limits.instructions = 50'000'000;
    limits.milliseconds = 60'000;  // what is right is asked here, not how fast: a sanitizer is slow
    auto file = RuleFile::load(path, *source, limits, true);
    if (!file) FAIL(file.error().message);
    ++files;
    bool fires = false, stays_quiet = false;
    for (const auto& test : (*file)->tests()) {
      const bool none = test.by_keys ? test.fires_for.empty() : *test.fires == 0;
      (none ? stays_quiet : fires) = true;
    }
    CHECK(stays_quiet);
    // Loss is not stored, so that no test can bring it about.
    if (entry.path().filename() != "exporter_losing.lua") CHECK(fires);
    for (const auto& outcome : run_rule_tests(**file)) {
      CAPTURE(outcome.name);
      if (!outcome.passed) FAIL_CHECK(outcome.message);
    }
    for (const auto& rule : (*file)->rules()) CHECK_FALSE(rule.description.empty());
  }
  CHECK(files >= 12);
}
