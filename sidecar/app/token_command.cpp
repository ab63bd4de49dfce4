// `weir token` and `weir about`.
#include <filesystem>
#include <iostream>

#include "api/about_text.hpp"
#include "api/token.hpp"
#include "app/about.hpp"
#include "app/commands.hpp"
#include "app/console_client.hpp"
#include "app/pipeline.hpp"
#include "core/clock.hpp"
#include "core/time_text.hpp"

namespace weir {

int token_command(const TokenOptions& options) {
  const Settings settings = load_settings(options.common);
  const auto ttl = parse_duration(options.ttl);
  if (!ttl || *ttl < 1000) {
    std::cerr << "weir token: --ttl: " << (ttl ? "give one second or more" : ttl.error().message) << "\n";
    return 2;
  }
  TokenClaims claims{.user = options.user,
                     .role = options.role == "user"     ? Role::kUser
                             : options.role == "viewer" ? Role::kViewer
                                                        : Role::kAdmin};
  if (!options.exporters.empty()) {
    claims.exporters.emplace();
    for (const auto& text : options.exporters) {
      const auto address = parse_ip_address(text);
      if (!address) {
        std::cerr << "weir token: --exporters: " << address.error().message << "\n";
        return 2;
      }
      claims.exporters->push_back(address->text());
    }
  }
  claims.issued_ms = SystemClock().now_ms();
  claims.expires_ms = claims.issued_ms + *ttl;

  const auto secret = secret_file(settings);
  std::filesystem::create_directories(secret.parent_path());
  const auto key = load_or_make_secret(secret.string());
  std::cout << (options.console_key ? console_key(key) : make_token(claims, key)) << "\n";
  return 0;
}

int about_command(const CommonOptions& common) {
  const Settings settings = load_settings(common);
  const auto data = settings.path("store.dir").string();
  if (!collector_answers(data)) {
    std::cout << about_text(about_program(settings), AboutDetail::kAll) << "\nNo collector runs on " << data << ".\n";
    return 0;
  }
  ConsoleClient client(data);
  const auto answer = client.ask("about");
  if (!answer) throw client.lost();
  std::cout << *answer;
  return 0;
}

}  // namespace weir
