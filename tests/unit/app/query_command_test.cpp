// weir query as a whole: what it says to odd questions and damaged folders.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "app/commands.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

struct DataFolder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("weir-query-" + std::to_string(getpid()));
  DataFolder() { std::filesystem::create_directories(path / "days"); }
  ~DataFolder() { std::filesystem::remove_all(path); }
};

struct Said {
  int code = 0;
  std::string out, errors;
};

Said query(const DataFolder& folder, QueryOptions options) {
  std::ofstream(folder.path / "weir.toml");
  options.common = {.config = (folder.path / "weir.toml").string(), .data = folder.path.string()};
  std::ostringstream out, errors;
  auto* const out_before = std::cout.rdbuf(out.rdbuf());
  auto* const errors_before = std::cerr.rdbuf(errors.rdbuf());
  const int code = query_command(options);
  std::cout.rdbuf(out_before);
  std::cerr.rdbuf(errors_before);
  return {.code = code, .out = out.str(), .errors = errors.str()};
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a folder whose only day is damaged is not called empty") {
  const DataFolder folder;
  CHECK(contains(query(folder, {}).out, "Nothing is stored"));
  std::ofstream(folder.path / "days" / "2023-11-15.sqlite") << std::string(5000, 'x');
  const auto said = query(folder, {});
  CHECK(contains(said.errors, "2023-11-15.sqlite: file is not a database: the sessions of 2023-11-15 are left out"));
  CHECK_FALSE(contains(said.out, "Nothing is stored"));
}

TEST_CASE("a range before all that is stored has no sessions; one that ends before it starts is wrong usage") {
  const DataFolder folder;
  CHECK(query(folder, {.to = "2010-01-01"}).code == 0);
  CHECK(query(folder, {.from = "-90000d"}).code == 0);
  CHECK(contains(query(folder, {.from = "9000-01-01"}).errors, "--from is later than now"));
  const auto turned = query(folder, {.from = "2020-01-01", .to = "2020-01-01"});
  CHECK(turned.code == 2);
  CHECK(contains(turned.errors, "--from has to be before --to"));
}

TEST_CASE("times are UTC unless a zone is asked for, and the answer says which") {
  const DataFolder folder;
  std::ofstream(folder.path / "days" / "2023-11-15.sqlite") << std::string(5000, 'x');
  const QueryOptions day{.from = "2026-03-10T11:00", .to = "1773147600"};
  CHECK(contains(query(folder, day).out, "2026-03-10T11:00:00.000Z to 2026-03-10T13:00:00.000Z (UTC)"));
  auto there = day;
  there.time_zone = "+02:00";
  CHECK(contains(query(folder, there).out, "2026-03-10T11:00:00.000+02:00 to 2026-03-10T15:00:00.000+02:00 (+02:00)"));
  there.time_zone = "Mars";
  const auto wrong = query(folder, there);
  CHECK(wrong.code == 2);
  CHECK(contains(wrong.errors, "--tz: 'Mars' is not a time zone"));
}
