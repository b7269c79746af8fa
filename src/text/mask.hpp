#pragma once

#include <string>
#include <string_view>

namespace pbxbridge::text {

/// A number of an extension, a queue or a caller, for people who need not know it: its last quarter, two
/// characters at the most (the id of a queue ends in its number), after an asterisk for each that is hidden, eight at
/// the most. All of it is hidden where it is not ASCII.
std::string masked(std::string_view text);

/// The same text where it is a name such as programs have, of letters, digits, `_`, `-`, `.` and `:`, at most 64 of
/// them and at most 5 digits; otherwise `(no plain name)`: a PBX may have put a person's name or number there.
std::string plain_name(std::string_view text);

}  // namespace pbxbridge::text
