// Binding decides what it can from constants, dictionaries and limits; evaluation is a few straight loops per block.
#include "query/bound_filter.hpp"

#include <algorithm>
#include <array>

#include "core/saturating.hpp"
#include "query/column_block.hpp"
#include "query/derived_column.hpp"

namespace weir {

namespace {

// More ranges than this are cheaper as a table.
constexpr std::size_t kMaxComparedRanges = 3;
constexpr std::uint64_t kMaxTable = 1 << 16;

Truth both(Truth a, Truth b) {
  if (a == Truth::kNever || b == Truth::kNever) return Truth::kNever;
  return a == Truth::kAlways && b == Truth::kAlways ? Truth::kAlways : Truth::kSome;
}
Truth negation(Truth a) { return a == Truth::kSome ? a : a == Truth::kNever ? Truth::kAlways : Truth::kNever; }
Truth either(Truth a, Truth b) { return negation(both(negation(a), negation(b))); }
Truth truth_of(bool value) { return value ? Truth::kAlways : Truth::kNever; }

// The positions in a sorted dictionary that the set covers.
template <class T>
std::vector<NumberRange> codes_in(const std::vector<T>& dictionary, const ValueSet<T>& set) {
  std::vector<NumberRange> codes;
  auto from = dictionary.begin();
  for (const auto& range : set.ranges()) {
    from = std::lower_bound(from, dictionary.end(), range.first);
    const auto to = std::upper_bound(from, dictionary.end(), range.last);
    if (from == to) continue;
    const auto first = static_cast<std::uint64_t>(from - dictionary.begin()),
               last = static_cast<std::uint64_t>(to - dictionary.begin()) - 1;
    if (!codes.empty() && codes.back().last + 1 == first) {
      codes.back().last = last;
    } else {
      codes.push_back({first, last});
    }
    from = to;
  }
  return codes;
}

std::vector<NumberRange> raw_ranges(const Column& column, const NumberSet& set) {
  std::vector<NumberRange> raw;
  for (const auto& range : set.ranges()) {
    if (range.last < column.min || range.first > column.max) continue;
    raw.push_back({std::max(range.first, column.min) - column.base, std::min(range.last, column.max) - column.base});
  }
  return raw;
}

// What the limits of a column decide without loading it.
std::optional<Truth> truth_from_range(const FilterTest& test, const Segment& segment, ColumnId id) {
  if (test.kind != FilterTest::Kind::kNumbers || field_info(test.field).derived != DerivedId::kNone)
    return std::nullopt;
  const auto limits = segment.range(id);
  if (!limits) return std::nullopt;
  const auto& ranges = test.numbers.ranges();
  if (std::none_of(ranges.begin(), ranges.end(),
                   [&](const auto& r) { return r.first <= limits->max && r.last >= limits->min; }))
    return Truth::kNever;
  if (std::any_of(ranges.begin(), ranges.end(),
                  [&](const auto& r) { return r.first <= limits->min && r.last >= limits->max; }))
    return Truth::kAlways;
  return std::nullopt;
}

// More single addresses than this are looked for in the column itself.
constexpr std::size_t kMaxAddressesAsked = 16;

// The same for a column of addresses: false when none of the test's addresses can be there.
bool may_have_any(const FilterTest& test, const Segment& segment, ColumnId id) {
  const auto& ranges = test.addresses.ranges();
  if (test.kind != FilterTest::Kind::kAddresses || ranges.size() > kMaxAddressesAsked) return true;
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const auto& range) { return range.first != range.last || segment.may_have(id, range.first); });
}

// The columns that a test reads for the half of a side.
std::vector<ColumnId> columns_of(const FilterTest& test, std::size_t side) {
  const auto& field = field_info(test.field);
  std::vector<ColumnId> columns;
  if (!field.either_end || test.ends != FilterEnds::kReceiving) columns.push_back(field.source[side][0]);
  if (field.either_end && test.ends != FilterEnds::kSending) columns.push_back(field.source[side][1]);
  std::sort(columns.begin(), columns.end());
  return columns;
}

