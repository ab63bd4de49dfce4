// What CLI11 knows of the commands, without those in no group: they are hidden from --help, too.
#include "app/command_line_json.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

namespace weir {

namespace {

// "TEXT:{table,json}" → table, json.
boost::json::array choices_of(const std::string& type) {
  boost::json::array choices;
  const auto open = type.find('{'), close = type.rfind('}');
  if (open == std::string::npos || close == std::string::npos) return choices;
  for (const auto& choice : CLI::detail::split(type.substr(open + 1, close - open - 1), ','))
    choices.emplace_back(choice);
  return choices;
}

boost::json::object option_json(const CLI::Option& option) {
  boost::json::array names;
  for (const auto& name : option.get_snames()) names.emplace_back("-" + name);
  for (const auto& name : option.get_lnames()) names.emplace_back("--" + name);
  const bool flag = option.get_items_expected_max() == 0;
  const auto type = option.get_type_name();
  auto argument = names.empty() ? option.get_name(true) : type.substr(0, type.find_first_of(":{ "));
  if (flag) argument.clear();
  return {{"names", std::move(names)},
          {"argument", std::move(argument)},
          {"choices", choices_of(type)},
          {"default", flag ? "" : option.get_default_str()},
          {"description", option.get_description()},
          {"required", option.get_required()},
          {"many", option.get_items_expected_max() > 1}};
}

boost::json::object command_json(const CLI::App& app) {
  boost::json::array options, commands;
  for (const auto* option : app.get_options()) options.emplace_back(option_json(*option));
  for (const auto* command : app.get_subcommands({})) {
    if (!command->get_group().empty()) commands.emplace_back(command_json(*command));
  }
  return {{"name", app.get_name()},
          {"description", app.get_description()},
          {"footer", app.get_footer()},
          {"options", std::move(options)},
          {"commands", std::move(commands)}};
}

}  // namespace

std::string command_line_json(const CLI::App& app) { return boost::json::serialize(command_json(app)); }

}  // namespace weir
