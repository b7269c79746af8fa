#pragma once

// A delivery to a sink, and its outcome.

#include "pbxbridge/event.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace pbxbridge {

/// Fields that a route sets for one destination beyond topic and key, the same for all deliveries to it. A sink type
/// that has such fields derives its own options, which the core carries unread.
struct DestinationOptions {
  DestinationOptions() = default;
  DestinationOptions(const DestinationOptions&) = default;
  DestinationOptions& operator=(const DestinationOptions&) = default;
  virtual ~DestinationOptions() = default;

  // The core's own, for messages: a topic may hold what nobody but its readers is to see.
  std::string topic_template;  ///< as the configuration has it
  std::string fallback_topic;
};

/// One event on its way to one topic of one sink.
struct Delivery {
  std::uint64_t token = 0;  ///< names this delivery in its outcome; unique for the life of the sink's loop
  /// A payload of no bytes is a message of no bytes. A removal (`Event::is_removal`) has no payload to deliver, see
  /// `message_payload`: it is what makes the far side forget the key or topic (a null value in Kafka, an empty retained
  /// message in MQTT), or else a message of no bytes. A sink that writes lines writes the event's own payload.
  EventPtr event;
  std::string topic;  ///< already valid under the `TopicRules` of the sink's type
  std::string key;    ///< empty: none
  /// Options as the sink's type has read them, see `options_of`. Null: the sink's settings alone count.
  std::shared_ptr<const DestinationOptions> options;
  bool redelivery = false;  ///< may have been delivered before: on retry, after a lost connection, after a restart
};

/// The options of a delivery to a sink whose type reads them as `Options`: only that type has made them.
template <class Options>
const Options& options_of(const Delivery& delivery) {
  static const Options none;
  return delivery.options ? static_cast<const Options&>(*delivery.options) : none;
}

struct Outcome {
  enum class Kind : std::uint8_t {
    delivered,  ///< the far side has acknowledged it, as durably as it was asked to
    retry,      ///< not now; trying the same bytes again can help
    resend,     ///< not for its own sake: hand it off again at once, ahead of all newer ones of its key
    reject,     ///< never; these bytes will be rejected each time
  };
  Kind kind = Kind::delivered;
  std::string reason;      ///< for the operator; empty when delivered
  std::string peer_words;  ///< the far side's own, as they came; see `Error::peer_words`

  static Outcome delivered() { return {}; }
  static Outcome retry(std::string reason) { return {Kind::retry, std::move(reason), {}}; }
  static Outcome resend(std::string reason) { return {Kind::resend, std::move(reason), {}}; }
  static Outcome reject(std::string reason) { return {Kind::reject, std::move(reason), {}}; }
};

}  // namespace pbxbridge
