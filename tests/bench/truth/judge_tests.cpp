#include "support/temporary_directory.hpp"
#include "truth/judge.hpp"
#include "truth/sent_times.hpp"
#include "truth/timeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace pbxbridge::bench {
namespace {

using testing::ElementsAre;

std::string event(std::uint32_t number) {
  return R"({"event_type":"extension_call","session_id":"4","event_number":)" + std::to_string(number) + "}";
}

/// Six events: the odd ones of extension 101, the even ones of extension 102.
class JudgeTest : public ::testing::Test {
 protected:
  JudgeTest() {
    std::ofstream events(directory_ / "events.ndjson");
    std::ofstream entities(directory_ / "entities");
    for (std::uint32_t number = 1; number <= 6; ++number) {
      events << event(number) << '\n';
      entities << (number % 2 == 1 ? "extension 101\n" : "extension 102\n");
    }
  }

  Findings findings_of(const std::vector<std::string>& payloads) const {
    const EventFile events(directory_.path());
    Judge judge(events);
    for (const auto& payload : payloads) judge.take(payload, number_of(payload).value_or(0) % 2 == 1 ? "101" : "102");
    return judge.finish();
  }

  test::TemporaryDirectory directory_;
};

TEST_F(JudgeTest, FindsNothingWhereEverythingCameInOrderWithinEachEntity) {
  const auto findings = findings_of({event(2), event(1), event(3), event(5), event(4), event(6)});
  EXPECT_TRUE(findings.sound());
  EXPECT_EQ(findings.delivered, 6U);
  EXPECT_EQ(findings.duplicates, 0U);
}

TEST_F(JudgeTest, AllowsDuplicatesAlsoBehindNewerEvents) {
  const auto findings = findings_of({event(1), event(2), event(3), event(1), event(3), event(4), event(5), event(6)});
  EXPECT_TRUE(findings.sound());
  EXPECT_EQ(findings.duplicates, 2U);
}

TEST_F(JudgeTest, FindsADuplicateUnderAnotherKey) {
  const EventFile events(directory_.path());
  Judge judge(events);
  for (const std::uint32_t number : {1U, 3U, 5U}) judge.take(event(number), "101");
  for (const std::uint32_t number : {2U, 4U, 6U}) judge.take(event(number), "102");
  judge.take(event(3), "103");
  const auto findings = judge.finish();
  EXPECT_FALSE(findings.sound());
  EXPECT_EQ(findings.split_keys, 1U);
}

TEST_F(JudgeTest, FindsAnEventThatNeverCame) {
  const auto findings = findings_of({event(1), event(2), event(3), event(4), event(6)});
  EXPECT_FALSE(findings.sound());
  EXPECT_EQ(findings.lost, 1U);
  EXPECT_THAT(findings.examples, ElementsAre("event 5 never came"));
}

TEST_F(JudgeTest, FindsOneWrongByte) {
  auto wrong = event(5);
  wrong[20] ^= 1;
  const auto findings = findings_of({event(1), event(2), event(3), event(4), wrong, event(6)});
  EXPECT_FALSE(findings.sound());
  EXPECT_EQ(findings.altered, 1U);
  EXPECT_EQ(findings.lost, 1U);
}

TEST_F(JudgeTest, FindsASwappedOrderOfOneEntityOnly) {
  const auto findings = findings_of({event(1), event(5), event(2), event(3), event(4), event(6)});
  EXPECT_FALSE(findings.sound());
  EXPECT_EQ(findings.out_of_order, 1U);
  EXPECT_THAT(findings.examples, ElementsAre("event 3 came after event 5 of the same entity"));
}

TEST_F(JudgeTest, FindsWhatWasNeverPushed) {
  auto findings = findings_of({event(1), event(2), event(3), event(4), event(5), event(6), event(7), event(0),
                               R"({"command":"auth","status":0})", ""});
  EXPECT_FALSE(findings.sound());
  EXPECT_EQ(findings.foreign, 4U);
}

TEST_F(JudgeTest, FindsEventsOfOneEntityUnderSeveralKeys) {
  const EventFile events(directory_.path());
  Judge judge(events);
  for (std::uint32_t number = 1; number <= 6; ++number) judge.take(event(number), number < 5 ? "a" : "b");
  const auto findings = judge.finish();
  EXPECT_FALSE(findings.sound());
  EXPECT_EQ(findings.split_keys, 2U);
}

TEST_F(JudgeTest, FindsOneKeyForEverything) {
  const EventFile events(directory_.path());
  Judge judge(events);
  for (std::uint32_t number = 1; number <= 6; ++number) judge.take(event(number), "none");
  const auto findings = judge.finish();
  EXPECT_FALSE(findings.sound());
  EXPECT_EQ(findings.merged_keys, 1U);
  EXPECT_THAT(findings.examples, ElementsAre("extension 101 and extension 102 came under one key"));
}

TEST_F(JudgeTest, LetsTwoTenantsHaveAnExtensionOfOneNumber) {
  std::ofstream(directory_ / "entities") << "extension 1/101\nextension 2/101\nextension 1/101\nextension 2/101\n"
                                            "session 101\nsession 7\n";
  const EventFile events(directory_.path());
  Judge judge(events);
  for (std::uint32_t number = 1; number <= 4; ++number) judge.take(event(number), "101");
  judge.take(event(5), "101/call");
  judge.take(event(6), "7");
  EXPECT_TRUE(judge.finish().sound());
}

class CloudEventsTest : public JudgeTest {
 protected:
  struct Delivery {
    std::uint32_t number;
    CloudEvent attributes;
  };

  static Delivery delivery(std::uint32_t number, std::string_view id) {
    return {number, {"1.0", id, "/pbx/hq", "call"}};
  }

