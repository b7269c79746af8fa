#pragma once

#include "config/sink_config.hpp"
#include "config/sink_type.hpp"
#include "route/event_fields.hpp"
#include "route/router.hpp"
#include "route/template.hpp"

#include <memory>
#include <optional>
#include <string>

namespace pbxbridge::route {

/// Longest key in bytes; what is longer is cut and ends in a hash of the whole.
inline constexpr std::size_t key_size_max = 1024;

/// One entry under a route's `to`, compiled.
class Destination {
 public:
  /// `sink` is the named one, `type` its type.
  static Destination compile(const config::DestinationConfig& config, const config::SinkType& type,
                             const config::SinkConfig& sink, config::Report& report);

  /// Always yields: a topic that cannot be made is the fallback topic, a key that cannot be made is empty.
  Routed render(EventFields& fields) const;

 private:
  std::string topic_of(EventFields& fields, bool& fallback) const;

  config::TopicSyntax syntax_ = config::TopicSyntax::none;
  std::optional<Template> topic_;
  std::optional<Template> key_;
  std::string fallback_topic_;
  config::TopicLimits limits_;
  std::shared_ptr<const DeliveryOptions> options_;
};

}  // namespace pbxbridge::route
