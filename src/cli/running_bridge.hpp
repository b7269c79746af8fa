#pragma once

#include "admin/http_get.hpp"
#include "pbxbridge/error.hpp"

#include <filesystem>
#include <iosfwd>
#include <string>

namespace pbxbridge::cli {

/// The bridge that runs with a configuration, as its admin endpoint answers. What else is wrong in the file does not
/// matter: it may have been edited since. Blocks, for 5 s at the most.
class RunningBridge {
 public:
  /// `address`: empty where the configuration says where it listens.
  RunningBridge(std::filesystem::path configuration_file, std::string address)
      : configuration_file_(std::move(configuration_file)), address_(std::move(address)) {}

  Result<admin::HttpAnswer> ask(const std::string& target) const;
  /// The document that /status serves; an error where it answers anything else.
  Result<std::string> status() const;

 private:
  std::filesystem::path configuration_file_;
  std::string address_;
};

}  // namespace pbxbridge::cli
