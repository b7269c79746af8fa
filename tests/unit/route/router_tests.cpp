#include "pbxbridge/event.hpp"
#include "route/destination.hpp"
#include "route/topic_rules.hpp"
#include "routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace pbxbridge::route {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view call_cdr = R"({"event_type":"call_cdr","session_id":"95","tenant_id":"71"})";
constexpr std::string_view queue_status = R"({"event_type":"queue_status","queue_number":"+80/1"})";

std::vector<std::string> topics(const std::vector<Routed>& routed) {
  std::vector<std::string> all;
  for (const auto& one : routed) all.push_back(one.topic);
  return all;
}

TEST(Router, SendsAnEventToEverySinkOfEveryRouteThatTakesIt) {
  const Routes routes(R"(
routes:
  - match: { family: cdr }
    to: { sink: lake, topic: "pbx.cdr.v1", key: "{session_id}" }
  - match: { family: [cdr, queue] }
    to:
      - { sink: lake, topic: "pbx.{family}.v1", key: "{entity}" }
      - { sink: board, topic: "pbx/{pbx}/{family}/{entity}/{event_type}" }
  - match: {}
    to: { sink: log }
)");
  EXPECT_THAT(routes.problems(), IsEmpty());
  const auto cdr = event_of(call_cdr);
  EXPECT_THAT(topics(routes.to("lake", *cdr)), ElementsAre("pbx.cdr.v1", "pbx.cdr.v1"));
  EXPECT_EQ(routes.to("lake", *cdr).front().key, "95");
  EXPECT_THAT(topics(routes.to("board", *cdr)), ElementsAre("pbx/hq/cdr/95/call_cdr"));
  EXPECT_THAT(topics(routes.to("log", *cdr)), ElementsAre(""));

  const auto queue = event_of(queue_status);
  EXPECT_THAT(topics(routes.to("lake", *queue)), ElementsAre("pbx.queue.v1"));
  EXPECT_EQ(routes.to("lake", *queue).front().key, "+80/1");  // a key may hold anything
  EXPECT_THAT(topics(routes.to("board", *queue)), ElementsAre("pbx/hq/queue/_80_1/queue_status"));

  const auto other = event_of("no json");
  EXPECT_THAT(topics(routes.to("lake", *other)), IsEmpty());
  EXPECT_TRUE(routes.take(*other));
  EXPECT_THAT(routes.to("nowhere", *other), IsEmpty());
}

TEST(Router, SaysWhichRouteADeliveryIsOf) {
  const Routes routes(R"(
routes:
  - match: { family: queue }
    to: { sink: log }
  - match: { family: cdr }
    to: [ { sink: lake, topic: "a" }, { sink: log }, { sink: lake, topic: "b" } ]
  - match: {}
    to: { sink: lake, topic: "c" }
)");
  EXPECT_EQ(routes.router->size(), 3U);
  const auto to_lake = routes.to("lake", *event_of(call_cdr));
  ASSERT_EQ(to_lake.size(), 3U);
  EXPECT_EQ(to_lake[0].route, 1U);
  EXPECT_EQ(to_lake[1].route, 1U);
  EXPECT_EQ(to_lake[2].route, 2U);
}

TEST(Router, SaysWhenNoRouteTakesAnEvent) {
  const Routes routes(R"(routes: [{ match: { family: cdr }, to: { sink: log } }])");
  EXPECT_TRUE(routes.take(*event_of(call_cdr)));
  EXPECT_FALSE(routes.take(*event_of(queue_status)));
}

TEST(Router, SendsTwiceToASinkThatARouteNamesTwice) {
  const Routes routes(R"(
routes:
  - match: {}
    to: [{ sink: board, topic: "a/{family}" }, { sink: board, topic: "b/{family}" }]
)");
  EXPECT_THAT(topics(routes.to("board", *event_of(call_cdr))), ElementsAre("a/cdr", "b/cdr"));
}

TEST(Router, HandsOnTheOptionsOfADestination) {
  const Routes routes(R"(
routes: [{ match: {}, to: { sink: board, topic: "a", qos: 2, retain: true } }]
)");
  const auto event = event_of(call_cdr);
  const auto routed = routes.to("board", *event);
  ASSERT_EQ(routed.size(), 1U);
  const auto& options = static_cast<const BoardOptions&>(*routed[0].options);
  EXPECT_EQ(options.qos, 2);
  EXPECT_EQ(options.retain, true);
  EXPECT_EQ(options.topic_template, "a");
  EXPECT_EQ(routed[0].options, routes.to("board", *event)[0].options);
}

TEST(Router, SendsToTheFallbackTopicWhatTheTemplateCannotName) {
  const Routes routes(R"(
routes:
  - match: {}
    to:
      - { sink: lake, topic: "pbx.{queue_number}" }
      - { sink: lake, topic: "pbx.{queue_number}", fallback_topic: pbx.other }
      - { sink: lake, topic: "{queue_number|}" }
      - { sink: board, topic: "pbx/{queue_number}" }
      - { sink: board, topic: "pbx/{queue_number|none}" }
)");
  const auto event = event_of(call_cdr);
  const auto lake = routes.to("lake", *event);
  EXPECT_THAT(topics(lake),
              ElementsAre(sink::kafka_topic_rules.fallback_topic, "pbx.other", sink::kafka_topic_rules.fallback_topic));
  for (const auto& routed : lake) EXPECT_TRUE(routed.fallback);
  const auto board = routes.to("board", *event);
  EXPECT_THAT(topics(board), ElementsAre(sink::mqtt_topic_rules.fallback_topic, "pbx/none"));
  EXPECT_TRUE(board[0].fallback);
  EXPECT_FALSE(board[1].fallback);
}

