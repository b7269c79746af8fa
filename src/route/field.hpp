#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pbxbridge::route {

/// Attributes of an event, by the names that a route uses for them.
enum class Attribute : std::uint8_t {
  pbx,
  family,
  event_type,
  tenant,
  entity,
  entity_kind,
  id,            ///< unique and the same on every retry
  content_hash,  ///< the same in two replicas
  snapshot,      ///< "true", or not there
  date,          ///< UTC day of reception, `2025-11-24`
};

std::optional<Attribute> attribute_from_string(std::string_view name);
const std::vector<std::string_view>& attribute_names();
/// The attribute that this name of a payload field was probably meant to be, for a mistyped one is a field that no
/// payload has; empty where there is none.
std::string_view attribute_meant_by(std::string_view name);

/// Names of fields and indices of arrays, from the top of the payload down.
using PayloadPath = std::vector<std::string>;

/// Operand of a `match` or a template: an attribute, or a field of the payload.
using Field = std::variant<Attribute, PayloadPath>;

/// `NAME` is an attribute if there is one of that name, else a top-level field of the payload. Dots lead into objects
/// and arrays (`status.0.extension`). With `payload.` before it, it is a field of the payload whatever its name.
/// Nothing where a segment is empty.
std::optional<Field> field_from_string(std::string_view name);

}  // namespace pbxbridge::route
