// A flow has two values only in the fields of both ends.
#include "query/filter_contradiction.hpp"

#include <algorithm>

#include "query/filter_cursor.hpp"

namespace weir {

namespace {

template <class T>
bool are_apart(const ValueSet<T>& a, const ValueSet<T>& b) {
  // Both are sorted and their ranges do not touch.
  auto x = a.ranges().begin();
  auto y = b.ranges().begin();
  while (x != a.ranges().end() && y != b.ranges().end()) {
    if (x->last < y->first) {
      ++x;
    } else if (y->last < x->first) {
      ++y;
    } else {
      return false;
    }
  }
  return true;
}
template <class T, class Text>
bool are_apart(const std::vector<T>& a, const std::vector<T>& b, const Text& text) {
  return std::none_of(a.begin(), a.end(), [&](const auto& x) {
    return std::any_of(b.begin(), b.end(), [&](const auto& y) { return text(x) == text(y); });
  });
}

// "port 80 port 443" asks for what no flow can be, or hardly one: who types it means "or". With a written "and", a
// field of both ends may have two values: "host A and host B" are the sessions between the two.
bool exclude_each_other(const FilterTest& a, const FilterTest& b, bool written_and) {
  if (a.field != b.field || a.ends != b.ends || a.kind != b.kind) return false;
  const bool two_values = field_info(a.field).either_end && a.ends == FilterEnds::kAny;
  if (written_and && (two_values || a.field == FieldId::kVlan)) return false;
  switch (a.kind) {
    case FilterTest::Kind::kNumbers: return are_apart(a.numbers, b.numbers);
    case FilterTest::Kind::kAddresses: return are_apart(a.addresses, b.addresses);
    case FilterTest::Kind::kNames: {
      // A name may have two patterns.
      const auto is_pattern = [](const auto& n) { return n.name.find('*') != std::string::npos; };
      if (std::any_of(a.names.begin(), a.names.end(), is_pattern) ||
          std::any_of(b.names.begin(), b.names.end(), is_pattern))
        return false;
      return are_apart(a.numbers, b.numbers) &&
             are_apart(a.names, b.names, [](const auto& n) { return lower_case(n.name); });
    }
    case FilterTest::Kind::kExporters: {
      const auto named = [](const auto& e) { return e.addresses.empty(); };
      const auto &x = a.exporters, &y = b.exporters;
      if (std::all_of(x.begin(), x.end(), named) && std::all_of(y.begin(), y.end(), named))
        return are_apart(x, y, [](const auto& e) { return lower_case(e.name); });
      if (std::any_of(x.begin(), x.end(), named) || std::any_of(y.begin(), y.end(), named)) return false;
      return std::none_of(x.begin(), x.end(), [&](const auto& e) {
        return std::any_of(y.begin(), y.end(), [&](const auto& f) { return !are_apart(e.addresses, f.addresses); });
      });
    }
    case FilterTest::Kind::kAllBits: return false;
  }
  return false;
}

Error contradiction_error(const FilterTest& test, const FilterToken& second, bool written_and) {
  const std::string word(field_info(test.field).word);
  if (written_and) {
    return error("no flow has both values of '" + word + "' that stand before and" + at_column(second) +
                     "; write 'or' for either of them",
                 second.column);
  }
  const bool two_values = field_info(test.field).either_end && test.ends == FilterEnds::kAny;
  return error("two values of '" + word + "' side by side" + at_column(second) +
                   " would both have to hold; write 'or' for either of them" +
                   (two_values ? ", or 'and' for traffic between the two" : ""),
               second.column);
}

}  // namespace

std::optional<Error> contradiction(const FilterTest& first, const FilterTest& second, const FilterToken& at,
                                   bool written_and) {
  if (!exclude_each_other(first, second, written_and)) return std::nullopt;
  return contradiction_error(second, at, written_and);
}

}  // namespace weir
