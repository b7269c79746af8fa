#pragma once

#include "route/possible_events.hpp"
#include "route/template.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::asyncapi {

/// A topic's template as a Channel Address Expression: `{entity|all}` becomes `{entity}`. Nothing where the topic
/// itself has braces, which such an expression cannot hold.
std::optional<std::string> address_of(const route::Template& topic);

/// The parameters of that address, with the values that these events can bring. Empty where it has none.
nlohmann::ordered_json parameters_of(const route::Template& topic, const std::vector<route::PossibleEvent>& events);

}  // namespace pbxbridge::asyncapi
