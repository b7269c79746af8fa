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

/// `words`, which a peer or a library may have made of the delivery's topic and key, without what of them came from the
/// event; as `text::log_text` leaves it.
std::string words_for_log(const Delivery& delivery, std::string_view words);

/// `text` of ours, which may name topics, with those that were made of events as the configuration has them.
std::string topics_for_log(const DeliveryQueue& queue, std::string_view text);

/// `words` of the far side on a connection as a whole, which may repeat anything that it was sent: without what came
/// from the events in the queue, without secrets and what may have come from other events, which looks like a topic
/// or a number; as `text::log_text` leaves it.
std::string peer_words_for_log(const DeliveryQueue& queue, std::string_view peer_words);

/// `topic`, `event_id` and `event_type`.
std::vector<observe::LogField> fields_for_log(const Delivery& delivery);

}  // namespace pbxbridge::deliver
