// Tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA256 (RFC 7518 3.2) by a secret that the monitor's module
// shares. Used by the API and by `weir token`. Any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace weir {

inline constexpr std::size_t kMaxTokenLength = 16 * 1024;
inline constexpr std::size_t kMinSecretLength = 32;

// Each may less than the one before. A viewer looks: it neither acknowledges nor silences alerts.
enum class Role : std::uint8_t { kAdmin, kUser, kViewer };
const char* role_name(Role role);

struct TokenClaims {
  std::string user;                                   // "sub"; may be empty
  Role role = Role::kAdmin;                           // an absent claim is admin
  std::optional<std::vector<std::string>> exporters;  // addresses that may be seen; none: all
  bool console_only = false;                          // signed with console_key(): for console.run, and what only looks
  std::int64_t issued_ms = 0, expires_ms = 0;         // whole seconds, as the claims "iat" and "exp" are
};

// Throws std::runtime_error when the library refuses (no memory).
std::string make_token(const TokenClaims& claims, std::string_view secret);

// The claims of a token signed by `secret` with HS256 that has not ended at `now_ms`. The error says what is wrong,
// without repeating any of the token.
Result<TokenClaims> verify_token(std::string_view token, std::string_view secret, std::int64_t now_ms);

// A key that follows from the secret and does not lead back to it: 64 hexadecimal digits. It signs tokens that may look
// through the console and nothing else, for a monitor that has to keep a key where its administrators can reach it.
std::string console_key(std::string_view secret);

// As verify_token(), also for a token that console_key() signed: its claims are console_only, whatever they say.
Result<TokenClaims> verify_any_token(std::string_view token, std::string_view secret, std::int64_t now_ms);

// The secret in the file at `path`, without surrounding blanks: its characters are the key. A missing file is made
// with 64 random hexadecimal digits, mode 0600. Throws std::runtime_error naming the file when it cannot be read or
// made, is shorter than kMinSecretLength, or can be read by every user.
std::string load_or_make_secret(const std::string& path);

}  // namespace weir
