// A failure is counted and told; what the other side says about a question is handed on.
#include "peers/peer.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "core/plain_line.hpp"
#include "peers/peer_answers.hpp"
#include "peers/peer_question.hpp"

namespace weir {

namespace {

namespace json = boost::json;

constexpr std::size_t kMaxTokenBytes = 16 << 10;
constexpr std::size_t kLongestText = 300;
// One that says nothing for longer is not asked for a while: each window would wait for it, again and again.
constexpr std::int64_t kLongWaitMs = 1000, kLeftAloneMs = 30'000;
// An answer is no larger than its question allows: about so many octets beside rows, for a row, for a bucket, for a
// session.
constexpr std::size_t kAnswerBytes = 1 << 20, kRowBytes = 4096, kCellBytes = 21, kSessionBytes = 4096;

std::size_t most_bytes(const Query& query) {
  const std::size_t rows = 1 + (query.keys ? query.keys->size() : query.limit);
  return kAnswerBytes + rows * kRowBytes + 2 * rows * query.buckets * kCellBytes;
}

Result<std::string> read_token(const std::string& file) {
  std::error_code failed;
  const auto status = std::filesystem::status(file, failed);
  if (!std::filesystem::is_regular_file(status))
    return error(
        file +
        ": there is no such file; make a token at the peer (weir token --role viewer --ttl 365d) and put it there");
  if ((status.permissions() & std::filesystem::perms::others_read) != std::filesystem::perms::none)
    return error(file + ": every user can read the token: chmod 600 " + file);
  std::ifstream in(file, std::ios::binary);
  if (!in) return error(file + ": the token cannot be read by the user that the collector runs as");
  std::string token(kMaxTokenBytes, '\0');
  in.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<std::size_t>(in.gcount()));
  const auto from = token.find_first_not_of(" \t\r\n"), to = token.find_last_not_of(" \t\r\n");
  if (from == std::string::npos) return error(file + ": the token is empty");
  token = token.substr(from, to - from + 1);
  for (const unsigned char c : token) {
    if (c <= ' ' || c >= 0x7f) return error(file + ": has characters that no token has");
  }
  return token;
}

// What the answer's "error" says.
Error refusal(const json::object& error_object) {
  const auto* message = error_object.if_contains("message");
  return error("it refuses: " + plain_line(message != nullptr && message->is_string()
                                               ? std::string(message->get_string())
                                               : "without a reason",
                                           kLongestText));
}

}  // namespace

boost::system::result<std::string, PeerFailure> Peer::exchange(const std::string& call, std::size_t most_bytes,
                                                               const QueryControl& control) const {
  auto token = read_token(settings_.token_file);
  if (!token) return PeerFailure("its token cannot be used", token.error().message);
  HttpPost post{.url = settings_.url,
                .headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + *token}},
                .body = call,
                .max_answer_bytes = most_bytes,
                .ca_file = settings_.ca_file};
  auto answer = http_exchange(post, {.timeout_ms = settings_.timeout_ms, .stopping = control.cancelled});
  if (!answer) return plain_failure(answer.error().message);
  if (answer->status == 401 || answer->status == 403) {
    return PeerFailure("it does not take its token",
                       "it does not take the token of " + settings_.token_file +
                           ": make a new one there (weir token --role viewer --ttl 365d)");
  }
  if (answer->status != 200)
    return plain_failure(settings_.url.to.text() + ": answers " + std::to_string(answer->status));
  return std::string(std::move(answer->body));
}

