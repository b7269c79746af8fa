#pragma once

#include "pbxbridge/event.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::spool {

/// An event that one sink has refused for good: what it was, where it should have gone, and why it did not.
struct DeadLetter {
  EventPtr event;
  std::string topic;
  std::string key;     ///< empty: none
  std::string reason;  ///< the sink's, for the operator
  SystemTime refused_at{};
  std::uint32_t attempts = 1;
};

/// A letter's name within its sink: the event's sequence and a number for its topic, so that one event refused in two
/// topics makes two letters, and one refused again replaces its own.
std::string dead_letter_key(const DeadLetter& letter);

std::string encode_dead_letter(const DeadLetter& letter);
/// Nothing where the bytes are damaged.
std::optional<DeadLetter> decode_dead_letter(std::string_view bytes, SpoolId spool_id);

}  // namespace pbxbridge::spool
