// Versions of what the program runs with, as the libraries report them.
#include "app/about.hpp"

#include <maxminddb.h>
#include <sqlite3.h>
#include <sys/utsname.h>
#include <zstd.h>

#include <openssl/crypto.h>
#include <pcap/pcap.h>
#include <spdlog/version.h>
#include <boost/version.hpp>
#include <fstream>
#include <lua.hpp>

#include "app/version.hpp"

namespace weir {

namespace {

std::string os_text() {
  std::string name = "unknown system";
  std::ifstream release("/etc/os-release");
  for (std::string line; std::getline(release, line);) {
    if (line.rfind("PRETTY_NAME=", 0) != 0) continue;
    name = line.substr(12);
    if (name.size() >= 2 && name.front() == '"') name = name.substr(1, name.size() - 2);
  }
  utsname u{};
  if (uname(&u) == 0) name += std::string(", Linux ") + u.release + " " + u.machine;
  return name;
}

std::string number(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace

AboutReport about_program(const Settings& settings) {
  AboutReport report{
      .version = kVersion, .build = kBuild, .os = os_text(), .libraries = {}, .settings_changed = settings.changed()};
  report.libraries = {
      {"Boost", number(BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100)},
      {"SQLite", sqlite3_libversion()},
      {"Lua", number(5, 4, std::stoi(LUA_VERSION_RELEASE))},
      {"spdlog", number(SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH)},
      {"zstd", ZSTD_versionString()},
      {"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
      {"libpcap", pcap_lib_version()},
      {"libmaxminddb", MMDB_lib_version()},
  };
  return report;
}

}  // namespace weir
