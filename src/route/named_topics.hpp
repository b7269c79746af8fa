#pragma once

#include "pbxbridge/examination.hpp"
#include "pbxbridge/sink_type.hpp"

#include <span>
#include <string>
#include <vector>

namespace pbxbridge::config {
struct Config;
}

namespace pbxbridge::route {

/// The topics that the routes and `dead_letters_to` can name in a sink, as far as the configuration tells without an
/// event: placeholders for the PBX, the family and the type of an event are filled in for all events that the
/// subscriptions bring. `config` has no errors. None for a sink without topics.
std::vector<ExaminedTopic> named_topics(const config::Config& config, std::span<const SinkType> types,
                                        const std::string& sink);

}  // namespace pbxbridge::route
