#include "route/topic_rules.hpp"
#include "sink/kafka/kafka_topic_rules.hpp"
#include "sink/mqtt/mqtt_topic_rules.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace pbxbridge::route {
namespace {

using sink::kafka_topic_rules;
using sink::mqtt_topic_rules;

std::string made(const TopicRules& rules, std::string_view literal, std::string_view value,
                 std::string_view ending = "") {
  std::string topic(literal);
  append_value(rules, value, topic);
  topic += ending;
  finish_topic(rules, topic);
  return topic;
}

TEST(MqttTopic, GetsNoWildcardsLevelsOrControlCharactersFromData) {
  EXPECT_EQ(made(mqtt_topic_rules, "q/", "+15550100"), "q/_15550100");
  EXPECT_EQ(made(mqtt_topic_rules, "q/", "a/b#c"), "q/a_b_c");
  EXPECT_EQ(made(mqtt_topic_rules, "q/", std::string_view("a\0b\n", 4)), "q/a_b_");
  EXPECT_EQ(made(mqtt_topic_rules, "q/", "Zo\xc3\xab \xc2\x85"), "q/Zo\xc3\xab _");
  EXPECT_EQ(made(mqtt_topic_rules, "q/", "Zo\xeb"), "q/Zo_");
}

TEST(MqttTopic, HasNoEmptyLevelBehindTheFirst) {
  EXPECT_EQ(made(mqtt_topic_rules, "q/", "", "/x"), "q/_/x");
  EXPECT_EQ(made(mqtt_topic_rules, "q/", ""), "q/_");
  EXPECT_EQ(made(mqtt_topic_rules, "/q///", "a"), "/q/_/_/a");
}

TEST(MqttTopic, DoesNotBeginWithADollarFromData) {
  EXPECT_EQ(made(mqtt_topic_rules, "", "$SYS", "/x"), "_SYS/x");
  EXPECT_EQ(made(mqtt_topic_rules, "q/", "$SYS"), "q/$SYS");
}

TEST(MqttTopic, IsAtMost65535BytesAndCutBetweenCharacters) {
  std::string value;
  for (int i = 0; i < 40'000; ++i) value += "\xc3\xab";
  const auto topic = made(mqtt_topic_rules, "q/", value);
  EXPECT_LE(topic.size(), 65'535U);
  EXPECT_GE(topic.size(), 65'533U);
  EXPECT_NE(topic, made(mqtt_topic_rules, "q/", value + "x"));
  EXPECT_EQ(problem_of_topic(mqtt_topic_rules, topic), "");
}

TEST(KafkaTopic, HasLettersDigitsDotUnderscoreAndDashOnly) {
  EXPECT_EQ(made(kafka_topic_rules, "pbx.", "a-Z_0.9"), "pbx.a-Z_0.9");
  EXPECT_EQ(made(kafka_topic_rules, "pbx.", "+1 555/0100"), "pbx._1_555_0100");
  EXPECT_EQ(made(kafka_topic_rules, "pbx.", "Zo\xc3\xab"), "pbx.Zo_");
  EXPECT_EQ(made(kafka_topic_rules, "pbx.", "Zo\xeb"), "pbx.Zo_");
}

TEST(KafkaTopic, IsNeverADotOrTwo) {
  EXPECT_EQ(made(kafka_topic_rules, "", "."), "_");
  EXPECT_EQ(made(kafka_topic_rules, "", ".."), "__");
  EXPECT_EQ(made(kafka_topic_rules, "", "..."), "...");
}

TEST(KafkaTopic, IsAtMost249LongAndStaysDifferentFromOthers) {
  const auto topic = made(kafka_topic_rules, "pbx.", std::string(300, 'a'));
  EXPECT_EQ(topic.size(), 249U);
  EXPECT_EQ(topic.substr(0, 8), "pbx.aaaa");
  EXPECT_NE(topic, made(kafka_topic_rules, "pbx.", std::string(301, 'a')));
  EXPECT_EQ(made(kafka_topic_rules, "", std::string(249, 'a')), std::string(249, 'a'));
}

// Rules that no built-in sink has: levels that are never empty, as in a subject of NATS.
constexpr TopicRules subject_rules{
    .characters = AsciiSet::printable().without(" *>"),
    .characters_reason = "a subject has no blanks and no wildcards",
    .separator = '.',
    .has_empty_levels = false,
    .reserved_beginnings = AsciiSet("$"),
    .longest_bytes = 100,
};

TEST(Subject, HasNoEmptyLevelWhateverTheData) {
  EXPECT_EQ(made(subject_rules, "", "", ".x"), "_.x");
  EXPECT_EQ(made(subject_rules, "q.", "", ".x"), "q._.x");
  EXPECT_EQ(made(subject_rules, "q.", ""), "q._");
  EXPECT_EQ(made(subject_rules, "q.", "a.b *>", ".x"), "q.a_b___.x");
  EXPECT_EQ(made(subject_rules, "", "$JS", ".x"), "_JS.x");
}

TEST(Subject, OfTheOperatorHasNoEmptyLevelEither) {
  EXPECT_EQ(problem_of_topic(subject_rules, "a..b"),
            "has an empty level: nothing stands between one \".\" and the next");
  EXPECT_EQ(problem_of_topic(subject_rules, ".a"), "begins or ends with \".\"");
  EXPECT_EQ(problem_of_topic(subject_rules, "a."), "begins or ends with \".\"");
  EXPECT_EQ(problem_of_literal(subject_rules, "a."), "") << "data follows";
  EXPECT_EQ(problem_of_literal(subject_rules, "a b"), "has \" \", but a subject has no blanks and no wildcards");
  EXPECT_EQ(problem_of_topic(mqtt_topic_rules, "/a//b/"), "") << "MQTT has empty levels";
}

TEST(AnyTopic, IsValidWhateverTheData) {
  std::mt19937 random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::string value(random() % 40, '\0');
    for (auto& byte : value) byte = static_cast<char>(round % 2 == 0 ? random() : "+#/$. a\xc3\xab"[random() % 9]);
    for (const auto& rules : {kafka_topic_rules, mqtt_topic_rules, subject_rules}) {
      const auto topic = made(rules, "", value);
      if (topic.empty()) continue;
      ASSERT_EQ(problem_of_topic(rules, topic), "") << topic;
    }
  }
}

TEST(FallbackTopics, AreValid) {
  EXPECT_EQ(problem_of_topic(kafka_topic_rules, kafka_topic_rules.fallback_topic), "");
  EXPECT_EQ(problem_of_topic(mqtt_topic_rules, mqtt_topic_rules.fallback_topic), "");
}

}  // namespace
}  // namespace pbxbridge::route
