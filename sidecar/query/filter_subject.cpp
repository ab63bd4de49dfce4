// The words of tcpdump and nfdump, beside those of the field catalogue.
#include "query/filter_subject.hpp"

#include "query/filter_values.hpp"
#include "query/filter_words.hpp"

namespace weir {

namespace {
using Subject = std::optional<FilterSubject>;

// "next ip", "router ip": two words for one field.
struct WordPair {
  std::string_view first, second;
  FieldId field;
};
constexpr WordPair kWordPairs[] = {
    {"next", "ip", FieldId::kNextHop}, {"next", "hop", FieldId::kNextHop}, {"router", "ip", FieldId::kExporter}};

// "nat port", "nat ip": which of the two.
Subject with_nat_part(FilterCursor& at, FilterSubject subject) {
  const bool either = subject.field == FieldId::kNat, client = subject.field == FieldId::kClientNat;
  if (!either && !client && subject.field != FieldId::kServerNat) return subject;
  if (at.take_word("port")) {
    subject.field = either ? FieldId::kNatPort : client ? FieldId::kClientNatPort : FieldId::kServerNatPort;
  } else if (!at.take_word("ip") && !at.take_word("host")) {
    subject.net = at.take_word("net");
  }
  return subject;
}

// Behind "client" or "server".
Subject client_or_server(FilterCursor& at, bool client) {
  // "client mac" is client_mac.
  const auto field = at.here().kind == TokenKind::kWord
                         ? find_field_word((client ? "client_" : "server_") + lower_case(at.here().text))
                         : std::nullopt;
  if (field) {
    at.advance();
    return with_nat_part(at, FilterSubject{.field = field->field});
  }
  const bool net = !at.take_word("host") && at.take_word("net");
  if (!net) at.take_word("ip");
  return FilterSubject{.field = client ? FieldId::kClient : FieldId::kServer, .net = net};
}

// Behind "in" or "out".
Result<Subject> in_or_out(FilterCursor& at, bool in) {
  if (at.take_word("vlan")) return Subject(FilterSubject{.field = in ? FieldId::kInVlan : FieldId::kOutVlan});
  if (at.take_word("if") || at.take_word("interface") || at.take_word("iface"))
    return Subject(FilterSubject{.field = in ? FieldId::kInIf : FieldId::kOutIf});
  const std::string word = in ? "in" : "out";
  if (is_word(at.here(), "mac") || is_word(at.ahead(1), "mac")) {
    return error(
        "MAC addresses are not told apart by '" + word + "'" + at_column(at.here()) + "; write mac, src mac or dst mac",
        at.here().column);
  }
  return at.unexpected("'if' or 'vlan' after '" + word + "'");
}

// Behind "src" or "dst".
Result<Subject> sending_or_receiving(FilterCursor& at, const std::string& first) {
  FilterSubject subject{.field = FieldId::kHost,
                        .ends = first == "src" ? FilterEnds::kSending : FilterEnds::kReceiving};
  const std::string other = first == "src" ? "dst" : "src";
  if ((is_word(at.here(), "or") || is_word(at.here(), "and")) && is_word(at.ahead(1), other)) {
    subject.ends = is_word(at.here(), "or") ? FilterEnds::kAny : FilterEnds::kBoth;
    at.advance();
    at.advance();
  }
  const FilterToken token = at.here();
  if (token.kind != TokenKind::kWord || is_word(token, "in")) return Subject(subject);
  const auto word = lower_case(token.text);
  const auto field = word == "ip" ? FieldWord{} : find_field_word(word);
  if (field && field_info(field->field).either_end && field->ends == FilterEnds::kAny) {
    subject.field = field->field;
    subject.net = word == "net";
    at.advance();
    return with_nat_part(at, subject);
  }
  // The VLAN is of the packets: the source has the one by which they came in.
  if (word == "vlan" && subject.ends != FilterEnds::kAny && subject.ends != FilterEnds::kBoth) {
    at.advance();
    return Subject(FilterSubject{.field = subject.ends == FilterEnds::kSending ? FieldId::kInVlan : FieldId::kOutVlan});
  }
  if (!reads_as_value(token.text) && !parse_address_range(token.text)) {
    return at.unexpected(
        "host, net, port, as, country, network, as_name, prefix, if, vlan, mac, nat, mask or an address after '" +
        first + "'");
  }
  return Subject(subject);
}

}  // namespace

Result<Subject> read_filter_subject(FilterCursor& at) {
  if (at.here().kind != TokenKind::kWord) return Subject{};
  const auto word = lower_case(at.here().text);
  for (const auto& pair : kWordPairs) {
    if (word != pair.first || !is_word(at.ahead(1), pair.second)) continue;
    at.advance();
    at.advance();
    return Subject(FilterSubject{.field = pair.field});
  }
  if (word == "src" || word == "dst") {
    at.advance();
    return sending_or_receiving(at, word);
  }
  if (word == "client" || word == "server") {
    at.advance();
    return client_or_server(at, word == "client");
  }
  if (word == "in" || word == "out") {
    at.advance();
    return in_or_out(at, word == "in");
  }
  if (word == "ip") {
    at.advance();
    return Subject(FilterSubject{});
  }
  const auto field = find_field_word(word);
  if (!field) return Subject{};
  at.advance();
  return with_nat_part(at, FilterSubject{.field = field->field, .ends = field->ends, .net = word == "net"});
}

}  // namespace weir
