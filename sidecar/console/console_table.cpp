// Finds the command of a line and runs its function.
#include "console/console_table.hpp"

#include <algorithm>
#include <exception>

#include "console/plain_text.hpp"
#include "query/filter_lexer.hpp"

namespace weir {

namespace {
constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kEchoedBytes = 40;  // of what was typed wrongly
}  // namespace

std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const auto word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return word;
}

const ConsoleCommand* find_console_command(std::string_view name) {
  const auto found =
      std::find_if(kConsoleCommands.begin(), kConsoleCommands.end(), [&](const auto& c) { return c.name == name; });
  return found == kConsoleCommands.end() ? nullptr : &*found;
}

std::string help_command(const ConsoleCall& call) {
  TextTable table({"command", "what it shows"});
  for (const auto& command : kConsoleCommands) {
    if (!call.arguments.empty() && command.name != call.arguments) continue;
    table.row({std::string(command.name) + (command.arguments.empty() ? "" : " ") + std::string(command.arguments),
               std::string(command.help)});
  }
  if (table.empty())
    return not_understood("there is no command '" + std::string(call.arguments.substr(0, kEchoedBytes)) +
                          "': type help");
  return table.text();
}

std::string answer_console_line(const ConsoleServices& services, std::string_view line,
                                const std::atomic<bool>* cancelled, ConsoleRights rights) {
  auto rest = line;
  const auto name = take_word(rest);
  if (name.empty()) return "";
  rest = rest.substr(0, rest.find_last_not_of(kBlanks) + 1);
  const auto* command = find_console_command(lower_case(name));
  std::string answer;
  if (command != nullptr && command->run == nullptr) return "";
  if (command == nullptr) {
    answer = not_understood("there is no command '" + std::string(name.substr(0, kEchoedBytes)) + "': type help");
  } else if (command->changes && !rest.empty() && rights == ConsoleRights::kLook) {
    answer = not_done(std::string(command->name) + " " + std::string(rest.substr(0, kEchoedBytes)) +
                      " changes something, and this token may only look");
  } else if (command->arguments.empty() && !rest.empty()) {
    answer = not_understood(std::string(command->name) + " takes no arguments");
  } else {
    try {
      answer = command->run({.services = services, .arguments = rest, .cancelled = cancelled});
    } catch (const std::exception& e) {
      answer = not_done(e.what());
    }
  }
  return clean_text(answer, true);
}

}  // namespace weir
