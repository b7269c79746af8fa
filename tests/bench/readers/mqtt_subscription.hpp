#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace pbxbridge::bench {

/// A subscription with QoS 0 in MQTT 3.1.1, of the few packets that it needs: so that it is faster than any bridge and
/// costs the broker the least. On one connection over TCP to a broker that drops nothing (max_queued_messages 0) it
/// gets all there is, in order.
class MqttSubscription {
 public:
  /// Connected and subscribed on return. Throws std::exception where that cannot be.
  MqttSubscription(std::uint16_t port, const std::string& filter);
  ~MqttSubscription();
  MqttSubscription(const MqttSubscription&) = delete;
  MqttSubscription& operator=(const MqttSubscription&) = delete;

  int descriptor() const { return socket_; }

  using Take = std::function<void(std::string_view topic, std::string_view payload)>;
  /// Reads once, what has come by now, and calls `take` for each whole message. Waits where nothing has come. False:
  /// the broker has closed the connection.
  bool read(const Take& take);

 private:
  void send(std::string_view packet) const;
  void expect(std::uint8_t kind);
  bool fill();
  /// Takes one whole packet off what was received; its first byte, or 0 where none is whole yet.
  std::uint8_t next(std::string_view& body);

  int socket_ = -1;
  std::string received_;
  std::size_t begin_ = 0;  ///< of what has not been taken yet
  std::size_t end_ = 0;    ///< of what was received
};

}  // namespace pbxbridge::bench
