// A program's side of the console: questions over the Unix socket of a data folder. One thread; waits for answers.
#pragma once
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace weir {

class ConsoleClient {
 public:
  // Throws std::runtime_error saying why nobody answers, and what to do.
  explicit ConsoleClient(const std::string& data);
  ~ConsoleClient();

  // Nothing once the collector closes the connection, as it does on quit.
  std::optional<std::string> ask(const std::string& line);
  std::runtime_error lost() const {
    return std::runtime_error("the collector on " + data_ +
                              " closed the connection: it was stopped, or nothing was asked for long");
  }

 private:
  // Up to the next prompt, without it.
  std::optional<std::string> read_answer();

  const std::string data_;
  struct Connection;
  std::unique_ptr<Connection> connection_;
  std::string text_;
};

// Whether a collector has the console of this data folder open.
bool collector_answers(const std::string& data);

}  // namespace weir
