#include "sink/mqtt/publication.hpp"

#include "sink/cloudevents.hpp"
#include "sink/mqtt/mqtt_settings.hpp"

namespace pbxbridge::sink {
namespace {

std::size_t variable_byte_integer_size(std::size_t value) {
  std::size_t size = 1;
  for (; value >= 128; value /= 128) ++size;
  return size;
}

std::size_t string_size(std::string_view text) { return 2 + text.size(); }

std::size_t properties_size(const Publication& publication) {
  std::size_t size = 0;
  if (!publication.content_type.empty()) size += 1 + string_size(publication.content_type);
  if (publication.message_expiry) size += 1 + 4;
  for (const auto& [name, value] : publication.user_properties) size += 1 + string_size(name) + string_size(value);
  return size;
}

void compose_properties(const Delivery& delivery, const MqttSettings& settings, Format format,
                        Publication& publication) {
  const DeliveryOptions& options = *delivery.options;
  if (options.content_type)
    publication.content_type = *options.content_type;
  else if (!settings.content_type.empty())
    publication.content_type = settings.content_type;
  else
    publication.content_type =
        format == Format::cloudevents_structured ? structured_content_type : payload_content_type(*delivery.event);
  publication.message_expiry = options.message_expiry;
  if (!publication.message_expiry && settings.message_expiry)
    publication.message_expiry = std::chrono::ceil<std::chrono::seconds>(*settings.message_expiry);
  if (format == Format::cloudevents)
    for (const auto& attribute : CloudEventAttributes(*delivery.event))
      publication.user_properties.emplace_back(attribute.name, attribute.value);
  for (const auto& property : settings.user_properties) publication.user_properties.push_back(property);
}

}  // namespace

std::optional<std::string> compose(const Delivery& delivery, const MqttSettings& settings, Publication& publication) {
  const Format format = delivery.options->format.value_or(settings.format);
  const bool version_5 = settings.version == MqttVersion::v5;
  if (format == Format::cloudevents && !version_5)
    return "format cloudevents needs MQTT 5; MQTT 3.1.1 has cloudevents_structured";
  publication.topic = delivery.topic;
  publication.qos = delivery.options->qos.value_or(settings.qos);
  publication.retain = delivery.options->retain.value_or(settings.retain);
  publication.payload = delivery.event->payload();
  if (format == Format::cloudevents_structured) {
    publication.structured = cloudevents_structured(*delivery.event);
    publication.payload = publication.structured;
  }
  if (version_5) compose_properties(delivery, settings, format, publication);
  return std::nullopt;
}

std::size_t packet_size(const Publication& publication, bool version_5) {
  std::size_t remaining = string_size(publication.topic) + publication.payload.size();
  if (publication.qos > 0) remaining += 2;  // packet identifier
  if (version_5) {
    const std::size_t properties = properties_size(publication);
    remaining += variable_byte_integer_size(properties) + properties;
  }
  return 1 + variable_byte_integer_size(remaining) + remaining;
}

}  // namespace pbxbridge::sink