TEST(Router, LeavesTheKeyEmptyWhereItCannotBeMade) {
  const Routes routes(R"(
routes: [{ match: {}, to: [{ sink: lake, topic: t, key: "q{queue_number}" }, { sink: lake, topic: t, key: "{x|none}" }] }]
)");
  const auto routed = routes.to("lake", *event_of(call_cdr));
  EXPECT_EQ(routed[0].key, "");
  EXPECT_TRUE(routed[0].key_missing);
  EXPECT_FALSE(routed[0].fallback);
  EXPECT_EQ(routed[1].key, "none");
  EXPECT_FALSE(routed[1].key_missing);
}

TEST(Router, BoundsAKey) {
  const Routes routes(R"(routes: [{ match: {}, to: { sink: lake, topic: t, key: "{x}" } }])");
  const auto routed = routes.to("lake", *event_of("{\"x\":\"" + std::string(1 << 20, 'k') + "\"}"));
  EXPECT_EQ(routed[0].key.size(), key_size_max);
}

TEST(Router, MayNameATopicForASinkWithoutTopics) {
  const Routes routes(R"(routes: [{ match: {}, to: { sink: log, topic: "a/{family}" } }])");
  EXPECT_THAT(routes.problems().size(), 2U);  // lake and board are unused
  EXPECT_THAT(topics(routes.to("log", *event_of(call_cdr))), ElementsAre("a/cdr"));
}

TEST(Router, AnswersForEachEventAnewWithTheSameBuffers) {
  const Routes routes(R"(routes: [{ match: { n: ["1", "2"] }, to: { sink: board, topic: "n/{n}" } }])");
  Router::Scratch scratch;
  std::vector<Routed> routed;
  for (const auto* payload : {R"({"n":1})", R"({"n":2})", R"({"n":3})", "no json", R"({"n":1})"})
    routes.router->route(*event_of(payload), "board", scratch, routed);
  EXPECT_THAT(topics(routed), ElementsAre("n/1", "n/2", "n/1"));
}

TEST(Router, YieldsAValidTopicForAnyPayload) {
  const Routes routes(R"(
routes:
  - match: {}
    to: [{ sink: lake, topic: "{x}" }, { sink: lake, topic: "p.{event_type}.{y.0|none}" },
         { sink: board, topic: "{x}/{event_type|}/{y.0}" }, { sink: board, topic: "{tenant|}{x|}" }]
)");
  static constexpr std::string_view texts[] = {"",        ".",   "..",      "$", "+",        "#",    "/",
                                               "\\u0000", "\\n", "\\ud800", "a", "\xc3\xab", "\xeb", "\x01"};
  std::mt19937 random(5);
  for (int round = 0; round < 5'000; ++round) {
    const auto text = [&] {
      std::string all;
      for (auto count = random() % 4; count > 0; --count) all += texts[random() % std::size(texts)];
      return all;
    };
    const auto event = event_of(R"({"x":")" + text() + R"(","event_type":")" + text() + R"(","tenant_id":")" + text() +
                                R"(","y":[")" + text() + R"("]})");
    for (const auto& routed : routes.to("lake", *event))
      ASSERT_EQ(problem_of_topic(sink::kafka_topic_rules, routed.topic), "") << event->payload();
    for (const auto& routed : routes.to("board", *event)) {
      ASSERT_EQ(problem_of_topic(sink::mqtt_topic_rules, routed.topic), "") << event->payload();
      ASSERT_NE(routed.topic[0], '$');
    }
  }
}

TEST(TakersOfState, AreOthersWhereARouteOrASinkOfTheirsIs) {
  const auto takers = [](const std::string& routes) {
    return Routes("routes: [" + routes + "]").router->takers_of_state();
  };
  const std::string state = "{ match: { family: state }, to: { sink: board, topic: t } }";
  const std::string event = "{ match: { family: cdr }, to: { sink: lake, topic: t } }";
  EXPECT_EQ(takers(event), "");
  EXPECT_NE(takers(state), "");
  EXPECT_EQ(takers(event + ", " + state), takers(state)) << "events are no matter of theirs";
  EXPECT_EQ(takers("{ to: { topic: t, sink: board }, match: { family: state } }"), takers(state));
  for (const char* other : {"{ match: { family: state }, to: { sink: board, topic: other } }",
                            "{ match: { family: state }, to: { sink: board, topic: t, retain: true } }",
                            "{ match: { family: state }, to: { sink: lake, topic: t } }",
                            "{ match: { family: state }, to: [{ sink: board, topic: t }, { sink: log }] }",
                            "{ match: { event_type: state_call }, to: { sink: board, topic: t } }"})
    EXPECT_NE(takers(other), takers(state)) << other;
}

}  // namespace
}  // namespace pbxbridge::route
