// weir.toml: defaults, flags over it, and messages that say where and what is allowed.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include <boost/json.hpp>

#include "api/http_routes.hpp"
#include "api/rpc.hpp"
#include "api/token.hpp"
#include "app/alert_settings.hpp"
#include "app/embedded_schema.hpp"
#include "app/pipeline.hpp"
#include "app/settings.hpp"
#include "console/guess_brake.hpp"
#include "query/query.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

struct TomlFile {
  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("weir-settings-" + std::to_string(getpid()));
  std::filesystem::path path = folder / "weir.toml";
  explicit TomlFile(const std::string& text) {
    std::filesystem::create_directories(folder);
    std::ofstream(path) << text;
  }
  ~TomlFile() { std::filesystem::remove_all(folder); }
};

std::string failure_of(const std::string& text) {
  const TomlFile file(text);
  try {
    Settings::load(file.path);
  } catch (const std::exception& e) {
    return e.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("an empty file leaves every default") {
  const TomlFile file("");
  const Settings s = Settings::load(file.path);
  CHECK(s.list("receive.listen") == std::vector<std::string>{"2055", "4739", "6343"});
  CHECK(s.text("api.listen") == "127.0.0.1:8710");
  CHECK(s.integer("session.window_ms") == 60'000);
  CHECK_FALSE(s.flag("api.insecure"));
  CHECK(s.changed().empty());
}

TEST_CASE("the shipped file loads and changes nothing") {
  CHECK(Settings::load(WEIR_SOURCE_DIR "/install/weir.toml").changed().empty());
}

TEST_CASE("what the file says wins over defaults, and a flag over the file") {
  const TomlFile file("[receive]\nlisten = [\"9995\"]\n[store]\ndir = \"flows\"\nmax_bytes = 1_000_000\n");
  Settings s = Settings::load(file.path);
  CHECK(s.list("receive.listen") == std::vector<std::string>{"9995"});
  CHECK(s.path("store.dir") == file.folder / "flows");
  CHECK(s.changed().size() == 3);
  s.set("receive.listen", std::vector<std::string>{"1", "2"}, "--listen");
  CHECK(s.list("receive.listen").size() == 2);
  s.set("store.dir", "/elsewhere", "--data");
  CHECK(s.path("store.dir") == "/elsewhere");
}

TEST_CASE("a mistake names the file, the line, the key and what is allowed") {
  CHECK(contains(failure_of("[recieve]\nlisten = []\n"),
                 "'recieve' is no section: the sections are alert, api, console, decode"));
  CHECK(contains(failure_of("\n[store]\nmax_byte = 1\n"), "line 3: store.max_byte is not known: [store] has"));
  CHECK(contains(failure_of("[session]\nwindow_ms = -1\n"), "session.window_ms: allowed is a whole number from 0 to"));
  CHECK(contains(failure_of("[session]\nwindow_ms = \"a minute\"\n"), "allowed is a whole number"));
  CHECK(contains(failure_of("[log]\nlevel = \"loud\"\n"), "log.level: allowed is one of"));
  CHECK(contains(failure_of("[receive]\nlisten = [2055]\n"), "receive.listen: allowed is a list of 1 to 64 texts"));
  CHECK(contains(failure_of("[receive\n"), "weir.toml, line 1"));
  CHECK(contains(failure_of("top = 1\n"), "'top' is no section"));
}

TEST_CASE("the bounds without a setting are those of the code") {
  const auto schema = boost::json::parse(kConfigSchema);
  const auto most = [&](std::string_view what) -> std::uint64_t {
    for (const auto& bound : schema.at("x-bounds").as_array()) {
      if (std::string_view(bound.at("what").as_string()) == what) return bound.at("most").to_number<std::uint64_t>();
    }
    return 0;
  };
  CHECK(most("bytes of a filter") == kMaxFilterLength);
  CHECK(most("levels of parentheses and 'not' in a filter") == kMaxFilterDepth);
  CHECK(most("values in one list of a filter") == kMaxFilterValues);
  CHECK(most("group-by fields of a query") == kMaxGroupFields);
  CHECK(most("different keys of one query") == kMaxGroups);
  CHECK(most("rows of an answer") == kMaxLimit);
  CHECK(most("buckets of a series") == kMaxBuckets);
  CHECK(most("rows times buckets of an answer") == kMaxSeriesCells);
  CHECK(most("calls in one message") == kMaxBatch);
  CHECK(most("levels of one message's JSON") == kMaxJsonDepth);
  CHECK(most("bytes of a token") == kMaxTokenLength);
  CHECK(most("bytes of a request without a good token") == kMaxStrangersBytes);
  CHECK(most("networks whose wrong passwords are remembered") == GuessBrake::kMaxNetworks);
}

TEST_CASE("what is told of the settings holds of a URL scheme and host alone") {
  const TomlFile file(
      "[alert]\nwebhooks = [\"https://hooks.example/services/T0/B0/secret\", "
      "\"http://anna:secret@[::1]:8080?key=secret\", \"https://plain.example/\"]\n"
      "window_url = \"https://monitor.example/flows/#secret\"\nsyslog = [\"udp://log.example:514\"]\nmail_to = "
      "[\"noc@example.org\"]\n");
  const auto changed = Settings::load(file.path).changed();
  const auto value = [&](const std::string& key) {
    for (const auto& [name, text] : changed) {
      if (name == key) return text;
    }
    return std::string();
  };
  CHECK(value("alert.webhooks") == "https://hooks.example/..., http://[::1]:8080/..., https://plain.example");
  CHECK(value("alert.window_url") == "https://monitor.example/...");
  CHECK(value("alert.syslog") == "udp://log.example:514");
  CHECK(value("alert.mail_to") == "noc@example.org");
}

TEST_CASE("every setting is reported once, in the order of the schema, with its default and without secrets") {
  const TomlFile file(
      "[alert]\nwebhooks = [\"https://hooks.example/services/T0/B0/secret\"]\n[store]\nmax_bytes = 5000000\n");
  const auto report = Settings::load(file.path).report();
  std::set<std::string> keys;
  for (const auto& setting : report) {
    CHECK(keys.insert(setting.key).second);
    CHECK_FALSE(setting.description.empty());
    CHECK_FALSE(setting.allowed.empty());
    CHECK((setting.value == setting.fallback) == (setting.key != "alert.webhooks" && setting.key != "store.max_bytes"));
    if (setting.key == "alert.webhooks")
      CHECK(setting.value == SettingReport::Value(std::vector<std::string>{"https://hooks.example/..."}));
    if (setting.key == "store.max_bytes") CHECK(setting.value == SettingReport::Value(std::int64_t{5'000'000}));
  }
  CHECK(report.front().key == "receive.listen");
  CHECK(report.back().key == "log.file");
}

TEST_CASE("alert.enabled reaches the rules") {
  CHECK(alert_settings(Settings()).enabled);
  const TomlFile file("[alert]\nenabled = false\n");
  CHECK_FALSE(alert_settings(Settings::load(file.path)).enabled);
}

TEST_CASE("a folder of one's own scripts that is not there is told") {
  CHECK(own_scripts_problem(Settings()).empty());
  const TomlFile file("[script]\nown_dir = \"mine\"\n");
  const auto settings = Settings::load(file.path);
  CHECK(
      contains(own_scripts_problem(settings), "script.own_dir: " + (file.folder / "mine").string() + " is no folder"));
  std::filesystem::create_directories(file.folder / "mine");
  CHECK(own_scripts_problem(settings).empty());
}
