#include "route/router.hpp"

#include "config/config.hpp"
#include "config/settings_hash.hpp"
#include "event/event_types.hpp"
#include "event/json_document.hpp"
#include "route/destination.hpp"
#include "route/event_fields.hpp"
#include "route/match.hpp"
#include "route/possible_events.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace pbxbridge::route {

namespace {

struct Step {
  std::size_t route;
  const Match* match;
  const Destination* destination;
};

struct StepsOfSink {
  std::string sink;
  std::vector<Step> steps;  // in the order of the routes; those of one route stand together
};

}  // namespace

struct Router::Implementation {
  std::deque<Match> matches;  // deques: steps point into them
  std::deque<Destination> destinations;
  std::vector<StepsOfSink> sinks;
  struct DeadLetters {
    std::string sink;
    Destination destination;
  };
  std::map<std::string, DeadLetters, std::less<>> dead_letters;  // by the sink that rejects
  struct Route {
    config::Location location;
    const Match* match;
    std::vector<std::pair<std::string, const Destination*>> destinations;  // by sink
  };
  std::vector<Route> routes;             // in the order of the file
  std::set<std::string_view> own_types;  // that a route may take
  std::string takers_of_state;

  void add(const std::string& sink, Step step) {
    auto found = std::ranges::find(sinks, sink, &StepsOfSink::sink);
    if (found == sinks.end()) found = sinks.insert(sinks.end(), StepsOfSink{sink, {}});
    found->steps.push_back(step);
  }
};

namespace {

std::vector<std::string_view> pbx_names(const config::Config& config) {
  std::vector<std::string_view> names;
  for (const auto& pbx : config.pbx) names.emplace_back(pbx.name);
  return names;
}

std::vector<std::string_view> sink_names(const config::Config& config) {
  std::vector<std::string_view> names;
  for (const auto& [name, sink] : config.sinks) names.emplace_back(name);
  return names;
}

/// Types of pbxbridge's own events that a route may take.
std::set<std::string_view> own_types_taken(const config::Config& config) {
  std::set<std::string_view> types;
  for (const auto& type : event::own_event_types())
    for (const auto& route : config.routes)
      for (const auto& pbx : config.pbx)
        if (taken(route.match, {&pbx, &type}) != Taken::never) types.insert(type.name);
  return types;
}

bool may_take_state(const config::RouteConfig& route, const config::Config& config) {
  return std::ranges::any_of(event::own_event_types(), [&](const event::EventType& type) {
    return type.family == Family::state && std::ranges::any_of(config.pbx, [&](const config::PbxConfig& pbx) {
             return taken(route.match, {&pbx, &type}) != Taken::never;
           });
  });
}

/// A hash of these routes, and of the sinks that they name, as they are written.
std::string hash_takers_of_state(const config::Config& config, std::span<const SinkType> sink_types) {
  const config::Node* const routes = config.document ? config.document->find("routes") : nullptr;
  const config::Node* const sinks = config.document ? config.document->find("sinks") : nullptr;
  if (!routes || !sinks) return {};
  config::Node takers(config::Node::Kind::list, {});
  for (std::size_t i = 0; i < std::min(config.routes.size(), routes->items().size()); ++i) {
    if (!may_take_state(config.routes[i], config)) continue;
    takers.append(routes->items()[i]);
    for (const auto& destination : config.routes[i].to)
      if (const auto* const sink = sinks->find(destination.sink.value)) takers.append(*sink);
  }
  return takers.items().empty() ? std::string() : config::settings_hash(takers, sink_types);
}

/// The sink of that name; null where there is none. That is reported, unless an error of the name itself, or of all
/// sinks, is in the report already.
const config::SinkConfig* find_sink(const config::Located<std::string>& name, const config::Config& config,
                                    config::Report& report) {
  const auto found = config.sinks.find(name.value);
  if (found != config.sinks.end()) return &found->second;
  if (!name.value.empty() && !config.sinks.empty())
    report.error(name.location,
                 "there is no sink \"" + name.value + "\"" + config::suggestion(name.value, sink_names(config)));
  return nullptr;
}

/// Returns nothing where the sink, or its type, is unknown. Then that is reported, and what else is wrong.
std::optional<Destination> compile_destination(const config::DestinationConfig& destination,
                                               const config::Config& config, std::span<const SinkType> sink_types,
                                               config::Report& report) {
  const auto* const sink = find_sink(destination.sink, config, report);
  const SinkType* const type = sink ? find_sink_type(sink_types, sink->type) : nullptr;
  if (type) return Destination::compile(destination, *type, sink_types, *sink, report);
  Destination::check_alone(destination, report);
  return std::nullopt;
}

void warn_of_unused_sinks(const config::Config& config, config::Report& report) {
  if (config.routes.empty()) return;  // an error already
  std::set<std::string_view> used;
  for (const auto& route : config.routes)
    for (const auto& destination : route.to) used.insert(destination.sink.value);
  for (const auto& [name, sink] : config.sinks)
    if (sink.dead_letters_to) used.insert(sink.dead_letters_to->sink.value);
  for (const auto& [name, sink] : config.sinks)
    if (!used.contains(name))
      report.warning(sink.location, "no route leads to sink \"" + name + "\"; it receives nothing");
}

}  // namespace

