#pragma once

#include "pbxbridge/delivery.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/sink_type.hpp"
#include "route/unmet_condition.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::config {
struct Config;
}
namespace pbxbridge::event {
class JsonDocument;
}

namespace pbxbridge::route {

/// Destination of one event in one sink.
struct Routed {
  std::string topic;  ///< valid for the sink's type; empty where the sink has none and the route names none
  std::string key;    ///< empty: none
  std::shared_ptr<const DestinationOptions> options;  ///< never null
  bool fallback = false;     ///< the topic's template failed and the fallback topic stands in for it
  std::size_t route = 0;     ///< place of the route in the configuration, from 0
  bool key_missing = false;  ///< the key's template failed, so that `key` is empty although the route names one
};

/// Result of one route for an event.
struct RouteTrace {
  config::Location location;
  std::vector<UnmetCondition> unmet;                         ///< empty: the route takes it
  std::vector<std::pair<std::string, Routed>> destinations;  ///< by sink, in the order of the file
};

/// The routes of a configuration, compiled. Immutable after `compile`; pure, so any thread may ask, each with a
/// `Router::Scratch` of its own.
class Router {
 public:
  /// Checks everything that can be known without an event: that sinks exist, that templates parse, that fixed texts of
  /// topics are valid for their sink, that a topic is there where the sink needs one, that the sink can do what a route
  /// asks of it. Never null; to be used only if the report has no errors. `sink_types` is needed during the call only.
  static std::shared_ptr<const Router> compile(const config::Config& config, std::span<const SinkType> sink_types,
                                               config::Report& report);

  /// Buffers of one thread: the parser and the payload it parsed last, so that several
  /// questions about one event parse it once. An event whose routes ask for attributes only is not parsed.
  class Scratch {
   public:
    Scratch();
    ~Scratch();

   private:
    friend class Router;
    std::unique_ptr<event::JsonDocument> document_;
  };

  /// Appends where `event` goes in `sink` (one of the configuration's), in the order of the routes. All matching routes
  /// apply.
  void route(const Event& event, std::string_view sink, Scratch& scratch, std::vector<Routed>& routed) const;

  /// Further destination of an event that `sink` has rejected for good, from its `dead_letters_to`.
  struct Elsewhere {
    std::string sink;
    Routed routed;
  };
  std::optional<Elsewhere> route_dead_letter(const Event& event, std::string_view sink, Scratch& scratch) const;

  /// Number of routes.
  std::size_t size() const;

  /// Says of each route, in the order of the file, what it makes of `event`: for people, not for the way of an event.
  std::vector<RouteTrace> trace(const Event& event, Scratch& scratch) const;

  /// Returns whether any route takes it.
  bool takes(const Event& event, Scratch& scratch) const;

  /// Returns whether a route may take events of that type, one of pbxbridge's own: without one they need not be made.
  bool may_take_own(std::string_view event_type) const;

  /// Names the routes that may take events of the family `state`, and their sinks: another text where one of them is
  /// another. Empty where there is none.
  const std::string& takers_of_state() const;

  ~Router();

 private:
  Router();
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace pbxbridge::route
