#pragma once

// Applies the rules that make a topic valid for a sink, whatever an event put into it.

#include "pbxbridge/topic_rules.hpp"

#include <string>
#include <string_view>

namespace pbxbridge::route {

/// Describes what is wrong with a literal part of a topic: a clause, or an empty text.
std::string problem_of_literal(const TopicRules& rules, std::string_view text);

/// Describes what is wrong with a whole topic that no event changes: a clause, or an empty text.
std::string problem_of_topic(const TopicRules& rules, std::string_view topic);

/// Appends what an event yields, with `_` for each character that the rules do not take from data.
void append_value(const TopicRules& rules, std::string_view value, std::string& topic);

/// Makes the whole valid after all values are in: what is empty or reserved gets `_`; what is too long is cut and ends
/// in a hash of the whole, so that different topics stay different. The topic is not empty.
void finish_topic(const TopicRules& rules, std::string& topic);

/// Cuts `text` (UTF-8) to `maximum` bytes, at least 32, ending in a hash of the whole; nothing where it fits.
void shorten(std::string& text, std::size_t maximum);

}  // namespace pbxbridge::route
