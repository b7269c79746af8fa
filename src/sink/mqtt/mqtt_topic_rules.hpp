#pragma once

#include "pbxbridge/topic_rules.hpp"

namespace pbxbridge::sink {

/// MQTT 5.0: 4.7.1 wildcards, 4.7.2 topics that begin with `$`, 1.5.4 at most 65,535 bytes of UTF-8.
inline constexpr TopicRules mqtt_topic_rules{
    .characters = AsciiSet::printable().without("+#"),
    .characters_reason = "no message can be published under a topic with an MQTT wildcard",
    .separator = '/',
    .reserved_beginnings = AsciiSet("$"),
    .longest_bytes = 65'535,
    .fallback_topic = "pbx/unroutable",
};

}  // namespace pbxbridge::sink
