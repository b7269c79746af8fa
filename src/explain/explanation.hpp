#pragma once

#include "config/config.hpp"
#include "event/classifier.hpp"
#include "pbx/dialect.hpp"
#include "pbxbridge/composed_message.hpp"
#include "pbxbridge/event.hpp"
#include "pbxbridge/sink_type.hpp"
#include "route/router.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::explain {

/// One message that an event becomes.
struct Message {
  std::string sink;
  std::string_view sink_type;
  route::Routed routed;
  ComposedMessage composed;
};

/// Result of one route for an event.
struct RouteOutcome {
  config::Location location;
  std::vector<route::UnmetCondition> unmet;  ///< empty: the route takes the event
  std::vector<Message> messages;
};

/// Result for the bytes that a PBX pushes.
struct Explanation {
  std::string pbx;
  NewEventPtr event;  ///< null where the bytes are no event
  event::UntidinessSet untidiness;
  std::vector<RouteOutcome> routes;
  std::vector<std::string_view> feeds;  ///< types of the documents of state that may change by it, and that routes take
  std::string not_an_event;             ///< why; empty where it is one

  /// Returns whether any route takes it.
  bool is_routed() const;
};

/// Takes the way of an event through the code that the bridge takes it through, without a connection: whether the frame
/// is an answer, classification, routes, and each sink type's own writer.
class Explainer {
 public:
  /// `config` has no errors, and `router` is compiled from it. All must outlive this object.
  Explainer(const config::Config& config, const route::Router& router, std::span<const SinkType> sink_types)
      : config_(config), router_(router), sink_types_(sink_types) {}

  /// `pbx` is one of the configuration's. Sequence and spool id, which the spool would give, count from 1.
  Explanation explain(std::string_view payload, const config::PbxConfig& pbx, SystemTime received_at);

 private:
  std::vector<std::string_view> documents_fed_by(const Event& event) const;
  std::string why_no_event(std::string_view payload, const config::PbxConfig& pbx);
  Message compose(const EventPtr& event, const std::string& sink, route::Routed routed) const;

  const config::Config& config_;
  const route::Router& router_;
  const std::span<const SinkType> sink_types_;
  event::Classifier classifier_;
  route::Router::Scratch scratch_;
  std::uint64_t events_ = 0;
};

}  // namespace pbxbridge::explain
