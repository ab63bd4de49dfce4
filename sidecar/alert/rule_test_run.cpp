// Tests start at a round hour, so that windows and hours of the day lie where the author counts them.
#include "alert/rule_test_run.hpp"

#include <algorithm>

#include "alert/back_test.hpp"
#include "store/memory_store.hpp"

namespace weir {

namespace {

constexpr std::int64_t kStartMs = 1'700'006'400'000;  // 2023-11-15T00:00:00Z

std::string joined(const std::vector<std::string>& keys) {
  std::string text;
  for (std::size_t i = 0; i < keys.size() && i < 10; ++i) text += (text.empty() ? "" : ", ") + keys[i];
  return keys.size() > 10 ? text + ", …" : text.empty() ? "nothing" : text;
}

std::string run_one(RuleFile& file, const Rule& rule, const RuleTest& test) {
  MemoryStore store;
  for (const auto& exporter : test.exporters) store.add_exporter(exporter);
  SessionBatch batch;
  for (auto session : test.sessions) {
    session.start_ms += kStartMs;
    session.end_ms += kStartMs;
    batch.sessions.push_back(session);
  }
  store.on_sessions(std::move(batch));
  const TimeRange range{.from_ms = kStartMs, .to_ms = kStartMs + test.length_ms + rule.window_ms + rule.for_ms};
  const auto result = back_test(file, rule, range, store, {}, {});
  if (!result) return result.error().message;
  std::vector<std::string> keys;
  for (const auto& alert : result->alerts) keys.push_back(alert.key);
  if (!test.by_keys) {
    if (keys.size() == *test.fires) return "";
    return "expected " + std::to_string(*test.fires) + " alerts, came " + std::to_string(keys.size()) + ": " +
           joined(keys);
  }
  auto expected = test.fires_for;
  std::sort(expected.begin(), expected.end());
  std::sort(keys.begin(), keys.end());
  return keys == expected ? "" : "expected " + joined(expected) + "; came " + joined(keys);
}

}  // namespace

std::vector<RuleTestOutcome> run_rule_tests(RuleFile& file) {
  std::vector<RuleTestOutcome> outcomes;
  for (const auto& test : file.tests()) {
    const auto rule =
        std::find_if(file.rules().begin(), file.rules().end(), [&](const auto& r) { return r.name == test.rule; });
    const auto message = run_one(file, *rule, test);
    outcomes.push_back(
        {.name = test.name, .rule = test.rule, .line = test.line, .passed = message.empty(), .message = message});
  }
  return outcomes;
}

}  // namespace weir
