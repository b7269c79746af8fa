#pragma once

#include <string>
#include <string_view>

namespace pbxbridge::tap {

/// A number of an extension, a queue or a caller, for people who need not know it: its last quarter, after an asterisk
/// for each character that is hidden, eight at the most. All of it is hidden where it is not ASCII.
std::string masked(std::string_view text);

}  // namespace pbxbridge::tap