bool test_may_pass(const FilterTest& test, const Segment& segment) {
  if (field_info(test.field).type == FieldType::kCounter) return true;
  const bool all = test.ends == FilterEnds::kBoth;
  for (std::size_t side = 0; side < 2; ++side) {
    const auto columns = columns_of(test, side);
    const auto may = [&](ColumnId id) {
      return truth_from_range(test, segment, id) != Truth::kNever && may_have_any(test, segment, id);
    };
    if (all ? std::all_of(columns.begin(), columns.end(), may) : std::any_of(columns.begin(), columns.end(), may))
      return true;
  }
  return false;
}

template <class Raw>
void compare_range(const Raw* raw, std::uint32_t n, const NumberRange& range, bool first, std::uint8_t* out) {
  const auto low = static_cast<Raw>(range.first), span = static_cast<Raw>(range.last - range.first);
  if (first) {
    for (std::uint32_t i = 0; i < n; ++i) out[i] = static_cast<Raw>(raw[i] - low) <= span ? 1 : 0;
  } else {
    for (std::uint32_t i = 0; i < n; ++i)
      out[i] = static_cast<std::uint8_t>(out[i] | (static_cast<Raw>(raw[i] - low) <= span ? 1 : 0));
  }
}

void flip(std::uint32_t n, std::uint8_t* out) {
  for (std::uint32_t i = 0; i < n; ++i) out[i] ^= 1;
}

}  // namespace

bool may_pass(const FilterNode& filter, const Segment& segment) {
  const auto may = [&](const FilterNode& child) { return may_pass(child, segment); };
  switch (filter.kind) {
    case FilterNode::Kind::kEverything:
    case FilterNode::Kind::kNot: return true;
    case FilterNode::Kind::kTest: return test_may_pass(filter.test, segment);
    case FilterNode::Kind::kAnd: return std::all_of(filter.children.begin(), filter.children.end(), may);
    case FilterNode::Kind::kOr: return std::any_of(filter.children.begin(), filter.children.end(), may);
  }
  return true;
}

BoundFilter::BoundFilter(const FilterNode& root, SegmentColumns& columns, const RowRates& rates)
    : rates_(rates), root_(bind(root, columns)) {}

BoundFilter::Node BoundFilter::bind(const FilterNode& node, SegmentColumns& columns) const {
  Node bound{.kind = node.kind};
  switch (node.kind) {
    case FilterNode::Kind::kEverything: break;
    case FilterNode::Kind::kTest: bind_test(bound, node.test, columns); break;
    case FilterNode::Kind::kNot:
      bound.children.push_back(bind(node.children.front(), columns));
      bound.sides_agree = bound.children.front().sides_agree;
      for (std::size_t side = 0; side < 2; ++side) bound.truth[side] = negation(bound.children.front().truth[side]);
      break;
    case FilterNode::Kind::kAnd:
    case FilterNode::Kind::kOr: {
      const bool is_and = node.kind == FilterNode::Kind::kAnd;
      bound.truth.fill(truth_of(is_and));
      for (const auto& child : node.children) {
        bound.children.push_back(bind(child, columns));
        const auto& last = bound.children.back();
        bound.sides_agree = bound.sides_agree && last.sides_agree;
        for (std::size_t side = 0; side < 2; ++side) {
          bound.truth[side] =
              is_and ? both(bound.truth[side], last.truth[side]) : either(bound.truth[side], last.truth[side]);
        }
        // What is decided needs no further columns.
        const auto decided = truth_of(!is_and);
        if (bound.truth[0] == decided && bound.truth[1] == decided) break;
      }
      break;
    }
  }
  return bound;
}

void BoundFilter::bind_test(Node& node, const FilterTest& test, SegmentColumns& columns) const {
  const auto& field = field_info(test.field);
  if (field.type == FieldType::kCounter) return bind_counters(node, test, columns);
  node.all_ends = test.ends == FilterEnds::kBoth;
  std::array<std::vector<ColumnId>, 2> looked_at;
  for (std::size_t side = 0; side < 2; ++side) looked_at[side] = columns_of(test, side);
  node.sides_agree = looked_at[0] == looked_at[1];
  const auto* derived = derived_column_of(test.field);
  const bool stored = derived == nullptr || derived->is_filtered_as_stored();
  for (std::size_t side = 0; side < 2; ++side) {
    if (side == 1 && node.sides_agree) {
      node.truth[1] = node.truth[0];
      break;
    }
    Truth truth = truth_of(node.all_ends);
    for (const auto id : looked_at[side]) {
      const auto known = truth_from_range(test, columns.segment(), id);
      node.tests[side].push_back(known ? ColumnTest{.truth = *known}
                                       : bind_column(test, stored ? columns[id] : columns.of_field(test.field, id)));
      truth = node.all_ends ? both(truth, node.tests[side].back().truth) : either(truth, node.tests[side].back().truth);
    }
    node.truth[side] = truth;
  }
}

