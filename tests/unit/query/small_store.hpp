// A store of a few sessions that a test writes down, and answers of it as text.
#pragma once
#include "query/query.hpp"
#include "store/memory_store.hpp"
#include "support/catch.hpp"

namespace weir::test {

inline IpAddress ip(const char* text) { return *parse_ip_address(text); }

inline Session session(std::uint64_t id, const char* client, const char* server, std::uint64_t up, std::uint64_t down) {
  Session s;
  s.id = id;
  s.start_ms = 1000;
  s.end_ms = 2000;
  s.client = ip(client);
  s.server = ip(server);
  s.client_port = 40000;
  s.server_port = 443;
  s.protocol = 6;
  s.exporter = 1;
  s.halves[kToServer] = {.octets = up, .packets = up / 10, .flows = up > 0 ? 1u : 0u, .in_if = 1, .out_if = 2};
  s.halves[kToClient] = {.octets = down, .packets = down / 10, .flows = down > 0 ? 1u : 0u, .in_if = 2, .out_if = 1};
  return s;
}

// Segments of one row, so that every query merges.
struct SmallStore {
  explicit SmallStore(std::vector<Session> sessions) : store(1) {
    store.add_exporter({.id = 1, .address = ip("192.0.2.1"), .name = "Edge-1"});
    store.add_exporter({.id = 2, .address = ip("192.0.2.2"), .name = "core", .configured_sampling = 10});
    store.on_sessions({.sessions = std::move(sessions)});
  }
  QueryResult run(const Query& query) {
    auto result = run_query(query, store);
    if (!result) FAIL(result.error().message);
    return *result;
  }
  std::string failure(const Query& query) {
    auto result = run_query(query, store);
    return result ? "" : result.error().message;
  }
  MemoryStore store;
};

inline std::string text_of(const KeyValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return std::to_string(*number);
  if (const auto* address = std::get_if<IpAddress>(&value)) return address->text();
  return std::get<std::string>(value);
}
inline std::string text_of(const ResultRow& row) {
  std::string text;
  for (const auto& value : row.key) text += text_of(value) + " ";
  return text + std::to_string(row.measures.octets) + "/" + std::to_string(row.measures.flows) + "/" +
         std::to_string(row.measures.sessions) + " in " + std::to_string(row.octets_in) + " out " +
         std::to_string(row.octets_out) + " as client " + std::to_string(row.octets_client) + " as server " +
         std::to_string(row.octets_server);
}
inline std::vector<std::string> texts_of(const QueryResult& result) {
  std::vector<std::string> texts;
  for (const auto& row : result.rows) texts.push_back(text_of(row));
  return texts;
}
using Texts = std::vector<std::string>;

}  // namespace weir::test
