// The words of the commands, and their text form.
#include "scenario/store/command.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>

namespace weir::testing {

namespace {

struct Word {
  CommandKind kind;
  const char* name;
  std::size_t numbers;
};
constexpr Word kWords[] = {
    {CommandKind::kAppend, "append", 4}, {CommandKind::kChange, "change", 4}, {CommandKind::kFinal, "final", 2},
    {CommandKind::kFlush, "flush", 0},   {CommandKind::kTick, "tick", 1},     {CommandKind::kStop, "stop", 0},
    {CommandKind::kStart, "start", 0},   {CommandKind::kKill, "kill", 1},     {CommandKind::kPowerCut, "power_cut", 2},
    {CommandKind::kRefuse, "refuse", 3}, {CommandKind::kHeal, "heal", 0},     {CommandKind::kImport, "import", 2},
    {CommandKind::kDamage, "damage", 3}, {CommandKind::kHold, "hold", 1},     {CommandKind::kRelease, "release", 0},
    {CommandKind::kLook, "look", 0},
};

const Word& word_of(CommandKind kind) { return kWords[static_cast<std::size_t>(kind)]; }

}  // namespace

const char* command_name(CommandKind kind) { return word_of(kind).name; }

std::optional<CommandKind> command_kind(const std::string& name) {
  const auto* found =
      std::find_if(std::begin(kWords), std::end(kWords), [&](const Word& word) { return name == word.name; });
  return found == std::end(kWords) ? std::nullopt : std::optional(found->kind);
}

std::string text_of(const Command& command) {
  std::string text = command_name(command.kind);
  for (std::size_t i = 0; i < word_of(command.kind).numbers; ++i) text += " " + std::to_string(command.numbers[i]);
  return text;
}

std::string text_of(const Sequence& s) {
  std::ostringstream text;
  text << "settings " << s.seal_rows << " " << s.unsealed_rows << " " << s.max_bytes << " " << s.max_age_days
       << "  # seal_rows unsealed_rows max_bytes max_age_days\n";
  for (const auto& command : s.commands) text << text_of(command) << "\n";
  return text.str();
}

Result<Sequence> parse_sequence(const std::string& text) {
  Sequence sequence;
  std::istringstream lines(text);
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::istringstream words(line.substr(0, line.find('#')));
    std::string name;
    if (!(words >> name)) continue;
    const auto wrong = [&](const std::string& what) { return error("line " + std::to_string(number) + ": " + what); };
    if (name == "settings") {
      if (!(words >> sequence.seal_rows >> sequence.unsealed_rows >> sequence.max_bytes >> sequence.max_age_days))
        return wrong("settings needs four numbers");
      continue;
    }
    const auto kind = command_kind(name);
    if (!kind) return wrong("no command is called " + name);
    Command command{.kind = *kind};
    const auto wanted = word_of(*kind).numbers;
    for (std::size_t i = 0; i < wanted; ++i) {
      if (!(words >> command.numbers[i])) return wrong(name + " needs " + std::to_string(wanted) + " numbers");
    }
    sequence.commands.push_back(command);
  }
  return sequence;
}

}  // namespace weir::testing
