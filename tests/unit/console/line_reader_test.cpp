// Lines out of whatever bytes come.
#include "console/line_reader.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace weir;

namespace {

std::vector<std::string> lines_of(std::string_view bytes, std::size_t piece, std::size_t max_bytes = 64) {
  LineReader reader(max_bytes);
  std::vector<std::string> lines;
  while (!bytes.empty()) {
    auto part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    while (const auto line = reader.take(part)) lines.push_back(line->text + (line->too_long ? "…" : ""));
  }
  if (const auto line = reader.rest()) lines.push_back(line->text + " (rest)");
  return lines;
}

template <std::size_t N>
std::string_view bytes(const char (&text)[N]) {
  return {text, N - 1};
}

}  // namespace

TEST_CASE("every end of a line ends it once, however the bytes are cut") {
  for (const std::size_t piece : {1, 2, 3, 100}) {
    CHECK(lines_of(bytes("a\nb\r\nc\r\0d\re\n\nf"), piece) ==
          std::vector<std::string>{"a", "b", "c", "d", "e", "", "f (rest)"});
  }
}

TEST_CASE("telnet's commands are left out") {
  for (const std::size_t piece : {1, 2, 100}) {
    CHECK(lines_of(bytes("\xff\xfd\x01"
                         "fl\xff\xfb\x1f"
                         "ow\xff\xf1s\xff\xfa\x1f\x00P\xff\xff\n\xff\xf0\n"),
                   piece) == std::vector<std::string>{"flows"});
  }
}

TEST_CASE("control characters are left out, a backspace takes one back") {
  CHECK(lines_of(bytes("\b\bfloq\x7fws\x1b[A\x07\tx\n"), 100) == std::vector<std::string>{"flows[A x"});
}

TEST_CASE("a line past the bound is told, and the next one is whole") {
  CHECK(lines_of(std::string(1'000'000, 'x') + "\nflows\n", 4096, 8) == std::vector<std::string>{"xxxxxxxx…", "flows"});
}
