#include "machine_script.hpp"
#include "pbx/snapshots.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace pbxbridge::pbx {
namespace {

using namespace std::chrono_literals;

constexpr SystemTime start{1'764'000'000s};

std::string extension_status(const std::vector<std::string>& extensions, const std::string& tenant = "71") {
  std::vector<std::string> elements;
  for (const auto& extension : extensions)
    elements.push_back(fmt::format(R"({{"extension":"sip:{}@example.test","online":true}})", extension));
  return fmt::format(R"({{"event_type":"extension_status","status":[{}],"tenant_id":"{}"}})", fmt::join(elements, ","),
                     tenant);
}

std::string queue_status(const std::string& number, const std::string& tenant = "71") {
  return fmt::format(R"({{"event_type":"queue_status","tenant_id":"{}","queue_id":"9{}","queue_number":"{}"}})", tenant,
                     number, number);
}

std::string queue_created(const std::string& number) {
  return fmt::format(R"({{"event_type":"queue_created","queue_number":"{}","tenant_id":"71"}})", number);
}

class SnapshotsTest : public testing::Test {
 protected:
  void ask(std::uint64_t subscription, const config::SubscribeConfig& entry) { snapshots_.asked(subscription, entry); }
  bool take(const std::string& event, std::chrono::milliseconds after = 0ms) {
    return snapshots_.take(event, start + after);
  }

  Snapshots snapshots_{config::Dialect::v22};
};

TEST_F(SnapshotsTest, TakesTheFirstOfEachEntityThatWasSubscribedTo) {
  ask(1, {.topic = "global_queue_events"});
  snapshots_.granted(1, start);
  EXPECT_TRUE(take(queue_status("8001")));
  EXPECT_TRUE(take(queue_status("8002")));
  EXPECT_TRUE(take(queue_status("8001", "72"))) << "of another tenant";
  EXPECT_FALSE(take(queue_status("8001"))) << "something has happened";
  EXPECT_TRUE(take(queue_status("8003"))) << "that came in between";
}

TEST_F(SnapshotsTest, ReadsNumbersInAnyFormOfJson) {
  ask(1, {.topic = "extension_events", .extensions = {"101", "102"}});
  ask(2, {.topic = "queue_events", .queues = {"8001"}});
  snapshots_.granted(1, start);
  snapshots_.granted(2, start);
  EXPECT_TRUE(take(R"({"event_type":"extension_status","status":[{"extension":101.0},{"extension":1.02e2}]})"));
  EXPECT_TRUE(take(R"({"event_type":"queue_status","queue_number":8.001e3})"));
}

TEST(Snapshots, FollowTopicsOfVersion22Alone) {
  for (const char* topic : {"extension_events", "global_extension_events", "queue_events", "queue_management_events"}) {
    EXPECT_TRUE(Snapshots(config::Dialect::v22).follow(topic)) << topic;
    EXPECT_FALSE(Snapshots(config::Dialect::v16).follow(topic)) << topic;
  }
  EXPECT_FALSE(Snapshots(config::Dialect::v22).follow("cdr_events"));
}

TEST_F(SnapshotsTest, TakesTheTypeOfItsTopicAlone) {
  ask(1, {.topic = "queue_management_events"});
  snapshots_.granted(1, start);
  EXPECT_TRUE(take(queue_created("8001")));
  EXPECT_FALSE(take(queue_status("8002")));
  EXPECT_FALSE(take(R"({"event_type":"queue_updated","queue_number":"8003","tenant_id":"71"})"));
  EXPECT_FALSE(take(R"({"event_type":"queue_created"})")) << "of nothing";
  EXPECT_FALSE(take(R"({"event_type":"queue_created","queue_number":"80)"));
  EXPECT_FALSE(take(""));
}

TEST_F(SnapshotsTest, TakesManyExtensionsInOneEvent) {
  ask(1, {.topic = "extension_events", .extensions = {"101", "102", "103"}});
  snapshots_.granted(1, start);
  EXPECT_TRUE(take(extension_status({"101", "102"})));
  EXPECT_FALSE(take(extension_status({"102"})));
  EXPECT_TRUE(take(extension_status({"102", "103"})));
  EXPECT_FALSE(take(extension_status({"103", "101"})));
  EXPECT_FALSE(take(extension_status({"104"}))) << "another subscription brings it";
  EXPECT_FALSE(take(extension_status({})));
}

TEST_F(SnapshotsTest, HasOneForEachSubscription) {
  ask(1, {.topic = "queue_events", .queues = {"8001"}});
  ask(2, {.topic = "queue_events", .queues = {"8001", "8002"}});
  snapshots_.granted(1, start);
  EXPECT_TRUE(take(queue_status("8001")));
  snapshots_.granted(2, start);
  EXPECT_TRUE(take(queue_status("8001"))) << "of the second";
  EXPECT_TRUE(take(queue_status("8002")));
  EXPECT_FALSE(take(queue_status("8001")));
}

TEST_F(SnapshotsTest, IsOfTheTenantsThatWereAskedFor) {
  ask(1, {.topic = "global_extension_events", .tenants = {"72"}});
  snapshots_.granted(1, start);
  EXPECT_FALSE(take(extension_status({"101"}, "71")));
  EXPECT_TRUE(take(extension_status({"101"}, "72")));
}

TEST_F(SnapshotsTest, IsOverAfterASilence) {
  ask(1, {.topic = "queue_events"});
  snapshots_.granted(1, start);
  EXPECT_TRUE(take(queue_status("8001"), 400ms));
  EXPECT_TRUE(take(queue_status("8002"), 800ms)) << "it goes on";
  EXPECT_FALSE(take(queue_status("8003"), 1400ms)) << "made just now";
  EXPECT_FALSE(snapshots_.running());
}

TEST_F(SnapshotsTest, MayComeBeforeTheAnswerOrWithoutOne) {
  ask(1, {.topic = "queue_events"});
  EXPECT_TRUE(take(queue_status("8001"), 3s));
  EXPECT_TRUE(take(queue_status("8002"), 4s));
  snapshots_.end(1);
  EXPECT_FALSE(take(queue_status("8003"), 4s)) << "the time for an answer is over";
}

TEST_F(SnapshotsTest, NoneIsDocumentedForVersion16NorForOtherTopics) {
  Snapshots of_16(config::Dialect::v16);
  of_16.asked(1, {.topic = "queue_events", .keys = {"queue_status"}});
  EXPECT_FALSE(of_16.running());
  ask(1, {.topic = "cdr_events"});
  ask(2, {.topic = "extension_management_events"});
  EXPECT_FALSE(snapshots_.running());
}

/// Says of each event that was handed off whether it is of a snapshot.
std::vector<bool> marks(const Actions& actions) {
  std::vector<bool> marks;
  for (const Action& each : actions)
    if (const auto* const event = std::get_if<action::HandOff>(&each)) marks.push_back(event->is_snapshot);
  return marks;
}

using Marks = std::vector<bool>;

TEST(SnapshotsOfASession, BeginAnewWithEachConnection) {
  test::SubscribedSession session(test::with_subscriptions({{.topic = "queue_events", .queues = {"8001"}}}));
  const auto receive = [&](const std::string& frame) { return marks(session.machine.text_frame(frame, start)); };
  EXPECT_EQ(receive(test::granted), Marks{});
  EXPECT_EQ(receive(queue_status("8001")), Marks{true});
  EXPECT_EQ(receive(queue_status("8001")), Marks{false});
  session.machine.disconnected("gone");
  session.machine.timer_fired(Timer::retry);
  session.machine.connected({"hunter2", ""});
  session.machine.text_frame(test::accepted, start);
  EXPECT_EQ(receive(queue_status("8001")), Marks{true}) << "without an answer";
  EXPECT_EQ(receive(queue_status("8001")), Marks{false});
}

TEST(SnapshotsOfASession, OfASubscriptionThatAReloadAdds) {
  test::SubscribedSession session(test::with_subscriptions({{.topic = "queue_events", .queues = {"8001"}}}));
  const auto receive = [&](const std::string& frame, std::chrono::seconds after = 0s) {
    return marks(session.machine.text_frame(frame, start + after));
  };
  receive(test::granted);
  receive(queue_status("8001"));
  session.machine.update_subscriptions(
      {{.topic = "queue_events", .queues = {"8001"}}, {.topic = "queue_events", .queues = {"8002"}}});
  receive(test::granted, 60s);
  EXPECT_EQ(receive(queue_status("8001"), 60s), Marks{false}) << "it has had its own";
  EXPECT_EQ(receive(queue_status("8002"), 60s), Marks{true});
  EXPECT_EQ(receive(queue_status("8002"), 60s), Marks{false});
}

TEST(SnapshotsOfASession, NoneOfWhatWasRejected) {
  test::SubscribedSession session(test::with_subscriptions({{.topic = "queue_events"}}));
  session.machine.text_frame(test::denied, start);
  EXPECT_EQ(marks(session.machine.text_frame(queue_status("8001"), start)), Marks{false});
}

}  // namespace
}  // namespace pbxbridge::pbx
