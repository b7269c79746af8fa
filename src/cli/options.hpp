#pragma once

#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace pbxbridge::cli {

/// A command with the option --config, which is required, and whose value goes to `file`.
CLI::App* add_command_with_configuration(CLI::App& app, const std::string& name, const std::string& text,
                                         std::filesystem::path& file);
/// Text under the help of a command; `arguments` come after the program's name.
std::string example(std::string_view arguments);
bool writes_to_terminal();

}  // namespace pbxbridge::cli
