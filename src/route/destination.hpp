#pragma once

#include "config/sink_config.hpp"
#include "route/event_fields.hpp"
#include "route/router.hpp"
#include "route/template.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace pbxbridge::route {

/// Longest key in bytes; what is longer is cut and ends in a hash of the whole.
inline constexpr std::size_t key_size_max = 1024;

/// One entry under a route's `to`, compiled.
class Destination {
 public:
  /// `sink` is the named one, `type` its type, one of `types`.
  static Destination compile(const config::DestinationConfig& config, const SinkType& type,
                             std::span<const SinkType> types, const config::SinkConfig& sink, config::Report& report);

  /// Checks what depends on no sink, where the named one, or its type, is unknown.
  static void check_alone(const config::DestinationConfig& config, config::Report& report);

  /// Always yields: a topic that cannot be made is the fallback topic, a key that cannot be made is empty.
  Routed render(EventFields& fields) const;

 private:
  std::string topic_of(EventFields& fields, bool& fallback) const;

  TopicRules rules_;
  std::optional<Template> topic_;
  std::optional<Template> key_;
  std::string fallback_topic_;
  TopicLimits limits_;
  std::shared_ptr<const DestinationOptions> options_;
};

}  // namespace pbxbridge::route
