#include "pbx/subscription_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::pbx {
namespace {

using config::SubscribeConfig;
using testing::ElementsAre;
using testing::IsEmpty;

SubscribeConfig extensions(std::vector<std::string> numbers) {
  return {.topic = "extension_events", .extensions = std::move(numbers)};
}

TEST(RequestsFor, AnEntryWithoutSelectorAreOne) {
  EXPECT_THAT(requests_for({.topic = "cdr_events"}, 100), ElementsAre(SubscriptionRequest{"cdr_events", {}, "", {}}));
}

TEST(RequestsFor, ALongListAreBatches) {
  EXPECT_THAT(requests_for(extensions({"1", "2", "3", "4", "5"}), 2),
              ElementsAre(SubscriptionRequest{"extension_events", {}, "extensions", {"1", "2"}},
                          SubscriptionRequest{"extension_events", {}, "extensions", {"3", "4"}},
                          SubscriptionRequest{"extension_events", {}, "extensions", {"5"}}));
}

TEST(RequestsFor, AListAsLongAsABatchAreOne) {
  EXPECT_EQ(requests_for(extensions(std::vector<std::string>(100, "1")), 100).size(), 1U);
  EXPECT_EQ(requests_for(extensions(std::vector<std::string>(101, "1")), 100).size(), 2U);
}

TEST(RequestsFor, EachBatchNamesTheKeys) {
  EXPECT_THAT(requests_for({.topic = "queue_events", .queues = {"1", "2"}, .keys = {"queue_status"}}, 1),
              ElementsAre(SubscriptionRequest{"queue_events", {"queue_status"}, "queues", {"1"}},
                          SubscriptionRequest{"queue_events", {"queue_status"}, "queues", {"2"}}));
}

TEST(RequestsToEnd, ADroppedEntryNameAllOfIt) {
  EXPECT_EQ(requests_to_end(extensions({"1", "2"}), {{.topic = "cdr_events"}}, 100),
            requests_for(extensions({"1", "2"}), 100));
}

TEST(RequestsToEnd, ADroppedEntryLeaveWhatAKeptOneWants) {
  EXPECT_THAT(requests_to_end(extensions({"1", "2", "3"}),
                              {extensions({"2"}), {.topic = "queue_events", .queues = {"3"}}}, 100),
              ElementsAre(SubscriptionRequest{"extension_events", {}, "extensions", {"1", "3"}}));
  EXPECT_THAT(requests_to_end(extensions({"1"}), {extensions({"2", "1"})}, 100), IsEmpty());
}

TEST(RequestsToEnd, ATopicStayWhereAKeptEntryHasIt) {
  EXPECT_THAT(requests_to_end({.topic = "extension_events"}, {extensions({"1"})}, 100), IsEmpty());
  EXPECT_THAT(requests_to_end(extensions({"1"}), {{.topic = "extension_events"}}, 100), IsEmpty());
}

TEST(WithoutRepetitions, KeepsTheFirstOfEqualEntries) {
  EXPECT_THAT(without_repetitions({extensions({"1"}), {.topic = "cdr_events"}, extensions({"1"}), extensions({"2"})}),
              ElementsAre(extensions({"1"}), SubscribeConfig{.topic = "cdr_events"}, extensions({"2"})));
}

TEST(Describe, CountsInsteadOfNamingNumbers) {
  EXPECT_EQ(describe({.topic = "cdr_events"}), "cdr_events");
  EXPECT_EQ(describe(extensions({"101"})), "extension_events (1 extension)");
  EXPECT_EQ(describe({.topic = "extension_events", .extensions = {"101", "102"}, .keys = {"call_start"}}),
            "extension_events (2 extensions, 1 key)");
}

}  // namespace
}  // namespace pbxbridge::pbx
