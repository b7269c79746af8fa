#pragma once

// Rules that make a topic valid for a sink, whatever an event put into it.

#include "config/sink_type.hpp"

#include <string>
#include <string_view>

namespace pbxbridge::route {

/// Topic of events whose own cannot be made, if the route names no `fallback_topic`.
inline constexpr std::string_view kafka_fallback_topic = "pbx.unroutable";
inline constexpr std::string_view mqtt_fallback_topic = "pbx/unroutable";

std::string_view default_fallback_topic(config::TopicSyntax syntax);

/// Describes what is wrong with a literal part of a topic: a clause, or an empty text.
std::string problem_of_literal(config::TopicSyntax syntax, std::string_view text);

/// Describes what is wrong with a whole topic that no event changes: a clause, or an empty text.
std::string problem_of_topic(config::TopicSyntax syntax, std::string_view topic);

/// Appends what an event yields, with `_` for each character that the sink's topics cannot hold or that would change
/// their structure: for MQTT `+`, `#`, `/`, what a receiver may reject (text/exchangeable.hpp) and a `$` at the very
/// beginning, which brokers reserve.
void append_value(config::TopicSyntax syntax, std::string_view value, std::string& topic);

/// Makes the whole valid after all values are in: an empty level (MQTT), `.` and `..` (Kafka) get `_`; what is too long
/// is cut and ends in a hash of the whole, so that different topics stay different. The topic is not empty.
void finish_topic(config::TopicSyntax syntax, std::string& topic);

/// Cuts `text` (UTF-8) to `maximum` bytes, at least 32, ending in a hash of the whole; nothing where it fits.
void shorten(std::string& text, std::size_t maximum);

}  // namespace pbxbridge::route
