#pragma once

#include "config/pbx_config.hpp"
#include "pbx/dialect.hpp"
#include "pbxbridge/error.hpp"

namespace pbxbridge::pbx {

/// Reads the files that hold them, if files do: so a changed secret is used at the next attempt.
Result<Secrets> read_secrets(const config::AuthConfig& account);

}  // namespace pbxbridge::pbx
