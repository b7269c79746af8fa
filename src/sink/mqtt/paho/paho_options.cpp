#include "sink/mqtt/paho/paho_options.hpp"

#include "net/tls_policy.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

namespace pbxbridge::sink {
namespace {

/// Above every window, so that the library's own limits are never met.
constexpr int most_messages = 4096;

int number_of(mqtt::Version version) { return version == mqtt::Version::v5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1; }

std::int32_t as_int(std::uint32_t number) { return static_cast<std::int32_t>(number); }

template <class Number>
std::optional<Number> number_in(const ::mqtt::properties& properties, ::mqtt::property::code code) {
  if (!properties.contains(code)) return std::nullopt;
  return ::mqtt::get<Number>(properties, code);
}

::mqtt::ssl_options tls_options(const net::TlsConfig& tls, const std::string& key_password) {
  ::mqtt::ssl_options options;
  if (!tls.ca_file.empty()) options.set_trust_store(tls.ca_file.string());
  if (!tls.cert_file.empty()) options.set_key_store(tls.cert_file.string());
  if (!tls.key_file.empty()) options.set_private_key(tls.key_file.string());
  if (!key_password.empty()) options.set_private_key_password(key_password);
  if (!tls.alpn.empty()) options.set_alpn_protos(tls.alpn);
  // TLS 1.0 and 1.1 have none of these, so that 1.2 is the least.
  options.set_enabled_cipher_suites(net::forward_secret_ciphers);
  options.set_enable_server_cert_auth(!tls.insecure_skip_verify);
  options.set_verify(!tls.insecure_skip_verify);  // the host name, which the library leaves unchecked by default
  return options;
}

::mqtt::will_options will_options_of(const mqtt::Will& will, mqtt::Version version) {
  ::mqtt::will_options options(will.topic, ::mqtt::binary_ref(will.payload), static_cast<int>(will.qos), will.retain);
  if (version == mqtt::Version::v5 && will.delay_interval > 0)
    options.set_properties({{::mqtt::property::WILL_DELAY_INTERVAL, as_int(will.delay_interval)}});
  return options;
}

}  // namespace

std::string paho_uri(const MqttSettings& settings, const std::string& host) {
  url::Endpoint endpoint = settings.endpoint();
  std::string scheme = endpoint.scheme;
  if (scheme == "mqtt") scheme = "tcp";
  if (scheme == "mqtts") scheme = "ssl";
  endpoint.host = host;
  std::string uri = scheme + "://" + url::authority(endpoint);
  if (settings.uses_websocket() && endpoint.target != "/") uri += endpoint.target;
  return uri;
}

::mqtt::create_options paho_create_options(mqtt::Version version) {
  return ::mqtt::create_options_builder()
      .mqtt_version(number_of(version))
      .max_buffered_messages(most_messages)
      .send_while_disconnected(false)
      .finalize();
}

PahoConnectOptions paho_connect_options(const MqttSettings& settings, const mqtt::Connect& connect,
                                        const websocket::Headers& headers, const std::string& key_password) {
  const bool version_5 = settings.version == mqtt::Version::v5;
  const auto made = std::make_shared<::mqtt::connect_options>();
  ::mqtt::connect_options& options = *made;
  options.set_mqtt_version(number_of(settings.version));
  if (version_5)
    options.set_clean_start(connect.clean_start);
  else
    options.set_clean_session(connect.clean_start);
  options.set_keep_alive_interval(connect.keep_alive);
  options.set_max_inflight(most_messages);
  // Ours is the one that counts, to the millisecond.
  options.set_connect_timeout(std::chrono::ceil<std::chrono::seconds>(settings.connect_timeout) +
                              std::chrono::seconds(5));
  if (connect.user_name) options.set_user_name(*connect.user_name);
  if (connect.password) options.set_password(::mqtt::binary_ref(*connect.password));
  if (connect.will) options.set_will(will_options_of(*connect.will, settings.version));
  if (settings.uses_tls()) options.set_ssl(tls_options(settings.tls, key_password));
  if (!headers.empty()) {
    ::mqtt::name_value_collection collection;
    for (const auto& header : headers) collection.insert(header);
    options.set_http_headers(collection);
  }
  if (version_5) {
    ::mqtt::properties properties;
    properties.add({::mqtt::property::MAXIMUM_PACKET_SIZE, as_int(connect.maximum_packet_size)});
    if (connect.session_expiry_interval > 0)
      properties.add({::mqtt::property::SESSION_EXPIRY_INTERVAL, as_int(connect.session_expiry_interval)});
    options.set_properties(properties);
  }
  return made;
}

::mqtt::const_message_ptr paho_message(const mqtt::Publish& publish, mqtt::Version version) {
  ::mqtt::properties properties;
  if (version == mqtt::Version::v5) {
    if (!publish.content_type.empty())
      properties.add({::mqtt::property::CONTENT_TYPE, std::string(publish.content_type)});
    if (publish.message_expiry_interval)
      properties.add({::mqtt::property::MESSAGE_EXPIRY_INTERVAL, as_int(*publish.message_expiry_interval)});
    for (const auto& [name, value] : publish.user_properties)
      properties.add({::mqtt::property::USER_PROPERTY, std::string(name), std::string(value)});
  }
  return ::mqtt::message::create(std::string(publish.topic), publish.payload.data(), publish.payload.size(),
                                 static_cast<int>(publish.qos), publish.retain, properties);
}

mqtt::Connack connack_of(const ::mqtt::connect_response& response) {
  using ::mqtt::property;
  const ::mqtt::properties& properties = response.get_properties();
  mqtt::Connack connack;
  connack.session_present = response.is_session_present();
  if (const auto number = number_in<std::uint16_t>(properties, property::RECEIVE_MAXIMUM))
    connack.receive_maximum = *number;
  if (const auto number = number_in<std::uint32_t>(properties, property::MAXIMUM_PACKET_SIZE))
    connack.maximum_packet_size = *number;
  if (const auto number = number_in<std::uint8_t>(properties, property::MAXIMUM_QOS)) connack.maximum_qos = *number;
  if (const auto number = number_in<std::uint8_t>(properties, property::RETAIN_AVAILABLE))
    connack.retain_available = *number != 0;
  connack.server_keep_alive = number_in<std::uint16_t>(properties, property::SERVER_KEEP_ALIVE);
  return connack;
}

std::string text_of(const ::mqtt::properties& properties, ::mqtt::property::code code) {
  return properties.contains(code) ? ::mqtt::get<std::string>(properties, code) : std::string();
}

}  // namespace pbxbridge::sink
