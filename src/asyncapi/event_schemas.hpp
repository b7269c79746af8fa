#pragma once

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <string_view>

namespace pbxbridge::asyncapi {

/// Returns whether docs/schemas/events has a schema of that event type.
bool has_schema(std::string_view event_type);

/// The schemas of these event types, and the definitions that they share, as AsyncAPI's `components.schemas` holds
/// them.
nlohmann::ordered_json component_schemas(const std::set<std::string>& event_types);

/// Points to what stands at `target`.
inline nlohmann::ordered_json reference(const std::string& target) { return {{"$ref", target}}; }

/// `#/components/schemas/NAME`.
std::string schema_reference(std::string_view name);

}  // namespace pbxbridge::asyncapi
