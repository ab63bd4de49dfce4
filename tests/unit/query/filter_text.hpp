// A parsed filter written out again, fully bracketed, so that tests can compare trees as text.
#pragma once
#include <string>

#include "query/filter.hpp"

namespace weir::testing {

inline std::string filter_text(const FilterNode& node) {
  using Kind = FilterNode::Kind;
  const auto joined = [&](const char* word) {
    std::string text = "(";
    for (std::size_t i = 0; i < node.children.size(); ++i) text += (i == 0 ? "" : word) + filter_text(node.children[i]);
    return text + ")";
  };
  switch (node.kind) {
    case Kind::kEverything: return "any";
    case Kind::kAnd: return joined(" and ");
    case Kind::kOr: return joined(" or ");
    case Kind::kNot: return "not " + filter_text(node.children.at(0));
    case Kind::kTest: break;
  }
  const auto& test = node.test;
  static constexpr const char* kEnds[] = {"", "src ", "dst ", "both "};
  std::string text = kEnds[static_cast<int>(test.ends)] + std::string(field_info(test.field).word) + " ";
  if (test.kind == FilterTest::Kind::kAllBits) return text + "bits " + std::to_string(test.bits);
  std::string list;
  for (const auto& r : test.numbers.ranges()) {
    list += (list.empty() ? "" : ",") + std::to_string(r.first);
    if (r.last != r.first) list += "-" + (r.last == kLargestNumber ? std::string("max") : std::to_string(r.last));
  }
  for (const auto& r : test.addresses.ranges())
    list += (list.empty() ? "" : ",") + r.first.text() + (r.last == r.first ? "" : "-" + r.last.text());
  for (const auto& n : test.names) list += (list.empty() ? "'" : ",'") + n.name + "'";
  for (const auto& e : test.exporters) {
    list += list.empty() ? "" : ",";
    list += e.addresses.empty() ? "'" + e.name + "'" : e.addresses.ranges()[0].first.text();
  }
  return text + list;
}

}  // namespace weir::testing
