// Whose turn it is among rules that share a thread: the one that has had the least time. A rule that takes little is
// therefore served before those that take much, and those share what is left evenly. One thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace weir {

class FairTurns {
 public:
  // One of `due`, which is not empty. Of equals it is the one that took less the last time.
  const std::string& next(const std::vector<std::string>& due) {
    // Time that a rule did not ask for is not saved up: it begins where those are that were served.
    for (const auto& name : due) {
      auto& had = had_us_[name];
      if (waiting_.count(name) == 0) had = std::max(had, served_us_);
    }
    waiting_.clear();
    waiting_.insert(due.begin(), due.end());
    const auto& chosen = *std::min_element(due.begin(), due.end(), [this](const auto& a, const auto& b) {
      return had_us_[a] != had_us_[b] ? had_us_[a] < had_us_[b] : last_us_[a] < last_us_[b];
    });
    served_us_ = std::max(served_us_, had_us_[chosen]);
    return chosen;
  }
  void had(const std::string& name, std::int64_t microseconds) {
    had_us_[name] += microseconds;
    last_us_[name] = microseconds;
  }
  // Forgets rules that are gone.
  template <class Known>
  void keep(const Known& is_known) {
    std::erase_if(had_us_, [&](const auto& entry) { return !is_known(entry.first); });
    std::erase_if(last_us_, [&](const auto& entry) { return !is_known(entry.first); });
    std::erase_if(waiting_, [&](const auto& name) { return !is_known(name); });
  }

 private:
  std::map<std::string, std::int64_t> had_us_, last_us_;
  std::set<std::string> waiting_;  // due at the last look
  std::int64_t served_us_ = 0;     // what the one chosen last had had before
};

}  // namespace weir
