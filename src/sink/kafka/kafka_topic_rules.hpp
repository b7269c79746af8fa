#pragma once

#include "pbxbridge/topic_rules.hpp"

#include <array>
#include <string_view>

namespace pbxbridge::sink {

inline constexpr std::array<std::string_view, 2> kafka_reserved_topics{".", ".."};

/// org.apache.kafka.common.internals.Topic.validate: 1 to 249 of [a-zA-Z0-9._-], neither "." nor "..".
inline constexpr TopicRules kafka_topic_rules{
    .characters = AsciiSet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"),
    .beyond_ascii = false,
    .characters_reason = "a Kafka topic has only letters, digits, \".\", \"_\" and \"-\"",
    .reserved_topics = kafka_reserved_topics,
    .reserved_reason = "is not allowed by Kafka",
    .longest_bytes = 249,
    .fallback_topic = "pbx.unroutable",
};

}  // namespace pbxbridge::sink
