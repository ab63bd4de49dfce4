// Labels of subnets, the longest prefix first: made by the networks script, read by queries and the API. Immutable once
// shared; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flow/address_intervals.hpp"

namespace weir {

struct LabelledPrefix {
  IpPrefix prefix;
  std::string label;
};

class NetworkTable {
 public:
  NetworkTable() : NetworkTable(std::vector<LabelledPrefix>{}) {}
  // Of two equal prefixes the later one holds.
  explicit NetworkTable(const std::vector<LabelledPrefix>& prefixes);

  // A number below labels().size(); 0 when no prefix has the address.
  std::uint32_t code_of(const IpAddress& address) const { return address.is_unset() ? 0 : codes_.at(address); }
  const std::string& label_of(const IpAddress& address) const { return labels_[code_of(address)]; }
  // By code, in the order of the letters; labels()[0] is "".
  const std::vector<std::string>& labels() const { return labels_; }
  std::size_t prefix_count() const { return prefix_count_; }

 private:
  std::vector<std::string> labels_;
  AddressIntervals<std::uint32_t> codes_;
  std::size_t prefix_count_ = 0;
};

}  // namespace weir
