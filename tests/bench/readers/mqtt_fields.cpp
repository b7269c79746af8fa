#include "readers/mqtt_fields.hpp"

#include <stdexcept>

namespace pbxbridge::bench {

std::string_view MqttFields::bytes(std::size_t count) {
  if (count > left_.size()) throw std::runtime_error("the MQTT broker sent a packet that is too short");
  const auto taken = left_.substr(0, count);
  left_.remove_prefix(count);
  return taken;
}

std::size_t MqttFields::number(std::size_t bytes_of_it) {
  std::size_t value = 0;
  for (const char byte : bytes(bytes_of_it)) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

std::size_t MqttFields::variable_number() {
  std::size_t value = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    const auto byte = number(1);
    value |= (byte & 0x7fU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  throw std::runtime_error("the MQTT broker sent a number that is too long");
}

CloudEvent cloudevent_of(MqttFields properties) {
  CloudEvent attributes;
  while (!properties.rest().empty()) {
    // The properties that a PUBLISH packet may have, in MQTT 5.0, 3.3.2.3.
    switch (properties.number(1)) {
      case 0x01:  // payload format
        properties.bytes(1);
        break;
      case 0x02:  // message expiry
        properties.bytes(4);
        break;
      case 0x23:  // topic alias
        properties.bytes(2);
        break;
      case 0x0b:  // subscription identifier
        properties.variable_number();
        break;
      case 0x03:  // content type
      case 0x08:  // response topic
      case 0x09:  // correlation data
        properties.text();
        break;
      case 0x26: {  // user property
        const auto name = properties.text();
        attributes.set(name, properties.text());
        break;
      }
      default:
        throw std::runtime_error("the MQTT broker sent a property that no PUBLISH packet has");
    }
  }
  return attributes;
}

}  // namespace pbxbridge::bench
