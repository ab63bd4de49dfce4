// What each path answers, without the sockets: a request's values in, a reply's out. API thread; queries in the pool.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "api/api_services.hpp"

namespace weir {

struct HttpRequest {
  std::string method, target;  // target: path and query string
  std::string host, origin, authorization, if_none_match, accept_encoding;
  std::string body;
  std::uint64_t connection = 0;   // its number in the connection log
  std::string network;            // of the client, for the log
  std::function<bool()> admit{};  // called at once when its token is good; false: there is no place for it
  bool is_local = false;          // from a loopback address, and not passed on by a proxy
};

struct HttpReply {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};
};

// Calls `done` exactly once, now or later on the API thread (not at all when the server stops first). The returned
// function cancels what still runs; it may be called at any time, also after `done`.
std::function<void()> answer_http(ApiServices& services, HttpRequest request, std::function<void(HttpReply)> done);

// What a client may send before it has shown a good token: the longest token fits.
inline constexpr std::uint32_t kMaxStrangersBytes = 32 * 1024;

// Of an Authorization header; "" when it holds none.
std::string_view bearer_token(std::string_view authorization);

// The path ends in `name` as its last segment: /ws, and /weir/ws where a proxy put a prefix.
bool path_is(std::string_view target, std::string_view name);

// The reply when a request may not be served at all (Host, Origin); status 0: it may. Counted.
HttpReply refuse_foreign(ApiServices& services, std::string_view host, std::string_view origin);

// Headers that every reply carries.
std::vector<std::pair<std::string, std::string>> security_headers(const ApiSettings& settings);

}  // namespace weir
