#include "mqtt/connect.hpp"

#include "mqtt/packet_bytes.hpp"
#include "mqtt/properties.hpp"

#include <fmt/format.h>

namespace pbxbridge::mqtt {
namespace {

/// Nothing where it has its default.
void append_property(std::string& properties, PropertyIdentifier identifier, std::uint32_t value) {
  if (value == 0) return;
  append_identifier(properties, identifier);
  append_four_byte_integer(properties, value);
}

void append_properties(std::string& out, std::string_view properties) {
  append_variable_byte_integer(out, properties.size());
  out += properties;
}

std::string connect_properties(const Connect& connect) {
  std::string properties;
  append_property(properties, PropertyIdentifier::session_expiry_interval, connect.session_expiry_interval);
  append_property(properties, PropertyIdentifier::maximum_packet_size, connect.maximum_packet_size);
  return properties;
}

std::string will_properties(const Will& will) {
  std::string properties;
  append_property(properties, PropertyIdentifier::will_delay_interval, will.delay_interval);
  return properties;
}

/// MQTT 5.0, 3.1.2.3.
unsigned connect_flags(const Connect& connect) {
  unsigned flags = 0;
  if (connect.clean_start) flags |= 0x02U;
  if (connect.will) flags |= 0x04U | connect.will->qos << 3U | (connect.will->retain ? 0x20U : 0U);
  if (connect.password) flags |= 0x40U;
  if (connect.user_name) flags |= 0x80U;
  return flags;
}

/// Reads a property; returns a clause where it is not allowed.
std::string take(const Property& property, Connack& connack) {
  switch (property.identifier) {
    case PropertyIdentifier::receive_maximum:
      if (property.number == 0) return "its Receive Maximum is 0";
      connack.receive_maximum = static_cast<std::uint16_t>(property.number);
      break;
    case PropertyIdentifier::maximum_packet_size:
      if (property.number == 0) return "its Maximum Packet Size is 0";
      connack.maximum_packet_size = property.number;
      break;
    case PropertyIdentifier::maximum_qos:
      if (property.number > 1) return fmt::format("its Maximum QoS is {}", property.number);
      connack.maximum_qos = property.number;
      break;
    case PropertyIdentifier::retain_available:
      connack.retain_available = property.number != 0;
      break;
    case PropertyIdentifier::server_keep_alive:
      connack.server_keep_alive = static_cast<std::uint16_t>(property.number);
      break;
    case PropertyIdentifier::assigned_client_identifier:
      connack.assigned_client_identifier = property.text;
      break;
    case PropertyIdentifier::reason_string:
      connack.reason_string = property.text;
      break;
    case PropertyIdentifier::server_reference:
      connack.server_reference = property.text;
      break;
    default:
      break;
  }
  return {};
}

}  // namespace

void append_connect(std::string& out, const Connect& connect, Version version) {
  std::string body;
  append_string(body, "MQTT");
  append_byte(body, static_cast<unsigned>(version));
  append_byte(body, connect_flags(connect));
  append_two_byte_integer(body, connect.keep_alive);
  if (version == Version::v5) append_properties(body, connect_properties(connect));
  append_string(body, connect.client_identifier);
  if (connect.will) {
    if (version == Version::v5) append_properties(body, will_properties(*connect.will));
    append_string(body, connect.will->topic);
    append_string(body, connect.will->payload);
  }
  if (connect.user_name) append_string(body, *connect.user_name);
  if (connect.password) append_string(body, *connect.password);

  append_byte(out, static_cast<unsigned>(PacketType::connect) << 4);
  append_variable_byte_integer(out, body.size());
  out += body;
}

Result<Connack> read_connack(std::string_view body, Version version) {
  FieldReader fields(body);
  Connack connack;
  const unsigned flags = fields.byte();
  connack.reason_code = fields.byte();
  if (fields.failed()) return Error{ErrorCategory::network, "it is cut short"};
  if (flags > 1) return Error{ErrorCategory::network, fmt::format("its flags are 0x{:02X}", flags)};
  connack.session_present = flags == 1;
  // A broker that knows no MQTT 5 rejects it as MQTT 3.1.1 does, without properties.
  const bool is_older = version == Version::v5 && fields.at_end() && connack.reason_code != reason::success;
  if (version == Version::v5 && !is_older) {
    PropertyReader properties(fields);
    while (const auto property = properties.next())
      if (std::string problem = take(*property, connack); !problem.empty())
        return Error{ErrorCategory::network, std::move(problem)};
    if (!properties.problem().empty()) return Error{ErrorCategory::network, properties.problem()};
  }
  if (fields.failed() || !fields.at_end()) return Error{ErrorCategory::network, "its length does not fit its content"};
  return connack;
}

}  // namespace pbxbridge::mqtt
