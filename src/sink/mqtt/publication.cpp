#include "sink/mqtt/publication.hpp"

#include "pbxbridge/event.hpp"
#include "sink/mqtt/mqtt_options.hpp"
#include "sink/mqtt/mqtt_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace pbxbridge::sink {
namespace {

std::vector<mqtt::UserProperty> own_properties(const MqttSettings& settings) {
  std::vector<mqtt::UserProperty> properties;
  for (const auto& [name, value] : settings.user_properties) properties.push_back({name, value});
  return properties;
}

std::uint32_t whole_seconds(std::chrono::seconds time) {
  return static_cast<std::uint32_t>(
      std::min<std::chrono::seconds::rep>(time.count(), std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

std::optional<std::string> beyond_size(const mqtt::Publish& publish, const MqttSettings& settings,
                                       std::size_t broker_limit) {
  if (std::max(publish.topic.size(), publish.content_type.size()) > mqtt::largest_string)
    return "its topic or content type is longer than the 65,535 bytes that MQTT allows";
  if (const auto problem = settings.topic_limits().problem_of(publish.topic); !problem.empty())
    return "its topic " + problem;
  const std::size_t size = packet_size(publish, settings.version);
  std::size_t limit = std::min(broker_limit, mqtt::largest_packet);
  if (settings.limits.packet_size) limit = std::min<std::size_t>(limit, settings.limits.packet_size->bytes);
  if (size > limit) return fmt::format("packet too large: {} bytes, and the broker takes {}", size, limit);
  return std::nullopt;
}

Publication::Publication(const MqttSettings& settings)
    : settings_(settings),
      own_properties_(own_properties(settings)),
      attributes_(AttributeSelection(settings.attributes)) {}

std::optional<std::string> Publication::compose(const Delivery& delivery) {
  const auto& options = options_of<MqttOptions>(delivery);
  const Format format = message_format(*delivery.event, options.format.value_or(settings_.format));
  const bool version_5 = settings_.version == mqtt::Version::v5;
  if (format == Format::cloudevents && !version_5)
    return "format cloudevents needs MQTT 5; MQTT 3.1.1 has cloudevents_structured";
  publish_.topic = delivery.topic;
  publish_.qos = static_cast<unsigned>(options.qos.value_or(settings_.qos));
  publish_.retain = options.retain.value_or(settings_.retain);
  publish_.payload = message_payload(*delivery.event);
  if (format != Format::raw) attributes_.compose(*delivery.event, delivery.redelivery);
  if (format == Format::cloudevents_structured) {
    structured_ = cloudevents_structured(*delivery.event, attributes_);
    publish_.payload = structured_;
  }
  if (version_5) compose_properties(delivery, format);
  return std::nullopt;
}

void Publication::compose_properties(const Delivery& delivery, Format format) {
  const auto& options = options_of<MqttOptions>(delivery);
  if (delivery.event->is_removal())
    publish_.content_type = {};
  else if (options.content_type)
    publish_.content_type = *options.content_type;
  else if (!settings_.content_type.empty())
    publish_.content_type = settings_.content_type;
  else
    publish_.content_type =
        format == Format::cloudevents_structured ? structured_content_type : payload_content_type(*delivery.event);

  publish_.message_expiry_interval.reset();
  if (options.message_expiry)
    publish_.message_expiry_interval = whole_seconds(*options.message_expiry);
  else if (settings_.message_expiry)
    publish_.message_expiry_interval =
        whole_seconds(std::chrono::ceil<std::chrono::seconds>(*settings_.message_expiry));

  publish_.user_properties = own_properties_;
  if (format != Format::cloudevents) return;
  properties_.clear();
  for (const auto& [name, value] : attributes_) properties_.push_back({name, value});
  properties_.insert(properties_.end(), own_properties_.begin(), own_properties_.end());
  publish_.user_properties = properties_;
}

}  // namespace pbxbridge::sink
