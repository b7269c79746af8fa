#pragma once

#include "config/secret_places.hpp"

#include <string_view>
#include <vector>

namespace pbxbridge::config {

/// Adds the places of what may be secret in the URLs of a configuration's text, and of the password in
/// `user:password@host`.
void find_url_secrets(std::string_view text, std::vector<Span>& places);

}  // namespace pbxbridge::config
