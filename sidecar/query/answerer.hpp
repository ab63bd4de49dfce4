// Who answers questions: the store of this collector, another collector, or several of them together. API, alerts and
// console ask one, and do not know which. Any thread.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "query/query.hpp"
#include "store/range_quality.hpp"

namespace weir {

// Somebody who should have answered and did not. What is theirs is missing in the answer.
struct AwayAnswerer {
  std::string name, why;
};

// What is known to be missing in an answer.
struct AnswerGaps {
  RangeQuality quality;                          // exporters by a number that holds within this answer
  std::map<std::uint32_t, IpAddress> exporters;  // their addresses
  std::uint64_t unlisted_exporters = 0;          // beside them, of which nothing is missing
  std::vector<AwayAnswerer> away;
  std::string
      collector{};  // who answered: a name that each start of a collector makes anew; "": nobody said, or several did

  IpAddress exporter_address(std::uint32_t number) const {
    const auto found = exporters.find(number);
    return found == exporters.end() ? IpAddress{} : found->second;
  }
};

template <class T>
struct Answer {
  T result;
  AnswerGaps gaps;
};

class Answerer {
 public:
  virtual ~Answerer() = default;
  // Errors as of run_query() and run_session_query(); of another collector, why it cannot be asked.
  virtual Result<Answer<QueryResult>> answer(const Query& query, const QueryControl& control) = 0;
  virtual Result<Answer<SessionResult>> sessions(const SessionQuery& query, const QueryControl& control) = 0;
};

}  // namespace weir
