// `weir console`: the commands of a running collector, over the socket in its data folder.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>

#include "app/commands.hpp"
#include "app/console_client.hpp"
#include "app/line_editor.hpp"
#include "console/console_prompt.hpp"

namespace weir {

namespace {

// As the marks of the console's answers say.
int exit_code_of(const std::string& answer) { return answer.starts_with("? ") ? 2 : answer.starts_with("! ") ? 1 : 0; }

bool is_quit(const std::string& line) {
  const auto from = line.find_first_not_of(" \t");
  return from != std::string::npos && line.substr(from, line.find_last_not_of(" \t\r") + 1 - from) == "quit";
}

// One question. What is wrong goes to standard error, so that a script's output is the answer or nothing.
int ask_and_print(ConsoleClient& client, const std::string& line) {
  const auto answer = client.ask(line);
  if (!answer) {
    if (is_quit(line)) return 0;
    throw client.lost();
  }
  const int code = exit_code_of(*answer);
  if (code == 0) std::cout << *answer << std::flush;
  else std::cerr << "weir console: " << answer->substr(2) << std::flush;
  return code;
}

}  // namespace

int console_command(const ConsoleOptions& options) {
  if (options.command.find_first_of("\r\n") != std::string::npos) {
    std::cerr << "weir console: -c takes one command, on one line\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  ConsoleClient client(load_settings(options.common).path("store.dir").string());
  if (!options.command.empty()) return ask_and_print(client, options.command);

  int worst = 0;
  if (!isatty(STDIN_FILENO)) {
    for (std::string line; std::getline(std::cin, line) && !is_quit(line);)
      worst = std::max(worst, ask_and_print(client, line));
    return worst;
  }
  std::cout << "Type help for the commands, quit or Ctrl-D to leave. Tab completes.\n";
  LineEditor editor;
  while (const auto line = editor.read(kConsolePrompt)) {
    if (is_quit(*line)) break;
    const auto answer = client.ask(*line);
    if (!answer) throw client.lost();
    std::cout << *answer << std::flush;
  }
  return 0;
}

}  // namespace weir
