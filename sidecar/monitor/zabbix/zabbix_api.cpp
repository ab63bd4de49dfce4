// The version is asked for first, without a token as apiinfo.version demands, and again after every failure: Zabbix may
// have been upgraded meanwhile.
#include "monitor/zabbix/zabbix_api.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <locale>
#include <optional>
#include <sstream>

#include "core/plain_line.hpp"
#include "monitor/retry_delay.hpp"

namespace weir {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxAnswerBytes = 128 << 20;
constexpr std::size_t kMaxTokenBytes = 4096;
// The first version that takes the header.
constexpr int kBearerMajor = 6, kBearerMinor = 4;

std::string with_script(std::string url) {
  if (url.ends_with(".php")) return url;
  return url + (url.ends_with('/') ? "" : "/") + "api_jsonrpc.php";
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7), the only form that servers write.
std::optional<std::int64_t> http_date_ms(const std::string& text) {
  std::tm time{};
  std::istringstream in(text);
  in.imbue(std::locale::classic());
  in >> std::get_time(&time, "%a, %d %b %Y %H:%M:%S GMT");
  if (in.fail()) return std::nullopt;
  return static_cast<std::int64_t>(timegm(&time)) * 1000;
}

// Of a second that began at `date_ms` to the time between question and answer.
std::int64_t apart_ms(std::int64_t date_ms, std::int64_t asked_ms, std::int64_t answered_ms) {
  return std::max({std::int64_t{0}, asked_ms - (date_ms + 999), date_ms - answered_ms});
}

// "Invalid params. Not authorized": what we say of it goes on.
std::string words_of(const json::value& e) {
  std::string words;
  if (!e.is_object()) return "an error that is not understood";
  for (const char* name : {"message", "data"}) {
    const auto* part = e.as_object().if_contains(name);
    if (part && part->is_string() && !part->as_string().empty())
      words += (words.empty() ? "" : " ") + std::string(part->as_string());
  }
  if (words.ends_with('.')) words.pop_back();
  return plain_line(words, 300);
}

}  // namespace

bool is_version_from(const std::string& version, int first_major, int first_minor) {
  int major = 0, minor = 0;
  const auto* end = version.data() + version.size();
  const auto [dot, code] = std::from_chars(version.data(), end, major);
  if (code == std::errc() && dot != end) std::from_chars(dot + 1, end, minor);
  return major > first_major || (major == first_major && minor >= first_minor);
}

ZabbixApi::ZabbixApi(const MonitorSettings& settings, const Clock& clock, const std::atomic<bool>* stopping)
    : settings_(settings), clock_(clock), stopping_(stopping) {
  auto url = parse_http_url(with_script(settings.url));
  if (!url) throw std::runtime_error("zabbix.url: " + url.error().message);
  url_ = std::move(*url);
}

bool ZabbixApi::is_due() const {
  // A clock that was set back must not hold it up.
  const auto wait_ms = not_before_ms_ - clock_.now_ms();
  return wait_ms <= 0 || wait_ms > settings_.max_retry_ms;
}

Result<std::string> ZabbixApi::read_token() const {
  if (settings_.token_file.empty())
    return error("zabbix.token_file: not set; make an API token in Zabbix (Users > API tokens) and put it into a file");
  std::ifstream file(settings_.token_file, std::ios::binary);
  std::string token(kMaxTokenBytes, '\0');
  file.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
  const auto first = token.find_first_not_of(" \t\r\n"), last = token.find_last_not_of(" \t\r\n");
  if (first == std::string::npos)
    return error("zabbix.token_file: " + settings_.token_file + " cannot be read or is empty");
  token = token.substr(first, last - first + 1);
  if (std::any_of(token.begin(), token.end(), [](unsigned char c) { return c <= ' ' || c >= 0x7f; }))
    return error("zabbix.token_file: " + settings_.token_file + " holds no token");
  return token;
}

Result<void> ZabbixApi::learn_version() {
  if (!version_.empty() && failures_in_a_row_ == 0) return {};
  auto version = post("apiinfo.version", {}, "");
  if (!version) return version.error();
  if (!version->is_string()) return error(url_.to.text() + url_.path + ": the answer is not Zabbix's; see zabbix.url");
  version_ = plain_line(version->as_string(), 30);
  takes_bearer_ = is_version_from(version_, kBearerMajor, kBearerMinor);
  return {};
}

Result<json::value> ZabbixApi::call(std::string_view method, const json::object& params) {
  if (!is_due()) return error(url_.to.text() + ": waits after failures");
  const auto once = [&]() -> Result<json::value> {
    const auto token = read_token();
    if (!token) return token.error();
    if (auto learnt = learn_version(); !learnt) return learnt.error();
    return post(method, params, *token);
  };
  auto result = once();
  if (result) {
    failures_in_a_row_ = 0;
  } else {
    count_failure();
  }
  return result;
}

Result<void> ZabbixApi::ready() {
  if (!is_due()) return error(url_.to.text() + ": waits after failures");
  if (const auto token = read_token(); !token) {
    count_failure();
    return token.error();
  }
  auto learnt = learn_version();
  if (!learnt) count_failure();
  return learnt;
}

void ZabbixApi::count_failure() {
  ++failures_;
  not_before_ms_ = clock_.now_ms() + retry_delay_ms(failures_in_a_row_, settings_.max_retry_ms);
  ++failures_in_a_row_;
}

Result<json::value> ZabbixApi::try_call(std::string_view method, const json::object& params) {
  if (!is_due()) return error(url_.to.text() + ": waits after failures");
  const auto token = read_token();
  return token ? post(method, params, *token) : Result<json::value>(token.error());
}

Result<json::value> ZabbixApi::post(std::string_view method, const json::object& params, const std::string& token) {
  json::object call{{"jsonrpc", "2.0"}, {"method", method}, {"params", params}, {"id", 1}};
  HttpPost post{.url = url_,
                .headers = {{"Content-Type", "application/json-rpc"}},
                .body = {},
                .max_answer_bytes = kMaxAnswerBytes,
                .ca_file = settings_.ca_file};
  if (!token.empty()) {
    if (takes_bearer_) {
      post.headers.emplace_back("Authorization", "Bearer " + token);
    } else {
      call["auth"] = token;
    }
  }
  post.body = json::serialize(call);
  const auto asked_ms = clock_.now_ms();
  const auto answer = http_exchange(post, {.timeout_ms = settings_.timeout_ms, .stopping = stopping_});
  if (!answer) return answer.error();
  if (const auto date_ms = http_date_ms(answer->date)) clock_apart_ms_ = apart_ms(*date_ms, asked_ms, clock_.now_ms());
  const auto where = url_.to.text() + url_.path + ": ";
  if (answer->status != 200)
    return error(where + "answers " + std::to_string(answer->status) +
                 (answer->status >= 500 ? "" : "; see zabbix.url"));
  boost::system::error_code code;
  auto value = json::parse(answer->body, code);
  if (code || !value.is_object()) return error(where + "the answer is not Zabbix's; see zabbix.url");
  if (const auto* e = value.as_object().if_contains("error"))
    return error(where + std::string(method) + ": " + words_of(*e));
  auto* result = value.as_object().if_contains("result");
  if (!result) return error(where + "the answer is not Zabbix's; see zabbix.url");
  return std::move(*result);
}

}  // namespace weir
