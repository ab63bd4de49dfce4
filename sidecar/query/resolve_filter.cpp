// Names are compared without case. Exporters that the asker may not see are treated as if they did not exist.
#include "query/resolve_filter.hpp"

#include <algorithm>
#include <set>

#include "query/derived_column.hpp"
#include "query/filter_lexer.hpp"
#include "query/filter_words.hpp"

namespace weir {

namespace {

Error unknown_exporter(const ExporterReference& reference, const std::vector<ExporterName>& visible) {
  std::string near;
  for (const auto& exporter : visible) {
    if (!exporter.name.empty() && exporter.name.size() <= 64 && reference.name.size() <= 64 &&
        edit_distance(lower_case(exporter.name), lower_case(reference.name)) <= 2) {
      near = "; did you mean '" + exporter.name + "'?";
    }
  }
  return error("no exporter is named '" + reference.name.substr(0, 60) + "' (column " +
                   std::to_string(reference.column) + ")" +
                   (near.empty() ? "; expected the name or address of an exporter" : near),
               reference.column);
}

FilterNode numbers_test(FieldId field, NumberSet numbers) {
  return {.kind = FilterNode::Kind::kTest, .children = {}, .test = {.field = field, .numbers = std::move(numbers)}};
}

// "vlan 3": where the packets came in or where they left. "vlan 0": tagged at neither.
FilterNode vlan_on_either_side(const NumberSet& vlans) {
  std::vector<NumberRange> tags;
  for (auto range : vlans.ranges()) {
    range.first = std::max<std::uint64_t>(range.first, 1);
    if (range.first <= range.last) tags.push_back(range);
  }
  FilterNode either{.kind = FilterNode::Kind::kOr, .children = {}, .test = {}};
  for (const auto field : {FieldId::kInVlan, FieldId::kOutVlan})
    either.children.push_back(numbers_test(field, NumberSet(tags)));
  if (vlans.contains(0)) {
    FilterNode untagged{.kind = FilterNode::Kind::kAnd, .children = {}, .test = {}};
    for (const auto field : {FieldId::kInVlan, FieldId::kOutVlan})
      untagged.children.push_back(numbers_test(field, NumberSet({{0, 0}})));
    either.children.push_back(std::move(untagged));
  }
  return either;
}

// The column of ICMP types is 0 where there are none, which is an echo reply as well.
FilterNode among_icmp(FilterNode test) {
  FilterNode both{.kind = FilterNode::Kind::kAnd, .children = {}, .test = {}};
  both.children.push_back(numbers_test(FieldId::kProtocol, NumberSet({{1, 1}, {58, 58}})));
  both.children.push_back(std::move(test));
  return both;
}

// `*` stands for any letters, or none.
bool has_pattern(std::string_view text, std::string_view pattern) {
  std::size_t at = 0, in_pattern = 0, after_star = std::string_view::npos, retry = 0;
  while (at < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      after_star = ++in_pattern;
      retry = at;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == text[at]) {
      ++in_pattern;
      ++at;
    } else if (after_star != std::string_view::npos) {
      in_pattern = after_star;
      at = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

class Resolver {
 public:
  Resolver(std::vector<ExporterName> visible, const DerivedSources& sources, std::vector<Error>* unknown)
      : visible_(std::move(visible)), sources_(sources), unknown_(unknown) {}

  std::optional<Error> resolve(FilterNode& node) const {
    for (auto& child : node.children) {
      if (auto failure = resolve(child)) return failure;
    }
    if (node.kind != FilterNode::Kind::kTest) return std::nullopt;
    if (node.test.field == FieldId::kVlan) {
      node = vlan_on_either_side(node.test.numbers);
      return std::nullopt;
    }
    if (node.test.field == FieldId::kIcmp || node.test.field == FieldId::kIcmpType ||
        node.test.field == FieldId::kIcmpCode) {
      node = among_icmp(std::move(node));
      return std::nullopt;
    }
    if (const auto missing = missing_for(node.test.field, sources_); !missing.empty()) {
      return error(missing + "; else leave '" + std::string(field_info(node.test.field).word) + "' out of the filter");
    }
    if (node.test.kind == FilterTest::Kind::kNames)
      return look_up(node.test, derived_column(field_info(node.test.field).derived));
    if (node.test.kind != FilterTest::Kind::kExporters) return std::nullopt;
    std::vector<NumberRange> ids;
    for (const auto& reference : node.test.exporters) {
      bool found = !reference.addresses.empty();
      for (const auto& exporter : visible_) {
        const bool matches = reference.addresses.empty() ? lower_case(exporter.name) == lower_case(reference.name)
                                                         : reference.addresses.contains(exporter.address);
        if (matches) ids.push_back({exporter.id, exporter.id});
        found = found || matches;
      }
      if (!found && !is_excused(unknown_exporter(reference, visible_))) return unknown_exporter(reference, visible_);
    }
    node.test.kind = FilterTest::Kind::kNumbers;
    node.test.numbers = NumberSet(std::move(ids));
    return std::nullopt;
  }

 private:
  // Who asks is told of the name, and decides.
  bool is_excused(Error failure) const {
    if (unknown_ != nullptr) unknown_->push_back(std::move(failure));
    return unknown_ != nullptr;
  }

  // The names of a test into its numbers: for each name that is equal but for case, or that has the pattern.
  std::optional<Error> look_up(FilterTest& test, const DerivedColumn& derived) const {
    const auto& names = *derived.names(sources_);
    const auto others = derived.other_names(sources_);
    auto numbers = test.numbers.ranges();
    for (const auto& reference : test.names) {
      const auto wanted = lower_case(reference.name);
      bool found = false;
      // The name as it is written comes first, so that what a key says finds that key alone; then any case, then a
      // pattern.
      const auto take = [&](const auto& matches) {
        for (std::size_t i = 0; i < names.size(); ++i) {
          if (!matches(names[i])) continue;
          numbers.push_back({derived.first_named() + i, derived.first_named() + i});
          found = true;
        }
        for (const auto& [name, value] : others) {
          if (!matches(name)) continue;
          numbers.push_back({value, value});
          found = true;
        }
      };
      take([&](const std::string& name) { return name == reference.name; });
      if (!found) take([&](const std::string& name) { return lower_case(name) == wanted; });
      if (!found && wanted.find('*') != std::string::npos)
        take([&](const std::string& name) { return has_pattern(lower_case(name), wanted); });
      found = found || derived.is_closed_list();
      if (found) continue;
      auto failure = unknown_name(reference, std::string(field_info(test.field).word), derived);
      if (!is_excused(failure)) return failure;
    }
    test.names.clear();
    test.kind = FilterTest::Kind::kNumbers;
    test.numbers = NumberSet(std::move(numbers));
    return std::nullopt;
  }

  Error unknown_name(const NameReference& reference, const std::string& word, const DerivedColumn& derived) const {
    const auto wanted = lower_case(reference.name);
    std::string near;
    const auto look_at = [&](const std::string& known) {
      const auto length = known.size();
      if (length == 0 || length > 64 || length + 2 < wanted.size() || wanted.size() + 2 < length) return;
      if (edit_distance(lower_case(known), wanted) <= 2) near = known;
    };
    for (const auto& known : *derived.names(sources_)) look_at(known);
    for (const auto& known : derived.other_names(sources_)) look_at(known.first);
    return error("no " + word + " is named '" + reference.name.substr(0, 60) + "' (column " +
                     std::to_string(reference.column) + ")" +
                     (near.empty() ? "; names come from " + std::string(derived.names_come_from())
                                   : "; did you mean '" + near + "'?"),
                 reference.column);
  }

  std::vector<ExporterName> visible_;
  const DerivedSources& sources_;
  std::vector<Error>* const unknown_;
};

}  // namespace

Result<FilterNode> resolve_filter(FilterNode filter, const std::vector<ExporterName>& exporters,
                                  const std::optional<std::vector<IpAddress>>& allowed_exporters,
                                  const DerivedSources& sources, std::vector<Error>* unknown) {
  auto visible = exporters;
  std::vector<NumberRange> ids;
  if (allowed_exporters) {
    const std::set<IpAddress> allowed(allowed_exporters->begin(), allowed_exporters->end());
    std::erase_if(visible, [&](const auto& e) { return !allowed.contains(e.address); });
    for (const auto& exporter : visible) ids.push_back({exporter.id, exporter.id});
  }
  if (auto failure = Resolver(std::move(visible), sources, unknown).resolve(filter)) return *failure;
  if (!allowed_exporters) return filter;
  FilterNode guarded{.kind = FilterNode::Kind::kAnd, .children = {}, .test = {}};
  guarded.children.push_back({.kind = FilterNode::Kind::kTest,
                              .children = {},
                              .test = {.field = FieldId::kExporter, .numbers = NumberSet(std::move(ids))}});
  guarded.children.push_back(std::move(filter));
  return guarded;
}

}  // namespace weir
