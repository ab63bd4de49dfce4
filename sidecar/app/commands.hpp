// The commands of the program, one function each. They return the exit code: 0 done, 1 failed, 2 wrong usage; what is
// thrown reaches main as one line.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/settings.hpp"

namespace weir {

// What every command takes.
struct CommonOptions {
  std::string config;  // weir.toml; "": the one in the current folder or /etc/weir, if there is one
  std::string data;    // --data; "": store.dir
};
// The settings with the flags over them.
Settings load_settings(const CommonOptions& common);

struct RunOptions {
  CommonOptions common;
  std::vector<std::string> listen;
  std::string api;
};
int run_command(const RunOptions& options);

struct ImportOptions {
  CommonOptions common;
  std::vector<std::string> files;
  std::string format = "table";
  bool again = false;  // also what was imported before
};
int import_command(const ImportOptions& options);

struct QueryOptions {
  CommonOptions common;
  std::string from, to, time_zone = "UTC", filter, direction = "both", measure = "octets", order = "desc",
                        format = "table";
  std::vector<std::string> by;
  std::uint32_t limit = 24, buckets = 0;
  bool unscaled = false;
  bool explain = false;  // tell what was read
};
int query_command(const QueryOptions& options);

struct ExplainOptions {
  CommonOptions common;
  std::string from, to, time_zone = "UTC", filter, measure = "octets", format = "table";
  std::vector<std::string> against;  // before, last_week, FROM/TO
  bool unscaled = false;
};
int explain_command(const ExplainOptions& options);

struct TokenOptions {
  CommonOptions common;
  std::string ttl = "1h", user, role = "admin";
  std::vector<std::string> exporters;
  bool console_key = false;
};
int token_command(const TokenOptions& options);

struct ConsoleOptions {
  CommonOptions common;
  std::string command;  // "": as many as are typed
};
int console_command(const ConsoleOptions& options);

struct TapOptions {
  CommonOptions common;
  std::vector<std::string> exporters;
  std::string filter, format = "text";
  std::uint64_t count = 0;  // 0: until it is ended
};
int tap_command(const TapOptions& options);

// The days of the data folder with their sizes; every segment read and decoded. 1 when something is damaged.
int store_stats_command(const CommonOptions& common);
int store_check_command(const CommonOptions& common);

struct StoreBackupOptions {
  CommonOptions common;
  std::string folder;
  bool mirror = false;
};
// 1 when something could not be read, and is not in the copy.
int store_backup_command(const StoreBackupOptions& options);
// 1 when something damaged is left.
int store_repair_command(const CommonOptions& common);
int store_sums_command(const CommonOptions& common);

// 1 when there is something to fix.
int doctor_command(const CommonOptions& common);

int about_command(const CommonOptions& common);

}  // namespace weir
