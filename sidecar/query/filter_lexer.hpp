// A filter's text cut into words, operators and brackets, with the column of each. One thread; borrows the text.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace weir {

struct FilterToken {
  enum class Kind : std::uint8_t {
    kWord,
    kQuoted,
    kCompare,
    kAnd,
    kOr,
    kNot,
    kOpen,
    kClose,
    kOpenList,
    kCloseList,
    kComma,
    kEnd
  };
  Kind kind = Kind::kEnd;
  std::string text;        // of words as written; of operators one of = != < <= > >=
  std::size_t column = 1;  // 1-based, in characters
};
using TokenKind = FilterToken::Kind;

// The last token is kEnd. Errors: too long, a control character, a quote that is not closed.
Result<std::vector<FilterToken>> read_filter_tokens(std::string_view text);

bool is_word(const FilterToken& token, std::string_view lower_case_word);
std::string lower_case(std::string_view text);

}  // namespace weir
