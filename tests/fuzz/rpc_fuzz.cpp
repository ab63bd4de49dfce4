// What clients send: JSON-RPC text through the dispatch and the methods, query strings, tokens, HTTP targets. The first
// byte chooses. Answers have to be JSON; queries run on this thread.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/http_routes.hpp"
#include "api/query_params.hpp"
#include "api/rpc.hpp"
#include "api/token.hpp"
#include "support/fake_backend.hpp"
#include "support/run_everything.hpp"

namespace {

using namespace weir;

ApiSettings settings_without_threads() {
  ApiSettings settings;
  settings.query_threads = 0;
  return settings;
}

struct Api {
  void run_everything() { testing::run_everything(services); }

  testing::FakeBackend backend;
  ManualClock clock{testing::FakeBackend::kNow};
  ApiServices services{
      .settings = settings_without_threads(), .backend = backend, .clock = clock, .secret = std::string(64, 's')};
  std::string token = make_token({.expires_ms = clock.now_ms() + 1000}, services.secret);
};

void check_json(const std::string& text) {
  boost::system::error_code failed;
  boost::json::parse(text, failed);
  if (!text.empty() && failed) std::abort();
}

void call(Api& api, std::string_view text, bool known) {
  const auto session =
      std::make_shared<RpcSession>(api.services, [](std::string notification) { check_json(notification); });
  if (known && !session->log_in(api.token)) std::abort();
  int answers = 0;
  dispatch_rpc(api.services, session, text, [&](std::string answer) {
    ++answers;
    check_json(answer);
  });
  api.run_everything();
  if (answers != 1) std::abort();
  session->close();
}

void request(Api& api, std::string_view target) {
  int answers = 0;
  answer_http(api.services,
              {.method = "GET",
               .target = std::string(target),
               .host = "localhost",
               .origin = {},
               .authorization = "Bearer " + api.token,
               .if_none_match = std::string(target.substr(0, 40)),
               .accept_encoding = std::string(target.substr(0, 40)),
               .body = {}},
              [&](HttpReply reply) { answers += reply.status >= 200 ? 1 : 2; });
  api.run_everything();
  if (answers != 1) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Api api;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0: call(api, text, true); break;
    case 1: call(api, text, false); break;
    case 2: (void)parse_query_string(text); break;
    case 3: (void)verify_token(text, api.services.secret, api.clock.now_ms()); break;
    default: request(api, text); break;
  }
  return 0;
}
