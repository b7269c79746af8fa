// Queues that the PBX names by their numbers alone: their state is asked for once more.

#include "machine_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::pbx {
namespace {

using namespace test;
using config::SubscribeConfig;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const SubscribeConfig queues{.topic = "queue_events", .queues = {"8001", "8002"}};
const SubscribeConfig extensions{.topic = "extension_events"};
const SubscribeConfig management{.topic = "queue_management_events"};
const SubscribeConfig cdr{.topic = "cdr_events"};

/// A session of which all subscriptions are granted.
struct GrantedSession : SubscribedSession {
  explicit GrantedSession(const std::vector<SubscribeConfig>& subscribe)
      : SubscribedSession(with_subscriptions(subscribe)) {
    for (std::size_t answer = 0; answer < subscribe.size(); ++answer) machine.text_frame(granted);
  }
};

/// Returns what is sent because of the queue with that number.
std::vector<std::string> sent_for(const std::vector<SubscribeConfig>& subscribe, const std::string& number,
                                  const std::string& tenant = "1") {
  GrantedSession session(subscribe);
  return lines_of(session.machine.ask_for_queues({{tenant, number}}), "send ");
}

TEST(QueuesOfASession, AreAskedForByTheTopicThatTellsOfThem) {
  GrantedSession session({cdr, extensions, management, queues});
  EXPECT_THAT(
      lines_of(session.machine.ask_for_queues({{"1", "8002"}})),
      ElementsAre(HasSubstr("log pbx.snapshots_asked wss://pbx.example.com:8887/wsi has created or changed a "
                            "queue, of which it gives the number alone"),
                  R"(send {"command":"unsubscribe","topics":["queue_events"],"queues":["8002"]})",
                  R"(send {"command":"subscribe","topics":["queue_events"],"queues":["8002"]})", "arm subscribe 5000"))
      << "another queue may be gone, and would get all of them rejected";
  EXPECT_THAT(session.machine.text_frame(unsubscribed), IsEmpty());
  EXPECT_THAT(session.machine.text_frame(granted), IsEmpty()) << "the other snapshots stay as they are";
  EXPECT_THAT(session.machine.timer_fired(Timer::subscribe), IsEmpty());
}

TEST(QueuesOfASession, AreAskedForTogether) {
  GrantedSession session({queues});
  EXPECT_THAT(lines_of(session.machine.ask_for_queues({{"1", "8001"}, {"1", "8002"}, {"1", "8800"}}), "send "),
              ElementsAre(R"({"command":"unsubscribe","topics":["queue_events"],"queues":["8001","8002"]})",
                          R"({"command":"subscribe","topics":["queue_events"],"queues":["8001","8002"]})"));
}

TEST(QueuesOfASession, AreAskedForOnlyWhereTheyAreSelected) {
  EXPECT_THAT(sent_for({queues}, "8800"), IsEmpty());
  EXPECT_THAT(sent_for({cdr, extensions, management}, "8001"), IsEmpty());
  const SubscribeConfig of_tenants{.topic = "global_queue_events", .tenants = {"1", "2"}};
  EXPECT_THAT(sent_for({of_tenants}, "8800", "2"),
              ElementsAre(R"({"command":"unsubscribe","topics":["global_queue_events"],"tenants":["2"]})",
                          R"({"command":"subscribe","topics":["global_queue_events"],"tenants":["2"]})"));
  EXPECT_THAT(sent_for({of_tenants}, "8800", "3"), IsEmpty());
}

TEST(QueuesOfASession, AreAskedForByASubscriptionThatWasRejectedWithoutThem) {
  SubscribedSession session(with_subscriptions({queues}));
  session.machine.text_frame(denied);
  EXPECT_THAT(lines_of(session.machine.ask_for_queues({{"1", "8002"}})),
              ElementsAre(HasSubstr("log pbx.snapshots_asked"),
                          R"(send {"command":"subscribe","topics":["queue_events"],"queues":["8001","8002"]})",
                          "arm subscribe 5000", "subscriptions 1 0 0 0"));
  EXPECT_THAT(lines_of(session.machine.text_frame(granted)),
              ElementsAre(HasSubstr("log pbx.subscription_granted"), "subscriptions 0 1 0 0"));
}

TEST(QueuesOfASession, MayBeRejected) {
  GrantedSession session({queues});
  session.machine.ask_for_queues({{"1", "8002"}});
  session.machine.text_frame(unsubscribed);
  EXPECT_THAT(lines_of(session.machine.text_frame(denied)),
              ElementsAre(HasSubstr("log pbx.subscription_rejected"), "subscriptions 0 0 1 0"));
}

TEST(QueuesOfASession, AreNoProofOfAnotherPartThatIsSilent) {
  auto config = with_subscriptions({queues});
  config.subscribe_batch = 1;
  SubscribedSession session(config);
  session.machine.text_frame(granted);
  session.machine.timer_fired(Timer::subscribe);
  session.machine.ask_for_queues({{"1", "8001"}});
  EXPECT_THAT(session.machine.text_frame(granted), IsEmpty());
  EXPECT_THAT(lines_of(session.machine.text_frame(granted)), testing::Contains("subscriptions 0 1 0 0"));
}

TEST(QueuesOfASession, BringSnapshotsThatAreKnownAsSuch) {
  GrantedSession session({queues});
  const std::string status = R"({"event_type":"queue_status","queue_number":"8002","queue_id":"1","tenant_id":"1"})";
  const auto is_snapshot = [&] {
    return std::get<action::HandOff>(session.machine.text_frame(status).front()).is_snapshot;
  };
  EXPECT_TRUE(is_snapshot());
  session.machine.ask_for_queues({{"1", "8002"}});
  EXPECT_TRUE(is_snapshot());
  EXPECT_FALSE(is_snapshot());
}

TEST(QueuesOfASession, AreNotAskedForBeforeAllSubscriptionsAreAnswered) {
  SubscribedSession session(with_subscriptions({queues}));
  EXPECT_THAT(session.machine.ask_for_queues({{"1", "8002"}}), IsEmpty());
}

TEST(QueuesOfASession, AreNotAskedForInVersion16) {
  auto config = with_subscriptions({{.topic = "queue_events", .keys = {"queue_status"}}});
  config.dialect = config::Dialect::v16;
  SubscribedSession session(config);
  session.machine.text_frame(R"({"status":0})");
  EXPECT_THAT(session.machine.ask_for_queues({{"1", "8002"}}), IsEmpty());
}

}  // namespace
}  // namespace pbxbridge::pbx
