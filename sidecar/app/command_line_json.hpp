// The command line as data: what the manual page and the completions of the shells are made from. Any thread.
#pragma once
#include <string>

namespace CLI {
class App;
}

namespace weir {

// {"name", "description", "footer", "options": […], "commands": […]}, commands in the same form. An option has "names"
// (none: an argument that goes by its place), "argument" ("" for a flag), "choices", "default", "description",
// "required", "many".
std::string command_line_json(const CLI::App& app);

}  // namespace weir
