// One rule per param, for JSON and query strings alike: a query string becomes a JSON object first.
#include "api/query_params.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <limits>

#include "api/key_json.hpp"
#include "api/param_reader.hpp"
#include "core/time_zone.hpp"

namespace weir {
namespace {

namespace json = boost::json;

constexpr std::int64_t kLatestMs = 253'402'300'799'999;  // the year 9999
constexpr std::size_t kMaxQueryStringParams = 32;
constexpr std::size_t kMaxAskedExporters = 65'536;
constexpr std::array<std::string_view, 2> kOrderWords{"desc", "asc"};

void read_fields(ParamReader& reader, Query& query) {
  const auto* words = reader.array("by", 1, kMaxGroupFields);
  if (words == nullptr) query.by = {FieldId::kHost};
  for (std::size_t i = 0; words != nullptr && i < words->size(); ++i) {
    if (!(*words)[i].is_string()) return reader.fail("by", "has to be a list of field names");
    if (const auto added = add_group_fields(std::string_view((*words)[i].get_string()), query); !added)
      return reader.fail("by", added.error().message);
  }
}

void read_keys(ParamReader& reader, Query& query) {
  const auto* keys = reader.array("keys", 0, kMaxLimit);
  if (keys == nullptr) return;
  query.keys.emplace();
  for (const auto& key : *keys) {
    if (!key.is_object()) return reader.fail("keys", "has to be a list of keys as rows have them");
    auto values = read_key(query.by, key.get_object());
    if (!values) return reader.fail("keys", values.error().message);
    query.keys->push_back(*std::move(values));
  }
}

// What a question has of another collector's, beside the rest.
std::optional<std::vector<IpAddress>> read_exporters(ParamReader& reader) {
  const auto* addresses = reader.array("exporters", 0, kMaxAskedExporters);
  if (addresses == nullptr) return std::nullopt;
  std::vector<IpAddress> exporters;
  for (const auto& text : *addresses) {
    const auto address = text.is_string() ? parse_ip_address(std::string_view(text.get_string()))
                                          : Result<IpAddress>(error("has to be a list of addresses"));
    if (!address) {
      reader.fail("exporters", address.error().message);
      return std::nullopt;
    }
    exporters.push_back(*address);
  }
  return exporters;
}

std::optional<std::string> decode_component(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%') {
      unsigned value = 0;
      if (i + 3 > text.size()) return std::nullopt;
      const auto* digits = text.data() + i + 1;
      const auto [end, failed] = std::from_chars(digits, digits + 2, value, 16);
      if (failed != std::errc{} || end != digits + 2) return std::nullopt;
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// A param's text as the JSON value that it stands for; what is no number or truth value stays text, and is refused by
// its rule.
json::value typed_value(std::string_view name, const std::string& text) {
  if (name == "limit" || name == "buckets" || name == "from_ms" || name == "to_ms") {
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed == std::errc{} && end == text.data() + text.size()) return number;
  }
  if (name == "unscaled" || name == "once") {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
  }
  if (name == "by") {
    json::array fields;
    for (std::size_t at = 0; at <= text.size();) {
      const auto comma = std::min(text.find(',', at), text.size());
      fields.emplace_back(std::string_view(text).substr(at, comma - at));
      at = comma + 1;
    }
    return fields;
  }
  return json::value(text);
}

}  // namespace

std::optional<TimeRange> read_range(ParamReader& reader) {
  const auto* range = reader.object("range");
  if (range == nullptr) return std::nullopt;
  ParamReader inner(*range, "range.");
  inner.require("from_ms");
  inner.require("to_ms");
  const auto from = inner.integer("from_ms", 0, kLatestMs);
  const auto to = inner.integer("to_ms", 0, kLatestMs);
  if (from && to && *from >= *to) inner.fail("to_ms", "has to be later than from_ms");
  if (const auto failed = inner.finish()) {
    reader.fail("range", failed->message.substr(failed->message.find("range")));
    return std::nullopt;
  }
  return TimeRange{.from_ms = *from, .to_ms = *to};
}

std::optional<std::string> read_offset(ParamReader& reader) {
  constexpr std::size_t kLongestOffset = 6;  // "+05:45"
  auto offset = reader.text("utc_offset", kLongestOffset);
  const bool is_offset = offset && (offset->starts_with('+') || offset->starts_with('-')) && TimeZone::named(*offset);
  if (offset && !is_offset) {
    reader.fail("utc_offset", "has to be an offset from UTC such as +02:00");
    return std::nullopt;
  }
  return offset;
}

RpcResult<Query> parse_query_params(const json::object& params, std::string prefix) {
  ParamReader reader(params, std::move(prefix));
  Query query;
  query.range = read_range(reader);
  query.filter = reader.text("filter", kMaxFilterLength).value_or("");
  read_fields(reader, query);
  query.direction = static_cast<Direction>(reader.word("direction", {"both", "talkers", "listeners"}).value_or(0));
  rank_by(query, reader.word("measure", kRankWords).value_or(0));
  query.ascending = reader.word("order", kOrderWords).value_or(0) == 1;
  query.limit = static_cast<std::uint32_t>(reader.integer("limit", 1, kMaxLimit).value_or(query.limit));
  query.buckets = static_cast<std::uint32_t>(reader.integer("buckets", 0, kMaxBuckets).value_or(0));
  query.unscaled = reader.boolean("unscaled").value_or(false);
  query.once = reader.boolean("once").value_or(false);
  query.tell_work = reader.boolean("explain").value_or(false);
  query.at_least =
      static_cast<std::uint64_t>(reader.integer("at_least", 0, std::numeric_limits<std::int64_t>::max()).value_or(0));
  if (!reader.failed()) read_keys(reader, query);
  query.allowed_exporters = read_exporters(reader);
  query.foreign_names = reader.boolean("foreign_names").value_or(false);
  query.alone = !reader.boolean("peers").value_or(true);
  query.asked_ms = reader.integer("now_ms", 0, kLatestMs);
  query.utc_offset = read_offset(reader).value_or("");
  if ((std::uint64_t{query.limit} + 1) * query.buckets > kMaxSeriesCells) {
    reader.fail("buckets", "times (limit + 1) may be at most " + std::to_string(kMaxSeriesCells));
  }
  if (auto failed = reader.finish()) return *std::move(failed);
  return query;
}

RpcResult<Query> parse_totals_params(const json::object& params) {
  ParamReader reader(params);
  Query query;
  query.range = read_range(reader);
  query.filter = reader.text("filter", kMaxFilterLength).value_or("");
  query.unscaled = reader.boolean("unscaled").value_or(false);
  query.allowed_exporters = read_exporters(reader);
  query.foreign_names = reader.boolean("foreign_names").value_or(false);
  query.alone = !reader.boolean("peers").value_or(true);
  query.asked_ms = reader.integer("now_ms", 0, kLatestMs);
  query.utc_offset = read_offset(reader).value_or("");
  if (auto failed = reader.finish()) return *std::move(failed);
  return query;
}

RpcResult<SessionQuery> parse_session_params(const json::object& params) {
  ParamReader reader(params);
  SessionQuery query;
  query.range = read_range(reader);
  query.filter = reader.text("filter", kMaxFilterLength).value_or("");
  // One set of params serves flows.top and this: what a list has no use for is read, and refused when it is wrong.
  Query ignored;
  read_fields(reader, ignored);
  (void)reader.word("direction", {"both", "talkers", "listeners"});
  (void)reader.integer("buckets", 0, kMaxBuckets);
  (void)reader.boolean("once");
  (void)reader.boolean("explain");
  (void)reader.integer("at_least", 0, std::numeric_limits<std::int64_t>::max());
  if (!reader.failed()) read_keys(reader, ignored);
  query.allowed_exporters = read_exporters(reader);
  query.foreign_names = reader.boolean("foreign_names").value_or(false);
  query.alone = !reader.boolean("peers").value_or(true);
  query.asked_ms = reader.integer("now_ms", 0, kLatestMs);
  query.utc_offset = read_offset(reader).value_or("");
  const bool by_packets = reader.word("measure", kRankWords) == static_cast<std::size_t>(Measure::kPackets);
  query.limit = static_cast<std::uint32_t>(reader.integer("limit", 1, kMaxLimit).value_or(query.limit));
  query.offset = static_cast<std::uint32_t>(reader.integer("offset", 0, kMaxOffset).value_or(0));
  const auto otherwise = by_packets ? SessionOrder::kPackets : SessionOrder::kOctets;
  query.order =
      static_cast<SessionOrder>(reader.word("sort", kSessionOrderWords).value_or(static_cast<std::size_t>(otherwise)));
  query.ascending = reader.word("order", kOrderWords).value_or(0) == 1;
  query.unscaled = reader.boolean("unscaled").value_or(false);
  if (auto failed = reader.finish()) return *std::move(failed);
  return query;
}

Result<std::vector<std::pair<std::string, std::string>>> decode_query_string(std::string_view query_string) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t at = 0; at < query_string.size();) {
    const auto end = std::min(query_string.find('&', at), query_string.size());
    const auto part = query_string.substr(at, end - at);
    if (!part.empty()) {
      const auto equals = std::min(part.find('='), part.size());
      auto name = decode_component(part.substr(0, equals));
      auto value = decode_component(part.substr(std::min(equals + 1, part.size())));
      if (!name || !value) return error("a % in the query string is not followed by two hexadecimal digits", at + 1);
      if (pairs.size() == kMaxQueryStringParams)
        return error("the query string has more than " + std::to_string(kMaxQueryStringParams) + " params");
      pairs.emplace_back(*std::move(name), *std::move(value));
    }
    at = end + 1;
  }
  return pairs;
}

RpcResult<Query> parse_query_string(std::string_view query_string) {
  const auto pairs = decode_query_string(query_string);
  if (!pairs) return RpcError{.code = RpcCode::kInvalidParams, .message = "Invalid params: " + pairs.error().message};
  json::object params{{"limit", std::int64_t{kMaxLimit}}}, range;
  std::vector<std::string_view> seen;
  for (const auto& [name, text] : *pairs) {
    if (name == "token") continue;
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      return invalid_param(name.substr(0, 64), "is given twice");
    seen.push_back(name);
    (name == "from_ms" || name == "to_ms" ? range : params)[name] = typed_value(name, text);
  }
  if (!range.empty()) params["range"] = std::move(range);
  return parse_query_params(params);
}

}  // namespace weir
