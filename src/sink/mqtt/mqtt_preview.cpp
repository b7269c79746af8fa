#include "sink/mqtt/mqtt_preview.hpp"

#include "sink/mqtt/mqtt_settings.hpp"
#include "sink/mqtt/publication.hpp"

#include <string>

namespace pbxbridge::sink {

ComposedMessage compose_publish(const MqttSettings& settings, const Delivery& delivery) {
  Publication publication(settings);
  ComposedMessage message;
  message.rejected = publication.compose(delivery);
  if (message.rejected) return message;
  const mqtt::Publish& publish = publication.publish();
  message.payload = publish.payload;
  message.properties.emplace_back("qos", std::int64_t{publish.qos});
  message.properties.emplace_back("retain", publish.retain);
  if (!publish.content_type.empty()) message.properties.emplace_back("content_type", std::string(publish.content_type));
  if (publish.message_expiry_interval)
    message.properties.emplace_back("message_expiry_interval", std::int64_t{*publish.message_expiry_interval});
  for (const auto& [name, value] : publish.user_properties) message.headers.emplace_back(name, value);
  message.rejected = beyond_size(publish, settings, mqtt::largest_packet);
  return message;
}

}  // namespace pbxbridge::sink
