// Another collector: where it is, what it answers, and how it has answered so far. Each question is a POST of its own.
// Any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
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
  std::string token_file;       // read at each question
  std::string ca_file;          // "": the system's authorities
  std::int64_t timeout_ms = 0;  // of each step: connection, request, answer
};

// Why a peer did not answer.
struct PeerFailure {
  PeerFailure() = default;
  PeerFailure(std::string for_all, std::string for_admins) : told(std::move(for_all)), whole(std::move(for_admins)) {}
  std::string told;   // to everybody who asks
  std::string whole;  // to those who may see settings: with paths
};
// Of a failure that holds no path: the same for all.
inline PeerFailure plain_failure(const std::string& why) { return {why, why}; }
[[noreturn]] inline void throw_exception_from_error(const PeerFailure& failure, const boost::source_location&) {
  throw std::runtime_error(failure.whole);
}

class Peer final : public Answerer {
 public:
  Peer(PeerSettings settings, const Clock& clock) : settings_(std::move(settings)), clock_(clock) {}
  Result<Answer<QueryResult>> answer(const Query& query, const QueryControl& control) override;
  Result<Answer<SessionResult>> sessions(const SessionQuery& query, const QueryControl& control) override;

  const std::string& name() const { return settings_.name; }
  PeerStatus status() const;

 private:
  // When a peer that said nothing is asked again, and whether a question is trying it.
  struct Waits {
    std::int64_t until_ms = 0;  // steady; 0: it is asked
    bool is_tried = false;
  };

  // What `read` makes of the member "result" of its answer.
  template <class T, class Read>
  Result<T> ask(const std::string& call, std::size_t most_bytes, const QueryControl& control, const Read& read);
  boost::system::result<std::string, PeerFailure> exchange(const std::string& call, std::size_t most_bytes,
                                                           const QueryControl& control) const;
  // "": it may be asked now; else why not.
  std::string may_ask();
  void note(const std::optional<PeerFailure>& failure, std::int64_t took_ms);

  const PeerSettings settings_;
  const Clock& clock_;
  mutable Guarded<PeerStatus> status_;
  Guarded<Waits> waits_;
};

// "NAME URL TOKEN_FILE [CA_FILE]", as peers.ask has it. `folder`: what relative paths are taken from. The error says
// what is wrong.
Result<PeerSettings> parse_peer(const std::string& text, const std::string& folder);

}  // namespace weir