  static std::vector<Delivery> all() {
    return {delivery(1, "a"), delivery(2, "b"), delivery(3, "c"), delivery(4, "d"), delivery(5, "e"), delivery(6, "f")};
  }

  Findings findings_of(const std::vector<Delivery>& deliveries) const {
    const EventFile events(directory_.path());
    Judge judge(events);
    for (const auto& [number, attributes] : deliveries)
      judge.take(event(number), number % 2 == 1 ? "101" : "102", attributes);
    return judge.finish();
  }
};

TEST_F(CloudEventsTest, FindsNothingWhereEachEventHasAnIdOfItsOwn) {
  auto deliveries = all();
  deliveries.push_back(delivery(2, "b"));
  const auto findings = findings_of(deliveries);
  EXPECT_TRUE(findings.sound());
  EXPECT_EQ(findings.duplicates, 1U);
}

TEST_F(CloudEventsTest, FindsEachRequiredAttributeThatIsNotThere) {
  auto deliveries = all();
  deliveries[0].attributes.specversion = {};
  deliveries[1].attributes.specversion = "0.3";
  deliveries[2].attributes.id = {};
  deliveries[3].attributes.source = {};
  deliveries[4].attributes.type = {};
  const auto findings = findings_of(deliveries);
  EXPECT_FALSE(findings.sound());
  EXPECT_EQ(findings.without_attributes, 5U);
  EXPECT_THAT(findings.examples, ElementsAre("event 1 came with the specversion ''",
                                             "event 2 came with the specversion '0.3'", "event 3 came without an id"));
}

TEST_F(CloudEventsTest, FindsOneIdOfTwoEvents) {
  auto deliveries = all();
  deliveries[4].attributes.id = "b";
  const auto findings = findings_of(deliveries);
  EXPECT_FALSE(findings.sound());
  EXPECT_EQ(findings.shared_ids, 1U);
  EXPECT_THAT(findings.examples, ElementsAre("events 2 and 5 have one id"));
}

TEST_F(CloudEventsTest, FindsADuplicateWithAnotherId) {
  auto deliveries = all();
  deliveries.push_back(delivery(2, "g"));
  const auto findings = findings_of(deliveries);
  EXPECT_FALSE(findings.sound());
  EXPECT_EQ(findings.changed_ids, 1U);
  EXPECT_THAT(findings.examples, ElementsAre("event 2 came again as g"));
}

TEST(CloudEvent, TakesTheRequiredAttributesByTheirNames) {
  CloudEvent event;
  for (const auto name : {"specversion", "id", "source", "type", "subject"}) event.set(name, name);
  EXPECT_EQ(event.specversion, "specversion");
  EXPECT_EQ(event.id, "id");
  EXPECT_EQ(event.source, "source");
  EXPECT_EQ(event.type, "type");
}

TEST_F(JudgeTest, WantsAsManyEntitiesAsEvents) {
  std::ofstream(directory_ / "entities", std::ios::app) << "extension 103\n";
  EXPECT_THROW(EventFile{directory_.path()}, std::runtime_error);
}

TEST(NumberOf, IsTheLastFieldOrNothing) {
  EXPECT_EQ(number_of(R"({"a":1,"event_number":12})"), 12U);
  EXPECT_EQ(number_of(R"({"event_number":12,"a":1})"), std::nullopt);
  EXPECT_EQ(number_of(R"({"event_number":12)"), std::nullopt);
  EXPECT_EQ(number_of(R"({"event_number":})"), std::nullopt);
  EXPECT_EQ(number_of(""), std::nullopt);
}

TEST(Timeline, TellsRateGapAndLatencies) {
  Timeline timeline;
  timeline.arrived(2, 1'000'000);
  timeline.arrived(1, 1'050'000);
  timeline.arrived(3, 3'000'000);
  EXPECT_DOUBLE_EQ(timeline.events_a_second(), 1.5);
  EXPECT_EQ(timeline.longest_gap_us(), 1'950'000);
  const std::vector<std::int64_t> sent_us{900'000, 990'000, 2'000'000};
  EXPECT_THAT(timeline.latencies_us(sent_us), ElementsAre(10'000, 150'000, 1'000'000));
  const auto slices = timeline.slices(sent_us);
  ASSERT_EQ(slices.size(), 21U);
  EXPECT_EQ(slices[0].events, 2U);
  EXPECT_EQ(slices[0].p99_us, 150'000);
  EXPECT_EQ(slices[20].events, 1U);
}

TEST(Percentile, IsTheValueThatTheShareDoesNotExceed) {
  const std::vector<std::int64_t> values{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  EXPECT_EQ(percentile(values, 0.5), 5);
  EXPECT_EQ(percentile(values, 0.99), 10);
  EXPECT_EQ(percentile(values, 1), 10);
  EXPECT_EQ(percentile({}, 0.5), 0);
}

TEST(SentTimes, AreThoseOfTheLedgersPushes) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory / "ledger") << R"({"client":1,"time_us":5,"what":"subscribed cdr_events"}
{"client":1,"time_us":1764000000000042,"sequence":1,"topic":"cdr_events","bytes":312,"xxh128":"0b1c"}
{"client":1,"time_us":1764000000000050,"sequence":2,"topic":"cdr_events","bytes":312,"xxh128":"0b1c"}
)";
  EXPECT_THAT(read_sent_times(directory / "ledger", 2), ElementsAre(1764000000000042, 1764000000000050));
  EXPECT_THROW(read_sent_times(directory / "ledger", 3), std::runtime_error);
}

}  // namespace
}  // namespace pbxbridge::bench
