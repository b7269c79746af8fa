#pragma once

#include <cstdint>
#include <string_view>

namespace pbxbridge::sim {

/// Forms in which the values of a field may be let through. Sources: the vendor's samples and pages of 22.3 and 16.x.
enum class FieldKind : std::uint8_t {
  content,     ///< nothing: a number, a name, an id, an address, free text, and whatever is not known
  enumerator,  ///< a name of the protocol, or 0, 1 or -1
  time,        ///< UNIX time
  count,       ///< a number of up to five digits: seconds, places, codes
};

/// `content` for a name that is not known.
FieldKind kind_of_field(std::string_view name);

/// Returns whether the vendor documents a field of that name.
bool is_known_field(std::string_view name);

/// Returns whether it is one of the protocol's own values.
bool is_known_enumerator(std::string_view value);

}  // namespace pbxbridge::sim
