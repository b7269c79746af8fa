#pragma once

#include "mqtt/acknowledgement.hpp"
#include "mqtt/connect.hpp"
#include "mqtt/fixed_header.hpp"
#include "mqtt/in_flight.hpp"
#include "mqtt/packet_identifiers.hpp"
#include "mqtt/publish.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::mqtt {

/// A client's side of one MQTT connection that publishes and subscribes to nothing, without I/O and clocks: what the
/// broker sent goes in, what it means comes out, and what is to be sent waits in `output`.
///
/// Messages go out in the order in which they are published, and none twice: a client of the next connection is another
/// object, and what was in flight is its owner's to publish again. What brokers do beyond the standard, and what this
/// makes of it: docs/decisions/0026.
class Publisher {
 public:
  /// The broker may send packets up to this size, which is far above what a publisher is sent. A PUBLISH, which can
  /// come from a kept session with subscriptions of another program, may be of any size: it is skipped as it comes.
  static constexpr std::uint32_t largest_incoming = 64 * 1024;

  /// Bound where MQTT 3.1.1 lets a broker not say how many messages it takes at once. Of QoS 1 it can answer each as it
  /// comes. Of QoS 2 it has to remember each, and mosquitto (2.0.11), which remembers 20 unless it is told otherwise,
  /// acknowledges and loses what is beyond that.
  static constexpr std::size_t largest_window_of_qos_2_in_3_1_1 = 20;

  /// Lets at most `receive_maximum` messages of QoS 1 and 2 be in flight at once, and no more than the broker allows.
  /// `identifiers` are those of the client id, over all its connections; they outlive this object.
  Publisher(Version version, std::uint16_t receive_maximum, PacketIdentifiers& identifiers)
      : version_(version), receive_maximum_(receive_maximum), identifiers_(identifiers) {
    identifiers_.begin_connection();
  }

  /// Puts a CONNECT into the output; once, first of all.
  void connect(const Connect& connect);

  struct Incoming {
    enum class Kind : std::uint8_t {
      nothing,       ///< more bytes are needed
      accepted,      ///< CONNACK: see `connack`
      rejected,      ///< CONNACK: see `connack`; nothing follows
      pong,          ///< the broker has answered a ping
      acknowledged,  ///< the message of `token` is done with, as the reason code and `reason_string` say
      disconnected,  ///< DISCONNECT, with reason code and `reason_string`, and `detail` for a server's name; nothing
                     ///< follows
      failed,  ///< it does not keep to the protocol: `detail` says how, a clause ("it sent ..."); nothing follows,
               ///< and the output says so to the broker
    };
    /// Speaker of what `failed`, where that can be told.
    enum class Peer : std::uint8_t { unknown, broker, http_server };
    Kind kind = Kind::nothing;
    Peer peer = Peer::unknown;
    std::uint8_t reason_code = reason::success;
    std::uint64_t token = 0;
    unsigned qos = 0;                ///< of the message that is acknowledged
    bool is_downgraded = false;      ///< a message of QoS 2 was acknowledged as one of QoS 1
    std::string_view reason_string;  ///< a view of the bytes that were passed in
    std::string detail;
  };
  /// The next of what `bytes` holds; what it took is cut off at their front. To be called until it says `nothing`, then
  /// again with the bytes that were left and more after them.
  Incoming next(std::string_view& bytes);

  /// Limits that the broker announced; from `accepted` on.
  const Connack& connack() const { return connack_; }

  // Between `accepted` and `disconnect`:

  std::size_t window() const { return in_flight_->limit(); }
  /// Returns whether a message can be published now.
  bool has_room(unsigned qos) const;
  /// Called where there is no room, and again while there is none: has the broker complete what earlier
  /// connections may have left under the identifiers that come next, in case that stands in the way.
  void request_room(unsigned qos);
  /// Never tells the broker from now on to release a message of QoS 2: its PUBREC is what `acknowledged` reports. A
  /// broker that holds messages back until then (MQTT 3.1.1, 4.3.3, method A) hands them to no subscriber.
  void withhold() { is_withholding_ = true; }
  /// Answered by `acknowledged` with this token, unless it is of QoS 0. The packet is within the limits of `connack`,
  /// and there is room for it.
  void publish(std::uint64_t token, const Publish& publish);
  void ping() { append_pingreq(output_); }
  /// Nothing may be sent after it. With MQTT 3.1.1 only `success` can be told, and it makes the broker drop the will:
  /// for any other reason nothing is put out.
  void disconnect(std::uint8_t reason_code = reason::success);

  /// Messages of QoS 1 and 2 that are not acknowledged; see InFlight for its ticks.
  std::size_t in_flight() const { return in_flight_ ? in_flight_->size() : 0; }
  void tick() { in_flight_->tick(); }
  /// Age of the oldest message, or of the request of `request_room`.
  std::uint32_t oldest_age() const;

  /// Number of whole packets that have come. Where it grows, the broker lives; bytes alone do not show that.
  std::uint64_t packets() const { return packets_; }

  /// Bytes to be sent; whoever sends them empties it.
  std::string& output() { return output_; }

 private:
  enum class Phase : std::uint8_t { connecting, connected, ended };
  /// Handling of QoS 2 by the broker, as far as this connection has shown.
  enum class Qos2 : std::uint8_t { unproven, exactly_once, downgraded };

  Incoming read(const FixedHeader& header, std::string_view body);
  Incoming read_connack(std::string_view body);
  Incoming read_acknowledgement(PacketType type, std::string_view body);
  Incoming read_disconnect(std::string_view body);
  std::optional<Incoming> take_publish(const FixedHeader& header, std::string_view& bytes);
  Incoming read_acknowledgement_of_nothing(PacketType type, std::uint16_t identifier);
  Incoming release_earlier(const Acknowledgement& acknowledgement);
  Incoming done(const Acknowledgement& acknowledgement);
  Incoming fail(std::string detail, std::uint8_t reason_code = reason::protocol_error);
  Incoming fail_malformed(PacketType type, std::string_view problem);
  bool is_in_use(std::uint16_t identifier) const;
  std::uint16_t next_identifier(unsigned qos) const;

  const Version version_;
  const std::uint16_t receive_maximum_;
  PacketIdentifiers& identifiers_;
  Phase phase_ = Phase::connecting;
  bool clean_start_ = true;
  Qos2 qos_2_ = Qos2::unproven;
  Connack connack_;
  std::optional<InFlight> in_flight_;     // once connected
  std::vector<std::uint16_t> releasing_;  // PUBREL was sent before they are used, and PUBCOMP is due
  std::uint32_t release_began_ = 0;       // ticks before
  std::size_t left_to_skip_ = 0;          // for a PUBLISH
  bool is_withholding_ = false;
  std::uint64_t packets_ = 0;
  std::string output_;
};

}  // namespace pbxbridge::mqtt
