#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::config {

/// The key in lower case, without quotation marks and what is not ASCII.
std::string lower_case_key(std::string_view key);

/// Returns whether the value of such a key may be a secret: one of `secret_names`, nearly one of them, or a word that
/// speaks of one. A path to a file is none.
bool may_name_secret(std::string_view key, const std::vector<std::string_view>& secret_names);

}  // namespace pbxbridge::config
