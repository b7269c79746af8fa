#pragma once

#include "config/backoff_config.hpp"
#include "config/rest_config.hpp"
#include "net/tls_config.hpp"
#include "pbxbridge/config/location.hpp"
#include "pbxbridge/config/values.hpp"
#include "pbxbridge/enum_names.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::config {

enum class Dialect : std::uint8_t { v22, v16 };

/// The fields that are set decide on the form of authentication (checked at load).
struct AuthConfig {
  std::string username;          ///< 22.x: user name; 16.x: the tenant's `name`
  std::string extension_number;  ///< instead of username
  std::string domain;            ///< the tenant's SIP domain; empty: system administrator
  Secret password;
  Secret access_token;  ///< in place of the password; unproven, see pbx/dialect_json.hpp
  static const Schema<AuthConfig>& schema();
};

struct SubscribeConfig {
  std::string topic;
  std::vector<std::string> extensions;
  std::vector<std::string> queues;
  std::vector<std::string> tenants;
  std::vector<std::string> keys;  ///< 16.x only: which events of the topic
  Location location;
  /// Compares what is subscribed to, wherever it is written.
  bool operator==(const SubscribeConfig& other) const;
  static const Schema<SubscribeConfig>& schema();
};

struct PbxConfig {
  std::string name;
  Located<std::string> url;
  Dialect dialect = Dialect::v22;
  AuthConfig auth;
  net::TlsConfig tls;
  std::optional<RestConfig> rest;
  std::vector<SubscribeConfig> subscribe;
  Duration connect_timeout{15'000};  ///< over resolve, connect, TLS, handshake and auth together
  Duration ping_interval{15'000};
  Duration peer_timeout{30'000};  ///< no whole frame for so long: the peer is gone
  Duration subscribe_timeout{5'000};
  Duration reset_after{60'000};  ///< calm for so long sets the back-off back
  BackoffConfig reconnect{Duration{500}, Duration{30'000}};
  BackoffConfig auth_retry{Duration{30'000}, Duration{300'000}};
  std::uint32_t subscribe_batch = 100;  ///< elements of a selector list in one subscribe
  ByteSize max_frame_size{1024 * 1024};
  bool strict_utf8 = false;
  Location location;
  static const Schema<PbxConfig>& schema();
};

}  // namespace pbxbridge::config

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::config::Dialect> pbxbridge::enum_names<pbxbridge::config::Dialect>[] = {
    {config::Dialect::v22, "22"}, {config::Dialect::v16, "16"}};