template <class T, class Read>
Result<T> Peer::ask(const std::string& call, std::size_t most_bytes, const QueryControl& control, const Read& read) {
  if (const auto wait = may_ask(); !wait.empty()) return error(wait);
  const auto began = clock_.steady_ms();
  bool answered = false;
  const auto told = [&]() -> boost::system::result<T, PeerFailure> {
    auto body = exchange(call, most_bytes, control);
    if (!body) return body.error();
    answered = true;
    boost::system::error_code bad;
    const auto value = json::parse(*body, bad);
    const auto* object = bad ? nullptr : value.if_object();
    if (object == nullptr) return plain_failure(settings_.url.to.text() + ": what answers there is no collector's API");
    if (const auto* refused = object->if_contains("error"); refused != nullptr && refused->is_object())
      return plain_failure(refusal(refused->get_object()).message);
    const auto* result = object->if_contains("result");
    if (result == nullptr || !result->is_object())
      return plain_failure(settings_.url.to.text() + ": what answers there is no collector's API");
    auto answer = read(result->get_object());
    if (!answer) return plain_failure(answer.error().message);
    return *std::move(answer);
  }();
  const bool cancelled = control.cancelled != nullptr && *control.cancelled;
  const auto took_ms = clock_.steady_ms() - began;
  const bool is_silent = !answered && !cancelled && took_ms >= kLongWaitMs;
  waits_.with([&](Waits& waits) {
    waits = {.until_ms = is_silent ? clock_.steady_ms() + kLeftAloneMs : 0, .is_tried = false};
  });
  if (told || !cancelled) note(told ? std::nullopt : std::optional(told.error()), took_ms);
  if (!told) return error(plain_line(told.error().told, kLongestText));
  return *told;
}

std::string Peer::may_ask() {
  const auto now_ms = clock_.steady_ms();
  return waits_.with([&](Waits& waits) -> std::string {
    if (waits.until_ms == 0) return {};
    if (now_ms < waits.until_ms || waits.is_tried)
      return "it did not answer in time, and is asked again " + std::to_string(kLeftAloneMs / 1000) + " s after that";
    waits.is_tried = true;  // by this question alone
    return {};
  });
}

void Peer::note(const std::optional<PeerFailure>& failure, std::int64_t took_ms) {
  status_.with([&](PeerStatus& status) {
    ++status.questions;
    if (!failure) {
      status.answered_ms = clock_.now_ms();
      status.took_ms = took_ms;
    } else {
      ++status.failures;
      status.failed_ms = clock_.now_ms();
      status.last_error = plain_line(failure->whole, kLongestText);
    }
  });
}

Result<Answer<QueryResult>> Peer::answer(const Query& query, const QueryControl& control) {
  const auto asked = asked_of_peer(query);
  return ask<Answer<QueryResult>>(
      top_call(asked, control), most_bytes(asked), control,
      [&](const json::object& result) { return read_top_answer(result, asked, clock_.now_ms()); });
}

Result<Answer<SessionResult>> Peer::sessions(const SessionQuery& query, const QueryControl& control) {
  auto answer = ask<Answer<SessionResult>>(
      sessions_call(query, control), kAnswerBytes + query.limit * kSessionBytes, control,
      [&](const json::object& result) { return read_sessions_answer(result, query, clock_.now_ms()); });
  if (answer && answer->result.sessions.size() > query.limit) answer->result.sessions.resize(query.limit);
  return answer;
}

PeerStatus Peer::status() const {
  auto status = status_.with([](const PeerStatus& s) { return s; });
  status.name = settings_.name;
  status.address = settings_.url.to.text();
  return status;
}

Result<PeerSettings> parse_peer(const std::string& text, const std::string& folder) {
  std::istringstream words(text);
  std::vector<std::string> parts;
  for (std::string word; words >> word;) parts.push_back(word);
  if (parts.size() < 3 || parts.size() > 4)
    return error(
        "give a name, a URL and a file with a token, and a file with certificates if the system does not know its "
        "authority: \"berlin https://berlin.example:8443 /etc/weir/berlin.token\"");
  auto url = parse_http_url(parts[1]);
  if (!url) return url.error();
  url->path = url->path.ends_with('/') ? url->path + "rpc" : url->path + "/rpc";
  const auto path = [&](const std::string& file) { return (std::filesystem::path(folder) / file).string(); };
  return PeerSettings{.name = parts[0],
                      .url = *std::move(url),
                      .token_file = path(parts[2]),
                      .ca_file = parts.size() == 4 ? path(parts[3]) : ""};
}

}  // namespace weir