void BoundFilter::bind_counters(Node& node, const FilterTest& test, SegmentColumns& columns) const {
  node.counters = &test;
  const bool octets = test.field == FieldId::kOctets;
  node.counted = {&columns[octets ? ColumnId::kOctetsToServer : ColumnId::kPacketsToServer],
                  &columns[octets ? ColumnId::kOctetsToClient : ColumnId::kPacketsToClient]};
  node.small_counters =
      (static_cast<Uint128>(node.counted[0]->max) + node.counted[1]->max) * rates_.largest() <= kSaturated;
  Truth truth = test.numbers.empty() ? Truth::kNever : Truth::kSome;
  std::uint64_t least = 0, most = 0;
  if (truth == Truth::kSome && rates_.is_uniform() &&
      !__builtin_add_overflow(node.counted[0]->min, node.counted[1]->min, &least) &&
      !__builtin_add_overflow(node.counted[0]->max, node.counted[1]->max, &most) &&
      !__builtin_mul_overflow(most, rates_.uniform(), &most)) {
    least *= rates_.uniform();
    const auto& ranges = test.numbers.ranges();
    if (std::none_of(ranges.begin(), ranges.end(), [&](const auto& r) { return r.first <= most && r.last >= least; }))
      truth = Truth::kNever;
    if (std::any_of(ranges.begin(), ranges.end(), [&](const auto& r) { return r.first <= least && r.last >= most; }))
      truth = Truth::kAlways;
  }
  node.truth.fill(truth);
}

BoundFilter::ColumnTest BoundFilter::bind_column(const FilterTest& test, const Column& column) {
  ColumnTest bound{.column = &column, .test = &test};
  using Kind = FilterTest::Kind;
  const bool constant = column.form == Column::Form::kConstant, dictionary = column.form == Column::Form::kDictionary;
  switch (test.kind) {
    case Kind::kAllBits:
      bound.how = ColumnTest::How::kBits;
      bound.truth = constant ? truth_of((column.base & test.bits) == test.bits) : Truth::kSome;
      return bound;
    case Kind::kAddresses:
      if (constant) {
        bound.truth = truth_of(test.addresses.contains(column.address));
        return bound;
      }
      bound.ranges = codes_in(column.addresses, test.addresses);
      break;
    case Kind::kNumbers:
    case Kind::kNames:
    case Kind::kExporters:
      if (constant) {
        bound.truth = truth_of(test.numbers.contains(column.base));
        return bound;
      }
      bound.ranges = dictionary ? codes_in(column.values, test.numbers) : raw_ranges(column, test.numbers);
      break;
  }
  const std::uint64_t largest =
      !dictionary ? column.max - column.base : (column.is_address ? column.addresses.size() : column.values.size()) - 1;
  if (bound.ranges.empty()) {
    bound.truth = Truth::kNever;
  } else if (bound.ranges.size() == 1 &&
             bound.ranges[0].first + (dictionary ? 0 : column.base) <= (dictionary ? 0 : column.min) &&
             bound.ranges[0].last >= largest) {
    bound.truth = Truth::kAlways;
  } else {
    bound.truth = Truth::kSome;
    if (bound.ranges.size() > kMaxComparedRanges) {
      if (dictionary || largest < kMaxTable) {
        bound.how = ColumnTest::How::kTable;
        bound.table.assign(largest + 1, 0);
        for (const auto& range : bound.ranges)
          std::fill(bound.table.begin() + static_cast<std::ptrdiff_t>(range.first),
                    bound.table.begin() + static_cast<std::ptrdiff_t>(range.last) + 1, std::uint8_t{1});
      } else {
        bound.how = ColumnTest::How::kNumbers;
      }
    }
  }
  return bound;
}

