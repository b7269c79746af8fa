#include "deliver/delivery_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace pbxbridge::deliver {
namespace {

using testing::HasSubstr;
using testing::Not;

Delivery delivery_to(const std::string& topic, const std::string& topic_template, const std::string& key = {}) {
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.event_type = "call_start";
  attributes.entity = "710000000000009000";
  attributes.family = Family::cdr;
  auto event = Event::make("{}", attributes);
  event->accept(Sequence{1}, *SpoolId::from_text("0123456789abcdef"));
  DeliveryOptions options;
  options.topic_template = topic_template;
  options.fallback_topic = "pbx/unroutable";
  return {.event = event, .topic = topic, .key = key, .options = std::make_shared<const DeliveryOptions>(options)};
}

TEST(TopicForLog, IsTheTemplateWithWhatNamesNobody) {
  EXPECT_EQ(topic_for_log(delivery_to("calls/4930901820", "calls/{caller}")), "calls/{caller}");
  EXPECT_EQ(topic_for_log(delivery_to("pbx/hq/cdr/4930901820", "pbx/{pbx}/{family}/{caller|none}")),
            "pbx/hq/cdr/{caller|none}");
  EXPECT_EQ(topic_for_log(delivery_to("pbx.calls.v1", "pbx.calls.v1")), "pbx.calls.v1");
  EXPECT_EQ(topic_for_log(delivery_to("pbx/unroutable", "calls/{caller}")), "pbx/unroutable");
  EXPECT_THAT(topic_for_log(delivery_to("calls/4930901820", "")), Not(HasSubstr("4930")));
}

TEST(WordsForLog, AreWithoutWhatCameFromTheEvent) {
  const auto delivery = delivery_to("calls/4930901820/Bob", "calls/{caller}/{name}", "+4930901821");
  for (const std::string words : {"not authorized: calls/4930901820/Bob", "no topic 4930901820", "Bob is unknown",
                                  "key +4930901821 has no partition", "session 710000000000009000"}) {
    const std::string shown = words_for_log(delivery, words);
    for (const std::string part : {"4930901820", "4930901821", "Bob", "710000000000009000"})
      EXPECT_THAT(shown, Not(HasSubstr(part))) << words;
  }
  EXPECT_EQ(words_for_log(delivery, "packet of 20480 bytes is too large for calls"),
            "packet of 20480 bytes is too large for calls");
}

TEST(FieldsForLog, NameTheEventByItsId) {
  const auto fields = fields_for_log(delivery_to("calls/4930901820", "calls/{caller}"));
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[0].value, "calls/{caller}");
  EXPECT_EQ(fields[1].value, "0123456789abcdef-0000000000000001");
  EXPECT_EQ(fields[2].value, "call_start");
}

}  // namespace
}  // namespace pbxbridge::deliver
