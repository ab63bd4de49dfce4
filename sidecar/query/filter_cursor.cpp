// Nothing here knows the grammar but what starts a value.
#include "query/filter_cursor.hpp"

#include <algorithm>

#include "query/filter_values.hpp"

namespace weir {

const FilterToken& FilterCursor::ahead(std::size_t n) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }

void FilterCursor::advance() {
  if (at_ + 1 < tokens_.size()) ++at_;
}

bool FilterCursor::take_word(std::string_view lower_case_word) {
  if (!is_word(here(), lower_case_word)) return false;
  advance();
  return true;
}

Error FilterCursor::unexpected(const std::string& expected) const {
  return error("expected " + expected + at_column(here()) + ", found " + shown(here()), here().column);
}

bool FilterCursor::list_follows(std::size_t n) const {
  return is_word(ahead(n), "in") &&
         (ahead(n + 1).kind == TokenKind::kOpenList || ahead(n + 1).kind == TokenKind::kOpen);
}

bool FilterCursor::value_follows(std::size_t n) const {
  const auto& token = ahead(n);
  if (token.kind == TokenKind::kCompare || token.kind == TokenKind::kOpenList || list_follows(n)) return true;
  return token.kind == TokenKind::kWord && reads_as_value(token.text);
}

std::string at_column(const FilterToken& token) { return " at column " + std::to_string(token.column); }

std::string shown(const FilterToken& token) {
  return token.kind == TokenKind::kEnd ? "the end" : "'" + token.text.substr(0, 60) + "'";
}

Error located(const Error& e, const FilterToken& token) { return error(e.message + at_column(token), token.column); }

}  // namespace weir
