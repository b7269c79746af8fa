#pragma once

#include "config/backoff_config.hpp"
#include "config/route_config.hpp"
#include "config/spool_config.hpp"
#include "pbxbridge/config/schema.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::config {

/// Topics that a sink takes though its syntax would allow more.
struct TopicLimits {
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  std::size_t bytes = none;
  std::size_t levels = none;  ///< one more than the topic has slashes

  /// Describes what is wrong with the topic as a clause; empty where nothing is.
  std::string problem_of(std::string_view topic) const;
};

/// The fields of an entry under `sinks` that belong to its sink type. `SinkConfig` has those that all sinks share.
class SinkSettings {
 public:
  virtual ~SinkSettings() = default;
  /// Names what no two sinks may share, as a message has it ("the file /var/log/events"); empty: nothing.
  virtual std::string exclusive() const { return {}; }
  /// A topic that goes beyond them is like one that cannot be made.
  virtual TopicLimits topic_limits() const { return {}; }
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
  static void read(const Node& node, SinkConfig& value, const FieldContext& reading);
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

}  // namespace pbxbridge::config
