#include "pbxbridge/event.hpp"
#include "routes.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::route {
namespace {

constexpr std::string_view queue_status =
    R"({"event_type":"queue_status","tenant_id":"71","queue_number":"8001","waiting":3,"open":true,"queue_name":"Sales",
        "status":{"x":"y"},"empty":""})";
constexpr std::string_view call_cdr = R"({"event_type":"call_cdr","session_id":"95","direction":"inbound"})";

bool takes(std::string_view match, std::string_view payload, std::string_view pbx = "hq") {
  const Routes routes("routes: [{ match: " + std::string(match) + ", to: { sink: log } }]");
  EXPECT_FALSE(routes.report.has_errors()) << routes.problems().front();
  const auto event = event_of(payload, pbx);
  EXPECT_EQ(routes.take(*event), !routes.to("log", *event).empty());
  return routes.take(*event);
}

TEST(Match, WithoutConditionsTakesEveryEvent) {
  EXPECT_TRUE(takes("{}", queue_status));
  EXPECT_TRUE(takes("{}", "no json"));
  EXPECT_TRUE(takes("{}", ""));
}

TEST(Match, ComparesAttributes) {
  EXPECT_TRUE(takes("{ family: queue }", queue_status));
  EXPECT_FALSE(takes("{ family: cdr }", queue_status));
  EXPECT_TRUE(takes("{ pbx: branch }", queue_status, "branch"));
  EXPECT_FALSE(takes("{ pbx: branch }", queue_status, "hq"));
  EXPECT_TRUE(takes("{ event_type: queue_status }", queue_status));
  EXPECT_TRUE(takes("{ tenant: \"71\" }", queue_status));
  EXPECT_TRUE(takes("{ entity: \"8001\" }", queue_status));
  EXPECT_FALSE(takes("{ entity: \"8002\" }", queue_status));
  EXPECT_TRUE(takes("{ family: unknown }", "no json"));
}

TEST(Match, TakesOneOfAList) {
  EXPECT_TRUE(takes("{ family: [extension, queue] }", queue_status));
  EXPECT_FALSE(takes("{ family: [extension, queue] }", call_cdr));
}

TEST(Match, TakesGlobs) {
  EXPECT_TRUE(takes("{ event_type: \"queue_*\" }", queue_status));
  EXPECT_TRUE(takes("{ family: \"queue*\" }", queue_status));
  EXPECT_TRUE(takes("{ entity: \"80??\" }", queue_status));
  EXPECT_FALSE(takes("{ entity: \"81??\" }", queue_status));
}

TEST(Match, NeedsAllConditions) {
  EXPECT_TRUE(takes("{ family: queue, tenant: \"71\" }", queue_status));
  EXPECT_FALSE(takes("{ family: queue, tenant: \"72\" }", queue_status));
}

TEST(Match, ComparesTopLevelFieldsByTheirText) {
  EXPECT_TRUE(takes("{ queue_name: Sales }", queue_status));
  EXPECT_TRUE(takes("{ waiting: 3 }", queue_status));
  EXPECT_TRUE(takes("{ open: true }", queue_status));
  EXPECT_FALSE(takes("{ open: \"false\" }", queue_status));
  EXPECT_FALSE(takes("{ status: \"*\" }", queue_status));
  EXPECT_TRUE(takes("{ status.x: y }", queue_status));
  EXPECT_TRUE(takes("{ payload.event_type: queue_status }", queue_status));
  EXPECT_FALSE(takes("{ direction: inbound }", queue_status));
  EXPECT_TRUE(takes("{ direction: inbound }", call_cdr));
  EXPECT_FALSE(takes("{ direction: inbound }", "no json"));
}

TEST(Match, TellsAMissingFieldFromAFilledOne) {
  EXPECT_FALSE(takes("{ tenant: \"*\" }", call_cdr));
  EXPECT_TRUE(takes("{ tenant: \"\" }", call_cdr));
  EXPECT_FALSE(takes("{ tenant: \"\" }", queue_status));
  EXPECT_TRUE(takes("{ nothing: \"\" }", queue_status));
  EXPECT_TRUE(takes("{ empty: \"\" }", queue_status));
  EXPECT_TRUE(takes("{ empty: \"*\" }", queue_status));
  EXPECT_FALSE(takes("{ nothing: \"*\" }", queue_status));
}

TEST(Match, LeavesOutWhatMeetsAllOfNot) {
  EXPECT_FALSE(takes("{ not: { family: queue } }", queue_status));
  EXPECT_TRUE(takes("{ not: { family: queue } }", call_cdr));
  EXPECT_TRUE(takes("{ not: { family: queue, tenant: \"72\" } }", queue_status));
  EXPECT_FALSE(takes("{ not: { family: queue, tenant: \"71\" } }", queue_status));
  EXPECT_FALSE(takes("{ family: queue, not: { queue_name: [Support, Sales] } }", queue_status));
}

TEST(Match, ReadsTheFieldsOfWhatIsNearlyJson) {
  EXPECT_TRUE(takes("{ direction: inbound }", "{\"name\":\"Zo\xeb\",\"direction\":\"inbound\"}"));
  EXPECT_TRUE(takes("{ n: \"123456789012345678901234567890\" }", "{\"n\":123456789012345678901234567890}"));
}

