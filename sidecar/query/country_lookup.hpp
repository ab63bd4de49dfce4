// Countries of addresses for one thread of a query: remembers what it asked, so the lookup runs once per distinct
// address. The lookup itself is shared by the query's threads and called by one at a time.
#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "query/filter.hpp"
#include "query/key_table.hpp"

namespace weir {

class CountryLookup {
 public:
  using Function = std::function<std::string(const IpAddress&)>;
  CountryLookup(const Function& country_of, std::mutex& mutex) : country_of_(country_of), mutex_(mutex) {}

  // country_code() of where `address` is; 0 when unknown.
  std::uint64_t code_of(const IpAddress& address) {
    if (known_.size() >= kMaxKnown) {
      known_.clear();
      codes_.clear();
    }
    const auto number = known_.find_or_add(raw_key(address));
    if (number == codes_.size()) {
      const std::lock_guard lock(mutex_);
      const auto code = country_code(country_of_(address));
      codes_.push_back(code == kNoCountryCode ? std::uint16_t{0} : static_cast<std::uint16_t>(code));
    }
    return codes_[number];
  }

 private:
  static constexpr std::uint32_t kMaxKnown = 1'000'000;
  const Function& country_of_;
  std::mutex& mutex_;
  KeyTable known_;
  std::vector<std::uint16_t> codes_;
};

}  // namespace weir
