// Recursive descent over the tokens; depth and list lengths are bounded.
#include <optional>

#include "flow/protocols.hpp"
#include "query/filter.hpp"
#include "query/filter_lexer.hpp"
#include "query/filter_values.hpp"
#include "query/filter_words.hpp"

namespace weir {

namespace {

using Kind = FilterToken::Kind;

// What a test is about, before its values: "src port", "exporter", …
struct Subject {
  FieldId field = FieldId::kHost;
  FilterEnds ends = FilterEnds::kAny;
};

// Several of a kind become one node.
FilterNode joined(FilterNode::Kind kind, std::vector<FilterNode>&& parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return {.kind = kind, .children = std::move(parts), .test = {}};
}
FilterNode negated(FilterNode&& node) {
  FilterNode outer{.kind = FilterNode::Kind::kNot, .children = {}, .test = {}};
  outer.children.push_back(std::move(node));
  return outer;
}
FilterNode tested(FilterTest&& test) { return {.kind = FilterNode::Kind::kTest, .children = {}, .test = std::move(test)}; }

class Parser {
 public:
  explicit Parser(std::vector<FilterToken>&& tokens) : tokens_(std::move(tokens)) {}

  Result<FilterNode> parse() {
    if (here().kind == Kind::kEnd) return FilterNode{};
    auto node = expression();
    if (node && here().kind != Kind::kEnd) return unexpected("'and', 'or' or the end");
    return node;
  }

 private:
  const FilterToken& here() const { return tokens_[at_]; }
  const FilterToken& ahead(std::size_t n) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
  void advance() {
    if (at_ + 1 < tokens_.size()) ++at_;
  }
  bool take_word(std::string_view word) {
    if (!is_word(here(), word)) return false;
    advance();
    return true;
  }
  static std::string at_column(const FilterToken& token) { return " at column " + std::to_string(token.column); }
  static std::string shown(const FilterToken& token) {
    return token.kind == Kind::kEnd ? "the end" : "'" + token.text.substr(0, 60) + "'";
  }
  Error unexpected(const std::string& expected) const {
    return error("expected " + expected + at_column(here()) + ", found " + shown(here()), here().column);
  }
  static Error located(const Error& e, const FilterToken& token) { return error(e.message + at_column(token), token.column); }

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
    do {
      auto part = factor();
      if (!part) return part;
      parts.push_back(std::move(*part));
    } while (take_and());
    return joined(FilterNode::Kind::kAnd, std::move(parts));
  }

  bool take_or() {
    const bool found = here().kind == Kind::kOr || is_word(here(), "or");
    if (found) advance();
    after_operator_ = found;
    return found;
  }
  // True as well where the next factor simply stands there.
  bool take_and() {
    after_operator_ = here().kind == Kind::kAnd || is_word(here(), "and");
    if (after_operator_) {
      advance();
      return true;
    }
    switch (here().kind) {
      case Kind::kWord: return !is_word(here(), "or");
      case Kind::kQuoted:
      case Kind::kNot:
      case Kind::kOpen: return true;
      default: return false;
    }
  }

  Result<FilterNode> factor() {
    if (depth_ >= kMaxFilterDepth) {
      return error("more than " + std::to_string(kMaxFilterDepth) + " levels of parentheses and 'not'" + at_column(here()), here().column);
    }
    ++depth_;
    auto node = factor_at_depth();
    --depth_;
    return node;
  }

  Result<FilterNode> factor_at_depth() {
    if (here().kind == Kind::kNot || is_word(here(), "not")) {
      advance();
      after_operator_ = true;
      auto node = factor();
      if (!node) return node;
      return negated(std::move(*node));
    }
    if (here().kind == Kind::kOpen) {
      const FilterToken open = here();
      advance();
      auto node = expression();
      if (!node) return node;
      if (here().kind != Kind::kClose) {
        return error("expected ')' for the '(' at column " + std::to_string(open.column) + at_column(here()) + ", found " + shown(here()), here().column);
      }
      advance();
      return node;
    }
    return test();
  }

