#pragma once

#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>

namespace pbxbridge::cli {

/// The words of `pbxbridge spool ...`. `app`, `file` and `sources` outlive it.
class SpoolOptions {
 public:
  SpoolOptions(CLI::App& app, std::filesystem::path& file, config::SinkSources& sources);
  bool parsed() const { return group_->parsed(); }
  /// Carries out what was parsed; the exit code.
  int run();

 private:
  CLI::App* add(const std::string& name, const std::string& text, SpoolRequest::Action action);
  void add_salvage();
  void add_forget();

  std::filesystem::path& file_;
  config::SinkSources& sources_;
  CLI::App* group_;
  CLI::App* salvage_ = nullptr;
  CLI::App* forget_ = nullptr;
  SpoolRequest request_;
  SalvageRequest salvage_request_;
  ForgetRequest forget_request_;
};

}  // namespace pbxbridge::cli
