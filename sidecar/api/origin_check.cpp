// Compares host names and origins.
#include "api/origin_check.hpp"

#include <algorithm>

#include "core/ip_address.hpp"

namespace weir {
namespace {

std::string small_letters(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// "https://example.org:8443" → "example.org:8443".
std::string_view authority_of(std::string_view origin) {
  const auto scheme_end = origin.find("://");
  return scheme_end == std::string_view::npos ? std::string_view{} : origin.substr(scheme_end + 3);
}

// Without the port that the scheme has anyway.
std::string without_default_port(std::string_view authority, std::string_view origin) {
  const std::string_view port = origin.starts_with("https://") ? ":443" : ":80";
  if (authority.ends_with(port)) authority.remove_suffix(port.size());
  return small_letters(authority);
}

}  // namespace

std::string host_name_of(std::string_view host_header) {
  if (host_header.starts_with('[')) {
    const auto end = host_header.find(']');
    return small_letters(host_header.substr(1, end == std::string_view::npos ? end : end - 1));
  }
  return small_letters(host_header.substr(0, host_header.find(':')));
}

bool is_allowed_host(std::string_view host_header, const std::vector<std::string>& allowed_origins) {
  if (host_header.empty()) return true;
  const auto name = host_name_of(host_header);
  if (name == "localhost") return true;
  if (const auto address = parse_ip_address(name)) {
    if (name == "::1" || (address->is_v4() && (address->v4() >> 24) == 127)) return true;
  }
  return std::any_of(allowed_origins.begin(), allowed_origins.end(),
                     [&](const auto& origin) { return host_name_of(authority_of(origin)) == name; });
}

bool is_origin(std::string_view text) {
  if (!text.starts_with("https://") && !text.starts_with("http://")) return false;
  const auto authority = authority_of(text);
  return !authority.empty() && std::all_of(authority.begin(), authority.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._:[]").find(c) != std::string_view::npos;
  });
}

bool is_allowed_origin(std::string_view origin, std::string_view host_header,
                       const std::vector<std::string>& allowed_origins) {
  if (origin.empty()) return true;
  const auto authority = authority_of(origin);
  if (!authority.empty() && without_default_port(authority, origin) == without_default_port(host_header, origin))
    return true;
  const auto same = small_letters(origin);
  return std::any_of(allowed_origins.begin(), allowed_origins.end(),
                     [&](const auto& allowed) { return small_letters(allowed) == same; });
}

}  // namespace weir
