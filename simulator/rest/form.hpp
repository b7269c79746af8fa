#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

using Form = std::map<std::string, std::string, std::less<>>;

/// Reads `name=value&name=value`, percent-encoded, as a query and the body of a login have it. Nothing where a percent
/// sign is not followed by two hexadecimal digits. Of a name that is repeated the last value counts.
std::optional<Form> parse_form(std::string_view text);

/// Empty where the form has no such name.
std::string value_of(const Form& form, std::string_view name);

}  // namespace pbxbridge::sim
