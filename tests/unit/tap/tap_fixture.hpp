#pragma once

#include "config/config.hpp"
#include "tap/taps.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::tap {

/// Routes to the sinks lake (route 1: everything, route 2: the family cdr) and board (route 2), a clock that a test
/// moves, and events that are accepted one after the other.
class TapTest : public testing::Test {
 protected:
  static std::shared_ptr<const route::Router> make_router() {
    config::Config config;
    config::SinkConfig fake;
    fake.type = "fake";
    for (const char* name : {"lake", "board"}) config.sinks.emplace(name, fake);
    const auto to = [](const char* sink, const char* topic) {
      config::DestinationConfig destination;
      destination.sink.value = sink;
      destination.topic.value = topic;
      destination.key.value = "{entity}";
      return destination;
    };
    config.routes.resize(2);
    config.routes[0].to = {to("lake", "all/{entity}")};
    config.routes[1].to = {to("lake", "cdr"), to("board", "cdr/{entity}")};
    config.routes[1].match.conditions = {{"family", {"cdr"}, {}}};
    static const SinkType types[] = {{.name = "fake"}};
    config::Report report;
    auto router = route::Router::compile(config, types, report);
    EXPECT_FALSE(report.has_errors());
    return router;
  }

  static Filter filter_of(const TapRequest& request) {
    std::vector<std::string> warnings;
    auto filter = Filter::compile(request, {.pbxs = {"hq"}, .sinks = {"board", "lake"}, .routes = 2}, warnings);
    EXPECT_TRUE(filter) << (filter ? "" : filter.error().text);
    return std::move(*filter);
  }

  std::shared_ptr<Tap> listen(const TapRequest& request = {}) {
    auto tap = std::make_shared<Tap>(
        Tap::Settings{filter_of(request), request.clear ? Shown::clear : Shown::masked, request.rate});
    taps_.add(tap);
    return tap;
  }

  EventPtr next_event(Family family = Family::extension, const std::string& entity = "1001",
                      const std::string& payload = "{}") {
    EventAttributes attributes{.pbx = "hq", .event_type = "call_start", .entity = entity};
    attributes.family = family;
    attributes.entity_kind = EntityKind::extension;
    attributes.payload_kind = PayloadKind::json_object;
    attributes.received_at = std::chrono::system_clock::now();
    auto event = Event::make(payload, attributes);
    event->accept(sequence_, SpoolId{1});
    sequence_ = sequence_.next();
    return event;
  }
  /// Does what the spool and the sinks do: nothing where nobody listens.
  void accept(const EventPtr& event) {
    if (taps_.is_on()) taps_.accepted({&event, 1});
  }
  void end(const std::string& sink, const EventPtr& event, deliver::Ending ending = deliver::Ending::delivered,
           const std::string& reason = {}) {
    ExaminedEvent examined(event, *router_, parsers_);
    for (const Destination& each : examined.destinations())
      if (each.sink == sink && taps_.is_on()) taps_.ended(sink, each.delivery, ending, reason);
  }

  std::vector<nlohmann::json> lines(Tap& tap) {
    std::vector<nlohmann::json> all;
    std::istringstream text(tap.take_text(now_, std::chrono::system_clock::now()));
    for (std::string line; std::getline(text, line);) all.push_back(nlohmann::json::parse(line));
    return all;
  }
  static nlohmann::json last_line(const std::string& text) {
    return nlohmann::json::parse(text.substr(text.rfind('\n', text.size() - 2) + 1));
  }
  std::vector<std::string> moments(Tap& tap) {
    std::vector<std::string> all;
    for (const auto& line : lines(tap)) all.push_back(line["moment"]);
    return all;
  }

  Time now_ = Time() + std::chrono::hours(1);
  std::shared_ptr<const route::Router> router_ = make_router();
  Parsers parsers_;
  Taps taps_{router_, [this] { return now_; }};
  Sequence sequence_ = Sequence::first_of(1);
};

}  // namespace pbxbridge::tap
