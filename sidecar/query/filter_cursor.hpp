// A place in the tokens of a filter, and errors that name it. One thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "query/filter_lexer.hpp"

namespace weir {

class FilterCursor {
 public:
  // The last token is kEnd, where the cursor stays.
  explicit FilterCursor(std::vector<FilterToken>&& tokens) : tokens_(std::move(tokens)) {}

  const FilterToken& here() const { return tokens_[at_]; }
  const FilterToken& ahead(std::size_t n) const;
  void advance();
  bool take_word(std::string_view lower_case_word);

  // "expected … at column 7, found 'x'", of the token here.
  Error unexpected(const std::string& expected) const;
  // An operator, a list, or something that reads as a number or an address stands `n` tokens ahead.
  bool value_follows(std::size_t n) const;
  // "in [" or "in (" stands `n` tokens ahead.
  bool list_follows(std::size_t n) const;

 private:
  const std::vector<FilterToken> tokens_;
  std::size_t at_ = 0;
};

std::string at_column(const FilterToken& token);
// The token's text for an error, bounded.
std::string shown(const FilterToken& token);
// An error about a value, with its place.
Error located(const Error& error, const FilterToken& token);

}  // namespace weir
