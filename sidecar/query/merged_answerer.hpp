// One answer from several answerers, each of which has sessions of its own: exact, as if one store had all of them. Who
// does not answer is named in the answer. Borrows them; any thread. Each question asks all at once, on threads of its
// own.
#pragma once
#include <string>
#include <vector>

#include "query/answerer.hpp"

namespace weir {

// The first one decides whether a question is right: its refusal is the answer. Others that fail are away.
class MergedAnswerer final : public Answerer {
 public:
  struct Source {
    std::string name;  // for people
    Answerer* answerer = nullptr;
  };
  explicit MergedAnswerer(std::vector<Source> sources) : sources_(std::move(sources)) {}
  Result<Answer<QueryResult>> answer(const Query& query, const QueryControl& control) override;
  Result<Answer<SessionResult>> sessions(const SessionQuery& query, const QueryControl& control) override;

 private:
  const std::vector<Source> sources_;
};

}  // namespace weir
