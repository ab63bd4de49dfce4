// Joints are applied from the left; a hashed joint numbers its tuples densely, so what follows stays small.
#include "query/segment_keys.hpp"

#include <algorithm>
#include <bit>

#include "query/column_block.hpp"

namespace weir {

namespace {
constexpr std::uint64_t kMaxDenseKeys = 1 << 16;
constexpr int kWordBits = 64;

int bits_below(std::uint64_t size) { return std::bit_width(std::max<std::uint64_t>(size, 1) - 1); }
std::uint64_t low_bits(int bits) { return (std::uint64_t{1} << bits) - 1; }  // bits: at most 32
}  // namespace

SegmentKeys::SegmentKeys(const GroupPlan& plan, SegmentColumns& columns) : plan_(plan) {
  for (const auto& field : plan.fields) {
    std::vector<const Column*> sources;
    for (const auto id : field.columns) sources.push_back(&columns.of_field(field.id, id));
    spaces_.emplace_back(sources);
  }
  std::uint64_t size = spaces_.front().size();
  std::size_t field = 1;
  for (; field < spaces_.size() && size * spaces_[field].size() <= kMaxDenseKeys; ++field) {
    const auto right = spaces_[field].size();
    size *= right;
    joints_.push_back({.first = field,
                       .last = field + 1,
                       .right_size = right,
                       .dense_size = static_cast<std::uint32_t>(size),
                       .before_mask = 0,
                       .places = {},
                       .tuples = {}});
  }
  while (field < spaces_.size()) {
    joints_.push_back(hashed_joint(field, bits_below(size)));
    field = joints_.back().last;
    size = std::uint64_t{columns.segment().rows()} * plan.arrays.size();  // each row has at most one key per array
  }
}

SegmentKeys::Joint SegmentKeys::hashed_joint(std::size_t first, int bits) const {
  Joint joint{.first = first, .last = first, .before_mask = low_bits(bits), .places = {}, .tuples = {}};
  std::array<int, 2> used{bits, 0};
  for (; joint.last < spaces_.size(); ++joint.last) {
    const int width = bits_below(spaces_[joint.last].size());
    const std::size_t word = used[0] + width <= kWordBits ? 0 : 1;
    if (used[word] + width > kWordBits) break;
    joint.places.push_back(
        {.shift = static_cast<std::uint8_t>(static_cast<int>(word) * kWordBits + used[word]), .mask = low_bits(width)});
    used[word] += width;
  }
  return joint;
}

void SegmentKeys::read(std::size_t array, std::uint32_t row, std::uint32_t n, std::uint32_t* ids) {
  const auto& sources = plan_.arrays[array].column;
  spaces_[0].read(sources[0], row, n, ids);
  for (auto& joint : joints_) {
    if (joint.dense_size == 0) {
      read_hashed(joint, sources, row, n, ids);
      continue;
    }
    std::array<std::uint32_t, kBlockRows> codes;
    spaces_[joint.first].read(sources[joint.first], row, n, codes.data());
    for (std::uint32_t i = 0; i < n; ++i) ids[i] = ids[i] * joint.right_size + codes[i];
  }
}

void SegmentKeys::read_hashed(Joint& joint, const std::array<std::size_t, kMaxGroupFields>& sources, std::uint32_t row,
                              std::uint32_t n, std::uint32_t* ids) {
  std::array<RawKey, kBlockRows> tuples;
  std::array<std::uint32_t, kBlockRows> codes;
  for (std::uint32_t i = 0; i < n; ++i) tuples[i] = {.a = ids[i], .b = 0};
  for (auto field = joint.first; field < joint.last; ++field) {
    const auto shift = joint.places[field - joint.first].shift;
    spaces_[field].read(sources[field], row, n, codes.data());
    if (shift < kWordBits) {
      for (std::uint32_t i = 0; i < n; ++i) tuples[i].a |= std::uint64_t{codes[i]} << shift;
    } else {
      for (std::uint32_t i = 0; i < n; ++i) tuples[i].b |= std::uint64_t{codes[i]} << (shift - kWordBits);
    }
  }
  joint.tuples.find_or_add_all(tuples.data(), n, ids);
}

std::uint32_t SegmentKeys::id_count() const {
  if (joints_.empty()) return spaces_[0].size();
  return joints_.back().dense_size != 0 ? joints_.back().dense_size : joints_.back().tuples.size();
}

std::array<std::uint32_t, kMaxGroupFields> SegmentKeys::codes_of(std::uint32_t id) const {
  std::array<std::uint32_t, kMaxGroupFields> codes{};
  for (auto joint = joints_.rbegin(); joint != joints_.rend(); ++joint) {
    if (joint->dense_size != 0) {
      codes[joint->first] = id % joint->right_size;
      id /= joint->right_size;
      continue;
    }
    const auto& tuple = joint->tuples.key(id);
    for (auto field = joint->first; field < joint->last; ++field) {
      const auto& place = joint->places[field - joint->first];
      codes[field] = static_cast<std::uint32_t>(
          (place.shift < kWordBits ? tuple.a >> place.shift : tuple.b >> (place.shift - kWordBits)) & place.mask);
    }
    id = static_cast<std::uint32_t>(tuple.a & joint->before_mask);
  }
  codes[0] = id;
  return codes;
}

}  // namespace weir