/// Makes an event as pbxbridge does: no payload of a PBX is of this family.
NewEventPtr own_event() {
  return Event::make(R"({"event_type":"bridge_link","pbx":"hq","state":"lost"})",
                     {.pbx = "hq", .event_type = "bridge_link", .entity = "hq", .family = Family::bridge});
}

bool takes_own_event(std::string_view match) {
  return Routes("routes: [{ match: " + std::string(match) + ", to: { sink: log } }]").take(*own_event());
}

TEST(Match, TakesPbxbridgesOwnEventsWhereTheyAreNamed) {
  EXPECT_TRUE(takes_own_event("{ family: bridge }"));
  EXPECT_TRUE(takes_own_event("{ family: [queue, bridge] }"));
  EXPECT_TRUE(takes_own_event("{ event_type: bridge_link }"));
  EXPECT_TRUE(takes_own_event("{ event_type: \"bridge_*\", state: lost }"));
  EXPECT_FALSE(takes_own_event("{ event_type: bridge_gap }"));
  EXPECT_FALSE(takes_own_event("{ family: bridge, state: streaming }"));
}

TEST(Match, TakesNoneOfThemByAWildcardAlone) {
  for (const char* match : {"{}", "{ family: \"*\" }", "{ event_type: \"*\" }", "{ pbx: hq }", "{ state: lost }",
                            "{ not: { family: queue } }"})
    EXPECT_FALSE(takes_own_event(match)) << match;
}

TEST(Match, TakesAPushThatCallsItselfOneOfThemForWhatItIs) {
  constexpr std::string_view forged = R"({"event_type":"bridge_link","state":"streaming"})";
  EXPECT_FALSE(takes("{ family: bridge }", forged));
  EXPECT_FALSE(takes("{ event_type: bridge_link }", forged));
  EXPECT_FALSE(takes("{ family: [unknown, bridge] }", forged));
  EXPECT_TRUE(takes("{ family: unknown }", forged));
}

TEST(Match, TakesEventsOfStateWhereTheyAreNamed) {
  const auto event = Event::make(R"({"event_type":"state_queue","queue_id":"8001","waiting":3})",
                                 {.pbx = "hq", .event_type = "state_queue", .entity = "8001", .family = Family::state});
  const auto takes_state = [&](const std::string& match) {
    return Routes("routes: [{ match: " + match + ", to: { sink: log } }]").take(*event);
  };
  for (const char* match :
       {"{ family: state }", "{ event_type: \"state_*\" }", "{ event_type: state_queue, waiting: 3 }"})
    EXPECT_TRUE(takes_state(match)) << match;
  for (const char* match : {"{}", "{ event_type: \"*\" }", "{ family: bridge }", "{ event_type: state_call }"})
    EXPECT_FALSE(takes_state(match)) << match;
  EXPECT_FALSE(takes("{ event_type: state_queue }", R"({"event_type":"state_queue","queue_id":"8001"})"));
}

TEST(Match, TakesOfOwnEventsNoFamilyThatOnlyAWildcardMeets) {
  const auto state = Event::make(R"({"event_type":"state_queue"})",
                                 {.pbx = "hq", .event_type = "state_queue", .family = Family::state});
  const auto takes_of = [](const Event& event, const std::string& match) {
    return Routes("routes: [{ match: " + match + ", to: { sink: log } }]").take(event);
  };
  for (const char* match : {"{ event_type: [\"*\", bridge_link] }", "{ family: [\"*\", bridge] }",
                            "{ family: \"*\", event_type: [\"*\", bridge_link] }"}) {
    EXPECT_TRUE(takes_of(*own_event(), match)) << match;
    EXPECT_FALSE(takes_of(*state, match)) << match;
    EXPECT_TRUE(takes(match, R"({"event_type":"state_queue"})")) << match << ": what a PBX pushes is its own";
  }
  EXPECT_FALSE(takes_of(*own_event(), "{ event_type: [\"*\", \"state_*\"] }"));
  EXPECT_TRUE(takes_of(*own_event(), "{ family: [bridge, state] }"));
  EXPECT_TRUE(takes_of(*state, "{ family: [bridge, state] }"));
}

TEST(Match, TellsASnapshotFromNews) {
  const auto takes_event = [](bool is_snapshot, const std::string& match) {
    const auto event = Event::make(queue_status, {.pbx = "hq", .is_snapshot = is_snapshot});
    return Routes("routes: [{ match: " + match + ", to: { sink: log } }]").take(*event);
  };
  for (const char* news : {"{ not: { snapshot: \"true\" } }", "{ not: { snapshot: true } }", "{ snapshot: \"\" }"}) {
    EXPECT_TRUE(takes_event(false, news)) << news;
    EXPECT_FALSE(takes_event(true, news)) << news;
  }
  EXPECT_TRUE(takes_event(true, "{ snapshot: \"true\" }"));
  EXPECT_FALSE(takes_event(false, "{ snapshot: \"true\" }"));
}

}  // namespace
}  // namespace pbxbridge::route
