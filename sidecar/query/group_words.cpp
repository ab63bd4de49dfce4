// The words by which people name what a question is grouped by.
#include <algorithm>

#include "query/filter_lexer.hpp"
#include "query/filter_words.hpp"
#include "query/prefix_column.hpp"
#include "query/query.hpp"

namespace weir {

Result<void> add_group_fields(std::string_view word, Query& query) {
  if (lower_case(word) == "conversation") {
    query.by.insert(query.by.end(), {FieldId::kClient, FieldId::kServer});
    return {};
  }
  const auto slash = word.find('/');
  const auto field = parse_group_field(word.substr(0, slash));
  if (!field) return field.error();
  if (slash != std::string_view::npos) {
    if (field_info(*field).derived != DerivedId::kPrefix)
      return error("'" + std::string(word.substr(0, 60)) + "' cannot be grouped by; only prefixes have a length");
    const auto lengths = parse_prefix_lengths(word.substr(slash + 1), query.prefix);
    if (!lengths) return lengths.error();
    const bool other = std::any_of(query.by.begin(), query.by.end(),
                                   [](FieldId id) { return field_info(id).derived == DerivedId::kPrefix; });
    if (other && !(*lengths == query.prefix))
      return error("'" + std::string(word.substr(0, 60)) + "': all prefixes of one question have the same lengths");
    query.prefix = *lengths;
  }
  query.by.push_back(*field);
  return {};
}

Result<FieldId> parse_group_field(std::string_view word) {
  const auto lower = lower_case(word);
  if (const auto found = find_field_word(lower);
      found && found->ends == FilterEnds::kAny && field_info(found->field).group_by)
    return found->field;
  std::string words;
  for (const auto& field : kFields) {
    if (field.group_by) words += (words.empty() ? "" : ", ") + std::string(field.word);
  }
  return error("'" + std::string(word.substr(0, 60)) + "' cannot be grouped by; expected one of " + words);
}

}  // namespace weir
