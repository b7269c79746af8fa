#include "sink/mqtt/mqtt_options.hpp"

#include "pbxbridge/config/names.hpp"
#include "sink/mqtt/mqtt_settings.hpp"
#include "sink/mqtt/paho/paho_settings.hpp"
#include "text/exchangeable.hpp"

#include <utility>

namespace pbxbridge::sink {

namespace {

std::string wrong_content_type(std::string_view text) {
  const std::string wrong = config::check_not_empty(text);
  return wrong.empty() ? text::problem_of_exchange(text) : wrong;
}

/// Place of the field in the file.
config::Location location_of(const config::Node& destination, std::string_view field) {
  for (const auto& entry : destination.entries())
    if (entry.key == field) return entry.key_location;
  return destination.location();
}

void check_version_of_options(const MqttOptions& options, const config::Node& destination, config::Report& report) {
  if (options.format == Format::cloudevents)
    report.error(location_of(destination, "format"), std::string(cloudevents_need_version_5));
  const std::pair<std::string_view, bool> of_version_5[] = {{"content_type", options.content_type.has_value()},
                                                            {"message_expiry", options.message_expiry.has_value()}};
  for (const auto& [name, is_set] : of_version_5)
    if (is_set)
      report.warning(location_of(destination, name),
                     "\"" + std::string(name) + "\" exists in MQTT 5 only, and the sink's version is 3.1.1");
}

}  // namespace

const config::Schema<MqttOptions>& MqttOptions::schema() {
  static const auto schema =
      config::Schema<MqttOptions>("What a route may say for one destination of type mqtt.")
          .field("format", &MqttOptions::format, {.text = destination_format_text})
          .field("qos", &MqttOptions::qos,
                 {.text = "Quality of service, instead of the sink's.", .minimum = 0, .maximum = 2})
          .field("retain", &MqttOptions::retain, {.text = "Whether the broker keeps the last message of a topic."})
          .field("message_expiry", &MqttOptions::message_expiry,
                 {.text = "How long the broker keeps a message for a subscriber who is away (MQTT 5).",
                  .example = "5m",
                  .minimum = 1000})
          .field("content_type", &MqttOptions::content_type,
                 {.text = "Content type, instead of the one that follows from the format (MQTT 5).",
                  .example = "application/json",
                  .validate = wrong_content_type});
  return schema;
}

std::shared_ptr<DestinationOptions> MqttOptions::read(const config::Node& destination, const SinkSettings& settings,
                                                      const config::UnknownKeys& others, config::Report& report) {
  auto options = read_options<MqttOptions>(destination, settings, others, report);
  const auto& own = static_cast<const MqttSettings&>(settings);
  const auto& read = static_cast<const MqttOptions&>(*options);
  if (own.version != mqtt::Version::v5) check_version_of_options(read, destination, report);
  if (own.client == MqttClient::paho && read.qos == 2 && !own.clean_start)
    report.error(location_of(destination, "qos"), std::string(paho_qos_2_needs_clean_start));
  return options;
}

}  // namespace pbxbridge::sink
