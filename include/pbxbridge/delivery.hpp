#pragma once

// A delivery to a sink, and its outcome.

#include "pbxbridge/enum_names.hpp"
#include "pbxbridge/event.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace pbxbridge {

/// How an event is put into a message.
enum class Format : std::uint8_t {
  raw,                     ///< the payload bytes and nothing else
  cloudevents,             ///< payload bytes; CloudEvents 1.0 attributes alongside (binary mode)
  cloudevents_structured,  ///< one JSON object that holds attributes and payload (structured mode)
};

template <>
inline constexpr EnumName<Format> enum_names<Format>[] = {{Format::raw, "raw"},
                                                          {Format::cloudevents, "cloudevents"},
                                                          {Format::cloudevents_structured, "cloudevents_structured"}};

/// Options that a route may set for one destination; the sink's own setting stands in for those that it leaves out.
struct DeliveryOptions {
  std::optional<Format> format;
  std::optional<int> qos;                              ///< MQTT: 0, 1 or 2
  std::optional<bool> retain;                          ///< MQTT
  std::optional<std::chrono::seconds> message_expiry;  ///< MQTT 5
  std::optional<std::string> content_type;             ///< MQTT 5; default from the format
  // As the configuration has them, for messages: a topic may hold what nobody but its readers is to see.
  std::string topic_template;
  std::string fallback_topic;
};

/// One event on its way to one topic of one sink.
struct Delivery {
  std::uint64_t token = 0;  ///< names this delivery in its outcome; unique for the life of the sink's loop
  EventPtr event;
  std::string topic;                               ///< already safe for the sink's `TopicSyntax`
  std::string key;                                 ///< empty: none
  std::shared_ptr<const DeliveryOptions> options;  ///< never null
  bool redelivery = false;  ///< may have been delivered before: on retry, after a lost connection, after a restart
};

struct Outcome {
  enum class Kind : std::uint8_t {
    delivered,  ///< the far side has acknowledged it, as durably as it was asked to
    retry,      ///< not now; trying the same bytes again can help
    resend,     ///< not for its own sake: hand it off again at once, ahead of all newer ones of its key
    reject,     ///< never; these bytes will be rejected each time
  };
  Kind kind = Kind::delivered;
  std::string reason;  ///< for the operator; empty when delivered

  static Outcome delivered() { return {}; }
  static Outcome retry(std::string reason) { return {Kind::retry, std::move(reason)}; }
  static Outcome resend(std::string reason) { return {Kind::resend, std::move(reason)}; }
  static Outcome reject(std::string reason) { return {Kind::reject, std::move(reason)}; }
};

}  // namespace pbxbridge
