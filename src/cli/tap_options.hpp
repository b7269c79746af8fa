#pragma once

#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace pbxbridge::cli {

/// The words of `pbxbridge tap`. `app` and `file` outlive it.
class TapOptions {
 public:
  TapOptions(CLI::App& app, std::filesystem::path& file);
  bool parsed() const { return command_->parsed(); }
  /// Carries out what was parsed; the exit code.
  int run() const;

 private:
  void add_pattern(const std::string& option, const std::string& field, const std::string& text);
  void add_fields(const std::vector<std::string>& all);

  std::filesystem::path& file_;
  CLI::App* command_;
  tap::TapRequest request_;
  bool json_ = false;
};

}  // namespace pbxbridge::cli
