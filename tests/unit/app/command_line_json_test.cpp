// A small command line of the test's own, as data.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "app/command_line_json.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

const boost::json::object& named(const boost::json::array& options, std::string_view name) {
  for (const auto& option : options) {
    for (const auto& n : option.at("names").as_array()) {
      if (n.as_string() == name) return option.as_object();
    }
  }
  throw std::runtime_error("there is no option " + std::string(name));
}

}  // namespace

TEST_CASE("the command line is listed with its options, choices and defaults, and without what is hidden") {
  CLI::App app("Shows flows.", "weir");
  std::string format = "table", command;
  std::vector<std::string> files;
  bool again = false;
  int limit = 24;
  auto* import = app.add_subcommand("import", "Store captures");
  import->add_option("files", files, "Capture files")->required();
  import->add_option("--format", format, "How to report")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  import->add_option("--limit", limit, "Rows")->check(CLI::Range(1, 500))->capture_default_str();
  import->add_option("-c,--command", command, "One command");
  import->add_flag("--again", again, "Also what was imported before");
  app.add_subcommand("hidden")->group("");

  const auto whole = boost::json::parse(command_line_json(app));
  CHECK(whole.at("name").as_string() == "weir");
  CHECK(whole.at("description").as_string() == "Shows flows.");
  REQUIRE(whole.at("commands").as_array().size() == 1);
  const auto& command_of = whole.at("commands").at(0);
  CHECK(command_of.at("name").as_string() == "import");
  const auto& options = command_of.at("options").as_array();

  const auto& format_of = named(options, "--format");
  CHECK(format_of.at("argument").as_string() == "TEXT");
  CHECK(format_of.at("default").as_string() == "table");
  CHECK(boost::json::serialize(format_of.at("choices")) == R"(["table","json"])");
  CHECK(named(options, "--limit").at("argument").as_string() == "INT");
  CHECK(named(options, "--limit").at("default").as_string() == "24");
  CHECK(named(options, "-c").at("names").as_array().size() == 2);
  CHECK(named(options, "--again").at("argument").as_string().empty());
  CHECK(named(options, "--help").at("argument").as_string().empty());

  const auto& positional = options.at(1);
  CHECK(positional.at("names").as_array().empty());
  CHECK(positional.at("argument").as_string() == "files");
  CHECK(positional.at("required").as_bool());
  CHECK(positional.at("many").as_bool());
}
