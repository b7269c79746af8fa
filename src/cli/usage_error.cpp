#include "cli/usage_error.hpp"

#include "pbxbridge/config/location.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace pbxbridge::cli {

namespace {

std::vector<std::string> commands_of(CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

/// Returns the options, each as `--name`.
std::vector<std::string> options_of(CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string_view without_dashes(std::string_view word) {
  return word.substr(std::min(word.find_first_not_of('-'), word.size()));
}

/// `, did you mean "NAME"?`, or an empty text. A beginning of the name will do, and dashes do not count.
std::string meant(std::string_view word, const std::vector<std::string>& names) {
  const std::string_view bare = without_dashes(word);
  std::vector<std::string_view> bare_names;
  bare_names.reserve(names.size());
  for (const std::string& name : names) bare_names.push_back(without_dashes(name));
  auto found = std::ranges::find_if(bare_names, [&](auto name) { return !bare.empty() && name.starts_with(bare); });
  if (found == bare_names.end()) found = std::ranges::find(bare_names, config::did_you_mean(bare, bare_names));
  if (found == bare_names.end()) return {};
  return fmt::format(", did you mean \"{}\"?", names[static_cast<std::size_t>(found - bare_names.begin())]);
}

std::string misplaced_before_command(CLI::App& app, const std::string& word) {
  const std::vector<std::string> commands = commands_of(app);
  const std::vector<std::string> options = options_of(app);
  if (word.starts_with('-')) {
    for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
      if (std::ranges::count(options_of(*command), word) > 0)
        return fmt::format("\"{}\" stands after the command", word);
    return fmt::format("unknown option \"{}\"{}", word, meant(word, options));
  }
  std::vector<std::string> all = commands;
  all.insert(all.end(), options.begin(), options.end());
  const std::string suggestion = meant(word, all);
  return fmt::format("unknown command \"{}\"{}", word,
                     suggestion.empty() ? fmt::format("; there are {}", fmt::join(commands, ", ")) : suggestion);
}

std::string misplaced_after_command(CLI::App& command, const std::string& word) {
  const std::vector<std::string> options = options_of(command);
  if (word.starts_with('-')) return fmt::format("unknown option \"{}\"{}", word, meant(word, options));
  const bool takes_configuration = std::ranges::count(options, "--config") > 0;
  return fmt::format("\"{}\" is not expected here{}", word,
                     takes_configuration ? "; the configuration is --config FILE" : "");
}

}  // namespace

std::string misplaced_word(CLI::App& app) {
  const std::vector<std::string> words = app.remaining();
  if (!words.empty()) {
    const std::string word = words.front().substr(0, words.front().find('='));
    return commands_of(app).empty() ? misplaced_after_command(app, word) : misplaced_before_command(app, word);
  }
  for (CLI::App* command : app.get_subcommands())
    if (std::string misplaced = misplaced_word(*command); !misplaced.empty()) return misplaced;
  return {};
}

}  // namespace pbxbridge::cli
