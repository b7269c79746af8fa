#include "mqtt/publish.hpp"

#include "mqtt/packet_bytes.hpp"
#include "mqtt/properties.hpp"

namespace pbxbridge::mqtt {
namespace {

struct Sizes {
  std::size_t properties = 0;
  std::size_t remaining = 0;
};

std::size_t properties_size(const Publish& publish) {
  std::size_t size = 0;
  if (!publish.content_type.empty()) size += 1 + string_size(publish.content_type);
  if (publish.message_expiry_interval) size += 1 + 4;
  for (const auto& [name, value] : publish.user_properties) size += 1 + string_size(name) + string_size(value);
  return size;
}

Sizes sizes_of(const Publish& publish, Version version) {
  Sizes sizes;
  sizes.remaining = string_size(publish.topic) + publish.payload.size();
  if (publish.qos > 0) sizes.remaining += 2;  // packet identifier
  if (version == Version::v5) {
    sizes.properties = properties_size(publish);
    sizes.remaining += variable_byte_integer_size(sizes.properties) + sizes.properties;
  }
  return sizes;
}

void append_properties(std::string& out, const Publish& publish, std::size_t size) {
  append_variable_byte_integer(out, size);
  if (publish.message_expiry_interval) {
    append_identifier(out, PropertyIdentifier::message_expiry_interval);
    append_four_byte_integer(out, *publish.message_expiry_interval);
  }
  if (!publish.content_type.empty()) {
    append_identifier(out, PropertyIdentifier::content_type);
    append_string(out, publish.content_type);
  }
  for (const auto& [name, value] : publish.user_properties) {
    append_identifier(out, PropertyIdentifier::user_property);
    append_string(out, name);
    append_string(out, value);
  }
}

}  // namespace

std::size_t packet_size(const Publish& publish, Version version) {
  const std::size_t remaining = sizes_of(publish, version).remaining;
  return 1 + variable_byte_integer_size(remaining) + remaining;
}

void append_publish(std::string& out, const Publish& publish, std::uint16_t packet_identifier, Version version) {
  const Sizes sizes = sizes_of(publish, version);
  append_byte(
      out, static_cast<unsigned>(PacketType::publish) << 4 | publish.qos << 1 | static_cast<unsigned>(publish.retain));
  append_variable_byte_integer(out, sizes.remaining);
  append_string(out, publish.topic);
  if (publish.qos > 0) append_two_byte_integer(out, packet_identifier);
  if (version == Version::v5) append_properties(out, publish, sizes.properties);
  out.append(publish.payload);
}

}  // namespace pbxbridge::mqtt
