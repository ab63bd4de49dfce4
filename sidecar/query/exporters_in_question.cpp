// Tests of the exporter are decided, all others may hold or fail.
#include "query/exporters_in_question.hpp"

#include <algorithm>

namespace weir {

namespace {

struct Possible {
  bool holds = true, fails = true;
};

Possible possible(const FilterNode& node, std::uint32_t exporter) {
  switch (node.kind) {
    case FilterNode::Kind::kEverything: return {.holds = true, .fails = false};
    case FilterNode::Kind::kTest: {
      if (node.test.field != FieldId::kExporter || node.test.kind != FilterTest::Kind::kNumbers) return {};
      const bool is = node.test.numbers.contains(exporter);
      return {.holds = is, .fails = !is};
    }
    case FilterNode::Kind::kNot: {
      const auto inner = possible(node.children.front(), exporter);
      return {.holds = inner.fails, .fails = inner.holds};
    }
    case FilterNode::Kind::kAnd: {
      Possible all{.holds = true, .fails = false};
      for (const auto& child : node.children) {
        const auto part = possible(child, exporter);
        all = {.holds = all.holds && part.holds, .fails = all.fails || part.fails};
      }
      return all;
    }
    case FilterNode::Kind::kOr: {
      Possible any{.holds = false, .fails = true};
      for (const auto& child : node.children) {
        const auto part = possible(child, exporter);
        any = {.holds = any.holds || part.holds, .fails = any.fails && part.fails};
      }
      return any;
    }
  }
  return {};
}

}  // namespace

std::vector<std::uint32_t> exporters_in_question(const FilterNode& resolved,
                                                 const std::vector<ExporterName>& exporters) {
  std::vector<std::uint32_t> ids;
  for (const auto& exporter : exporters) {
    if (possible(resolved, exporter.id).holds) ids.push_back(exporter.id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace weir
