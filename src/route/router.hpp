#pragma once

#include "config/config.hpp"
#include "pbxbridge/event.hpp"
#include "pbxbridge/sink.hpp"
#include "sink/sink_type.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::route {

/// Where one event goes in one sink.
struct Routed {
  std::string topic;
  std::string key;
  std::shared_ptr<const DeliveryOptions> options;
  bool fallback = false;  ///< the topic's template failed and the fallback topic stands in for it
};

/// The routes of a configuration, compiled. Immutable after `compile`; pure, so any thread may ask, each with a
/// `Router::Scratch` of its own.
class Router {
 public:
  /// Checks everything that can be known without an event: that sinks exist, that templates parse and name attributes or
  /// payload fields, that fixed topic texts are valid for their sink, that a topic is there where the sink needs one.
  /// Returns a router that may be used if the report has no errors.
  static std::shared_ptr<const Router> compile(const config::Config& config, config::Report& report);

  /// Buffers of one thread: the parser and the payload it parsed last, so that several sinks' questions about one event
  /// parse it once.
  class Scratch;

  /// Appends where `event` goes in `sink` (one of the configuration's), in the order of the routes. All matching routes
  /// apply.
  void route(const Event& event, std::string_view sink, Scratch& scratch, std::vector<Routed>& routed) const;

  /// Whether any route takes it.
  bool takes(const Event& event, Scratch& scratch) const;

  ~Router();

 private:
  Router();
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace pbxbridge::route
