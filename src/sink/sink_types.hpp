#pragma once

#include "config/sink_type.hpp"

#include <span>
#include <string_view>

namespace pbxbridge::sink {

/// Every type that pbxbridge has, in the order of the reference.
std::span<const config::SinkType> sink_types();
/// Null where there is none of that name.
const config::SinkType* find_sink_type(std::string_view name);

}  // namespace pbxbridge::sink
