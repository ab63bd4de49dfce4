// The first label that comes with a number is that number's.
#include "enrich/address_entry.hpp"

#include <algorithm>
#include <numeric>

namespace weir {

std::uint32_t LabelList::number_of(const AddressEntry& entry) {
  const auto [found, is_new] = numbers_.try_emplace(entry.label, static_cast<std::uint32_t>(labels_.size()));
  if (is_new) labels_.push_back(entry.label);
  if (entry.number != 0) by_number_.try_emplace(entry.number, found->second);
  return found->second;
}

LabelList::Sorted LabelList::sorted() && {
  std::vector<std::uint32_t> order(labels_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return labels_[a] < labels_[b]; });
  Sorted sorted{
      .labels = {}, .code_of = std::vector<std::uint32_t>(labels_.size()), .by_number = std::move(by_number_)};
  for (const auto number : order) {
    sorted.code_of[number] = static_cast<std::uint32_t>(sorted.labels.size());
    sorted.labels.push_back(std::move(labels_[number]));
  }
  for (auto& [number, label] : sorted.by_number) label = sorted.code_of[label];
  return sorted;
}

}  // namespace weir
