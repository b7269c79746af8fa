#include "sink/mqtt/mqtt_description.hpp"

#include "sink/mqtt/mqtt_settings.hpp"

#include <cstdint>

namespace pbxbridge::sink {

SinkDescription describe_mqtt(const MqttSettings& settings, const std::string& sink) {
  const url::Endpoint endpoint = settings.endpoint();
  SinkDescription description{.bindings = "mqtt", .servers = {}, .own_topics = {}};
  description.servers.push_back({.host = url::host_and_port(endpoint.host, endpoint.port),
                                 .protocol = endpoint.scheme,
                                 .protocol_version = std::string(to_string(settings.version)),
                                 .path = settings.uses_websocket() ? endpoint.target : "",
                                 .security = settings.username.empty() ? "" : "userPassword"});
  if (const std::string topic = settings.status_topic(sink); !topic.empty())
    description.own_topics.push_back(
        {.topic = topic,
         .text = "Whether pbxbridge is connected to this broker; `offline` is its will, too.",
         .payloads = {"online", "offline"},
         .properties = {{"qos", std::int64_t{settings.status_qos()}}, {"retain", true}}});
  return description;
}

}  // namespace pbxbridge::sink
