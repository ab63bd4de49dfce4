// Labels of subnets, the longest prefix first: made by the networks script, read by queries and the API. Immutable once
// shared; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flow/address_intervals.hpp"
#include "flow/address_labels.hpp"

namespace weir {

struct LabelledPrefix {
  IpPrefix prefix;
  std::string label;
};

class NetworkTable final : public AddressLabels {
 public:
  NetworkTable() : NetworkTable(std::vector<LabelledPrefix>{}) {}
  // Of two equal prefixes the later one holds.
  explicit NetworkTable(const std::vector<LabelledPrefix>& prefixes);

  std::uint32_t code_of(const IpAddress& address) const override { return address.is_unset() ? 0 : codes_.at(address); }
  const std::vector<std::string>& labels() const override { return labels_; }
  std::size_t prefix_count() const { return prefix_count_; }

 private:
  std::vector<std::string> labels_;
  AddressIntervals<std::uint32_t> codes_;
  std::size_t prefix_count_ = 0;
};

}  // namespace weir
