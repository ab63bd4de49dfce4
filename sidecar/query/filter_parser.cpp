// Recursive descent over the tokens; depth and list lengths are bounded.
#include <algorithm>
#include <array>
#include <optional>

#include "flow/protocols.hpp"
#include "query/filter.hpp"
#include "query/filter_condition.hpp"
#include "query/filter_contradiction.hpp"
#include "query/filter_cursor.hpp"
#include "query/filter_subject.hpp"
#include "query/filter_values.hpp"
#include "query/filter_words.hpp"

namespace weir {

namespace {

// Several of a kind become one node.
FilterNode joined(FilterNode::Kind kind, std::vector<FilterNode>&& parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return {.kind = kind, .children = std::move(parts), .test = {}};
}

class Parser {
 public:
  Parser(std::vector<FilterToken>&& tokens, const TimeBasis& basis) : at_(std::move(tokens)), basis_(basis) {}

  Result<FilterNode> parse() {
    if (here().kind == TokenKind::kEnd) return FilterNode{};
    auto node = expression();
    if (node && here().kind != TokenKind::kEnd) return at_.unexpected("'and', 'or' or the end");
    return node;
  }

 private:
  const FilterToken& here() const { return at_.here(); }

  Result<FilterNode> expression() {
    std::vector<FilterNode> parts;
    do {
      auto part = term();
      if (!part) return part;
      parts.push_back(std::move(*part));
    } while (take_or());
    return joined(FilterNode::Kind::kOr, std::move(parts));
  }

  Result<FilterNode> term() {
    std::vector<FilterNode> parts;
    std::vector<std::size_t>
        plain;  // positions of tests that stand in no brackets and behind no "not": those are meant as they are
    do {
      const FilterToken first = here();
      const bool written_and = after_operator_;
      auto part = factor();
      if (!part) return part;
      if (part->kind == FilterNode::Kind::kTest && first.kind == TokenKind::kWord) {
        // The last one before it that asks for the same.
        const auto& test = part->test;
        const auto same = std::find_if(plain.rbegin(), plain.rend(), [&](auto i) {
          return parts[i].test.field == test.field && parts[i].test.ends == test.ends;
        });
        if (same != plain.rend()) {
          const bool beside = *same + 1 == parts.size();
          if (auto failure = contradiction(parts[*same].test, test, first, written_and || !beside)) return *failure;
        }
        plain.push_back(parts.size());
      }
      parts.push_back(std::move(*part));
    } while (take_and());
    return joined(FilterNode::Kind::kAnd, std::move(parts));
  }

  bool take_or() {
    const bool found = here().kind == TokenKind::kOr || is_word(here(), "or");
    if (found) at_.advance();
    after_operator_ = found;
    return found;
  }
  // True as well where the next factor simply stands there.
  bool take_and() {
    after_operator_ = here().kind == TokenKind::kAnd || is_word(here(), "and");
    if (after_operator_) {
      at_.advance();
      return true;
    }
    switch (here().kind) {
      case TokenKind::kWord: return !is_word(here(), "or");
      case TokenKind::kQuoted:
      case TokenKind::kNot:
      case TokenKind::kOpen: return true;
      case TokenKind::kCompare:
      case TokenKind::kAnd:
      case TokenKind::kOr:
      case TokenKind::kClose:
      case TokenKind::kOpenList:
      case TokenKind::kCloseList:
      case TokenKind::kComma:
      case TokenKind::kEnd: return false;
    }
    return false;
  }

  Result<FilterNode> factor() {
    if (depth_ >= kMaxFilterDepth) {
      return error(
          "more than " + std::to_string(kMaxFilterDepth) + " levels of parentheses and 'not'" + at_column(here()),
          here().column);
    }
    ++depth_;
    auto node = factor_at_depth();
    --depth_;
    return node;
  }

  Result<FilterNode> factor_at_depth() {
    if (here().kind == TokenKind::kNot || is_word(here(), "not")) {
      at_.advance();
      after_operator_ = true;
      auto node = factor();
      if (!node) return node;
      return negated_filter(std::move(*node));
    }
    if (here().kind == TokenKind::kOpen) {
      const FilterToken open = here();
      at_.advance();
      auto node = expression();
      if (!node) return node;
      if (here().kind != TokenKind::kClose) {
        return error("expected ')' for the '(' at column " + std::to_string(open.column) + at_column(here()) +
                         ", found " + shown(here()),
                     here().column);
      }
      at_.advance();
      return node;
    }
    return test();
  }