void BoundFilter::evaluate(const Node& node, std::size_t side, std::uint32_t row, std::uint32_t n,
                           std::uint8_t* out) const {
  if (node.truth[side] != Truth::kSome) {
    std::fill_n(out, n, node.truth[side] == Truth::kAlways ? std::uint8_t{1} : std::uint8_t{0});
    return;
  }
  std::array<std::uint8_t, kBlockRows> next;
  const auto combine = [&](bool is_and) {
    if (is_and) {
      for (std::uint32_t i = 0; i < n; ++i) out[i] &= next[i];
    } else {
      for (std::uint32_t i = 0; i < n; ++i) out[i] |= next[i];
    }
  };
  switch (node.kind) {
    case FilterNode::Kind::kEverything: break;
    case FilterNode::Kind::kNot:
      evaluate(node.children.front(), side, row, n, out);
      flip(n, out);
      break;
    case FilterNode::Kind::kAnd:
    case FilterNode::Kind::kOr: {
      // Children that are decided are neutral here, or the node would be decided.
      bool first = true;
      for (const auto& child : node.children) {
        if (child.truth[side] != Truth::kSome) continue;
        evaluate(child, side, row, n, first ? out : next.data());
        if (!first) combine(node.kind == FilterNode::Kind::kAnd);
        first = false;
      }
      break;
    }
    case FilterNode::Kind::kTest: {
      if (node.counters != nullptr) return evaluate_counters(node, row, n, out);
      bool first = true;
      for (const auto& test : node.tests[node.sides_agree ? 0 : side]) {
        if (test.truth != Truth::kSome) continue;
        evaluate_column(test, row, n, first ? out : next.data());
        if (!first) combine(node.all_ends);
        first = false;
      }
      break;
    }
  }
}

void BoundFilter::evaluate_counters(const Node& node, std::uint32_t row, std::uint32_t n, std::uint8_t* out) const {
  std::array<std::uint64_t, kBlockRows> sums, more;
  read_numbers(*node.counted[0], row, n, sums.data());
  read_numbers(*node.counted[1], row, n, more.data());
  if (node.small_counters) {
    for (std::uint32_t i = 0; i < n; ++i) sums[i] += more[i];
    if (!rates_.is_uniform()) {
      rates_.read(row, n, more.data());
      for (std::uint32_t i = 0; i < n; ++i) sums[i] *= more[i];
    } else if (rates_.uniform() != 1) {
      for (std::uint32_t i = 0; i < n; ++i) sums[i] *= rates_.uniform();
    }
  } else {
    for (std::uint32_t i = 0; i < n; ++i) sums[i] = saturating_add(sums[i], more[i]);
    rates_.read(row, n, more.data());
    for (std::uint32_t i = 0; i < n; ++i) sums[i] = saturating_multiply(sums[i], more[i]);
  }
  const auto& numbers = node.counters->numbers;
  if (numbers.ranges().size() > kMaxComparedRanges) {
    for (std::uint32_t i = 0; i < n; ++i) out[i] = numbers.contains(sums[i]) ? 1 : 0;
    return;
  }
  bool first = true;
  for (const auto& range : numbers.ranges()) {
    compare_range(sums.data(), n, range, first, out);
    first = false;
  }
}

void BoundFilter::evaluate_column(const ColumnTest& test, std::uint32_t row, std::uint32_t n, std::uint8_t* out) {
  using How = ColumnTest::How;
  switch (test.how) {
    case How::kRanges:
      with_raw(*test.column, [&](const auto* raw) {
        bool first = true;
        for (const auto& range : test.ranges) {
          compare_range(raw + row, n, range, first, out);
          first = false;
        }
      });
      break;
    case How::kTable:
      with_raw(*test.column, [&](const auto* raw) {
        for (std::uint32_t i = 0; i < n; ++i) out[i] = test.table[raw[row + i]];
      });
      break;
    case How::kNumbers:
    case How::kBits: {
      std::array<std::uint64_t, kBlockRows> values;
      read_numbers(*test.column, row, n, values.data());
      if (test.how == How::kBits) {
        const auto bits = test.test->bits;
        for (std::uint32_t i = 0; i < n; ++i) out[i] = (values[i] & bits) == bits ? 1 : 0;
      } else {
        for (std::uint32_t i = 0; i < n; ++i) out[i] = test.test->numbers.contains(values[i]) ? 1 : 0;
      }
      break;
    }
  }
}

}  // namespace weir
