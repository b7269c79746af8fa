#include "cli/options.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace pbxbridge::cli {

bool writes_to_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

std::string example(std::string_view arguments) { return fmt::format("Example:\n  pbxbridge {}", arguments); }

CLI::App* add_command_with_configuration(CLI::App& app, const std::string& name, const std::string& text,
                                         std::filesystem::path& file) {
  CLI::App* command = app.add_subcommand(name, text);
  command->add_option("-c,--config", file, "The configuration, a YAML file")
      ->required()
      ->type_name("FILE")
      ->check([](const std::string& path) { return path.empty() ? "names no file" : std::string(); });
  return command;
}

}  // namespace pbxbridge::cli
