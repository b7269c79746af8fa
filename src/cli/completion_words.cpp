#include "cli/completion.hpp"
#include "cli/help_text.hpp"

#include <CLI/CLI.hpp>

#include <string_view>

namespace pbxbridge::cli {

namespace {

/// Reads the type name, such as `FILE`, `DIR` or, for a list of choices, `TEXT:{bash,zsh,fish}`.
Value words_for(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return {};
  const std::string type = option.get_type_name();
  const auto open = type.find('{');
  const auto close = type.find('}');
  if (open != std::string::npos && close != std::string::npos) {
    Value value{Value::Kind::choice};
    for (auto begin = open + 1; begin < close;) {
      const auto end = std::min(type.find(',', begin), close);
      value.choices.push_back(type.substr(begin, end - begin));
      begin = end + 1;
    }
    return value;
  }
  if (type.starts_with("FILE")) return {Value::Kind::file};
  if (type.starts_with("DIR")) return {Value::Kind::directory};
  return {Value::Kind::any};
}

}  // namespace

CommandWords words_of(const CLI::App& app) {
  CommandWords command{app.get_name(), std::string(summary_of(app.get_description())), {}, {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      command.argument = words_for(*option);
      continue;
    }
    OptionWords words{{}, option->get_description(), words_for(*option)};
    for (const auto& name : option->get_lnames()) words.names.push_back("--" + name);
    for (const auto& name : option->get_snames()) words.names.push_back("-" + name);
    command.options.push_back(std::move(words));
  }
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; }))
    command.commands.push_back(words_of(*child));
  return command;
}

}  // namespace pbxbridge::cli
