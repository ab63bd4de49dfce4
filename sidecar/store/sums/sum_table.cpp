// Rows are sorted by time and key: neighbours are alike, which compresses well.
#include "store/sums/sum_table.hpp"

#include <algorithm>

namespace weir {

std::vector<std::uint32_t> SumLinks::of(const Segment& segment) {
  const SegmentWords words(segment, kSumColumns);
  const auto to_server = numbers_of(segment, ColumnId::kFlowsToServer),
             to_client = numbers_of(segment, ColumnId::kFlowsToClient);
  std::vector<std::uint32_t> links(segment.rows());
  std::array<std::uint64_t, kSumColumns.size() + 1> link;
  for (std::uint32_t row = 0; row < segment.rows(); ++row) {
    words.read(row, link.data());
    link.back() = (to_server[row] != 0 ? 1u : 0u) | (to_client[row] != 0 ? 2u : 0u);
    links[row] = tuples_.find_or_add(link.data());
  }
  return links;
}

std::vector<std::shared_ptr<const ColumnSegment>> SumTable::segments(std::uint32_t rows_per_segment) const {
  std::vector<std::uint32_t> order(sums_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto width = 2 + SegmentWords::width(own_columns(family_));
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::lexicographical_compare(keys_.tuple(a), keys_.tuple(a) + width, keys_.tuple(b), keys_.tuple(b) + width);
  });
  std::vector<std::shared_ptr<const ColumnSegment>> segments;
  for (std::size_t from = 0; from < order.size(); from += rows_per_segment) {
    const auto rows = std::min<std::size_t>(rows_per_segment, order.size() - from);
    segments.push_back(segment_of(std::span(order).subspan(from, rows)));
  }
  return segments;
}

std::shared_ptr<const ColumnSegment> SumTable::segment_of(std::span<const std::uint32_t> order) const {
  const auto start_of = [&](std::uint32_t i) { return static_cast<std::int64_t>(keys_.tuple(i)[0]) * unit_ms_; };
  auto segment = std::make_shared<ColumnSegment>(static_cast<std::uint32_t>(order.size()), start_of(order.front()),
                                                 start_of(order.back()) + unit_ms_ - 1);
  std::vector<std::uint64_t> numbers(order.size());
  const auto set = [&](ColumnId id, auto&& number) {
    for (std::size_t i = 0; i < order.size(); ++i) numbers[i] = number(order[i]);
    segment->set(id, encode_numbers(numbers));
  };
  set(ColumnId::kStart, [&](std::uint32_t i) { return static_cast<std::uint64_t>(start_of(i)); });
  for (std::size_t c = 0; c < kSumColumns.size(); ++c)
    set(kSumColumns[c], [&](std::uint32_t i) { return links_.column(link_of(i), c); });
  std::size_t word = 2;
  const auto own = own_columns(family_);
  for (const auto id : own) {
    if (SegmentWords::is_address(id)) continue;
    set(id, [&](std::uint32_t i) { return keys_.tuple(i)[word]; });
    ++word;
  }
  std::vector<IpAddress> addresses(order.size());
  for (const auto id : own) {
    if (!SegmentWords::is_address(id)) continue;
    for (std::size_t i = 0; i < order.size(); ++i)
      std::memcpy(addresses[i].bytes.data(), keys_.tuple(order[i]) + word, 16);
    segment->set(id, encode_addresses(addresses));
    word += 2;
  }
  const auto flows_of = [&](std::uint32_t i, std::size_t side) {
    return sums_[i].flows[side] == 0 && links_.is_reported(link_of(i), side) ? std::uint64_t{kInsideOtherRecord}
                                                                             : sums_[i].flows[side];
  };
  set(ColumnId::kOctetsToServer, [&](std::uint32_t i) { return sums_[i].octets[0]; });
  set(ColumnId::kOctetsToClient, [&](std::uint32_t i) { return sums_[i].octets[1]; });
  set(ColumnId::kPacketsToServer, [&](std::uint32_t i) { return sums_[i].packets[0]; });
  set(ColumnId::kPacketsToClient, [&](std::uint32_t i) { return sums_[i].packets[1]; });
  set(ColumnId::kFlowsToServer, [&](std::uint32_t i) { return flows_of(i, 0); });
  set(ColumnId::kFlowsToClient, [&](std::uint32_t i) { return flows_of(i, 1); });
  set(ColumnId::kSessions, [&](std::uint32_t i) { return sums_[i].sessions; });
  return segment;
}

}  // namespace weir
