// Labels are numbered in their order, so that codes sort as the labels do.
#include "flow/network_table.hpp"

namespace weir {

NetworkTable::NetworkTable(const std::vector<LabelledPrefix>& prefixes) : labels_{""}, prefix_count_(prefixes.size()) {
  for (const auto& p : prefixes) labels_.push_back(p.label);
  std::sort(labels_.begin(), labels_.end());
  labels_.erase(std::unique(labels_.begin(), labels_.end()), labels_.end());
  std::vector<AddressIntervals<std::uint32_t>::Prefix> coded;
  for (const auto& p : prefixes) {
    const auto at = std::lower_bound(labels_.begin(), labels_.end(), p.label);
    coded.push_back({p.prefix.address, p.prefix.last(), static_cast<std::uint32_t>(at - labels_.begin())});
  }
  codes_ = {std::move(coded), 0u, [](std::uint32_t, std::uint32_t own) { return own; }};
}

}  // namespace weir
