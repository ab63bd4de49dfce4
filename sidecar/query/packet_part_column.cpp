// Names of code points are made and read by the same list.
#include "query/packet_part_column.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/count_text.hpp"
#include "query/filter_lexer.hpp"
#include "query/mapped_column.hpp"

namespace weir {

namespace {

using NamedDscp = std::pair<std::string_view, std::uint64_t>;
constexpr NamedDscp kDscpNames[] = {
    {"be", 0},
    {"le", 1},
    {"cs1", 8},
    {"af11", 10},
    {"af12", 12},
    {"af13", 14},
    {"cs2", 16},
    {"af21", 18},
    {"af22", 20},
    {"af23", 22},
    {"cs3", 24},
    {"af31", 26},
    {"af32", 28},
    {"af33", 30},
    {"cs4", 32},
    {"af41", 34},
    {"af42", 36},
    {"af43", 38},
    {"cs5", 40},
    {"va", 44},
    {"ef", 46},
    {"cs6", 48},
    {"cs7", 56},
    // Other names of the same; a number is told by its first.
    {"df", 0},
    {"cs0", 0},
    {"voice-admit", 44},
};

// A part of a number: (number >> shift) & mask.
class PartColumn : public DerivedColumn {
 public:
  PartColumn(int shift, std::uint64_t mask) : shift_(shift), mask_(mask) {}
  std::shared_ptr<const Column> make(SegmentColumns& columns, ColumnId id) const override {
    return std::make_shared<const Column>(
        map_numbers(columns[id], [this](std::uint64_t number) { return number >> shift_ & mask_; }));
  }

 private:
  const int shift_;
  const std::uint64_t mask_;
};

// The upper six bits of a type of service (RFC 2474 3).
class DscpColumn final : public PartColumn {
 public:
  DscpColumn() : PartColumn(2, 0x3f) {}
  std::string label(const KeyValue& value) const override { return dscp_name(std::get<std::uint64_t>(value)); }
};

}  // namespace

const DerivedColumn& dscp_column() {
  static const DscpColumn column;
  return column;
}

const DerivedColumn& icmp_type_column() {
  static const PartColumn column(8, 0xff);
  return column;
}

const DerivedColumn& icmp_code_column() {
  static const PartColumn column(0, 0xff);
  return column;
}

std::optional<std::uint64_t> parse_dscp(std::string_view text) {
  const auto word = lower_case(text);
  const auto* named =
      std::find_if(std::begin(kDscpNames), std::end(kDscpNames), [&](const NamedDscp& n) { return n.first == word; });
  if (named != std::end(kDscpNames)) return named->second;
  const auto number = parse_whole_number(text);
  return number && *number <= 63 ? number : std::nullopt;
}

std::string dscp_name(std::uint64_t dscp) {
  const auto* named =
      std::find_if(std::begin(kDscpNames), std::end(kDscpNames), [&](const NamedDscp& n) { return n.second == dscp; });
  return named == std::end(kDscpNames) ? std::string() : std::string(named->first);
}

}  // namespace weir