  Result<FilterNode> test() {
    const FilterToken token = here();
    if (token.kind != Kind::kWord || is_word(token, "or") || is_word(token, "and")) return unexpected("a test such as 'host 10.0.0.1', 'not' or '('");
    const auto word = lower_case(token.text);
    if (word == "any") {
      advance();
      return FilterNode{};
    }
    if (const auto family = family_test(word)) return tested(FilterTest(*family));
    // "icmp" is a protocol on its own and a field when a value follows.
    if (const auto protocol = parse_protocol_name(word); protocol && !(find_field_word(word) && value_follows(1))) {
      advance();
      return tested({.kind = FilterTest::Kind::kNumbers, .field = FieldId::kProtocol, .numbers = NumberSet({{*protocol, *protocol}})});
    }
    if (auto subject = read_subject(word); !subject) {
      return subject.error();
    } else if (*subject) {
      last_ = **subject;
      return condition(**subject);
    }
    return bare_value(token);
  }

  // "ip" and "ip6" alone are the address family; before an address, "ip" is "host".
  std::optional<FilterTest> family_test(const std::string& word) {
    const bool v4 = word == "ip" || word == "ipv4", v6 = word == "ip6" || word == "ipv6";
    if ((!v4 && !v6) || (word == "ip" && (value_follows(1) || ahead(1).kind == Kind::kQuoted))) return std::nullopt;
    advance();
    const IpAddress v4_first = IpAddress::from_v4(0), v4_last = IpAddress::from_v4(0xffff'ffff);
    FilterTest test{.kind = FilterTest::Kind::kAddresses, .field = FieldId::kClient};
    if (v4) {
      test.addresses = AddressSet({{v4_first, v4_last}});
    } else {
      // Around the IPv4-mapped block, and not the unset address.
      IpAddress one, below = v4_first, above = v4_last, highest;
      one.bytes[15] = 1;
      below.bytes[11] = 0xfe;
      below.bytes[12] = below.bytes[13] = below.bytes[14] = below.bytes[15] = 0xff;
      above.bytes = {};
      above.bytes[9] = 1;
      highest.bytes.fill(0xff);
      test.addresses = AddressSet({{one, below}, {above, highest}});
    }
    return test;
  }

  // An operator, a list, or something that reads as a number or an address stands `n` tokens ahead.
  bool value_follows(std::size_t n) const {
    const auto& token = ahead(n);
    if (token.kind == Kind::kCompare || token.kind == Kind::kOpenList) return true;
    if (is_word(token, "in")) return ahead(n + 1).kind == Kind::kOpenList || ahead(n + 1).kind == Kind::kOpen;
    return token.kind == Kind::kWord && reads_as_value(token.text);
  }
  static bool reads_as_value(const std::string& text) {
    return (text[0] >= '0' && text[0] <= '9') || (text.find(':') != std::string::npos && parse_address_range(text).has_value());
  }

  // The field and ends that the words from here name; nothing (and nothing consumed) when they name none.
  Result<std::optional<Subject>> read_subject(const std::string& word) {
    if (word == "src" || word == "dst") return read_end_subject(word);
    if (word == "client" || word == "server") {
      advance();
      const bool client = word == "client";
      if (take_word("port")) return std::optional(Subject{.field = client ? FieldId::kClientPort : FieldId::kServerPort});
      if (!take_word("host") && !take_word("net")) take_word("ip");
      return std::optional(Subject{.field = client ? FieldId::kClient : FieldId::kServer});
    }
    if (word == "in" || word == "out") {
      advance();
      if (!take_word("if") && !take_word("interface") && !take_word("iface")) return unexpected("'if' after '" + word + "'");
      return std::optional(Subject{.field = word == "in" ? FieldId::kInIf : FieldId::kOutIf});
    }
    if (word == "ip") {
      advance();
      return std::optional(Subject{});
    }
    const auto field = find_field_word(word);
    if (!field) return std::optional<Subject>{};
    advance();
    return std::optional(Subject{.field = field->field, .ends = field->ends});
  }

  Result<std::optional<Subject>> read_end_subject(const std::string& first) {
    Subject subject{.field = FieldId::kHost, .ends = first == "src" ? FilterEnds::kSending : FilterEnds::kReceiving};
    advance();
    const std::string other = first == "src" ? "dst" : "src";
    if ((is_word(here(), "or") || is_word(here(), "and")) && is_word(ahead(1), other)) {
      subject.ends = is_word(here(), "or") ? FilterEnds::kAny : FilterEnds::kBoth;
      advance();
      advance();
    }
    if (here().kind == Kind::kWord && !is_word(here(), "in")) {
      const auto word = lower_case(here().text);
      const auto field = word == "ip" ? FieldWord{} : find_field_word(word);
      if (field && field_info(field->field).either_end && field->ends == FilterEnds::kAny) {
        subject.field = field->field;
        advance();
      } else if (!reads_as_value(here().text) && !parse_address_range(here().text)) {
        return unexpected("host, net, port, as, country, network, if or an address after '" + first + "'");
      }
    }
    return std::optional(subject);
  }

  // A value without its field: of the field before ("port 80 or 443"), or an address.
  Result<FilterNode> bare_value(const FilterToken& token) {
    const bool address = parse_address_range(token.text).has_value();
    const bool takes_addresses = last_ && (field_info(last_->field).type == FieldType::kAddress || field_info(last_->field).type == FieldType::kExporter);
    if (address && !(after_operator_ && takes_addresses)) return condition(Subject{});
    if (after_operator_ && last_ && reads_as_value(token.text)) return condition(*last_);
    if (reads_as_value(token.text)) {
      return error("expected 'and', 'or' or a word" + at_column(token) + ", found '" + token.text.substr(0, 60) + "'; several values are written 80,443 or in [80 443]",
                   token.column);
    }
    return error("unknown word '" + token.text.substr(0, 60) + "'" + at_column(token) + suggest_words(lower_case(token.text)), token.column);
  }

  // The operator and the values after a subject.
  Result<FilterNode> condition(const Subject& subject) {
    std::string op;
    if (here().kind == Kind::kCompare) {
      op = here().text;
      advance();
    }
    const FilterToken first = here();
    FilterTest test{.field = subject.field, .ends = subject.ends};
    std::vector<NumberRange> numbers;
    std::vector<AddressRange> addresses;
    const auto add = [&]() -> std::optional<Error> { return read_value(test, numbers, addresses); };
    std::size_t count = 0;
    const bool in = is_word(here(), "in") && (ahead(1).kind == Kind::kOpenList || ahead(1).kind == Kind::kOpen);
    if (in) advance();
    if (here().kind == Kind::kOpenList || (in && here().kind == Kind::kOpen)) {
      const auto close = here().kind == Kind::kOpen ? Kind::kClose : Kind::kCloseList;
      advance();
      while (here().kind != close) {
        if (auto failure = add()) return *failure;
        if (++count > kMaxFilterValues) return too_many(first);
        if (here().kind == Kind::kComma) advance();
      }
      if (count == 0) return unexpected("a value");
      advance();
    } else {
      for (;;) {
        if (auto failure = add()) return *failure;
        if (++count > kMaxFilterValues) return too_many(first);
        if (here().kind != Kind::kComma) break;
        advance();
      }
    }
    if (op.find_first_of("<>") != std::string::npos) {
      if (auto failure = compare(op, subject.field, first, count, numbers)) return *failure;
    } else if (field_info(subject.field).type == FieldType::kFlags && op.empty() && count == 1 && !(first.text[0] >= '0' && first.text[0] <= '9')) {
      // Letters alone: all of these, whatever else is set.
      test.kind = FilterTest::Kind::kAllBits;
      test.bits = numbers.front().first;
    }
    test.numbers = NumberSet(std::move(numbers));
    test.addresses = AddressSet(std::move(addresses));
    auto node = tested(std::move(test));
    if (op == "!=") return negated(std::move(node));
    return node;
  }

  static Error too_many(const FilterToken& first) {
    return error("more than " + std::to_string(kMaxFilterValues) + " values in the list" + at_column(first), first.column);
  }

  // One value at the cursor into the test's kind of set.
  std::optional<Error> read_value(FilterTest& test, std::vector<NumberRange>& numbers, std::vector<AddressRange>& addresses) {
    const FilterToken token = here();
    const bool joins = is_word(token, "and") || is_word(token, "or") || is_word(token, "not");
    if ((token.kind != Kind::kWord && token.kind != Kind::kQuoted) || joins) return unexpected("a value for '" + std::string(field_info(test.field).word) + "'");
    switch (field_info(test.field).type) {
      case FieldType::kAddress: {
        test.kind = FilterTest::Kind::kAddresses;
        const auto range = parse_address_range(token.text);
        if (!range) return located(range.error(), token);
        addresses.push_back(*range);
        break;
      }
      case FieldType::kExporter: {
        test.kind = FilterTest::Kind::kExporters;
        const auto range = parse_address_range(token.text);
        if (token.text.empty()) return unexpected("an exporter's address or name");
        test.exporters.push_back(range ? ExporterReference{.addresses = AddressSet({*range}), .name = "", .column = token.column}
                                       : ExporterReference{.addresses = {}, .name = token.text, .column = token.column});
        break;
      }
      case FieldType::kNetwork:
        test.kind = FilterTest::Kind::kNetworks;
        test.names.push_back({.name = token.text, .column = token.column});
        break;
      case FieldType::kApplication: {
        test.kind = FilterTest::Kind::kApplications;
        // Quoted, or not a number: a name.
        const auto exported = parse_number_range(test.field, token.text);
        const bool number = token.kind == Kind::kWord && token.text[0] >= '0' && token.text[0] <= '9';
        if (number && !exported) return located(exported.error(), token);
        if (number) {
          numbers.push_back(*exported);
        } else {
          test.names.push_back({.name = token.text, .column = token.column});
        }
        break;
      }
      default: {
        test.kind = field_info(test.field).type == FieldType::kCountry ? FilterTest::Kind::kCountries : FilterTest::Kind::kNumbers;
        const auto range = parse_number_range(test.field, token.text);
        if (!range) return located(range.error(), token);
        numbers.push_back(*range);
      }
    }
    advance();
    return std::nullopt;
  }

  // Turns "> value" and its kin into the range of numbers that it means.
  std::optional<Error> compare(const std::string& op, FieldId field, const FilterToken& first, std::size_t count, std::vector<NumberRange>& numbers) const {
    const auto type = field_info(field).type;
    if (type != FieldType::kNumber && type != FieldType::kCounter && type != FieldType::kDuration && type != FieldType::kTime && type != FieldType::kProtocol) {
      return error("'" + std::string(field_info(field).word) + "' has no order; use = or != instead of '" + op + "' before column " + std::to_string(first.column), first.column);
    }
    if (count != 1 || numbers.front().first != numbers.front().last) return error("'" + op + "' takes one value" + at_column(first), first.column);
    const auto value = numbers.front().first;
    numbers.clear();
    if (op == ">=") numbers.push_back({value, kLargestNumber});
    if (op == "<=") numbers.push_back({0, value});
    if (op == ">" && value < kLargestNumber) numbers.push_back({value + 1, kLargestNumber});
    if (op == "<" && value > 0) numbers.push_back({0, value - 1});
    return std::nullopt;
  }

  const std::vector<FilterToken> tokens_;
  std::size_t at_ = 0, depth_ = 0;
  bool after_operator_ = false;
  std::optional<Subject> last_;  // of the test before
};

}  // namespace

Result<FilterNode> parse_filter(std::string_view text) {
  auto tokens = read_filter_tokens(text);
  if (!tokens) return tokens.error();
  return Parser(std::move(*tokens)).parse();
}

}  // namespace weir
