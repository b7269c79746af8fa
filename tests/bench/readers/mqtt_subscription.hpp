#pragma once

#include "truth/cloudevent.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::bench {

/// A subscription with QoS 0, of the few packets that it needs, and in MQTT 3.1.1 where nobody asks for attributes,
/// which only MQTT 5 has: so that it is faster than any bridge and costs the broker the least. On one connection over
/// TCP to a broker that drops nothing (max_queued_messages 0) it gets all there is, in order.
class MqttSubscription {
 public:
  /// Connected and subscribed on return. Throws std::exception where that cannot be.
  MqttSubscription(std::uint16_t port, const std::string& filter, bool with_attributes);
  ~MqttSubscription();
  MqttSubscription(const MqttSubscription&) = delete;
  MqttSubscription& operator=(const MqttSubscription&) = delete;

  int descriptor() const { return socket_; }

  struct Message {
    std::string_view topic;
    std::string_view payload;
    std::optional<CloudEvent> attributes;  ///< as its user properties say, where they were asked for
  };
  using Take = std::function<void(const Message&)>;
  /// Reads once, what has come by now, and calls `take` for each whole message. Waits where nothing has come. False:
  /// the broker has closed the connection.
  bool read(const Take& take);

 private:
  void send(std::string_view packet) const;
  /// The body of the packet that comes next, which must be of that kind.
  std::string_view expect(std::uint8_t kind);
  Message message_of(std::string_view body) const;
  bool fill();
  /// Takes one whole packet off what was received; its first byte, or 0 where none is whole yet.
  std::uint8_t next(std::string_view& body);

  const bool with_attributes_;
  int socket_ = -1;
  std::string received_;
  std::size_t begin_ = 0;  ///< of what has not been taken yet
  std::size_t end_ = 0;    ///< of what was received
};

}  // namespace pbxbridge::bench
