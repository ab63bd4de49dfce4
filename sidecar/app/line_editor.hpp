// A line from the terminal, with editing, history and completion of the console's commands: what libedit offers. One in
// a program; main thread.
#pragma once
#include <optional>
#include <string>

namespace weir {

class LineEditor {
 public:
  // Earlier lines come from ~/.weir_history, if there is one.
  LineEditor();
  // Keeps the lines there.
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // Nothing at the end of input.
  std::optional<std::string> read(const char* prompt);

 private:
  std::string history_file_;  // "": no home
};

}  // namespace weir
