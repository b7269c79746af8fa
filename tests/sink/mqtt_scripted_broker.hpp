#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// An MQTT 5 broker that answers as a test says, for answers that mosquitto never gives. On the test's event loop. It
/// takes QoS 0 and 1 and forgets what it took.
class ScriptedMqttBroker {
 public:
  struct Message {
    std::string topic;
    std::string payload;
  };
  struct Acknowledgement {
    std::uint8_t reason_code = 0;
    std::string reason_string;
    /// The connection ends instead, with a DISCONNECT of `reason_code` where that is not 0.
    bool hangs_up = false;
  };

  explicit ScriptedMqttBroker(boost::asio::any_io_executor executor);
  ~ScriptedMqttBroker();

  std::uint16_t port() const;

  /// CONNACK's reason code.
  std::uint8_t connect_reason_code = 0;
  /// CONNACK's properties in the standard's encoding (MQTT 5.0, 2.2.2), without their length.
  std::string connect_properties;
  /// Answer to each PUBLISH; nothing set: success.
  std::function<Acknowledgement(const Message&)> acknowledge;
  /// No PUBLISH is answered.
  bool is_silent = false;
  /// Answer to a packet, by its first byte and its body, in place of all this; nothing: as without it.
  std::function<std::optional<std::string>(std::uint8_t first, const std::string& body)> script;
  /// Bodies of the DISCONNECTs that came.
  std::vector<std::string> disconnects;
  /// Messages that were taken with success.
  std::vector<Message> messages;
  /// No PINGREQ is answered.
  bool ignores_pings = false;
  /// Packet identifiers of the PUBLISHes that came, as their two bytes; empty with QoS 0.
  std::vector<std::string> identifiers;
  /// PINGREQs.
  int pings = 0;

  /// All bytes of all connections that stand.
  std::string received() const;
  /// Any bytes, to all connections.
  void send(const std::string& bytes);
  /// Ends all connections with a DISCONNECT.
  void disconnect(std::uint8_t reason_code);
  /// Ends all connections without a word.
  void hang_up();

 private:
  class Connection;
  struct State;
  void accept();
  std::shared_ptr<State> state_;
};

}  // namespace pbxbridge::test
