// An ApiServer on a free port of loopback with a fake backend, a clock of the test's, a window of three files, and
// tokens for it.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "api/api_server.hpp"
#include "api/token.hpp"
#include "beast_client.hpp"
#include "core/clock.hpp"
#include "support/fake_backend.hpp"

namespace weir::testing {

struct TemporaryFolder {
  TemporaryFolder() {
    char name[] = "/tmp/weir-api-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
  }
  std::filesystem::path path;
};

struct RunningApi {
  explicit RunningApi(ApiSettings settings = {}) : server(prepared(std::move(settings)), backend, clock) {
    secret = load_or_make_secret((folder.path / "secret").string());
    server.start();
    port = server.port();
  }
  ~RunningApi() { backend.gated.open(); }

  ApiSettings prepared(ApiSettings settings) const {
    folder.write("web/index.html", "<!doctype html><title>Weir</title>");
    folder.write("web/assets/app-1a2b.js", "let weir;");
    folder.write("web/assets/large-3c4d.js", "let weir = 'large';");
    folder.write("web/assets/large-3c4d.js.gz", "small");
    folder.write("web/alone.gz", "as it is");
    folder.write("web/weir.svg", "<svg/>");
    folder.write("hidden.txt", "hidden");
    std::filesystem::create_symlink(folder.path / "hidden.txt", folder.path / "web" / "link.txt");
    if (settings.listen == "127.0.0.1:8710") settings.listen = "127.0.0.1:0";
    settings.secret_file = (folder.path / "secret").string();
    settings.web_dir = (folder.path / "web").string();
    return settings;
  }
  std::string token(TokenClaims claims = {}) const {
    if (claims.expires_ms == 0) claims.expires_ms = clock.now_ms() + 60'000;
    return make_token(claims, secret);
  }
  Headers bearer(TokenClaims claims = {}) const { return {{"Authorization", "Bearer " + token(std::move(claims))}}; }
  std::string login(TokenClaims claims = {}) const {
    return R"({"jsonrpc":"2.0","id":0,"method":"auth.login","params":{"token":")" + token(std::move(claims)) + "\"}}";
  }
  HttpAnswer get(const std::string& target, Headers headers = {}) const {
    return http_call(port, {.target = target, .headers = std::move(headers)});
  }
  HttpAnswer post(const std::string& body, Headers headers, const std::string& target = "/rpc") const {
    return http_call(port, {.method = "POST", .target = target, .headers = std::move(headers), .body = body});
  }
  // The value of a metric, "" when there is none of that name and labels.
  std::string metric(const std::string& name) const {
    const auto text = "\n" + get("/metrics").body;
    const auto at = text.find("\n" + name + " ");
    if (at == std::string::npos) return {};
    const auto from = at + name.size() + 2;
    return text.substr(from, text.find('\n', from) - from);
  }

  TemporaryFolder folder;
  FakeBackend backend;
  ManualClock clock{FakeBackend::kNow};
  std::string secret;
  ApiServer server;
  std::uint16_t port = 0;
};

}  // namespace weir::testing
