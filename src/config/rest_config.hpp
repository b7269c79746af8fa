#pragma once

#include "pbxbridge/config/location.hpp"
#include "pbxbridge/config/values.hpp"

#include <string>

namespace pbxbridge::config {

struct PbxConfig;
class WrittenKeys;

/// The REST interface of a PBX of version 22.
struct RestConfig {
  Located<std::string> url;
  std::string username;  ///< empty: the account of `auth`
  Secret password;       ///< set where `username` is
  static const Schema<RestConfig>& schema();
};

/// Checks what concerns `rest` and the account or dialect of its PBX.
void check_rest(const PbxConfig& pbx, const WrittenKeys& written, Report& report);

}  // namespace pbxbridge::config
