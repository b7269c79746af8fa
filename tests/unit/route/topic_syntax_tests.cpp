#include "route/topic_syntax.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace pbxbridge::route {
namespace {

using config::TopicSyntax;

std::string made(TopicSyntax syntax, std::string_view literal, std::string_view value, std::string_view ending = "") {
  std::string topic(literal);
  append_value(syntax, value, topic);
  topic += ending;
  finish_topic(syntax, topic);
  return topic;
}

TEST(MqttTopic, GetsNoWildcardsLevelsOrControlCharactersFromData) {
  EXPECT_EQ(made(TopicSyntax::mqtt, "q/", "+15550100"), "q/_15550100");
  EXPECT_EQ(made(TopicSyntax::mqtt, "q/", "a/b#c"), "q/a_b_c");
  EXPECT_EQ(made(TopicSyntax::mqtt, "q/", std::string_view("a\0b\n", 4)), "q/a_b_");
  EXPECT_EQ(made(TopicSyntax::mqtt, "q/", "Zo\xc3\xab \xc2\x85"), "q/Zo\xc3\xab _");
  EXPECT_EQ(made(TopicSyntax::mqtt, "q/", "Zo\xeb"), "q/Zo_");
}

TEST(MqttTopic, HasNoEmptyLevelBehindTheFirst) {
  EXPECT_EQ(made(TopicSyntax::mqtt, "q/", "", "/x"), "q/_/x");
  EXPECT_EQ(made(TopicSyntax::mqtt, "q/", ""), "q/_");
  EXPECT_EQ(made(TopicSyntax::mqtt, "/q///", "a"), "/q/_/_/a");
}

TEST(MqttTopic, DoesNotBeginWithADollarFromData) {
  EXPECT_EQ(made(TopicSyntax::mqtt, "", "$SYS", "/x"), "_SYS/x");
  EXPECT_EQ(made(TopicSyntax::mqtt, "q/", "$SYS"), "q/$SYS");
}

TEST(MqttTopic, IsAtMost65535BytesAndCutBetweenCharacters) {
  std::string value;
  for (int i = 0; i < 40'000; ++i) value += "\xc3\xab";
  const auto topic = made(TopicSyntax::mqtt, "q/", value);
  EXPECT_LE(topic.size(), 65'535U);
  EXPECT_GE(topic.size(), 65'533U);
  EXPECT_NE(topic, made(TopicSyntax::mqtt, "q/", value + "x"));
  EXPECT_EQ(problem_of_topic(TopicSyntax::mqtt, topic), "");
}

TEST(KafkaTopic, HasLettersDigitsDotUnderscoreAndDashOnly) {
  EXPECT_EQ(made(TopicSyntax::kafka, "pbx.", "a-Z_0.9"), "pbx.a-Z_0.9");
  EXPECT_EQ(made(TopicSyntax::kafka, "pbx.", "+1 555/0100"), "pbx._1_555_0100");
  EXPECT_EQ(made(TopicSyntax::kafka, "pbx.", "Zo\xc3\xab"), "pbx.Zo_");
  EXPECT_EQ(made(TopicSyntax::kafka, "pbx.", "Zo\xeb"), "pbx.Zo_");
}

TEST(KafkaTopic, IsNeverADotOrTwo) {
  EXPECT_EQ(made(TopicSyntax::kafka, "", "."), "_");
  EXPECT_EQ(made(TopicSyntax::kafka, "", ".."), "__");
  EXPECT_EQ(made(TopicSyntax::kafka, "", "..."), "...");
}

TEST(KafkaTopic, IsAtMost249LongAndStaysDifferentFromOthers) {
  const auto topic = made(TopicSyntax::kafka, "pbx.", std::string(300, 'a'));
  EXPECT_EQ(topic.size(), 249U);
  EXPECT_EQ(topic.substr(0, 8), "pbx.aaaa");
  EXPECT_NE(topic, made(TopicSyntax::kafka, "pbx.", std::string(301, 'a')));
  EXPECT_EQ(made(TopicSyntax::kafka, "", std::string(249, 'a')), std::string(249, 'a'));
}

TEST(AnyTopic, IsValidWhateverTheData) {
  std::mt19937 random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::string value(random() % 40, '\0');
    for (auto& byte : value) byte = static_cast<char>(round % 2 == 0 ? random() : "+#/$. a\xc3\xab"[random() % 9]);
    for (const auto syntax : {TopicSyntax::kafka, TopicSyntax::mqtt}) {
      const auto topic = made(syntax, "", value);
      if (topic.empty()) continue;
      ASSERT_EQ(problem_of_topic(syntax, topic), "") << topic;
    }
  }
}

TEST(FallbackTopics, AreValid) {
  EXPECT_EQ(problem_of_topic(TopicSyntax::kafka, default_fallback_topic(TopicSyntax::kafka)), "");
  EXPECT_EQ(problem_of_topic(TopicSyntax::mqtt, default_fallback_topic(TopicSyntax::mqtt)), "");
}

}  // namespace
}  // namespace pbxbridge::route
