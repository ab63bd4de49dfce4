// What the log's lines look like on standard error: a terminal's or a file's, and those of systemd's journal.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "core/log.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

// What is written to standard error while it lives goes to a file.
class CaughtErrors {
 public:
  CaughtErrors()
      : file_(std::filesystem::temp_directory_path() / ("weir-log-" + std::to_string(getpid()))),
        kept_(dup(STDERR_FILENO)) {
    const int fd = open(file_.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    dup2(fd, STDERR_FILENO);
    close(fd);
  }
  ~CaughtErrors() {
    unsetenv("JOURNAL_STREAM");
    dup2(kept_, STDERR_FILENO);
    close(kept_);
    std::filesystem::remove(file_);
    start_logging({});
  }
  // As systemd does for a service whose standard error is the journal.
  static void name_as_journal(std::uint64_t other_inode = 0) {
    struct stat s {};
    fstat(STDERR_FILENO, &s);
    setenv("JOURNAL_STREAM", (std::to_string(s.st_dev) + ":" + std::to_string(s.st_ino + other_inode)).c_str(), 1);
  }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(file_).rdbuf();
    return all.str();
  }

 private:
  const std::filesystem::path file_;
  const int kept_;
};

void write_one_of_each() {
  log_of("store")->info("a segment is sealed");
  log_of("store")->warn("the disk is slow");
  log_of("store")->error("the disk is full");
}

}  // namespace

TEST_CASE("the journal is given levels, and no time of our own") {
  const CaughtErrors errors;
  errors.name_as_journal();
  start_logging({});
  write_one_of_each();
  CHECK(errors.text() ==
        "<6>store    a segment is sealed\n<4>store    the disk is slow\n<3>store    the disk is full\n");
}

TEST_CASE("lines of JSON go to the journal with their level, too") {
  const CaughtErrors errors;
  errors.name_as_journal();
  start_logging({.level = "info", .format = "json", .file = ""});
  log_of("store")->warn("the disk is slow");
  CHECK_THAT(errors.text(), Catch::Matchers::StartsWith("<4>{\"ts_ms\":"));
}

TEST_CASE("standard error that is no journal has times and levels in words") {
  const CaughtErrors errors;
  if (GENERATE(false, true)) errors.name_as_journal(1);  // the service sends it elsewhere
  start_logging({});
  write_one_of_each();
  CHECK_THAT(errors.text(), Catch::Matchers::StartsWith("2") &&
                                Catch::Matchers::ContainsSubstring(" warning store    the disk is slow\n"));
  CHECK(errors.text().find('<') == std::string::npos);
}

TEST_CASE("a log file has times, whatever standard error is") {
  const CaughtErrors errors;
  errors.name_as_journal();
  const auto file = std::filesystem::temp_directory_path() / ("weir-log-file-" + std::to_string(getpid()));
  start_logging({.level = "info", .format = "text", .file = file.string()});
  log_of("store")->warn("the disk is slow");
  std::string line;
  std::getline(std::ifstream(file) >> std::ws, line);
  CHECK_THAT(line, Catch::Matchers::StartsWith("2") && Catch::Matchers::EndsWith("warning store    the disk is slow"));
  CHECK(errors.text().empty());
  std::filesystem::remove(file);
}
