// Copies sections of weir.toml into the settings of the stages.
#include "app/stage_settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "console/console_prompt.hpp"

namespace weir {

namespace {

std::filesystem::path program_folder() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

// The first of the paths that exists, or "".
std::string first_existing(const std::vector<std::filesystem::path>& paths) {
  std::error_code ignored;
  for (const auto& c : paths) {
    if (std::filesystem::exists(c, ignored)) return std::filesystem::weakly_canonical(c, ignored).string();
  }
  return "";
}

std::string shipped_script(const std::string& name) {
  const auto here = program_folder();
  const auto found = first_existing(
      {std::filesystem::path("/etc/weir") / name, here / "../share/weir/lua" / name, here / "../lua" / name});
  return found.empty() ? (here / "../share/weir/lua" / name).lexically_normal().string() : found;
}
std::string own_script(const Settings& s, const std::string& name) {
  return s.text("script.own_dir").empty() ? "" : (s.path("script.own_dir") / name).string();
}

}  // namespace

ApiSettings api_settings(const Settings& s) {
  ApiSettings api;
  api.listen = s.text("api.listen");
  api.secret_file = secret_file(s).string();
  const auto here = program_folder();
  api.web_dir = s.text("api.web_dir").empty()
                    ? first_existing({here / "../share/weir/web", here / "../plugin/web/dist"})
                    : s.path("api.web_dir").string();
  api.tls_certificate = s.path("api.tls_certificate").string();
  api.tls_key = s.path("api.tls_key").string();
  api.insecure = s.flag("api.insecure");
  api.allowed_origins = s.list("api.allowed_origins");
  const auto small = [&](const char* key) { return static_cast<std::uint32_t>(s.integer(key)); };
  api.max_connections = small("api.max_connections");
  api.max_unauthenticated = small("api.max_unauthenticated");
  api.max_unauthenticated_per_address = small("api.max_unauthenticated_per_address");
  api.max_request_bytes = small("api.max_request_bytes");
  api.max_outgoing_bytes = small("api.max_outgoing_bytes");
  api.max_subscriptions = small("api.max_subscriptions");
  api.query_threads = query_slots(s);
  api.query_queue = small("query.queue");
  api.login_timeout_ms = small("api.login_timeout_ms");
  api.idle_timeout_ms = small("api.idle_timeout_ms");
  return api;
}

ConsoleSettings console_settings(const Settings& s) {
  ConsoleSettings console;
  console.socket_file = (s.path("store.dir") / kConsoleSocketName).string();
  console.listen = s.text("console.listen");
  console.password_file = s.path("console.password_file").string();
  const auto small = [&](const char* key) { return static_cast<std::uint32_t>(s.integer(key)); };
  console.max_connections = small("console.max_connections");
  console.max_telnet_connections = small("console.max_telnet_connections");
  console.login_timeout_ms = small("console.login_timeout_ms");
  console.max_line_bytes = small("console.max_line_bytes");
  console.max_answer_bytes = small("console.max_answer_bytes");
  console.idle_timeout_ms = small("console.idle_timeout_ms");
  console.answer_timeout_ms = small("console.answer_timeout_ms");
  return console;
}

std::filesystem::path secret_file(const Settings& s) {
  return s.text("api.secret_file").empty() ? s.path("store.dir") / "secret" : s.path("api.secret_file");
}

std::uint64_t query_memory_bytes(const Settings& s) {
  if (const auto set = s.integer("query.memory_bytes"); set != 0) return static_cast<std::uint64_t>(set);
  constexpr std::uint64_t kLeast = std::uint64_t{256} << 20;
  const auto pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return std::max(kLeast,
                  static_cast<std::uint64_t>(std::max(pages, 0L)) * static_cast<std::uint64_t>(std::max(page, 0L)) / 2);
}

PeerSet peer_set(const Settings& s, const Clock& clock) {
  return {s.list("peers.ask"), s.integer("peers.timeout_ms"), s.file().empty() ? "." : s.file().parent_path().string(),
          clock};
}

std::uint32_t query_slots(const Settings& s) {
  const auto threads = static_cast<std::uint32_t>(s.integer("query.threads"));
  return threads != 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
}

SessionLimits session_limits(const Settings& s) {
  return {.window_rows = static_cast<std::uint32_t>(s.integer("session.window_rows")),
          .window_ms = s.integer("session.window_ms")};
}

LuaLimits lua_limits(const Settings& s) {
  LuaLimits l;
  l.instructions = static_cast<std::uint64_t>(s.integer("script.instruction_limit"));
  l.memory_bytes = static_cast<std::uint64_t>(s.integer("script.memory_bytes"));
  return l;
}

SqliteStoreSettings store_settings(const Settings& s) {
  const auto wide = [&](const char* key) { return static_cast<std::uint64_t>(s.integer(key)); };
  SqliteStoreSettings store;
  store.dir = s.path("store.dir").string();
  store.commit_interval_ms = s.integer("store.commit_interval_ms");
  store.seal_rows = static_cast<std::uint32_t>(s.integer("store.seal_rows"));
  store.seal_after_ms = s.integer("store.seal_after_ms");
  store.max_bytes = wide("store.max_bytes");
  store.max_age_days = static_cast<std::uint32_t>(s.integer("store.max_age_days"));
  store.cache_bytes = wide("store.cache_bytes");
  store.queue_rows = wide("store.queue_rows");
  store.max_unsealed_rows = wide("store.max_unsealed_rows");
  store.sums = s.flag("store.sums");
  store.zstd_level = static_cast<int>(s.integer("store.zstd_level"));
  return store;
}

std::string server_ports_file(const Settings& s) {
  return s.text("script.server_ports").empty() ? shipped_script("server_ports.lua")
                                               : s.path("script.server_ports").string();
}
std::string own_server_ports_file(const Settings& s) { return own_script(s, "server_ports.lua"); }
std::string own_scripts_problem(const Settings& s) {
  std::error_code ignored;
  const auto folder = s.path("script.own_dir");
  return folder.empty() || std::filesystem::is_directory(folder, ignored)
             ? ""
             : "script.own_dir: " + folder.string() + " is no folder: there are no scripts of your own";
}
std::function<std::string(std::string_view)> path_of_setting(const Settings& s) {
  return [&s](std::string_view setting) { return s.path(std::string(setting)).string(); };
}

TrafficNameFiles traffic_name_files(const Settings& s) {
  return {.applications = shipped_script("applications.lua"),
          .own_applications = own_script(s, "applications.lua"),
          .networks = shipped_script("networks.lua"),
          .own_networks = own_script(s, "networks.lua")};
}

}  // namespace weir
