#pragma once

#include "mqtt/protocol.hpp"
#include "net/tls_config.hpp"
#include "pbxbridge/cloudevents.hpp"
#include "pbxbridge/format.hpp"
#include "pbxbridge/sink_type.hpp"
#include "sink/mqtt/session_memory.hpp"
#include "url/endpoint.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sink {

inline constexpr std::string_view cloudevents_need_version_5 =
    "format: cloudevents needs MQTT 5 for its attributes; with version 3.1.1 choose raw or cloudevents_structured";

/// Limits of a broker beyond those that it announces itself.
struct MqttLimits {
  std::optional<std::uint32_t> topic_bytes;
  std::optional<std::uint32_t> topic_levels;
  std::optional<config::ByteSize> packet_size;
  static const config::Schema<MqttLimits>& schema();
};

/// One field of the request that becomes a WebSocket.
struct HttpHeader {
  std::string name;
  config::Secret value;
  static const config::Schema<HttpHeader>& schema();
};

struct WebSocketSettings {
  std::vector<HttpHeader> headers;
  static const config::Schema<WebSocketSettings>& schema();
};

/// Library that speaks MQTT for a sink.
enum class MqttClient : std::uint8_t { native, paho };

struct MqttSettings final : SinkSettings {
  config::Located<std::string> url;
  MqttClient client = MqttClient::native;
  mqtt::Version version = mqtt::Version::v5;
  Format format = Format::raw;
  std::vector<AttributeChoice> attributes = {AttributeChoice::minimal};
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
  std::optional<config::Duration> session_expiry;
  std::optional<config::Duration> will_delay;
  config::Duration keep_alive{15'000};
  config::Duration connect_timeout{10'000};
  config::Duration ack_timeout{30'000};
  std::optional<std::uint16_t> receive_maximum;
  MqttLimits limits;
  WebSocketSettings websocket;
  net::TlsConfig tls;

  /// Shared by the connections that are made one after the other under these settings. On the io thread.
  std::shared_ptr<SessionMemory> memory = std::make_shared<SessionMemory>();

  /// Address to connect to: scheme mqtt, mqtts, ws or wss, with the scheme's port where the URL names none.
  url::Endpoint endpoint() const;
  bool uses_tls() const;
  bool uses_websocket() const;
  /// Topic of `online` and `offline` of the sink of that name; empty: none.
  std::string status_topic(const std::string& sink) const;
  /// Returns at least 1: with QoS 0 nobody would know whether the broker has taken it.
  unsigned status_qos() const;
  /// Messages in flight at the most, as far as it is ours to say.
  std::uint16_t window() const;

  TopicLimits topic_limits() const override;

  static const config::Schema<MqttSettings>& schema();
};

}  // namespace pbxbridge::sink

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::mqtt::Version> pbxbridge::enum_names<pbxbridge::mqtt::Version>[] = {
    {mqtt::Version::v5, "5"}, {mqtt::Version::v3_1_1, "3.1.1"}};

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::sink::MqttClient> pbxbridge::enum_names<pbxbridge::sink::MqttClient>[] =
    {{sink::MqttClient::native, "native"}, {sink::MqttClient::paho, "paho"}};
