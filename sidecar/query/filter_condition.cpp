// Values are collected as ranges of the field's own values; the field's stored codes are made of them at the end.
#include "query/filter_condition.hpp"

#include <string>
#include <utility>
#include <vector>

#include "query/derived_column.hpp"
#include "query/filter_values.hpp"

namespace weir {

namespace {

bool is_digit(const FilterToken& token) { return !token.text.empty() && token.text[0] >= '0' && token.text[0] <= '9'; }
Error too_many(const FilterToken& first) {
  return error("more than " + std::to_string(kMaxFilterValues) + " values in the list" + at_column(first),
               first.column);
}

class ConditionReader {
 public:
  ConditionReader(FilterCursor& at, const FilterSubject& subject, const TimeBasis& basis)
      : at_(at),
        subject_(subject),
        type_(field_info(subject.field).type),
        basis_(basis),
        test_{.field = subject.field, .ends = subject.ends} {}

  Result<FilterNode> read() {
    std::string op;
    if (at_.here().kind == TokenKind::kCompare) {
      op = at_.here().text;
      at_.advance();
    }
    const FilterToken first = at_.here();
    const bool list = at_.here().kind == TokenKind::kOpenList || at_.list_follows(0);
    if (auto failure = list ? read_list(first) : read_commas(first)) return *failure;
    const bool letters = (type_ == FieldType::kFlags || type_ == FieldType::kQuality) && !is_digit(first);
    if (op.find_first_of("<>") != std::string::npos) {
      if (auto failure = compare(op, first)) return *failure;
    } else if (letters && op.empty() && count_ == 1) {
      // A name alone: all of these bits, whatever else is set.
      test_.kind = FilterTest::Kind::kAllBits;
      test_.bits = numbers_.front().first;
    }
    test_.numbers = NumberSet(std::move(numbers_));
    test_.addresses = AddressSet(std::move(addresses_));
    auto node = filter_test_node(std::move(test_));
    if (op == "!=") return negated_filter(std::move(node));
    return node;
  }

 private:
  std::optional<Error> read_list(const FilterToken& first) {
    at_.take_word("in");
    const auto close = at_.here().kind == TokenKind::kOpen ? TokenKind::kClose : TokenKind::kCloseList;
    at_.advance();
    while (at_.here().kind != close) {
      if (auto failure = read_value()) return failure;
      if (++count_ > kMaxFilterValues) return too_many(first);
      if (at_.here().kind == TokenKind::kComma) at_.advance();
    }
    if (count_ == 0) return at_.unexpected("a value");
    at_.advance();
    return std::nullopt;
  }

  std::optional<Error> read_commas(const FilterToken& first) {
    for (;;) {
      const FilterToken value = at_.here();
      if (auto failure = read_value()) return failure;
      if (++count_ > kMaxFilterValues) return too_many(first);
      if (!addresses_.empty()) {
        if (auto failure = take_mask(value, addresses_.back())) return failure;
      }
      if (at_.here().kind != TokenKind::kComma) return std::nullopt;
      at_.advance();
    }
  }

  // "net 198.51.100.0 255.255.255.0", "net 198.51.100.0 mask 255.255.255.0": the address becomes the network.
  std::optional<Error> take_mask(const FilterToken& address, AddressRange& range) {
    const bool word = is_word(at_.here(), "mask") || is_word(at_.here(), "netmask");
    const auto& token = word ? at_.ahead(1) : at_.here();
    if ((!subject_.net && !word) || token.kind != TokenKind::kWord || range.first != range.last) return std::nullopt;
    const auto mask = parse_ip_address(token.text);
    if (!mask) return std::nullopt;
    const auto length = parse_netmask(*mask);
    if (!length) {
      return error("expected a netmask such as 255.255.255.0" + at_column(token) + ", found " + shown(token) +
                       "; several networks are separated by commas",
                   token.column);
    }
    const auto net = parse_address_range(address.text + "/" + std::to_string(*length));
    if (!net) return located(net.error(), address);
    range = *net;
    if (word) at_.advance();
    at_.advance();
    return std::nullopt;
  }

  // One value at the cursor into the test's kind of set.
  std::optional<Error> read_value() {
    const FilterToken token = at_.here();
    const bool joins = is_word(token, "and") || is_word(token, "or") || is_word(token, "not");
    if ((token.kind != TokenKind::kWord && token.kind != TokenKind::kQuoted) || joins) {
      return at_.unexpected("a value for '" + std::string(field_info(test_.field).word) + "'");
    }
    if (auto failure = add_value(token)) return failure;
    at_.advance();
    return std::nullopt;
  }

