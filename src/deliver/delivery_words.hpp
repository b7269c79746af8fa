#pragma once

// Words for a delivery in a log line. Topics and keys are made of what an event holds, phone numbers among it; the
// operator finds the event by its id (`pbxbridge dead-letters show`, `pbxbridge spool list`).

#include "deliver/delivery_queue.hpp"
#include "observe/log.hpp"
#include "pbxbridge/delivery.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::deliver {

/// The topic as the configuration has it, `calls/{caller}`, with what names nobody filled in: the placeholders `pbx`,
/// `family`, `event_type` and `entity_kind`. A fallback topic as it is.
std::string topic_for_log(const Delivery& delivery);

/// `words`, which a library may have made of the delivery's topic and key, without what of them came from the event; as
/// `text::log_text` leaves it.
std::string words_for_log(const Delivery& delivery, std::string_view words);

/// The reason why a delivery was not taken, likewise, and the words of the peer: without secrets, and without what may
/// have come from other events, too, which looks like a topic or a number.
std::string words_for_log(const Delivery& delivery, const Outcome& outcome);

/// `text` of ours on a connection as a whole, which may name topics: those that were made of events as the
/// configuration has them. After it the words of the peer, without what came from the events in the queue, and
/// otherwise as above.
std::string words_for_log(const DeliveryQueue& queue, std::string_view text, std::string_view peer_words);

/// All that is known of why a delivery was not taken, for those who may see the event itself: without secrets, on one
/// line of at most 1,000 bytes.
std::string whole_reason(const Outcome& outcome);

/// `topic`, `event_id` and `event_type`.
std::vector<observe::LogField> fields_for_log(const Delivery& delivery);

}  // namespace pbxbridge::deliver
