#include "app/configuration.hpp"
#include "app/home_assistant.hpp"
#include "app/plugins.hpp"
#include "config/load.hpp"
#include "derive/home_assistant/device_event.hpp"
#include "pbxbridge/program.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace pbxbridge::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr const char* good_routes =
    "routes:\n"
    "  - { match: { event_type: bridge_link }, to: { sink: board, topic: \"pbx/{pbx}/link\", retain: true } }\n"
    "  - { match: { family: state, not: { event_type: state_queue } },\n"
    "      to: [ { sink: lake, topic: all }, { sink: board, topic: \"{pbx}/{event_type}/{entity}\", retain: true } ] "
    "}\n"
    "  - { match: { event_type: state_queue }, to: { sink: board, topic: \"{pbx}/queue/{queue_number}\", retain: true "
    "} }\n";

class HomeAssistantTest : public testing::Test {
 protected:
  Configuration load(const std::string& home_assistant, const std::string& routes = good_routes) {
    const auto file = directory_.path() / "bridge.yaml";
    std::ofstream(file) << "pbx: [ { name: hq, url: \"wss://hq\", auth: { username: u, domain: d, password: p },\n"
                           "         subscribe: [ { topic: cdr_events } ] } ]\n"
                           "sinks: { board: { type: mqtt, url: \"mqtt://localhost\" }, second: { type: mqtt, url: "
                           "\"mqtt://second\" },\n"
                           "         lake: { type: kafka, brokers: [\"localhost:9092\"] } }\n"
                        << (home_assistant.empty() ? "" : "home_assistant: " + home_assistant) << "\n"
                        << routes;
    app::Plugins plugins(built_in_sink_types());
    return load_configuration(file, plugins);
  }
  /// The errors, each with its line.
  std::string errors(const std::string& home_assistant, const std::string& routes = good_routes) {
    const Configuration configuration = load(home_assistant, routes);
    std::string errors;
    for (const auto& problem : configuration.report.problems())
      if (!problem.warning) errors += std::to_string(problem.location.line) + ": " + problem.text + "\n";
    return errors;
  }

  test::TemporaryDirectory directory_;
};

TEST_F(HomeAssistantTest, FindsTheTopicsOfTheRoutes) {
  const auto configuration = load("{ sink: board, extensions: [\"101\"], queues: [\"8001\"] }");
  ASSERT_FALSE(configuration.report.has_errors()) << config::format_problems(configuration.report, "test");
  const auto& found = configuration.home_assistant.value();
  EXPECT_EQ(found.pbx, "hq");
  EXPECT_EQ(found.status_topic, "pbxbridge/board/status");
  EXPECT_EQ(found.link_topic, "pbx/hq/link");
  EXPECT_EQ(found.gap_topic, "");
  EXPECT_THAT(found.extensions, ElementsAre(Pair("101", "hq/state_extension/101")));
  EXPECT_THAT(found.queues, ElementsAre(Pair("8001", "hq/queue/8001")));
}

TEST_F(HomeAssistantTest, RoutesDevicesToTheirTopicsAndBackUnderTheirOldPrefix) {
  const auto configuration = load("{ sink: board, prefix: ha, extensions: [\"101\"] }");
  ASSERT_FALSE(configuration.report.has_errors());
  route::Router::Scratch scratch;
  std::vector<route::Routed> routed;
  const EventPtr announced = derive::home_assistant::device_event("id", "hq", "{\"device\":{}}", SystemTime{});
  const EventPtr taken_back = derive::home_assistant::device_removal({"board", "old", "id"}, "hq", SystemTime{});
  for (const EventPtr& event : {announced, taken_back}) configuration.router->route(*event, "board", scratch, routed);
  ASSERT_EQ(routed.size(), 2U);
  EXPECT_EQ(routed[0].topic, "ha/device/id/config");
  EXPECT_EQ(routed[1].topic, "old/device/id/config");
}

/// Sinks and topics to which the routes of that configuration lead for a device that was announced at a sink.
std::vector<std::string> topics_of_removal(const Configuration& configuration, const std::string& sink) {
  const EventPtr event = derive::home_assistant::device_removal({sink, "ha", "id"}, "hq", SystemTime{});
  route::Router::Scratch scratch;
  std::vector<std::string> topics;
  for (const auto& [name, settings] : configuration.config.sinks) {
    std::vector<route::Routed> routed;
    configuration.router->route(*event, name, scratch, routed);
    for (const auto& each : routed) topics.push_back(name + " " + each.topic);
  }
  return topics;
}

