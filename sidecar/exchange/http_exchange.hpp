// One POST over a fresh connection, http or https; certificates are checked against the system's, or a file's. One
// thread; blocks.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "exchange/socket_exchange.hpp"

namespace weir {

struct HttpUrl {
  bool tls = false;
  HostPort to;
  std::string path = "/";
};
// http://host[:port][/path] or https://…
Result<HttpUrl> parse_http_url(const std::string& text);

struct HttpPost {
  HttpUrl url;
  std::vector<std::pair<std::string, std::string>> headers;  // beside Host, Content-Length and User-Agent
  std::string body;
  std::size_t max_answer_bytes = 0;  // a longer body is an error; 0: the body is not read
  std::string ca_file;               // PEM of the authorities to trust; "": the system's
};
struct HttpAnswer {
  unsigned status = 0;
  std::string body;
  std::string date;  // the header Date as it came; may be empty
};
// The error names host, port and reason; an answer is no error, whatever its status.
Result<HttpAnswer> http_exchange(const HttpPost& post, const ExchangeLimit& limit);

}  // namespace weir
