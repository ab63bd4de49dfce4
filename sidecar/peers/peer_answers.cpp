// Reads members in the order in which api/query_json writes them.
#include "peers/peer_answers.hpp"

#include <algorithm>

#include "api/key_json.hpp"
#include "core/ip_address.hpp"
#include "core/plain_line.hpp"
#include "flow/quality.hpp"
#include "flow/session_object.hpp"
#include "peers/peer_quality.hpp"
#include "query/coded_text.hpp"
#include "query/key_order.hpp"
#include "query/query_setup.hpp"

namespace weir {

namespace {

constexpr std::size_t kMostWarnings = 20, kMostUnknownNames = 1000, kLongestTold = 300;

// Somebody else's words, for a terminal or a window.
std::string told_text(std::string_view text) { return plain_line(text, kLongestTold); }

TimeRange read_range(const JsonMembers& m) {
  const TimeRange range{.from_ms = m.time("from_ms"), .to_ms = m.time("to_ms")};
  if (range.from_ms < 0 || range.to_ms < range.from_ms || range.to_ms > kLatestMs)
    m.mistake().note("range", "a range of times");
  return range;
}

Measures read_measures(const JsonMembers& m) {
  return {.octets = m.number("octets"),
          .packets = m.number("packets"),
          .flows = m.number("flows"),
          .sessions = m.number("sessions"),
          .saturated = m.marked("saturated")};
}

std::vector<std::string> read_warnings(const JsonMembers& m) {
  std::vector<std::string> warnings;
  if (m.value("warnings") == nullptr) return warnings;
  const auto* list = m.value("warnings")->if_array();
  for (std::size_t i = 0; list != nullptr && i < std::min(list->size(), kMostWarnings); ++i) {
    if ((*list)[i].is_string()) warnings.push_back(told_text((*list)[i].get_string()));
  }
  if (list != nullptr && list->size() > kMostWarnings)
    warnings.push_back("and " + std::to_string(list->size() - kMostWarnings) + " more");
  return warnings;
}

std::vector<Error> read_unknown_names(const JsonMembers& m) {
  std::vector<Error> names;
  if (m.value("unknown_names") == nullptr) return names;
  m.each("unknown_names", kMostUnknownNames, [&](const JsonMembers& n) {
    names.push_back(error(told_text(n.text("message")), static_cast<std::size_t>(n.number("column"))));
  });
  return names;
}

void read_sums(const JsonMembers& m, ResultRow& row) {
  row.measures = read_measures(m);
  if (m.value("octets_in") == nullptr) return;  // keys that are no ends
  row.octets_in = m.number("octets_in");
  row.octets_out = m.number("octets_out");
  row.octets_client = m.number("octets_client");
  row.octets_server = m.number("octets_server");
}

ResultRow read_row(const JsonMembers& m, const Query& query) {
  ResultRow row;
  auto key = read_key(query.by, m.object("key").json());
  if (key) row.key = *std::move(key);
  else m.mistake().note("key", "one of the fields asked for");
  read_sums(m, row);
  if (m.value("once") != nullptr) row.once = read_measures(m.object("once"));
  if (m.value("label") != nullptr) {
    const auto labels = m.object("label");
    for (const auto field : query.by) row.told_labels.push_back(told_text(labels.text(field_info(field).word)));
  }
  return row;
}

std::vector<std::uint64_t> read_buckets(const JsonMembers& m, std::string_view name, std::size_t count) {
  std::vector<std::uint64_t> buckets;
  for (const auto& value : m.list(name, count)) {
    if (value.is_uint64()) buckets.push_back(value.get_uint64());
    else if (value.is_int64() && value.get_int64() >= 0)
      buckets.push_back(static_cast<std::uint64_t>(value.get_int64()));
  }
  if (buckets.size() != count) m.mistake().note(name, "a list of one whole number for each bucket");
  return buckets;
}

// Fills what show_carried() shows.
struct CarriedReader {
  const JsonMembers& m;
  template <class Number>
  void number(std::string_view name, Number& value) const {
    value = m.narrow<Number>(name);
  }
  void address(std::string_view name, IpAddress& value) const {
    if (const auto read = parse_ip_address(m.text(name))) value = *read;
  }
  template <class Number>
  void coded(std::string_view name, FieldType type, Number& code) const {
    if (const auto read = code_of_text(type, m.text(name))) code = static_cast<Number>(*read);
  }
};

IpAddress read_address(const JsonMembers& m, std::string_view name) {
  const auto text = m.text(name);
  const auto read = parse_ip_address(text);
  if (!read && !text.empty()) m.mistake().note(name, "an address");
  return read ? *read : IpAddress{};
}

std::uint16_t read_quality_bits(const JsonMembers& m) {
  std::uint16_t bits = 0;
  for (const auto& word : m.list("quality", kMostWarnings)) {
    for (std::uint16_t bit = 1; bit != 0 && word.is_string(); bit = static_cast<std::uint16_t>(bit << 1)) {
      const auto words = quality_words(bit);
      if (!words.empty() && std::string_view(word.get_string()) == words.front()) bits |= bit;
    }
  }
  return bits;
}

SessionRow read_session(const JsonMembers& m) {
  SessionRow row;
  auto& s = row.session;
  s.client = read_address(m, "client"), s.server = read_address(m, "server");
  s.client_port = m.narrow<std::uint16_t>("client_port"), s.server_port = m.narrow<std::uint16_t>("server_port");
  s.protocol = m.narrow<std::uint8_t>("protocol");
  row.octets = m.number("octets"), row.packets = m.number("packets");
  row.halves = {ScaledHalf{.octets = m.number("octets_to_server"), .packets = m.number("packets_to_server")},
                ScaledHalf{.octets = m.number("octets_to_client"), .packets = m.number("packets_to_client")}};
  row.saturated = m.marked("saturated");
  for (std::size_t side = 0; side < 2; ++side)
    s.halves[side].octets = row.halves[side].octets, s.halves[side].packets = row.halves[side].packets;
  // Which half was reported is not told; one that has nothing shows nothing.
  const bool only_client =
      row.halves[kToServer].packets == 0 && row.halves[kToServer].octets == 0 && row.halves[kToClient].packets != 0;
  auto& seen = s.halves[only_client ? kToClient : kToServer];
  seen.flows = std::max<std::uint32_t>(1, m.narrow<std::uint32_t>("flows"));
  seen.tcp_flags = m.narrow<decltype(seen.tcp_flags)>("tcp_flags");
  s.start_ms = m.time("start_ms"), s.end_ms = m.time("end_ms");
  row.exporter = read_address(m, "exporter");
  s.client_as = m.narrow<std::uint32_t>("src_as"), s.server_as = m.narrow<std::uint32_t>("dst_as");
  show_carried(s, CarriedReader{m});
  if (m.value("icmp_type") != nullptr)
    seen.icmp = static_cast<std::uint16_t>(m.number("icmp_type") << 8 | m.number("icmp_code"));
  row.rate = m.number("sampling");
  s.sampling = static_cast<std::uint32_t>(std::min<std::uint64_t>(row.rate, std::numeric_limits<std::uint32_t>::max()));
  if (const auto reason = code_of_text(FieldType::kReason, m.text("reason")))
    s.reason = static_cast<ServerReason>(*reason);
  const auto* application = m.value("application");
  if (application != nullptr && application->is_string()) row.told_application = told_text(m.text("application"));
  else if (application != nullptr && !application->is_null()) s.application = m.narrow<std::uint32_t>("application");
  s.quality = read_quality_bits(m);
  return row;
}

// Rows are added up by their places: they have to be those that were asked for, or the largest.
void check_rows(const QueryResult& result, const Query& query, JsonMistake& mistake) {
  if (query.keys) {
    bool right = result.rows.size() == query.keys->size();
    for (std::size_t i = 0; right && i < result.rows.size(); ++i) right = result.rows[i].key == (*query.keys)[i];
    if (!right) mistake.note("rows", "what was asked for");
    return;
  }
  if (result.rows.empty() && result.other_keys != 0) mistake.note("rows", "the largest, with more than none");
  for (std::size_t i = 1; query.rank != RankBy::kKey && i < result.rows.size(); ++i) {
    const auto before = ranked_value(result.rows[i - 1], query.measure, query.rank),
               here = ranked_value(result.rows[i], query.measure, query.rank);
    if (query.ascending ? before > here : before < here) return mistake.note("rows", "in order");
  }
}

template <class T>
Result<Answer<T>> checked(Answer<T>&& answer, const JsonMistake& mistake) {
  if (!mistake.what.empty()) return error("its answer cannot be read: " + mistake.what + "; is it of another version?");
  return std::move(answer);
}

template <class T>
void read_common(const JsonMembers& m, Answer<T>& answer, std::int64_t now_ms) {
  auto& result = answer.result;
  result.range = read_range(m.object("range"));
  result.totals = read_measures(m.object("totals"));
  const auto quality = m.object("quality");
  result.quality = read_quality(quality);
  answer.gaps = read_gaps(quality, std::min(result.range.to_ms, now_ms));
  result.warnings = read_warnings(m);
  result.unknown_names = read_unknown_names(m);
}

}  // namespace

Result<Answer<QueryResult>> read_top_answer(const boost::json::object& object, const Query& query,
                                            std::int64_t now_ms) {
  JsonMistake mistake;
  const JsonMembers m(object, mistake);
  Answer<QueryResult> answer;
  auto& result = answer.result;
  read_common(m, answer, now_ms);
  const auto most_rows = query.keys ? query.keys->size() : query.limit;
  m.each("rows", most_rows, [&](const JsonMembers& row) { result.rows.push_back(read_row(row, query)); });
  const auto other = m.object("other");
  read_sums(other, result.other);
  result.other_keys = other.number("keys");
  if (mistake.what.empty()) check_rows(result, query, mistake);
  result.more_other_keys = other.marked("more_keys");
  result.buckets = query.buckets;
  m.each("series", most_rows + 1, [&](const JsonMembers& s) {
    result.series.push_back({.octets = read_buckets(s, "octets", query.buckets),
                             .packets = read_buckets(s, "packets", query.buckets),
                             .saturated = s.marked("saturated")});
  });
  const bool charted = query.buckets != 0;
  if (result.series.size() != (charted ? result.rows.size() + 1 : 0))
    mistake.note("series", "one for each row and one for the rest");
  result.sessions_scanned = m.number("sessions_scanned");
  return checked(std::move(answer), mistake);
}

Result<Answer<SessionResult>> read_sessions_answer(const boost::json::object& object, const SessionQuery& query,
                                                   std::int64_t now_ms) {
  JsonMistake mistake;
  const JsonMembers m(object, mistake);
  Answer<SessionResult> answer;
  read_common(m, answer, now_ms);
  answer.result.total_sessions = m.number("total_sessions");
  m.each("sessions", std::max(1u, query.limit),
         [&](const JsonMembers& s) { answer.result.sessions.push_back(read_session(s)); });
  return checked(std::move(answer), mistake);
}

}  // namespace weir