  std::optional<Error> add_value(const FilterToken& token) {
    switch (type_) {
      case FieldType::kAddress: {
        test_.kind = FilterTest::Kind::kAddresses;
        const auto range = parse_address_range(token.text);
        if (!range) return located(range.error(), token);
        for (const auto& part : within_family(*range)) addresses_.push_back(part);
        return std::nullopt;
      }
      case FieldType::kExporter: {
        test_.kind = FilterTest::Kind::kExporters;
        const auto range = parse_address_range(token.text);
        if (token.text.empty()) return at_.unexpected("an exporter's address or name");
        test_.exporters.push_back(
            range
                ? ExporterReference{.addresses = AddressSet(within_family(*range)), .name = "", .column = token.column}
                : ExporterReference{.addresses = {}, .name = token.text, .column = token.column});
        return std::nullopt;
      }
      case FieldType::kLabel:
        test_.kind = FilterTest::Kind::kNames;
        if (const auto mistake = derived_column(field_info(test_.field).derived).mistake_in(token.text);
            !mistake.empty()) {
          return located(error(mistake + ", found '" + token.text.substr(0, 60) + "'"), token);
        }
        test_.names.push_back({.name = token.text, .column = token.column});
        return std::nullopt;
      case FieldType::kApplication:
        test_.kind = FilterTest::Kind::kNames;
        // Quoted, or not a number: a name.
        if (token.kind == TokenKind::kWord && is_digit(token)) return add_number(token);
        test_.names.push_back({.name = token.text, .column = token.column});
        return std::nullopt;
      case FieldType::kNumber:
      case FieldType::kProtocol:
      case FieldType::kFlags:
      case FieldType::kMac:
      case FieldType::kDirection:
      case FieldType::kReason:
      case FieldType::kQuality:
      case FieldType::kDuration:
      case FieldType::kTime:
      case FieldType::kCounter: test_.kind = FilterTest::Kind::kNumbers; return add_number(token);
    }
    return std::nullopt;
  }

  std::optional<Error> add_number(const FilterToken& token) {
    const auto range = parse_number_range(test_.field, token.text, basis_);
    if (!range) return located(range.error(), token);
    numbers_.push_back(*range);
    return std::nullopt;
  }

  // Turns "> value" and its kin into the range of numbers that it means.
  std::optional<Error> compare(const std::string& op, const FilterToken& first) {
    if (type_ != FieldType::kNumber && type_ != FieldType::kCounter && type_ != FieldType::kDuration &&
        type_ != FieldType::kTime && type_ != FieldType::kProtocol) {
      return error("'" + std::string(field_info(test_.field).word) + "' has no order; use = or != instead of '" + op +
                       "' before column " + std::to_string(first.column),
                   first.column);
    }
    if (count_ != 1 || numbers_.front().first != numbers_.front().last)
      return error("'" + op + "' takes one value" + at_column(first), first.column);
    const auto value = numbers_.front().first;
    numbers_.clear();
    if (op == ">=") numbers_.push_back({value, kLargestNumber});
    if (op == "<=") numbers_.push_back({0, value});
    if (op == ">" && value < kLargestNumber) numbers_.push_back({value + 1, kLargestNumber});
    if (op == "<" && value > 0) numbers_.push_back({0, value - 1});
    return std::nullopt;
  }

  FilterCursor& at_;
  const FilterSubject& subject_;
  const FieldType type_;
  const TimeBasis& basis_;
  FilterTest test_;
  std::vector<NumberRange> numbers_;
  std::vector<AddressRange> addresses_;
  std::size_t count_ = 0;
};

}  // namespace

Result<FilterNode> read_filter_condition(FilterCursor& at, const FilterSubject& subject, const TimeBasis& basis) {
  return ConditionReader(at, subject, basis).read();
}

FilterNode filter_test_node(FilterTest&& test) {
  return {.kind = FilterNode::Kind::kTest, .children = {}, .test = std::move(test)};
}

FilterNode negated_filter(FilterNode&& node) {
  FilterNode outer{.kind = FilterNode::Kind::kNot, .children = {}, .test = {}};
  outer.children.push_back(std::move(node));
  return outer;
}

}  // namespace weir
