// The answer's "info" is text: "processed: 1; failed: 0; total: 1; seconds spent: 0.000055".
#include "exchange/zabbix_sender.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <optional>

#include "core/plain_line.hpp"

namespace weir {

namespace {

namespace json = boost::json;
constexpr std::size_t kHeaderBytes = 13, kMaxAnswerBytes = 64 << 10;
constexpr std::int64_t kNsPerMs = 1'000'000, kNsPerS = 1'000'000'000, kMaxAheadNs = 60 * kNsPerS;

std::optional<std::uint64_t> count_after(std::string_view info, std::string_view word) {
  const auto at = info.find(word);
  if (at == std::string_view::npos) return std::nullopt;
  std::uint64_t count = 0;
  const auto* begin = info.data() + at + word.size();
  if (std::from_chars(begin, info.data() + info.size(), count).ec != std::errc()) return std::nullopt;
  return count;
}

}  // namespace

ValueStamp RisingStamps::next(std::int64_t now_ms) {
  const auto now_ns = now_ms * kNsPerMs;
  last_ns_ = last_ns_ - now_ns > kMaxAheadNs ? now_ns : std::max(now_ns, last_ns_ + 1);
  return {.clock_s = last_ns_ / kNsPerS, .ns = last_ns_ % kNsPerS};
}

ValueStamp RisingStamps::next_event(std::int64_t event_ms, std::int64_t now_ms) {
  if (last_ns_ - now_ms * kNsPerMs > kMaxAheadNs) last_ns_ = 0;
  last_ns_ = std::max(std::min(event_ms, now_ms) * kNsPerMs, last_ns_ + 1);
  return {.clock_s = last_ns_ / kNsPerS, .ns = last_ns_ % kNsPerS};
}

std::string sender_request(std::span<const SenderValue> values) {
  json::array list;
  list.reserve(values.size());
  for (const auto& v : values)
    list.push_back(json::object{
        {"host", v.host}, {"key", v.key}, {"value", v.value}, {"clock", v.stamp.clock_s}, {"ns", v.stamp.ns}});
  const auto data = json::serialize(json::object{{"request", "sender data"}, {"data", std::move(list)}});
  std::string request("ZBXD\x01", 5);
  for (int i = 0; i < 8; ++i) request += static_cast<char>(data.size() >> (8 * i) & 0xff);
  return request + data;
}

Result<SenderAnswer> send_values(const HostPort& server, std::span<const SenderValue> values,
                                 const ExchangeLimit& limit) {
  const auto answer = tcp_exchange(server, sender_request(values), kMaxAnswerBytes, limit);
  if (!answer) return answer.error();
  boost::system::error_code code;
  const auto value = answer->size() > kHeaderBytes && answer->starts_with("ZBXD")
                         ? json::parse(std::string_view(*answer).substr(kHeaderBytes), code)
                         : json::value();
  if (code || !value.is_object()) return error(server.text() + ": the answer is not Zabbix's");
  const auto* response = value.as_object().if_contains("response");
  const auto* info = value.as_object().if_contains("info");
  const auto text = info && info->is_string() ? std::string_view(info->as_string()) : std::string_view();
  const auto processed = count_after(text, "processed: "), failed = count_after(text, "failed: ");
  if (!response || *response != "success" || !processed || !failed)
    return error(server.text() + ": Zabbix answers " + plain_line(json::serialize(value), 200));
  return SenderAnswer{.processed = *processed, .failed = *failed};
}

}  // namespace weir