Router::Router() : implementation_(std::make_unique<Implementation>()) {}

Router::~Router() = default;

Router::Scratch::Scratch() : document_(std::make_unique<event::JsonDocument>()) {}

Router::Scratch::~Scratch() = default;

std::shared_ptr<const Router> Router::compile(const config::Config& config, std::span<const SinkType> sink_types,
                                              config::Report& report) {
  std::shared_ptr<Router> router(new Router());
  auto& compiled = *router->implementation_;
  const auto names = pbx_names(config);
  for (const auto& route : config.routes) {
    const auto& match = compiled.matches.emplace_back(Match::compile(route.match, names, report));
    auto& traced = compiled.routes.emplace_back(Implementation::Route{route.location, &match, {}});
    for (const auto& destination : route.to) {
      auto made = compile_destination(destination, config, sink_types, report);
      if (!made) continue;
      compiled.destinations.push_back(std::move(*made));
      compiled.add(destination.sink.value, {compiled.matches.size() - 1, &match, &compiled.destinations.back()});
      traced.destinations.emplace_back(destination.sink.value, &compiled.destinations.back());
    }
  }
  for (const auto& [name, sink] : config.sinks) {
    if (!sink.dead_letters_to) continue;
    const config::DestinationConfig& destination = *sink.dead_letters_to;
    if (destination.sink.value == name)
      report.error(destination.sink.location, "dead_letters_to must name another sink");
    if (auto made = compile_destination(destination, config, sink_types, report))
      compiled.dead_letters.emplace(name, Implementation::DeadLetters{destination.sink.value, std::move(*made)});
  }
  compiled.own_types = own_types_taken(config);
  compiled.takers_of_state = hash_takers_of_state(config, sink_types);
  warn_of_unused_sinks(config, report);
  return router;
}

std::optional<Router::Elsewhere> Router::route_dead_letter(const Event& event, std::string_view sink,
                                                           Scratch& scratch) const {
  const auto found = implementation_->dead_letters.find(sink);
  if (found == implementation_->dead_letters.end()) return std::nullopt;
  EventFields fields(event, *scratch.document_);
  return Elsewhere{found->second.sink, found->second.destination.render(fields)};
}

void Router::route(const Event& event, std::string_view sink, Scratch& scratch, std::vector<Routed>& routed) const {
  const auto found = std::ranges::find(implementation_->sinks, sink, &StepsOfSink::sink);
  if (found == implementation_->sinks.end()) return;
  EventFields fields(event, *scratch.document_);
  const Match* asked = nullptr;
  bool takes = false;
  for (const auto& step : found->steps) {
    if (step.match != asked) takes = step.match->takes(fields);
    asked = step.match;
    if (!takes) continue;
    routed.push_back(step.destination->render(fields));
    routed.back().route = step.route;
  }
}

std::size_t Router::size() const { return implementation_->matches.size(); }

std::vector<RouteTrace> Router::trace(const Event& event, Scratch& scratch) const {
  EventFields fields(event, *scratch.document_);
  std::vector<RouteTrace> traces;
  for (const auto& route : implementation_->routes) {
    auto& trace = traces.emplace_back(RouteTrace{route.location, route.match->unmet(fields), {}});
    if (!trace.unmet.empty()) continue;
    for (const auto& [sink, destination] : route.destinations)
      trace.destinations.emplace_back(sink, destination->render(fields));
  }
  return traces;
}

bool Router::may_take_own(std::string_view event_type) const { return implementation_->own_types.contains(event_type); }

const std::string& Router::takers_of_state() const { return implementation_->takers_of_state; }

bool Router::takes(const Event& event, Scratch& scratch) const {
  EventFields fields(event, *scratch.document_);
  return std::ranges::any_of(implementation_->matches, [&](const Match& match) { return match.takes(fields); });
}

}  // namespace pbxbridge::route
