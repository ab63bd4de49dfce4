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

constexpr std::size_t kMaxAnswerBytes = 64 << 20;
constexpr std::size_t kMaxTokenBytes = 16 << 10;

Result<std::string> read_token(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return error(file + ": the token cannot be read; make one at the peer: weir token --role viewer --ttl 365d");
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
  return error("it refuses: " + plain_line(message != nullptr && message->is_string() ? std::string(message->get_string()) : "without a reason", 300));
}

}  // namespace

Result<std::string> Peer::exchange(const std::string& call, const QueryControl& control) const {
  auto token = read_token(settings_.token_file);
  if (!token) return token.error();
  HttpPost post{.url = settings_.url, .headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + *token}}, .body = call, .max_answer_bytes = kMaxAnswerBytes, .ca_file = settings_.ca_file};
  auto answer = http_exchange(post, {.timeout_ms = settings_.timeout_ms, .stopping = control.cancelled});
  if (!answer) return answer.error();
  if (answer->status == 401 || answer->status == 403) return error("it does not take the token of " + settings_.token_file + ": make a new one there (weir token --role viewer --ttl 365d)");
  if (answer->status != 200) return error(settings_.url.to.text() + ": answers " + std::to_string(answer->status));
  return std::move(answer->body);
}

template <class T, class Read>
Result<T> Peer::ask(const std::string& call, const QueryControl& control, const Read& read) {
  const auto began = clock_.steady_ms();
  const auto told = [&]() -> Result<T> {
    auto body = exchange(call, control);
    if (!body) return body.error();
    boost::system::error_code bad;
    const auto value = json::parse(*body, bad);
    const auto* object = bad ? nullptr : value.if_object();
    if (object == nullptr) return error(settings_.url.to.text() + ": what answers there is no collector's API");
    if (const auto* refused = object->if_contains("error"); refused != nullptr && refused->is_object()) return refusal(refused->get_object());
    const auto* result = object->if_contains("result");
    if (result == nullptr || !result->is_object()) return error(settings_.url.to.text() + ": what answers there is no collector's API");
    return read(result->get_object());
  }();
  const auto now_ms = clock_.now_ms();
  const bool cancelled = control.cancelled != nullptr && *control.cancelled;
  status_.with([&](PeerStatus& status) {
    ++status.questions;
    if (told) {
      status.answered_ms = now_ms;
      status.took_ms = clock_.steady_ms() - began;
    } else if (!cancelled) {
      ++status.failures;
      status.failed_ms = now_ms;
      status.last_error = told.error().message;
    }
  });
  return told;
}

Result<Answer<QueryResult>> Peer::answer(const Query& query, const QueryControl& control) {
  const auto asked = asked_of_peer(query);
  return ask<Answer<QueryResult>>(top_call(asked), control, [&](const json::object& result) { return read_top_answer(result, asked, clock_.now_ms()); });
}

Result<Answer<SessionResult>> Peer::sessions(const SessionQuery& query, const QueryControl& control) {
  auto answer = ask<Answer<SessionResult>>(sessions_call(query), control, [&](const json::object& result) { return read_sessions_answer(result, clock_.now_ms()); });
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
  if (parts.size() < 3 || parts.size() > 4) return error("give a name, a URL and a file with a token, and a file with certificates if the system does not know its authority: \"berlin https://berlin.example:8443 /etc/weir/berlin.token\"");
  auto url = parse_http_url(parts[1]);
  if (!url) return url.error();
  url->path = url->path.ends_with('/') ? url->path + "rpc" : url->path + "/rpc";
  const auto path = [&](const std::string& file) { return (std::filesystem::path(folder) / file).string(); };
  return PeerSettings{.name = parts[0], .url = *std::move(url), .token_file = path(parts[2]), .ca_file = parts.size() == 4 ? path(parts[3]) : ""};
}

}  // namespace weir
