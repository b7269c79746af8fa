#pragma once

#include "config/location.hpp"
#include "config/node.hpp"
#include "config/schema.hpp"
#include "config/values.hpp"
#include "pbxbridge/sink.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::config {

/// Client-side TLS, the same for a PBX and a sink.
struct TlsConfig {
  std::filesystem::path ca_file;    ///< empty: the system's certificates
  std::filesystem::path cert_file;  ///< client certificate chain, PEM; goes with key_file
  std::filesystem::path key_file;
  Secret key_password;
  std::string server_name;        ///< name to verify and to send as SNI; empty: the host of the URL
  std::vector<std::string> alpn;  ///< protocols to offer (RFC 7301), the preferred one first
  bool insecure_skip_verify = false;
  static const Schema<TlsConfig>& schema();
};

enum class Dialect : std::uint8_t { v22, v16 };

template <>
struct EnumNames<Dialect> {
  static constexpr std::pair<Dialect, std::string_view> values[] = {{Dialect::v22, "22"}, {Dialect::v16, "16"}};
};

template <>
struct EnumNames<Format> {
  static constexpr std::pair<Format, std::string_view> values[] = {
      {Format::raw, "raw"},
      {Format::cloudevents, "cloudevents"},
      {Format::cloudevents_structured, "cloudevents_structured"}};
};

