// Address space cut at the edges of prefixes, a value per piece: one binary search finds what holds for an address.
// Immutable once built; any thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/ip_address.hpp"

namespace weir {

template <class Value>
class AddressIntervals {
 public:
  struct Prefix {
    IpAddress first, last;  // of prefixes: any two are nested or disjoint
    Value value;
  };

  AddressIntervals() = default;
  // `outside` holds where no prefix is; `inner(around, own)` gives the value within a prefix from the one around it.
  template <class Inner>
  AddressIntervals(std::vector<Prefix> prefixes, const Value& outside, Inner&& inner) {
    std::stable_sort(prefixes.begin(), prefixes.end(), [](const Prefix& a, const Prefix& b) {
      return a.first != b.first ? a.first < b.first : b.last < a.last;
    });
    std::vector<Prefix> open;
    const auto around = [&]() -> const Value& { return open.empty() ? outside : open.back().value; };
    const auto close = [&] {
      const auto after = next(open.back().last);
      open.pop_back();
      if (after) begin_piece(*after, around());
    };
    begin_piece(IpAddress{}, outside);
    for (auto& prefix : prefixes) {
      while (!open.empty() && open.back().last < prefix.first) close();
      open.push_back({prefix.first, prefix.last, inner(around(), prefix.value)});
      begin_piece(prefix.first, open.back().value);
    }
    while (!open.empty()) close();
  }

  const Value& at(const IpAddress& address) const {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), address);
    return values_[static_cast<std::size_t>(after - starts_.begin()) - 1];
  }
  bool empty() const { return starts_.size() < 2; }
  const std::vector<Value>& values() const { return values_; }

 private:
  static std::optional<IpAddress> next(IpAddress address) {
    for (std::size_t i = address.bytes.size(); i > 0; --i) {
      if (++address.bytes[i - 1] != 0) return address;
    }
    return std::nullopt;
  }
  void begin_piece(const IpAddress& start, const Value& value) {
    if (!starts_.empty() && starts_.back() == start) {
      values_.back() = value;
    } else {
      starts_.push_back(start);
      values_.push_back(value);
    }
  }

  std::vector<IpAddress> starts_;
  std::vector<Value> values_;
};

}  // namespace weir
