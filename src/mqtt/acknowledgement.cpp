#include "mqtt/acknowledgement.hpp"

#include "mqtt/packet_bytes.hpp"
#include "mqtt/properties.hpp"

#include <utility>

namespace pbxbridge::mqtt {
namespace {

unsigned first_byte(PacketType type, unsigned flags = 0) { return static_cast<unsigned>(type) << 4 | flags; }

constexpr auto bad_length = "its length does not fit its content";

}  // namespace

Result<Acknowledgement> read_acknowledgement(std::string_view body, Version version) {
  FieldReader fields(body);
  Acknowledgement acknowledgement;
  acknowledgement.packet_identifier = fields.two_byte_integer();
  // MQTT 5 leaves out what is success, and properties where there are none.
  if (version == Version::v5 && !fields.at_end()) acknowledgement.reason_code = fields.byte();
  if (version == Version::v5 && !fields.at_end()) {
    PropertyReader properties(fields);
    while (const auto property = properties.next())
      if (property->identifier == PropertyIdentifier::reason_string) acknowledgement.reason_string = property->text;
    if (!properties.problem().empty()) return Error{ErrorCategory::network, properties.problem()};
  }
  if (fields.failed() || !fields.at_end()) return Error{ErrorCategory::network, bad_length};
  if (acknowledgement.packet_identifier == 0) return Error{ErrorCategory::network, "its packet identifier is 0"};
  return acknowledgement;
}

void append_acknowledgement(std::string& out, PacketType type, std::uint16_t packet_identifier, Version version,
                            std::uint8_t reason_code) {
  const bool with_reason = version == Version::v5 && reason_code != reason::success;
  append_byte(out, first_byte(type, type == PacketType::pubrel ? 0x02 : 0));
  append_byte(out, with_reason ? 3 : 2);
  append_two_byte_integer(out, packet_identifier);
  if (with_reason) append_byte(out, reason_code);
}

Result<Disconnect> read_disconnect(std::string_view body) {
  FieldReader fields(body);
  Disconnect disconnect;
  if (!fields.at_end()) disconnect.reason_code = fields.byte();
  if (!fields.at_end()) {
    PropertyReader properties(fields);
    while (const auto property = properties.next()) {
      if (property->identifier == PropertyIdentifier::reason_string) disconnect.reason_string = property->text;
      if (property->identifier == PropertyIdentifier::server_reference) disconnect.server_reference = property->text;
    }
    if (!properties.problem().empty()) return Error{ErrorCategory::network, properties.problem()};
  }
  if (fields.failed() || !fields.at_end()) return Error{ErrorCategory::network, bad_length};
  return disconnect;
}

void append_disconnect(std::string& out, std::uint8_t reason_code) {
  const bool with_reason = reason_code != reason::success;
  append_byte(out, first_byte(PacketType::disconnect));
  append_byte(out, with_reason ? 1 : 0);
  if (with_reason) append_byte(out, reason_code);
}

void append_pingreq(std::string& out) {
  append_byte(out, first_byte(PacketType::pingreq));
  append_byte(out, 0);
}

}  // namespace pbxbridge::mqtt
