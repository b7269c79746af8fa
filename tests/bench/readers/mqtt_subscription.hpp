#pragma once

#include "truth/cloudevent.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::bench {

/// A subscription of the few packets that it needs, and in MQTT 3.1.1 where nobody asks for attributes, which only
/// MQTT 5 has. With QoS 0 it is faster than any bridge and costs the broker the least: on one connection over TCP to a
/// broker that drops nothing (max_queued_messages 0) it gets all there is, in order. With QoS 1 it tells that each
/// message was published so: a broker never raises it.
class MqttSubscription {
 public:
  struct Options {
    std::uint16_t port = 0;
    std::string filter;
    std::uint8_t qos = 0;          ///< 0 or 1
    bool with_attributes = false;  ///< attributes of CloudEvents
  };

  /// Connected and subscribed on return. Throws std::exception where that cannot be.
  explicit MqttSubscription(const Options& options);
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
  /// the broker has closed the connection. Throws std::runtime_error on a message of another QoS than was asked for.
  bool read(const Take& take);

 private:
  void send(std::string_view packet) const;
  /// The body of the packet that comes next, which must be of that kind.
  std::string_view expect(std::uint8_t kind);
  Message message_of(std::string_view body);
  bool fill();
  /// Takes one whole packet off what was received; its first byte, or 0 where none is whole yet.
  std::uint8_t next(std::string_view& body);

  const std::uint8_t qos_;
  const bool with_attributes_;
  int socket_ = -1;
  std::string acknowledgements_;  ///< acknowledgements of what was taken since the last were sent
  std::string received_;
  std::size_t begin_ = 0;  ///< begin of what has not been taken yet
  std::size_t end_ = 0;    ///< end of what was received
};

}  // namespace pbxbridge::bench
