// Another collector: where it is, what it answers, and how it has answered so far. Each question is a POST of its own. Any thread.
#pragma once
#include <cstdint>
#include <string>

#include "api/backend.hpp"
#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "exchange/http_exchange.hpp"
#include "query/answerer.hpp"

namespace weir {

struct PeerSettings {
  std::string name;
  HttpUrl url;
  std::string token_file;  // read at each question
  std::string ca_file;     // "": the system's authorities
  std::int64_t timeout_ms = 0;  // of each step: connection, request, answer
};

class Peer final : public Answerer {
 public:
  Peer(PeerSettings settings, const Clock& clock) : settings_(std::move(settings)), clock_(clock) {}
  Result<Answer<QueryResult>> answer(const Query& query, const QueryControl& control) override;
  Result<Answer<SessionResult>> sessions(const SessionQuery& query, const QueryControl& control) override;

  const std::string& name() const { return settings_.name; }
  PeerStatus status() const;

 private:
  // What `read` makes of the member "result" of its answer.
  template <class T, class Read>
  Result<T> ask(const std::string& call, const QueryControl& control, const Read& read);
  Result<std::string> exchange(const std::string& call, const QueryControl& control) const;

  const PeerSettings settings_;
  const Clock& clock_;
  mutable Guarded<PeerStatus> status_;
};

// "NAME URL TOKEN_FILE [CA_FILE]", as peers.ask has it. `folder`: what relative paths are taken from. The error says what is wrong.
Result<PeerSettings> parse_peer(const std::string& text, const std::string& folder);

}  // namespace weir
