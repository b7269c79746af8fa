#include "route/named_topics.hpp"
#include "routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::route {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::vector<std::string> topics_of(std::string_view sink, std::string_view routes) {
  const auto loaded = config::load_config_text(std::string(Routes::beginning) + std::string(routes), test_sink_types());
  EXPECT_FALSE(loaded.report.has_errors()) << routes;
  std::vector<std::string> topics;
  for (const ExaminedTopic& topic : named_topics(loaded.config, test_sink_types(), std::string(sink))) {
    static constexpr std::string_view kinds[] = {"", "unlikely ", "example "};
    topics.push_back(std::string(kinds[static_cast<std::size_t>(topic.kind)]) + topic.name +
                     (topic.origin.empty() ? "" : " of " + topic.origin));
  }
  return topics;
}

TEST(NamedTopics, AreTheFixedOnesOfTheSinkEachOnce) {
  constexpr std::string_view routes =
      "routes:\n"
      "  - match: {}\n    to: [ { sink: lake, topic: all }, { sink: board, topic: a/b }, { sink: log } ]\n"
      "  - match: { family: cdr }\n    to: { sink: lake, topic: all }\n";
  EXPECT_THAT(topics_of("lake", routes), UnorderedElementsAre("all"));
  EXPECT_THAT(topics_of("board", routes), UnorderedElementsAre("a/b"));
  EXPECT_THAT(topics_of("log", routes), IsEmpty());
}

TEST(NamedTopics, HaveEachPbxAndFamilyThatTheRouteTakes) {
  EXPECT_THAT(
      topics_of("lake",
                "routes:\n  - match: { family: cdr, pbx: hq }\n    to: { sink: lake, topic: \"{pbx}.{family}\" }\n"),
      UnorderedElementsAre("hq.cdr", "unlikely pbx.unroutable"));
  EXPECT_THAT(topics_of("lake", "routes:\n  - match: {}\n    to: { sink: lake, topic: \"{pbx}.{family}\" }\n"),
              UnorderedElementsAre("hq.cdr", "branch.cdr", "unlikely hq.unknown", "unlikely branch.unknown",
                                   "unlikely pbx.unroutable"));
}

TEST(NamedTopics, HaveEachTypeThatTheRouteTakes) {
  EXPECT_THAT(topics_of("board",
                        "routes:\n  - match: { event_type: [call_start, call_cdr] }\n"
                        "    to: { sink: board, topic: \"t/{event_type}\", fallback_topic: rest }\n"),
              UnorderedElementsAre("t/call_start", "t/call_cdr", "unlikely rest"));
}

TEST(NamedTopics, AreExamplesWhereOnlyEventsHaveTheValues) {
  EXPECT_THAT(topics_of("board",
                        "routes:\n  - match: { family: cdr }\n    to: { sink: board, topic: \"{family}/{caller}\" }\n"),
              UnorderedElementsAre("example cdr/pbxbridge-check of {family}/{caller}", "unlikely pbx/unroutable"));
}

TEST(NamedTopics, AreAlsoThoseOfDeadLetters) {
  std::string configuration(Routes::beginning);
  const std::string plain = "lake: { type: kafka }";
  configuration.replace(configuration.find(plain), plain.size(),
                        "lake: { type: kafka, dead_letters_to: { sink: board, topic: dead } }");
  const auto loaded = config::load_config_text(
      configuration + "routes:\n  - match: {}\n    to: { sink: lake, topic: all }\n", test_sink_types());
  const auto topics = named_topics(loaded.config, test_sink_types(), "board");
  ASSERT_EQ(topics.size(), 1U);
  EXPECT_EQ(topics[0].name, "dead");
}

}  // namespace
}  // namespace pbxbridge::route