TEST_F(HomeAssistantTest, LeadsBackToWhereDevicesWereAnnounced) {
  for (const char* home_assistant : {"{ sink: board, prefix: ha, extensions: [\"101\"] }", ""}) {
    auto configuration = load(home_assistant);
    add_home_assistant_removals(configuration, {"board", "second", "lake", "gone"});
    EXPECT_THAT(configuration.device_sinks, ElementsAre("board", "second")) << "the others cannot have any";
    for (const char* sink : {"board", "second"})
      EXPECT_THAT(topics_of_removal(configuration, sink), ElementsAre(std::string(sink) + " ha/device/id/config"))
          << home_assistant;
  }
}

TEST_F(HomeAssistantTest, NeedsNoFurtherRouteWhereNothingWasAnnouncedElsewhere) {
  auto configuration = load("{ sink: board, extensions: [\"101\"] }");
  const auto routes = configuration.config.routes.size();
  add_home_assistant_removals(configuration, {"board"});
  EXPECT_EQ(configuration.config.routes.size(), routes);
  EXPECT_THAT(configuration.device_sinks, ElementsAre("board"));
}

TEST_F(HomeAssistantTest, IsAnErrorWhereNoRouteSendsTheState) {
  EXPECT_THAT(errors("{ sink: board, queues: [\"8001\"] }",
                     "routes:\n"
                     "  - { match: { event_type: bridge_link }, to: { sink: board, topic: l, retain: true } }\n"
                     "  - { match: { event_type: state_queue }, to: { sink: lake, topic: all } }\n"),
              HasSubstr("5: home_assistant: no route sends state_queue to sink \"board\""));
  EXPECT_THAT(
      errors("{ sink: board, extensions: [\"101\"] }", "routes: [ { match: {}, to: { sink: board, topic: a } } ]"),
      HasSubstr("no route sends bridge_link"));
}

TEST_F(HomeAssistantTest, IsAnErrorWhereTheStateIsNotRetained) {
  EXPECT_THAT(errors("{ sink: board, extensions: [\"101\"] }",
                     "routes:\n"
                     "  - { match: { event_type: bridge_link }, to: { sink: board, topic: l, retain: true } }\n"
                     "  - { match: { family: state },\n"
                     "      to: { sink: board, topic: \"{entity}\" } }\n"),
              HasSubstr("9: home_assistant: state_extension is not retained here; add retain: true"));
}

TEST_F(HomeAssistantTest, IsAnErrorWhereATopicHoldsWhatOnlyEventsKnow) {
  EXPECT_THAT(
      errors("{ sink: board, queues: [\"8001\"] }",
             "routes:\n"
             "  - { match: { event_type: bridge_link }, to: { sink: board, topic: l, retain: true } }\n"
             "  - { match: { family: state }, to: { sink: board, topic: \"{entity}\", retain: true } }\n"),
      HasSubstr("8: home_assistant: \"{entity}\" is not known before there are events; for state_queue the topic "
                "can hold {entity_kind}"));
}

TEST_F(HomeAssistantTest, IsAnErrorWhereTheStateIsInAnEnvelope) {
  EXPECT_THAT(errors("{ sink: board, extensions: [\"101\"] }",
                     "routes:\n"
                     "  - { match: { event_type: bridge_link }, to: { sink: board, topic: l, retain: true } }\n"
                     "  - { match: { family: state }, to: { sink: board, topic: \"{entity}\", retain: true,\n"
                     "       format: cloudevents_structured } }\n"),
              HasSubstr("add format: raw"));
}

TEST_F(HomeAssistantTest, IsAnErrorWhereTwoHaveOneTopic) {
  EXPECT_THAT(errors("{ sink: board, extensions: [\"101\",\n \"102\"] }",
                     "routes:\n"
                     "  - { match: { event_type: bridge_link }, to: { sink: board, topic: l, retain: true } }\n"
                     "  - { match: { family: state }, to: { sink: board, topic: all, retain: true } }\n"),
              HasSubstr("6: home_assistant: \"101\" and \"102\" have the same topic"));
}

TEST_F(HomeAssistantTest, IsAnErrorWhereTheSinkOrThePbxIsNoneOfTheConfiguration) {
  EXPECT_THAT(errors("{ sink: lake }"), HasSubstr("5: home_assistant: sink \"lake\" is of type kafka"));
  EXPECT_THAT(errors("{ sink: bord }"), HasSubstr("5: there is no sink \"bord\", did you mean \"board\"?"));
  EXPECT_THAT(errors("{ sink: board, pbx: hk, extensions: [\"101\"] }"), HasSubstr("there is no PBX \"hk\""));
  EXPECT_THAT(errors("{ sink: board, prefix: a/b }"), HasSubstr("one level of a topic"));
}

TEST_F(HomeAssistantTest, BringsNoWarningOfItsOwn) {
  auto configuration = load("{ sink: board, extensions: [\"101\"], queues: [\"8001\"] }");
  check_coverage(configuration);
  EXPECT_THAT(config::format_problems(configuration.report, "test"), Not(HasSubstr("prefix")));
}

}  // namespace
}  // namespace pbxbridge::app
