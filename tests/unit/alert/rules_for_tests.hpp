// Rule files from text, and small traffic for them.
#pragma once
#include <memory>
#include <string>

#include "alert/rule_file.hpp"
#include "store/memory_store.hpp"
#include "support/catch.hpp"

namespace weir::testing {

inline constexpr std::int64_t kRuleStart = 1'700'006'400'000;  // a round hour

inline std::unique_ptr<RuleFile> rule_file(const std::string& text, const LuaLimits& limits = {}) {
  auto file = RuleFile::load("rule.lua", text, limits, true);
  if (!file) FAIL(file.error().message);
  return std::move(*file);
}

inline std::string rule_failure(const std::string& text, const LuaLimits& limits = {}) {
  const auto file = RuleFile::load("rule.lua", text, limits, true);
  return file ? "" : file.error().message;
}

struct Talk {
  const char* client = "10.0.0.1";
  std::int64_t at_s = 0;
  std::uint64_t octets = 1000;
  std::int64_t duration_s = 0;
  const char* server = "192.0.2.20";
  std::uint16_t server_port = 443;
  std::uint32_t in_if = 1;
};

inline void add(MemoryStore& store, const Talk& talk) {
  static std::uint64_t id = 0;
  Session s;
  s.id = ++id;
  s.start_ms = kRuleStart + talk.at_s * 1000;
  s.end_ms = s.start_ms + talk.duration_s * 1000;
  s.client = *parse_ip_address(talk.client);
  s.server = *parse_ip_address(talk.server);
  s.client_port = 40000;
  s.server_port = talk.server_port;
  s.protocol = 6;
  s.exporter = 1;
  s.halves[kToServer] = {
      .octets = talk.octets, .packets = 1 + talk.octets / 1000, .flows = 1, .in_if = talk.in_if, .out_if = 9};
  SessionBatch batch;
  batch.sessions.push_back(s);
  store.on_sessions(std::move(batch));
}

inline std::string at(std::int64_t ms) { return std::to_string((ms - kRuleStart) / 1000); }

}  // namespace weir::testing
