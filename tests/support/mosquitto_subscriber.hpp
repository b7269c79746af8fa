#pragma once

#include "mosquitto_broker.hpp"
#include "mqtt_access.hpp"
#include "process.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::test {

struct ReceivedMessage {
  std::string topic;
  std::string payload;  ///< the bytes
  int qos = 0;
  bool retain = false;  ///< as published
  std::string content_type;
  std::optional<std::uint32_t> message_expiry;
  std::map<std::string, std::string> user_properties;
};

/// A mosquitto_sub, a consumer that is not our code. It connects again by itself; its session lasts,
/// so that a broker that persists gives it what it missed.
class MosquittoSubscriber {
 public:
  /// Returns when it is subscribed. QoS 2 is for few messages: mosquitto 2.0.11 stops handing them out under load.
  explicit MosquittoSubscriber(const MqttAccess& broker, std::string topic_filter = "#", int qos = 2);
  explicit MosquittoSubscriber(const MosquittoBroker& broker, std::string topic_filter = "#", int qos = 2)
      : MosquittoSubscriber(broker.access(), std::move(topic_filter), qos) {}

  /// Returns how often it has subscribed: once more after each time that it lost the broker.
  std::size_t subscriptions() const;
  /// All that has come so far, in order.
  std::vector<ReceivedMessage> messages() const;
  /// Those on one topic.
  std::vector<ReceivedMessage> messages(const std::string& topic) const;
  /// The first `count` that have come or will come before `deadline`; fewer, if fewer do.
  std::vector<ReceivedMessage> wait_for(std::size_t count,
                                        std::chrono::milliseconds deadline = std::chrono::seconds(15)) const;
  /// Waits until there is one on this topic.
  [[nodiscard]] bool wait_for_topic(const std::string& topic,
                                    std::chrono::milliseconds deadline = std::chrono::seconds(15)) const;

 private:
  Process process_;
};

}  // namespace pbxbridge::test
