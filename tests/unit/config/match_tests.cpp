#include "configuration_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ConfigurationText with_match(const std::string& match) {
  ConfigurationText text;
  text.routes = "  - { match: " + match + ", to: { sink: first } }\n";
  return text;
}

TEST(Match, ReadsScalarsListsAndNot) {
  const Loaded loaded =
      with_match(
          "{ family: [extension, queue], pbx: hq*, caller: 101, not: { event_type: \"*_presence\", tenant: [a] } }")
          .load();
  ASSERT_EQ(format_problems(loaded.report, "f"), "");
  const MatchConfig& match = loaded.config.routes.at(0).match;
  ASSERT_EQ(match.conditions.size(), 3u);
  EXPECT_EQ(match.conditions[0].field, "family");
  EXPECT_THAT(match.conditions[0].patterns, ElementsAre("extension", "queue"));
  EXPECT_EQ(match.conditions[0].location.line, 9);
  EXPECT_THAT(match.conditions[1].patterns, ElementsAre("hq*"));
  EXPECT_THAT(match.conditions[2].patterns, ElementsAre("101"));
  ASSERT_EQ(match.none_of.size(), 2u);
  EXPECT_THAT(match.none_of[0].patterns, ElementsAre("*_presence"));
}

TEST(Match, OfNothingIsEveryEvent) {
  EXPECT_TRUE(with_match("{}").load().config.routes.at(0).match.conditions.empty());
}

TEST(Match, RejectsWhatCannotMatch) {
  EXPECT_THAT(with_match("{ family: [] }").problems(), HasSubstr("9:24: error: family: an empty list matches nothing"));
  EXPECT_THAT(with_match("{ family: { a: b } }").problems(), HasSubstr("family: expected a text, found a map"));
  EXPECT_THAT(with_match("{ family: cdr, family: queue }").problems(), HasSubstr("duplicate key \"family\""));
  EXPECT_THAT(with_match("{ not: {} }").problems(), HasSubstr("\"not\" takes a map of at least one field"));
  EXPECT_THAT(with_match("{ not: { not: { a: b } } }").problems(), HasSubstr("\"not\" inside \"not\""));
  EXPECT_THAT(with_match("cdr").problems(), HasSubstr("expected a map of fields and patterns, or {} for every event"));
}

TEST(Destination, ReadsOptionsOfOneOrSeveral) {
  ConfigurationText text;
  text.routes =
      "  - match: {}\n"
      "    to:\n"
      "      - { sink: first, topic: \"a/{b|none}\", key: \"{c}\", fallback_topic: d, urgency: 2 }\n"
      "      - { sink: first }\n";
  const Loaded loaded = text.load();
  ASSERT_EQ(format_problems(loaded.report, "f"), "");
  const auto& to = loaded.config.routes.at(0).to;
  ASSERT_EQ(to.size(), 2u);
  EXPECT_EQ(to[0].topic.value, "a/{b|none}");
  EXPECT_EQ(to[0].key.value, "{c}");
  EXPECT_EQ(to[0].fallback_topic.value, "d");
  ASSERT_TRUE(to[0].node.has_value());
  EXPECT_NE(to[0].node->find("urgency"), nullptr) << "left to the sink's type";
}

TEST(Destination, IsNeeded) {
  ConfigurationText text;
  text.routes = "  - { match: {}, to: [] }\n";
  EXPECT_THAT(text.problems(), HasSubstr("9:18: error: the route leads nowhere"));
  text.routes = "  - { match: {}, to: { topic: x } }\n";
  EXPECT_THAT(text.problems(), HasSubstr("missing \"sink\""));
}

}  // namespace
}  // namespace pbxbridge::config
