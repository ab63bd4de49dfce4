// libedit by its readline interface, whose callbacks are plain functions over the table of commands.
#include "app/line_editor.hpp"

#include <editline/readline.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "console/console_table.hpp"
#include "flow/field_catalog.hpp"

namespace weir {

namespace {

constexpr int kKeptLines = 500;

std::vector<std::string> words_for(std::string_view before) {
  std::vector<std::string> words;
  const auto command = take_word(before);
  if (command.empty() || command == "help") {
    for (const auto& known : kConsoleCommands) words.emplace_back(known.name);
  } else if (command == "log") {
    words = {"trace", "debug", "info", "warning", "error"};
  } else {
    const bool keys = command == "top" && before.empty();
    for (const auto& field : kFields) {
      if (keys ? field.group_by : field.filter) words.emplace_back(field.word);
    }
  }
  return words;
}

std::vector<std::string> candidates;

char* next_candidate(const char* text, int state) {
  static std::size_t at = 0;
  if (state == 0) at = 0;
  while (at < candidates.size()) {
    const auto& word = candidates[at++];
    if (word.starts_with(text)) return ::strdup(word.c_str());
  }
  return nullptr;
}

char** complete(const char* text, int start, int) {
  rl_attempted_completion_over = 1;  // no file names
  candidates = words_for(std::string_view(rl_line_buffer, static_cast<std::size_t>(start)));
  return rl_completion_matches(text, next_candidate);
}

}  // namespace

LineEditor::LineEditor() {
  rl_attempted_completion_function = complete;
  using_history();
  stifle_history(kKeptLines);
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return;
  history_file_ = std::string(home) + "/.weir_history";
  read_history(history_file_.c_str());
}

LineEditor::~LineEditor() {
  if (!history_file_.empty()) write_history(history_file_.c_str());
}

std::optional<std::string> LineEditor::read(const char* prompt) {
  char* typed = readline(prompt);
  if (typed == nullptr) {
    std::puts("");
    return std::nullopt;
  }
  std::string line(typed);
  std::free(typed);
  if (!line.empty()) add_history(line.c_str());
  return line;
}

}  // namespace weir