/// The fields that are set decide on the form of authentication (checked at load).
struct AuthConfig {
  std::string username;          ///< 22.x: user name; 16.x: the tenant's `name`
  std::string extension_number;  ///< instead of username
  std::string domain;            ///< the tenant's SIP domain; empty: system administrator
  Secret password;
  Secret access_token;  ///< in place of the password; unproven, see the wire's description
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

struct BackoffConfig {
  Duration initial{500};
  Duration maximum{30'000};
  static const Schema<BackoffConfig>& schema();
};

struct PbxConfig {
  std::string name;
  Located<std::string> url;
  Dialect dialect = Dialect::v22;
  AuthConfig auth;
  TlsConfig tls;
  std::vector<SubscribeConfig> subscribe;
  Duration connect_timeout{15'000};  ///< over resolve, connect, TLS, handshake and auth together
  Duration ping_interval{15'000};
  Duration peer_timeout{30'000};  ///< no byte for so long: the peer is gone
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

/// One line of a `match`: the field's value must be like one of the patterns (`*` and `?` are wildcards).
struct MatchCondition {
  std::string field;  ///< pbx, family, event_type, tenant, entity, or a top-level field of the payload
  std::vector<std::string> patterns;
  Location location;
};

/// All conditions must hold, and `none_of`, where present, must not hold as a whole.
struct MatchConfig {
  std::vector<MatchCondition> conditions;
  std::vector<MatchCondition> none_of;  ///< the map under `not`: excluded is what meets all of them
};

/// A map of field names to one pattern or a list of them; under `not` another such map.
template <>
struct Reader<MatchConfig> {
  static TypeDescription describe() { return {TypeDescription::Kind::match}; }
  static void read(const Node& node, MatchConfig& value, const Reading& reading);
  static std::string to_yaml(const MatchConfig&) { return ""; }
};

struct DestinationConfig {
  Located<std::string> sink;
  Located<std::string> topic;
  Located<std::string> key;
  Located<std::string> fallback_topic;  ///< used where `topic` cannot be made from an event; a fixed text
  DeliveryOptions options;
  static const Schema<DestinationConfig>& schema();
};

struct RouteConfig {
  MatchConfig match;
  std::vector<DestinationConfig> to;  ///< one or a list in YAML
  Location location;
  static const Schema<RouteConfig>& schema();
};

/// Topics that a sink takes though its syntax would allow more.
struct TopicLimits {
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  std::size_t bytes = none;
  std::size_t levels = none;  ///< one more than the topic has slashes

  /// Describes what is wrong with the topic as a clause; empty where nothing is.
  std::string problem_of(std::string_view topic) const;
};

/// One entry under `sinks`; all but `type` belongs to the sink type.
class SinkSettings {
 public:
  virtual ~SinkSettings() = default;
  /// Names what no two sinks may share, as a message has it ("the file /var/log/events"); empty: nothing.
  virtual std::string exclusive() const { return {}; }
  /// A topic that goes beyond them is like one that cannot be made.
  virtual TopicLimits topic_limits() const { return {}; }
};

/// Start of a sink that the spool does not know yet.
enum class StartAt : std::uint8_t { latest, earliest };

template <>
struct EnumNames<StartAt> {
  static constexpr std::pair<StartAt, std::string_view> values[] = {{StartAt::latest, "latest"},
                                                                    {StartAt::earliest, "earliest"}};
};

struct SinkConfig {
  std::string type;
  std::shared_ptr<const SinkSettings> settings;  ///< made by the sink type of that name, never null after loading
  std::uint32_t window = 0;                      ///< deliveries in flight at the most; 0: what the sink type advises
  // Short enough that traffic flows again within 10 s of a broker's return.
  BackoffConfig reconnect{Duration{500}, Duration{5'000}};
  BackoffConfig retry{Duration{100}, Duration{5'000}};
  BackoffConfig auth_retry{Duration{30'000}, Duration{300'000}};
  StartAt start = StartAt::latest;
  std::optional<DestinationConfig> dead_letters_to;
  Location location;
  /// The fields common to every sink.
  static const Schema<SinkConfig>& schema();
};

/// Reads the common fields only; which others there are depends on the type.
template <>
struct Reader<SinkConfig> {
  static TypeDescription describe() { return {TypeDescription::Kind::object, {}, &schema_of<SinkConfig>}; }
  static void read(const Node& node, SinkConfig& value, const Reading& reading);
  static std::string to_yaml(const SinkConfig&) { return ""; }
};

/// Reads a sink's own fields; those common to every sink are left alone. For `SinkType::read`.
template <class Settings>
std::shared_ptr<const SinkSettings> read_settings(const Node& node, Report& report) {
  auto settings = std::make_shared<Settings>();
  UnknownKeys unknown;
  for (const Field& field : SinkConfig::schema().fields()) unknown.known_elsewhere.push_back(field.name);
  Settings::schema().read(node, *settings, report, unknown);
  return settings;
}

enum class SpoolType : std::uint8_t { disk, memory };

template <>
struct EnumNames<SpoolType> {
  static constexpr std::pair<SpoolType, std::string_view> values[] = {{SpoolType::disk, "disk"},
                                                                      {SpoolType::memory, "memory"}};
};

enum class SyncMode : std::uint8_t { always, interval, none };

template <>
struct EnumNames<SyncMode> {
  static constexpr std::pair<SyncMode, std::string_view> values[] = {
      {SyncMode::always, "always"}, {SyncMode::interval, "interval"}, {SyncMode::none, "none"}};
};

enum class WhenFull : std::uint8_t { drop_oldest, reject_newest };

template <>
struct EnumNames<WhenFull> {
  static constexpr std::pair<WhenFull, std::string_view> values[] = {{WhenFull::drop_oldest, "drop_oldest"},
                                                                     {WhenFull::reject_newest, "reject_newest"}};
};

struct SpoolConfig {
  SpoolType type = SpoolType::disk;
  std::filesystem::path path = "/var/lib/pbxbridge";
  std::optional<ByteSize> max_size;
  Duration max_age{std::chrono::hours(7 * 24)};
  SyncMode sync = SyncMode::always;
  Duration sync_interval{100};
  WhenFull full = WhenFull::drop_oldest;
  ByteSize queue_size{4 * 1024 * 1024};
  Duration max_pause{5'000};
  ByteSize dead_letters_max_size{64 * 1024 * 1024};  ///< for each sink
  static const Schema<SpoolConfig>& schema();

  std::uint64_t max_bytes() const;
};

struct AdminConfig {
  std::string listen = "127.0.0.1:8686";  ///< empty: no admin endpoint
  static const Schema<AdminConfig>& schema();
};

struct Config {
  std::vector<PbxConfig> pbx;
  std::map<std::string, SinkConfig> sinks;
  std::vector<RouteConfig> routes;
  SpoolConfig spool;
  AdminConfig admin;
  Duration shutdown_timeout{10'000};
  std::optional<Node> document;  ///< the document it was read from
  static const Schema<Config>& schema();
};

}  // namespace pbxbridge::config
