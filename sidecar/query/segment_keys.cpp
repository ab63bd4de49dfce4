// Joints are applied from the left; a hashed joint numbers its pairs densely, so what follows stays dense.
#include "query/segment_keys.hpp"

#include "query/column_block.hpp"

namespace weir {

namespace {
constexpr std::uint64_t kMaxDenseKeys = 1 << 16;
}

SegmentKeys::SegmentKeys(const GroupPlan& plan, SegmentColumns& columns, CountryLookup* countries) : plan_(plan) {
  std::uint64_t size = 1;  // 0: not known beforehand
  for (const auto& field : plan.fields) {
    std::vector<const Column*> sources;
    for (const auto id : field.columns) sources.push_back(field_info(field.id).type == FieldType::kApplication ? &columns.applications() : &columns[id]);
    spaces_.emplace_back(field.id, sources, countries, columns.names());
    const auto right = spaces_.back().size();
    if (spaces_.size() > 1) {
      size = size * right <= kMaxDenseKeys ? size * right : 0;
      joints_.push_back({.right_size = right, .dense_size = static_cast<std::uint32_t>(size), .pairs = {}});
    } else {
      size = right;
    }
  }
}

void SegmentKeys::read(std::size_t array, std::uint32_t row, std::uint32_t n, std::uint32_t* ids) {
  const auto& sources = plan_.arrays[array].column;
  spaces_[0].read(sources[0], row, n, ids);
  std::array<std::uint32_t, kBlockRows> codes;
  for (std::size_t j = 0; j < joints_.size(); ++j) {
    auto& joint = joints_[j];
    spaces_[j + 1].read(sources[j + 1], row, n, codes.data());
    if (joint.dense_size != 0) {
      for (std::uint32_t i = 0; i < n; ++i) ids[i] = ids[i] * joint.right_size + codes[i];
    } else {
      std::array<RawKey, kBlockRows> pairs;
      for (std::uint32_t i = 0; i < n; ++i) pairs[i] = {.a = ids[i], .b = codes[i]};
      joint.pairs.find_or_add_all(pairs.data(), n, ids);
    }
  }
}

std::uint32_t SegmentKeys::id_count() const {
  if (joints_.empty()) return spaces_[0].size();
  return joints_.back().dense_size != 0 ? joints_.back().dense_size : joints_.back().pairs.size();
}

std::array<std::uint32_t, kMaxGroupFields> SegmentKeys::codes_of(std::uint32_t id) const {
  std::array<std::uint32_t, kMaxGroupFields> codes{};
  for (std::size_t j = joints_.size(); j > 0; --j) {
    const auto& joint = joints_[j - 1];
    if (joint.dense_size != 0) {
      codes[j] = id % joint.right_size;
      id /= joint.right_size;
    } else {
      const auto& pair = joint.pairs.key(id);
      codes[j] = static_cast<std::uint32_t>(pair.b);
      id = static_cast<std::uint32_t>(pair.a);
    }
  }
  codes[0] = id;
  return codes;
}

}  // namespace weir
