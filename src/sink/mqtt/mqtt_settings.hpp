#pragma once

#include "config/config.hpp"
#include "mqtt/protocol.hpp"
#include "pbxbridge/sink.hpp"
#include "sink/mqtt/session_memory.hpp"
#include "url/endpoint.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace pbxbridge::sink {

struct MqttSettings final : config::SinkSettings {
  config::Located<std::string> url;
  mqtt::Version version = mqtt::Version::v5;
  Format format = Format::raw;
  int qos = 1;
  bool retain = false;
  std::string content_type;  ///< empty: from the format
  std::optional<config::Duration> message_expiry;
  std::map<std::string, std::string> user_properties;
  std::optional<std::string> prefix;  ///< not set: `pbxbridge/NAME`; empty: no status topic
  std::string client_id;              ///< empty: one that no other process has
  std::string username;
  config::Secret password;
  bool clean_start = true;
  config::Duration keep_alive{15'000};
  config::Duration connect_timeout{10'000};
  config::Duration ack_timeout{30'000};
  std::optional<std::uint16_t> receive_maximum;
  config::TlsConfig tls;

  /// Shared by the connections that are made one after the other under these settings. On the io thread.
  std::shared_ptr<SessionMemory> memory = std::make_shared<SessionMemory>();

  /// Where to connect: scheme mqtt, mqtts, ws or wss, with the scheme's port where the URL names none.
  url::Endpoint endpoint() const;
  bool uses_tls() const;
  bool uses_websocket() const;
  /// Messages in flight at the most, as far as it is ours to say.
  std::uint16_t window() const;

  /// For `SinkType::check_options`.
  void check_options(const DeliveryOptions& options, const config::Location& destination, config::Report& report) const;

  static const config::Schema<MqttSettings>& schema();
};

}  // namespace pbxbridge::sink

template <>
struct pbxbridge::config::EnumNames<pbxbridge::mqtt::Version> {
  static constexpr std::pair<mqtt::Version, std::string_view> values[] = {{mqtt::Version::v5, "5"},
                                                                          {mqtt::Version::v3_1_1, "3.1.1"}};
};
