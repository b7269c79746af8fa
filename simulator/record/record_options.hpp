#pragma once

#include "config/pbx_config.hpp"

#include <chrono>
#include <filesystem>
#include <optional>

namespace pbxbridge::sim {

struct RecordOptions {
  config::PbxConfig pbx;
  std::filesystem::path out;
  std::chrono::seconds duration{0};  ///< 0: until it is interrupted
};

/// Reads the command line and the account's file. Empty where the program is to end at once with `exit_code`, after
/// --help or a mistake, which is reported. Throws std::runtime_error for what is wrong with the account's file.
std::optional<RecordOptions> parse_record_options(int argument_count, const char* const* arguments, int& exit_code);

}  // namespace pbxbridge::sim