  Result<FilterNode> test() {
    const FilterToken token = here();
    if (token.kind != TokenKind::kWord || is_word(token, "or") || is_word(token, "and"))
      return at_.unexpected("a test such as 'host 10.0.0.1', 'not' or '('");
    const auto word = lower_case(token.text);
    if (word == "any") {
      at_.advance();
      return FilterNode{};
    }
    if (word == "conversation") return conversation();
    if (const auto family = family_test(word)) return filter_test_node(FilterTest(*family));
    // "icmp" is a protocol on its own and a field when a value follows.
    if (const auto protocol = parse_protocol_name(word); protocol && !(find_field_word(word) && at_.value_follows(1))) {
      at_.advance();
      return filter_test_node({.kind = FilterTest::Kind::kNumbers,
                               .field = FieldId::kProtocol,
                               .numbers = NumberSet({{*protocol, *protocol}})});
    }
    const auto subject = read_filter_subject(at_);
    if (!subject) return subject.error();
    if (!*subject) return bare_value(token);
    last_ = **subject;
    return condition(**subject);
  }

  // "conversation A B": what the two say to each other, whichever of them is the client.
  Result<FilterNode> conversation() {
    at_.advance();
    std::array<AddressSet, 2> ends;
    for (std::size_t end = 0; end < ends.size(); ++end) {
      if (end == 1 && !at_.take_word("and") && here().kind == TokenKind::kComma) at_.advance();
      const FilterToken token = here();
      if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuoted)
        return at_.unexpected("two addresses for 'conversation', such as conversation 10.0.0.1 10.0.0.2");
      const auto range = parse_address_range(token.text);
      if (!range) return located(range.error(), token);
      ends[end] = AddressSet(within_family(*range));
      at_.advance();
    }
    FilterNode either{.kind = FilterNode::Kind::kOr, .children = {}, .test = {}};
    for (const auto& [client, server] : {std::pair{0, 1}, std::pair{1, 0}}) {
      FilterNode both{.kind = FilterNode::Kind::kAnd, .children = {}, .test = {}};
      for (const auto& [field, end] : {std::pair{FieldId::kClient, client}, std::pair{FieldId::kServer, server}}) {
        both.children.push_back(filter_test_node(
            {.kind = FilterTest::Kind::kAddresses, .field = field, .addresses = ends[static_cast<std::size_t>(end)]}));
      }
      either.children.push_back(std::move(both));
    }
    return either;
  }

  // "ip" and "ip6" alone are the address family; before an address, "ip" is "host".
  std::optional<FilterTest> family_test(const std::string& word) {
    const bool v4 = word == "ip" || word == "ipv4", v6 = word == "ip6" || word == "ipv6";
    if ((!v4 && !v6) || (word == "ip" && (at_.value_follows(1) || at_.ahead(1).kind == TokenKind::kQuoted)))
      return std::nullopt;
    at_.advance();
    AddressRange all = {.first = IpAddress::from_v4(0), .last = IpAddress::from_v4(0xffff'ffff)};
    if (v6) {
      all.first = {};
      all.first.bytes[15] = 1;  // not the unset address
      all.last.bytes.fill(0xff);
    }
    FilterTest test{.kind = FilterTest::Kind::kAddresses, .field = FieldId::kClient};
    test.addresses = AddressSet(within_family(all));
    return test;
  }

  Result<FilterNode> condition(const FilterSubject& subject) { return read_filter_condition(at_, subject, basis_); }

  // A value without its field: of the field before ("port 80 or 443"), or an address.
  Result<FilterNode> bare_value(const FilterToken& token) {
    const bool address = parse_address_range(token.text).has_value();
    const bool takes_addresses = last_ && (field_info(last_->field).type == FieldType::kAddress ||
                                           field_info(last_->field).type == FieldType::kExporter);
    if (address && !after_operator_ && takes_addresses) return side_by_side(token);
    if (address && !(after_operator_ && takes_addresses)) return condition(FilterSubject{});
    if (after_operator_ && last_ && reads_as_value(token.text)) return condition(*last_);
    if (reads_as_value(token.text)) {
      return error("expected 'and', 'or' or a word" + at_column(token) + ", found '" + token.text.substr(0, 60) +
                       "'; several values are written 80,443 or in [80 443]",
                   token.column);
    }
    return error(
        "unknown word '" + token.text.substr(0, 60) + "'" + at_column(token) + suggest_words(lower_case(token.text)),
        token.column);
  }

  // "host A B": the second address could be meant in four ways.
  static Error side_by_side(const FilterToken& token) {
    const auto text = token.text.substr(0, 60);
    std::string how = "; write 'or' or a comma before it for either of them, 'and' for traffic between the two";
    if (const auto mask = parse_ip_address(token.text); mask && parse_netmask(*mask))
      how = "; a network is written net 198.51.100.0/24, or with its mask: net 198.51.100.0 255.255.255.0";
    return error("expected 'and', 'or' or a word" + at_column(token) + ", found a second address, '" + text + "'" + how,
                 token.column);
  }

  FilterCursor at_;
  const TimeBasis basis_;
  std::size_t depth_ = 0;
  bool after_operator_ = false;
  std::optional<FilterSubject> last_;  // of the test before
};

}  // namespace

Result<FilterNode> parse_filter(std::string_view text, const TimeBasis& basis) {
  auto tokens = read_filter_tokens(text);
  if (!tokens) return tokens.error();
  return Parser(std::move(*tokens), basis).parse();
}

}  // namespace weir
