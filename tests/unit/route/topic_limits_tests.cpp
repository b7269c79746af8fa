// Topics that a sink's syntax allows and its limits do not.

#include "pbxbridge/config/schema.hpp"
#include "routes.hpp"

#include <gmock/gmock.h>

namespace pbxbridge::route {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class NarrowSettings final : public SinkSettings {
 public:
  static const config::Schema<NarrowSettings>& schema() {
    static const config::Schema<NarrowSettings> no_fields("A sink of short topics.");
    return no_fields;
  }
  TopicLimits topic_limits() const override { return {.bytes = 20, .levels = 3}; }
};

std::span<const SinkType> narrow_type() {
  static const SinkType types[] = {
      {.name = "mqtt",
       .topics = sink::mqtt_topic_rules,
       .schema = &config::schema_of<NarrowSettings>,
       .read = [](const config::Node&, config::Report&) -> std::shared_ptr<const SinkSettings> {
         return std::make_shared<const NarrowSettings>();
       }}};
  return types;
}

struct NarrowRoute {
  config::Report report;
  std::shared_ptr<const Router> router;

  explicit NarrowRoute(const std::string& destination) {
    const auto loaded = config::load_config_text(
        "pbx: [{ name: hq, url: \"wss://pbx.example.test/wsi\", auth: { username: a, password: b }, subscribe: [{ "
        "topic: "
        "cdr_events }] }]\nsinks: { board: { type: mqtt } }\nroutes: [{ match: {}, to: { sink: board, " +
            destination + " } }]\n",
        narrow_type());
    for (const auto& problem : loaded.report.problems()) EXPECT_TRUE(problem.warning) << problem.text;
    router = Router::compile(loaded.config, narrow_type(), report);
  }
  std::vector<std::string> problems() const {
    std::vector<std::string> texts;
    for (const auto& problem : report.problems()) texts.push_back(problem.text);
    return texts;
  }
  Routed to_board(std::string_view payload) const {
    std::vector<Routed> routed;
    Router::Scratch scratch;
    router->route(*event_of(payload), "board", scratch, routed);
    return routed.at(0);
  }
};

TEST(TopicLimits, SendATopicBeyondThemToTheFallbackTopic) {
  const NarrowRoute route(R"(topic: "pbx/{caller}", fallback_topic: "pbx/other")");
  EXPECT_THAT(route.problems(), IsEmpty());
  const auto fits = route.to_board(R"({"event_type":"call_start","caller":"1234567890123456"})");
  EXPECT_EQ(fits.topic, "pbx/1234567890123456");
  EXPECT_FALSE(fits.fallback);
  const auto beyond = route.to_board(R"({"event_type":"call_start","caller":"12345678901234567"})");
  EXPECT_EQ(beyond.topic, "pbx/other");
  EXPECT_TRUE(beyond.fallback);
  const auto levels = route.to_board(R"({"event_type":"call_start","caller":"1/2/3/4"})");
  EXPECT_EQ(levels.topic, "pbx/1_2_3_4") << "what an event puts in adds no level";
}

TEST(TopicLimits, CountBytesAndNotCharacters) {
  const NarrowRoute route(R"(topic: "pbx/{caller}", fallback_topic: "pbx/other")");
  EXPECT_FALSE(route.to_board("{\"event_type\":\"call_start\",\"caller\":\"ääääääää\"}").fallback);
  EXPECT_TRUE(route.to_board("{\"event_type\":\"call_start\",\"caller\":\"äääääääää\"}").fallback);
}

TEST(TopicLimits, RejectATopicThatNoEventCanMakeFit) {
  EXPECT_THAT(NarrowRoute(R"(topic: "a/b/c/{caller}")").problems(),
              ElementsAre(HasSubstr("has 4 levels, and the sink's limits allow 3")));
  EXPECT_THAT(NarrowRoute(R"(topic: "pbx/queues-and-agents/{caller}")").problems(),
              ElementsAre(HasSubstr("is longer than the 20 bytes that the sink's limits allow")));
  EXPECT_THAT(NarrowRoute(R"(topic: "a/b/c")").problems(), IsEmpty());
}

TEST(TopicLimits, HoldForTheFallbackTopicToo) {
  EXPECT_THAT(NarrowRoute(R"(topic: "{caller}", fallback_topic: "a/b/c/d")").problems(),
              ElementsAre(HasSubstr(R"(fallback_topic "a/b/c/d" has 4 levels)")));
}

}  // namespace
}  // namespace pbxbridge::route
