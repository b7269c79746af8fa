#pragma once

#include "mqtt/packet_identifiers.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace pbxbridge::sink {

/// Memory that one connection of an MQTT sink leaves to the next: each is an object of its own. On the io thread.
///
/// It keeps two clients with one client id from throwing each other out in turn without end. With MQTT 5 a broker may
/// say so ("session taken over"); with MQTT 3.1.1, and some brokers with MQTT 5, it only closes the connection, so that
/// three closed ones in a row, each within ten seconds of being accepted, are taken for it where nothing else explains
/// them: a connection that carried a message has been of use, or was ended for that message.
class SessionMemory {
 public:
  using Clock = std::chrono::steady_clock;

  /// The configured id, or one that no other process has, the same for all connections of this process: the broker then
  /// ends a half-open earlier connection by itself. At most 23 characters of `[0-9a-zA-Z-]`, as every broker must take
  /// (MQTT 3.1.1, 3.1.3.1; the hyphen is beyond it and taken by all that are known).
  const std::string& client_id(const std::string& configured);
  /// Those of that client id. With a configured one, earlier processes may have left exchanges with the broker.
  mqtt::PacketIdentifiers& packet_identifiers(const std::string& configured);
  /// True once: the broker acknowledges QoS 2 as if it were QoS 1.
  bool first_downgrade() { return !std::exchange(downgraded_, true); }

  /// The broker has rejected a message because of its QoS, or because it was retained: it had not announced that. Held
  /// for some minutes only, for it may be changed meanwhile.
  void rejected_qos(unsigned qos, Clock::time_point now);
  void rejected_retained(Clock::time_point now);
  /// The highest QoS of MQTT, unless the broker has rejected it.
  unsigned maximum_qos(Clock::time_point now) const;
  bool takes_retained(Clock::time_point now) const { return now >= retained_again_at_; }

  /// The broker has acknowledged a message of QoS 2.
  void took_qos_2() { has_taken_qos_2_ = true; }
  bool has_taken_qos_2() const { return has_taken_qos_2_; }

  void connected(Clock::time_point now);
  void taken_over(Clock::time_point now);
  /// The connection ended without a reason. True where a takeover is to be suspected.
  bool dropped(Clock::time_point now, bool carried_messages);

  /// Returns how long to wait before connecting again; the core waits for its own back-off where that is longer.
  Clock::duration wait(Clock::time_point now) const;

 private:
  void back_off(Clock::time_point now, Clock::duration longest);

  std::string generated_client_id_;
  std::optional<mqtt::PacketIdentifiers> packet_identifiers_;
  bool downgraded_ = false;
  bool has_taken_qos_2_ = false;
  unsigned maximum_qos_ = 2;  // until then
  Clock::time_point any_qos_again_at_{};
  Clock::time_point retained_again_at_{};
  std::optional<Clock::time_point> connected_at_;
  std::uint32_t early_drops_ = 0;
  std::uint32_t takeovers_ = 0;
  Clock::time_point not_before_{};
  Clock::time_point last_takeover_{};
};

}  // namespace pbxbridge::sink
