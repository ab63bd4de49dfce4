// Everything that is not white space, a bracket, a comma, a quote or an operator belongs to a word: 10.0.0.0/8,
// 1000-2000, 2001:db8::1, edge-1 and 2026-01-31T10:00:00Z are one word each.
#include "query/filter_lexer.hpp"

#include <algorithm>

#include "query/filter.hpp"

namespace weir {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool ends_word(char c) {
  return is_space(c) || is_control(c) || std::string_view("()[],!=<>&|\"'").find(c) != std::string_view::npos;
}
bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<FilterToken>> read() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) {
        step(1);
      } else if (auto failure = read_one(); !failure.message.empty()) {
        return failure;
      }
    }
    tokens_.push_back({.kind = TokenKind::kEnd, .text = "", .column = column_});
    return std::move(tokens_);
  }

 private:
  void step(std::size_t bytes) {
    for (; bytes > 0; --bytes, ++at_) {
      if (!continues_character(text_[at_])) ++column_;
    }
  }
  void take(TokenKind kind, std::size_t bytes, std::string text) {
    tokens_.push_back({.kind = kind, .text = std::move(text), .column = column_});
    step(bytes);
  }
  bool next_is(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  Error read_one() {
    static constexpr struct {
      std::string_view written, meant;
      TokenKind kind;
    } kSigns[] = {
        {"&&", "&&", TokenKind::kAnd},     {"||", "||", TokenKind::kOr},      {"==", "=", TokenKind::kCompare},
        {"!=", "!=", TokenKind::kCompare}, {"<=", "<=", TokenKind::kCompare}, {">=", ">=", TokenKind::kCompare},
        {"<", "<", TokenKind::kCompare},   {">", ">", TokenKind::kCompare},   {"=", "=", TokenKind::kCompare},
        {"!", "!", TokenKind::kNot},       {"(", "(", TokenKind::kOpen},      {")", ")", TokenKind::kClose},
        {"[", "[", TokenKind::kOpenList},  {"]", "]", TokenKind::kCloseList}, {",", ",", TokenKind::kComma}};
    for (const auto& sign : kSigns) {
      if (next_is(sign.written)) {
        take(sign.kind, sign.written.size(), std::string(sign.meant));
        return {};
      }
    }
    const char c = text_[at_];
    if (c == '"' || c == '\'') {
      const auto close = text_.find(c, at_ + 1);
      if (close == std::string_view::npos)
        return error("the quote at column " + std::to_string(column_) + " is not closed", column_);
      const auto inside = text_.substr(at_ + 1, close - at_ - 1);
      if (std::any_of(inside.begin(), inside.end(), is_control)) {
        return error("a control character in the quotes at column " + std::to_string(column_), column_);
      }
      take(TokenKind::kQuoted, close + 1 - at_, std::string(inside));
      return {};
    }
    if (c == '&' || c == '|') {
      return error(std::string("a single '") + c + "' at column " + std::to_string(column_) + ": write " +
                       (c == '&' ? "'and'" : "'or'"),
                   column_);
    }
    if (is_control(c)) return error("a control character at column " + std::to_string(column_), column_);
    std::size_t end = at_;
    while (end < text_.size() && !ends_word(text_[end])) ++end;
    take(TokenKind::kWord, end - at_, std::string(text_.substr(at_, end - at_)));
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0, column_ = 1;
  std::vector<FilterToken> tokens_;
};

}  // namespace

Result<std::vector<FilterToken>> read_filter_tokens(std::string_view text) {
  if (text.size() > kMaxFilterLength) {
    return error("the filter has " + std::to_string(text.size()) + " bytes; at most " +
                     std::to_string(kMaxFilterLength) + " are allowed",
                 1);
  }
  return Lexer(text).read();
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

bool is_word(const FilterToken& token, std::string_view lower_case_word) {
  return token.kind == TokenKind::kWord && token.text.size() == lower_case_word.size() &&
         lower_case(token.text) == lower_case_word;
}

}  // namespace weir
