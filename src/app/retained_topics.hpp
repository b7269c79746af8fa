#pragma once

#include "config/config.hpp"
#include "pbxbridge/event.hpp"
#include "pbxbridge/sink_type.hpp"
#include "route/router.hpp"

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace pbxbridge::app {

/// The topic of one sink on which others find the latest event of a kind.
struct RetainedTopic {
  std::string topic;          ///< empty: there is none
  std::string problem;        ///< why there is none
  config::Location location;  ///< of the problem
};

/// Finds such topics before there are events.
class RetainedTopics {
 public:
  /// All must outlive this object. `config` has no errors.
  RetainedTopics(const config::Config& config, const route::Router& router, std::span<const SinkType> types,
                 const config::Located<std::string>& sink)
      : config_(config), router_(router), types_(types), sink_(sink) {}

  /// `sample` has what is known of the event, which is what `known` names; a topic must not depend on more.
  RetainedTopic find(const EventPtr& sample, const std::set<std::string_view>& known) const;

 private:
  RetainedTopic judge(const EventPtr& sample, const std::set<std::string_view>& known,
                      const config::DestinationConfig& destination, const route::Routed& routed) const;

  const config::Config& config_;
  const route::Router& router_;
  const std::span<const SinkType> types_;
  const config::Located<std::string>& sink_;
};

}  // namespace pbxbridge::app
