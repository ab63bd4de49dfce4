// The words that start a test, and what is suggested for a word that is none. Constant tables; any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "query/filter.hpp"

namespace weir {

struct FieldWord {
  FieldId field = FieldId::kHost;
  FilterEnds ends = FilterEnds::kAny;
};

// A field's own word or another name for it ("proto", "bytes", "if", "dport", …), in lower case.
std::optional<FieldWord> find_field_word(std::string_view word);

// "; did you mean 'host' or 'port'?" for near misses, otherwise the words that could stand there.
std::string suggest_words(std::string_view word);

// The number of single-letter insertions, deletions, replacements and swaps between two words.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace weir
