#pragma once

#include "mqtt/protocol.hpp"
#include "pbxbridge/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::mqtt {

/// Message that the broker publishes for a client whose connection ends without a DISCONNECT.
struct Will {
  std::string topic;
  std::string payload;
  unsigned qos = 0;
  bool retain = false;
  std::uint32_t delay_interval = 0;  ///< seconds, MQTT 5 only: so long, and no longer than the session lasts
};

/// CONNECT (MQTT 5.0, 3.1). Each text is at most `largest_string` long.
struct Connect {
  std::string client_identifier;
  bool clean_start = true;       ///< MQTT 3.1.1: Clean Session
  std::uint16_t keep_alive = 0;  ///< seconds; 0: none
  std::optional<Will> will;
  std::optional<std::string> user_name;
  std::optional<std::string> password;
  // MQTT 5 only.
  std::uint32_t maximum_packet_size = 0;      ///< limit on what the broker may send; 0: none
  std::uint32_t session_expiry_interval = 0;  ///< seconds for which the broker keeps the session after a connection
};

void append_connect(std::string& out, const Connect& connect, Version version);

/// CONNACK (MQTT 5.0, 3.2); where the broker says nothing of a limit, the one that then holds by the standard.
struct Connack {
  std::uint8_t reason_code = reason::success;  ///< MQTT 3.1.1: the return code, 1 to 5 where it rejects
  bool session_present = false;
  std::uint16_t receive_maximum = 65'535;
  std::size_t maximum_packet_size = largest_packet;
  unsigned maximum_qos = 2;
  bool retain_available = true;
  std::optional<std::uint16_t> server_keep_alive;  ///< seconds; 0: none
  std::string assigned_client_identifier;
  std::string reason_string;
  std::string server_reference;
};

/// `body` is what follows the fixed header. An error is a clause about the packet.
Result<Connack> read_connack(std::string_view body, Version version);

}  // namespace pbxbridge::mqtt
