#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <string_view>

namespace pbxbridge::cli {

/// Beginning of a command's text that says by itself what it does: up to a full stop, a colon or a semicolon.
std::string_view summary_of(std::string_view text);

/// Writes help that fits a terminal of 80 columns. A list of commands has a summary of each.
class HelpText final : public CLI::Formatter {
 public:
  std::string make_description(const CLI::App* app) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
};

}  // namespace pbxbridge::cli
