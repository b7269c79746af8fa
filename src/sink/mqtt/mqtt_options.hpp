#pragma once

#include "pbxbridge/format.hpp"
#include "pbxbridge/sink_type.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace pbxbridge::sink {

/// Fields that a route may set for one destination; the sink's own setting stands in for what it leaves out.
struct MqttOptions final : FormatOptions {
  std::optional<int> qos;
  std::optional<bool> retain;
  std::optional<std::chrono::seconds> message_expiry;  ///< MQTT 5
  std::optional<std::string> content_type;             ///< MQTT 5; default from the format

  static const config::Schema<MqttOptions>& schema();
  /// Implements `SinkType::read_options`.
  static std::shared_ptr<DestinationOptions> read(const config::Node& destination, const SinkSettings& settings,
                                                  const config::UnknownKeys& others, config::Report& report);
};

}  // namespace pbxbridge::sink
