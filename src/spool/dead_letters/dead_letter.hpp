#pragma once

#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::spool {

/// An event that one sink has rejected for good: what it was, where it should have gone, and why it did not.
struct DeadLetter {
  EventPtr event;
  std::string topic;
  std::string key;     ///< empty: none
  std::string reason;  ///< the sink's, for the operator
  SystemTime rejected_at{};
  std::uint32_t attempts = 1;
  std::string stored_as;  ///< name in the spool that it was read from
};

/// A letter's name within its sink: the event's sequence and a number for its topic and key, so that one event rejected
/// in two topics, or under two keys, makes two letters, and one rejected again replaces its own. A letter keeps the
/// name that it is stored under: earlier versions left the key out.
std::string dead_letter_key(const DeadLetter& letter);

std::string encode_dead_letter(const DeadLetter& letter);
/// Returns nothing where the bytes are damaged.
std::optional<DeadLetter> decode_dead_letter(std::string_view bytes, SpoolId spool_id);

}  // namespace pbxbridge::spool
