#include "deliver/delivery_words.hpp"
#include "pbxbridge/event.hpp"
#include "text/secrets.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

namespace pbxbridge::deliver {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Delivery delivery_to(const std::string& topic, const std::string& topic_template, const std::string& key = {},
                     std::string_view payload = "{}") {
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.event_type = "call_start";
  attributes.entity = "710000000000009000";
  attributes.family = Family::cdr;
  auto event = Event::make(payload, attributes);
  event->accept(Sequence{1}, *SpoolId::from_text("0123456789abcdef"));
  DestinationOptions options;
  options.topic_template = topic_template;
  options.fallback_topic = "pbx/unroutable";
  return {.event = event, .topic = topic, .key = key, .options = std::make_shared<const DestinationOptions>(options)};
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

DeliveryQueue queue_of(const std::vector<Delivery>& deliveries) {
  DeliveryQueue queue([](unsigned) { return std::chrono::milliseconds(1); });
  for (const auto& delivery : deliveries) queue.add(delivery);
  return queue;
}

std::string words_of_the_peer(const DeliveryQueue& queue, std::string_view words) {
  return words_for_log(queue, "gone", words);
}

std::string said(std::string_view words) { return fmt::format("gone; reported: \"{}\"", words); }

TEST(WordsForLogOfAConnection, AreWithoutWhatCameFromAnyEventInTheQueue) {
  auto queue = queue_of({delivery_to("calls/4930901820/Bob", "calls/{caller}/{name}", "+4930901821"),
                         delivery_to("pbx/queues/1883", "pbx/queues/{queue}")});
  (void)queue.take_next(DeliveryQueue::Time());  // one in flight, one that waits
  EXPECT_EQ(words_of_the_peer(queue, "not authorized: calls/4930901820/Bob"),
            said("not authorized: calls/{caller}/{name}"));
  EXPECT_EQ(words_of_the_peer(queue, "no more of 'pbx/queues/1883'"), said("no more of 'pbx/queues/{queue}'"));
  for (const std::string words : {"Bob is banned", "key +4930901821", "topic calls.4930901820.Bob", "queue 1883",
                                  "session 710000000000009000 of Bob", "calls\\4930901820"})
    for (const std::string part : {"4930901820", "4930901821", "Bob", "710000000000009000", "1883"})
      EXPECT_THAT(words_of_the_peer(queue, words), Not(HasSubstr(part))) << words;
  EXPECT_EQ(words_of_the_peer(queue, "quota of 2000 bytes a second exceeded"),
            said("quota of 2000 bytes a second exceeded"));
}

TEST(WordsForLogOfAConnection, AreWithoutWhatMayHaveComeFromOthers) {
  const auto queue = queue_of({});
  EXPECT_EQ(words_of_the_peer(queue, "denied: calls/Anna, +49 30901820, 'pbx/hq/Anna'"),
            said("denied: (a topic), (a number), '(a topic)'"));
  EXPECT_EQ(words_of_the_peer(queue, "see https://broker.example/help"), said("see https://broker.example/help"));
}

// A topic that the cut has shortened is no longer found.
TEST(WordsForLogOfAConnection, AreCutBehindWhatIsLeftOut) {
  const auto queue = queue_of({delivery_to("calls/Anna Schmidt", "calls/{name}")});
  for (std::size_t before = 170; before < 210; ++before) {
    const std::string shown = words_of_the_peer(queue, std::string(before, '-') + " Anna Schmidt");
    EXPECT_THAT(shown, Not(HasSubstr("Anna"))) << before;
    EXPECT_LE(shown.size(), said("").size() + 210U);
  }
}

TEST(ReasonForLog, IsWithoutWhatMayHaveComeFromAnyEvent) {
  text::remember_secret("hunter2");
  const auto delivery = delivery_to("calls/4930901820/Bob", "calls/{caller}/{name}");
  const Outcome outcome{.kind = Outcome::Kind::retry,
                        .reason = "quota of 2000 bytes exceeded",
                        .peer_words = "Bob waits for calls/Anna and 4930901899, password=hunter2"};
  const std::string shown = words_for_log(delivery, outcome);
  EXPECT_THAT(
      shown, StartsWith("quota of 2000 bytes exceeded; reported: \"(of the event) waits for (a topic) and (a number)"));
  EXPECT_THAT(shown, Not(HasSubstr("hunter2")));
  EXPECT_EQ(words_for_log(delivery, Outcome::retry("not now")), "not now");
}

constexpr std::string_view payload =
    R"({"event_type":"call_start","caller":"1004","callee_display_name":"Donald Hopper","note":"J\u00f6rg \/ sales"})";

std::string words_of_the_peer(const Delivery& delivery, std::string words) {
  return words_for_log(delivery, {.kind = Outcome::Kind::reject, .reason = "no", .peer_words = std::move(words)});
}

TEST(ReasonForLog, IsWithoutWhatThePeerRepeatsOfThePayload) {
  const auto delivery = delivery_to("calls", "calls", {}, payload);
  EXPECT_EQ(words_of_the_peer(delivery, "payload not valid: " + std::string(payload)),
            "no; reported: \"payload not valid: (of the event)\"");
  EXPECT_EQ(words_of_the_peer(delivery, R"(bad field "callee_display_name":"Donald Hopper")"),
            "no; reported: \"bad field (of the event)\"");
  for (const std::string words : {"bad name Donald Hopper.", "bad name Donald%20Hopper.", "bad name Donald+Hopper.",
                                  "bad name Donald\\u0020Hopper.", "bad name Donald&#32;Hopper."})
    EXPECT_EQ(words_of_the_peer(delivery, words), "no; reported: \"bad name (of the event).\"") << words;
  EXPECT_EQ(words_of_the_peer(delivery, "J\xc3\xb6rg / sales?"), "no; reported: \"(of the event)?\"");
  EXPECT_EQ(words_of_the_peer(delivery, R"(\"caller\":\"1004\")"), "no; reported: \"(of the event)\"");
}

TEST(ReasonForLog, IsWithoutThePayloadWhereverItIsCut) {
  const auto delivery = delivery_to("calls", "calls", {}, payload);
  for (std::size_t before = 0; before < 2'100; before += before < 150 ? 1 : 13)
    for (const std::string_view repeated : {payload, payload.substr(payload.find("callee"))}) {
      const std::string shown = words_of_the_peer(delivery, std::string(before, '.') + std::string(repeated));
      EXPECT_THAT(shown, AllOf(Not(HasSubstr("Don")), Not(HasSubstr("1004")))) << before;
    }
}

TEST(ReasonForLog, KeepsOurWordsOfWhatThePayloadHoldsToo) {
  const auto delivery = delivery_to("calls", "calls", {}, "payload format invalid {\"a\":1}");
  EXPECT_EQ(words_for_log(delivery, {.kind = Outcome::Kind::reject, .reason = "payload format invalid (0x99)"}),
            "payload format invalid (0x99)");
}

TEST(WordsForLogOfAConnection, AreWithoutWhatThePeerRepeatsOfAPayloadInFlight) {
  auto queue = queue_of({delivery_to("calls", "calls", {}, "{}"), delivery_to("calls", "calls", {}, payload),
                         delivery_to("calls", "calls", {}, R"({"a":"not sent yet"})")});
  (void)queue.take_next(DeliveryQueue::Time());
  (void)queue.take_next(DeliveryQueue::Time());
  EXPECT_EQ(words_of_the_peer(queue, "bad name Donald Hopper of what was not sent yet"),
            said("bad name (of the event) of what was not sent yet"));
}

TEST(WordsForLogOfAConnection, AreWithoutJson) {
  for (const std::string words :
       {R"({"caller":"Ada"})", R"({\"caller\":\"Ada\"})", "{ \n\"caller\":\"Ada\"}", "{'caller':'Ada'}",
        "%7B%22caller%22:%22Ada%22}", "{&quot;caller&quot;:&quot;Ada&quot;}"})
    EXPECT_EQ(words_of_the_peer(queue_of({}), "invalid: " + words), said("invalid: (JSON)")) << words;
  EXPECT_EQ(words_of_the_peer(queue_of({}), "no {name} in {}"), said("no {name} in {}"));
}

TEST(WholeReason, IsWithoutSecretsOnly) {
  text::remember_secret("hunter2");
  const Outcome outcome{
      .kind = Outcome::Kind::reject, .reason = "not allowed", .peer_words = "calls/Anna, password=hunter2"};
  EXPECT_THAT(whole_reason({.kind = Outcome::Kind::reject, .reason = "no", .peer_words = std::string(600, 'x')}),
              HasSubstr(std::string(600, 'x')));
  EXPECT_THAT(whole_reason(outcome),
              AllOf(StartsWith("not allowed; reported: \"calls/Anna"), Not(HasSubstr("hunter2"))));
}

TEST(TopicsForLogOfAConnection, AreThoseOfTheConfiguration) {
  const auto queue = queue_of({delivery_to("calls.4930901820", "calls.{caller}"), delivery_to("pbx.cdr", "pbx.cdr")});
  EXPECT_EQ(words_for_log(queue, "topic calls.4930901820: rejected by 127.0.0.1:9000 for 710000000000 ms", ""),
            "topic calls.{caller}: rejected by 127.0.0.1:9000 for 710000000000 ms");
  EXPECT_EQ(words_for_log(queue, "topic pbx.cdr", ""), "topic pbx.cdr");
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
