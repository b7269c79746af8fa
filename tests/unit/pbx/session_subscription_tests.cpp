#include "machine_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::pbx {
namespace {

using namespace test;
using config::SubscribeConfig;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

SubscribeConfig extensions(std::vector<std::string> numbers) {
  return {.topic = "extension_events", .extensions = std::move(numbers)};
}
const SubscribeConfig cdr{.topic = "cdr_events"};
const SubscribeConfig queues{.topic = "queue_events", .queues = {"8001"}};

std::string subscribe_to(const std::string& rest) { return R"({"command":"subscribe","topics":[)" + rest + "}"; }
std::string unsubscribe_from(const std::string& rest) { return R"({"command":"unsubscribe","topics":[)" + rest + "}"; }

TEST(Subscription, IsGrantedByItsAnswer) {
  SubscribedSession session;
  EXPECT_THAT(
      lines_of(session.machine.text_frame(granted)),
      ElementsAre("log pbx.subscription_granted cdr_events is granted", "subscriptions 0 1 0 0", "subscribed true"));
}

TEST(Subscription, OnlyWhenAllAreAnsweredAllIsListenedTo) {
  SubscribedSession session(with_subscriptions({cdr, queues}));
  EXPECT_THAT(lines_of(session.machine.text_frame(granted)), Not(Contains("subscribed true")));
  EXPECT_THAT(lines_of(session.machine.text_frame(denied)), Contains("subscribed true"));
  EXPECT_THAT(lines_of(session.machine.update_subscriptions({cdr, queues, extensions({"101"})}), "subscribed"),
              IsEmpty())
      << "nothing that came before has ceased";
  EXPECT_THAT(lines_of(session.machine.text_frame(granted), "subscribed"), IsEmpty());
  EXPECT_THAT(lines_of(session.machine.disconnected("gone")), Contains("subscribed false"));
}

TEST(Subscription, IsRejectedWithTheWordsOfThePbx) {
  SubscribedSession session;
  EXPECT_THAT(lines_of(session.machine.text_frame(denied)),
              ElementsAre("log pbx.subscription_rejected cdr_events is rejected (status -1: no permission); the other "
                          "subscriptions go on",
                          "subscriptions 0 0 1 0", "subscribed true"));
}

TEST(Subscription, IsMadeAgainWhereItBringsSnapshots) {
  SubscribedSession session(with_subscriptions({cdr, queues, extensions({"101", "102"})}));
  for (int answer = 0; answer < 3; ++answer) session.machine.text_frame(granted);
  EXPECT_THAT(
      lines_of(session.machine.ask_for_snapshots()),
      ElementsAre(HasSubstr("log pbx.snapshots_asked"), "snapshots asked for",
                  "send " + unsubscribe_from(R"("queue_events"],"queues":["8001"])"),
                  "send " + unsubscribe_from(R"("extension_events"],"extensions":["101","102"])"),
                  "send " + subscribe_to(R"("queue_events"],"queues":["8001"])"),
                  "send " + subscribe_to(R"("extension_events"],"extensions":["101","102"])"), "arm subscribe 5000"))
      << "call records go on meanwhile";
  for (int answer = 0; answer < 2; ++answer) EXPECT_THAT(session.machine.text_frame(unsubscribed), IsEmpty());
  EXPECT_THAT(session.machine.text_frame(granted), IsEmpty()) << "it is granted already";
  EXPECT_THAT(lines_of(session.machine.text_frame(granted)), ElementsAre("snapshots asked and answered"));
}

TEST(Subscription, ThatIsMadeAgainBringsSnapshotsThatAreKnownAsSuch) {
  const std::string status = R"({"event_type":"queue_status","queue_number":"8001","queue_id":"1","tenant_id":"1"})";
  const auto is_snapshot = [&](SessionMachine& machine) {
    return std::get<action::HandOff>(machine.text_frame(status).front()).is_snapshot;
  };
  SubscribedSession session(with_subscriptions({queues}));
  session.machine.text_frame(granted);
  EXPECT_TRUE(is_snapshot(session.machine));
  EXPECT_FALSE(is_snapshot(session.machine));
  session.machine.ask_for_snapshots();
  session.machine.text_frame(granted);
  EXPECT_TRUE(is_snapshot(session.machine));
  EXPECT_FALSE(is_snapshot(session.machine));
}

TEST(Subscription, IsNotMadeAgainWhereItBringsNoSnapshots) {
  SubscribedSession records;
  records.machine.text_frame(granted);
  EXPECT_THAT(records.machine.ask_for_snapshots(), IsEmpty());
}

TEST(Subscription, IsNotMadeAgainBeforeAllAreAnswered) {
  SubscribedSession session(with_subscriptions({queues, extensions({"101"})}));
  session.machine.text_frame(granted);
  EXPECT_THAT(session.machine.ask_for_snapshots(), IsEmpty());
}

TEST(Subscription, ThatIsMadeAgainMayBeRejected) {
  SubscribedSession session(with_subscriptions({queues}));
  session.machine.text_frame(granted);
  session.machine.ask_for_snapshots();
  EXPECT_THAT(
      lines_of(session.machine.text_frame(denied)),
      ElementsAre(HasSubstr("log pbx.subscription_rejected"), "subscriptions 0 0 1 0", "snapshots asked and answered"));
}

TEST(Subscription, ThatIsMadeAgainIsStillGrantedWithoutAnAnswer) {
  SubscribedSession session(with_subscriptions({queues}));
  session.machine.text_frame(granted);
  session.machine.ask_for_snapshots();
  EXPECT_THAT(session.machine.timer_fired(Timer::subscribe), IsEmpty());
}

TEST(Subscription, IsSilentWithoutAnAnswer) {
  SubscribedSession session;
  EXPECT_THAT(
      lines_of(session.machine.timer_fired(Timer::subscribe)),
      ElementsAre("log pbx.subscription_silent cdr_events was not answered within 5 s; events may come all the same",
                  "subscriptions 0 0 0 1", "subscribed true"));
}

TEST(Subscription, ThatWasSilentIsGrantedByALateAnswer) {
  SubscribedSession session;
  session.machine.timer_fired(Timer::subscribe);
  EXPECT_THAT(lines_of(session.machine.text_frame(granted)), Contains("subscriptions 0 1 0 0"));
}

TEST(Subscription, ThatWasAnsweredIsNotSilentLater) {
  SubscribedSession session;
  session.machine.text_frame(granted);
  EXPECT_THAT(session.machine.timer_fired(Timer::subscribe), IsEmpty());
}

TEST(Subscription, IsGrantedByAnEventOfItsFamily) {
  SubscribedSession session;
  EXPECT_THAT(lines_of(session.machine.text_frame(R"({"event_type":"call_start"})")),
              ElementsAre("hand off 1", "log pbx.subscription_granted cdr_events is granted, as an event of it shows",
                          "subscriptions 0 1 0 0", "subscribed true"));
}

TEST(Subscription, IsNotGrantedByAnEventOfAnotherFamily) {
  SubscribedSession session;
  EXPECT_THAT(lines_of(session.machine.text_frame(R"({"event_type":"queue_status"})")), ElementsAre("hand off 1"));
  EXPECT_THAT(lines_of(session.machine.text_frame(R"({"event_type":"never_heard_of"})")), ElementsAre("hand off 1"));
}

TEST(Subscription, IsNotGrantedByAnEventThatCanHaveComeByAnother) {
  SubscribedSession session(with_subscriptions({extensions({"101"}), extensions({"102"})}));
  session.machine.text_frame(granted);
  EXPECT_THAT(lines_of(session.machine.text_frame(R"({"event_type":"extension_status"})")), ElementsAre("hand off 1"));
}

TEST(Subscription, ThatIsRejectedIsNotTheOneAnEventCameBy) {
  SubscribedSession session(with_subscriptions({extensions({"101"}), extensions({"102"})}));
  session.machine.text_frame(denied);
  EXPECT_THAT(lines_of(session.machine.text_frame(R"({"event_type":"extension_status"})")),
              Contains("subscriptions 0 1 1 0"));
}

TEST(Subscription, OfAGlobalTopicIsGrantedByItsEvents) {
  SubscribedSession session(with_subscriptions({{.topic = "global_queue_management_events", .tenants = {"1"}}}));
  EXPECT_THAT(lines_of(session.machine.text_frame(R"({"event_type":"queue_created"})")),
              Contains("subscriptions 0 1 0 0"));
}

TEST(Subscriptions, AreAnsweredInTheOrderTheyWereSent) {
  SubscribedSession session(with_subscriptions({cdr, queues}));
  EXPECT_THAT(lines_of(session.machine.text_frame(granted), "log "),
              ElementsAre("pbx.subscription_granted cdr_events is granted"));
  EXPECT_THAT(lines_of(session.machine.text_frame(denied), "log pbx.subscription_rejected "),
              ElementsAre(HasSubstr("queue_events (1 queue) is rejected")));
}

TEST(Subscriptions, RejectionsAloneDoNotHitWhatAnEventHasProven) {
  SubscribedSession session(with_subscriptions({cdr, queues}));
  session.machine.text_frame(R"({"event_type":"call_cdr"})");
  EXPECT_THAT(lines_of(session.machine.text_frame(denied), "log pbx.subscription_rejected "),
              ElementsAre(HasSubstr("queue_events (1 queue) is rejected")));
}

TEST(Subscriptions, MayHaveEventsBetweenTheirAnswers) {
  SubscribedSession session(with_subscriptions({cdr, queues}));
  session.machine.text_frame(granted);
  EXPECT_THAT(lines_of(session.machine.text_frame(R"({"event_type":"trunk_connected"})")), ElementsAre("hand off 1"));
  EXPECT_THAT(lines_of(session.machine.text_frame(granted)), Contains("subscriptions 0 2 0 0"));
}

TEST(Subscriptions, AnswerTooManyIsUnexpected) {
  SubscribedSession session;
  session.machine.text_frame(granted);
  EXPECT_THAT(lines_of(session.machine.text_frame(granted), "log "), ElementsAre(HasSubstr("pbx.unexpected_answer")));
}

TEST(LongSelectorList, IsSplit) {
  auto config = with_subscriptions({extensions({"1", "2", "3"})});
  config.subscribe_batch = 2;
  SessionMachine machine(config, [] { return 0.0; });
  machine.start();
  machine.connected({});
  EXPECT_THAT(lines_of(machine.text_frame(accepted), "send "),
              ElementsAre(subscribe_to(R"("extension_events"],"extensions":["1","2"])"),
                          subscribe_to(R"("extension_events"],"extensions":["3"])")));
}

struct SplitSubscription : testing::Test {
  static config::PbxConfig config() {
    auto config = with_subscriptions({extensions({"1", "2", "3"})});
    config.subscribe_batch = 2;
    return config;
  }
  SubscribedSession session{config()};
};

TEST_F(SplitSubscription, IsGrantedWhenAllPartsAre) {
  EXPECT_THAT(session.machine.text_frame(granted), IsEmpty());
  EXPECT_THAT(lines_of(session.machine.text_frame(granted)), Contains("subscriptions 0 1 0 0"));
}

TEST_F(SplitSubscription, IsRejectedWhenOnePartIs) {
  session.machine.text_frame(denied);
  EXPECT_THAT(session.machine.text_frame(granted), IsEmpty());
}

TEST_F(SplitSubscription, IsRejectedWhenTheLastPartIs) {
  session.machine.text_frame(granted);
  EXPECT_THAT(lines_of(session.machine.text_frame(denied)), Contains("subscriptions 0 0 1 0"));
}

TEST_F(SplitSubscription, IsRejectedOnce) {
  session.machine.text_frame(denied);
  EXPECT_THAT(session.machine.text_frame(denied), IsEmpty());
}

TEST_F(SplitSubscription, IsNotProvenAsAWholeByAnEvent) {
  EXPECT_THAT(lines_of(session.machine.text_frame(R"({"event_type":"extension_status"})")), ElementsAre("hand off 1"));
}

TEST(Version16, AnswersGoToTheOldestCommand) {
  auto config = with_subscriptions({cdr, queues});
  config.dialect = config::Dialect::v16;
  SubscribedSession session(config);
  EXPECT_THAT(lines_of(session.machine.text_frame(R"({"status":0})"), "log "),
              ElementsAre("pbx.subscription_granted cdr_events is granted"));
  EXPECT_THAT(lines_of(session.machine.text_frame(R"({"status":-1,"error":"no"})"), "log pbx.subscription_rejected "),
              ElementsAre(HasSubstr("queue_events (1 queue) is rejected (status -1: no)")));
}

TEST(Version16, AnEventProvesTheEntryThatAsksForIt) {
  SubscribeConfig registrations = extensions({"101"});
  registrations.keys = {"extension_register"};
  SubscribeConfig calls = extensions({"101"});
  calls.keys = {"call_start", "call_ended"};
  auto config = with_subscriptions({registrations, calls});
  config.dialect = config::Dialect::v16;
  SubscribedSession session(config);
  EXPECT_THAT(
      lines_of(session.machine.text_frame(R"({"event_type":"call_ended"})"), "log "),
      ElementsAre("pbx.subscription_granted extension_events (1 extension, 2 keys) is granted, as an event of it "
                  "shows"));
}

TEST(Reload, SubscribesToWhatIsNewAlone) {
  SubscribedSession session(with_subscriptions({cdr}));
  session.machine.text_frame(granted);
  EXPECT_THAT(lines_of(session.machine.update_subscriptions({cdr, queues})),
              ElementsAre("send " + subscribe_to(R"("queue_events"],"queues":["8001"])"), "arm subscribe 5000",
                          "subscriptions 1 1 0 0"));
}

TEST(Reload, UnsubscribesFromWhatIsGone) {
  SubscribedSession session(with_subscriptions({cdr, queues}));
  session.machine.text_frame(granted);
  session.machine.text_frame(granted);
  EXPECT_THAT(lines_of(session.machine.update_subscriptions({cdr})),
              ElementsAre("log pbx.subscription_ended queue_events (1 queue) is no longer in the configuration: "
                          "unsubscribing",
                          "send " + unsubscribe_from(R"("queue_events"],"queues":["8001"])"), "subscriptions 0 1 0 0"));
  EXPECT_THAT(session.machine.text_frame(unsubscribed), IsEmpty());
}

TEST(Reload, UnsubscribesBeforeItSubscribesAndSparesWhatIsStillWanted) {
  SubscribedSession session(with_subscriptions({extensions({"101", "102"})}));
  EXPECT_THAT(lines_of(session.machine.update_subscriptions({extensions({"102", "103"})}), "send "),
              ElementsAre(unsubscribe_from(R"("extension_events"],"extensions":["101"])"),
                          subscribe_to(R"("extension_events"],"extensions":["102","103"])")));
}

TEST(Reload, WithoutAChangeSendsNothing) {
  SubscribedSession session(with_subscriptions({cdr, queues}));
  EXPECT_THAT(lines_of(session.machine.update_subscriptions({queues, cdr})), ElementsAre("subscriptions 2 0 0 0"));
}

TEST(Reload, SparesARejectedEntryTheUnsubscribe) {
  SubscribedSession session(with_subscriptions({cdr, queues}));
  session.machine.text_frame(denied);
  EXPECT_THAT(lines_of(session.machine.update_subscriptions({queues}), "send "), IsEmpty());
}

TEST(Reload, SaysWhenThePbxRejectsToEndASubscription) {
  SubscribedSession session(with_subscriptions({cdr, queues}));
  session.machine.update_subscriptions({cdr});
  EXPECT_THAT(lines_of(session.machine.text_frame(R"({"command":"unsubscribe","status":-1,"error":"no"})")),
              ElementsAre(HasSubstr("log pbx.unsubscribe_rejected")));
}

TEST(Reload, ALateAnswerToADroppedEntryHitsNoOther) {
  SubscribedSession session(with_subscriptions({queues, cdr}));
  session.machine.update_subscriptions({cdr});
  EXPECT_THAT(session.machine.text_frame(denied), IsEmpty());
  EXPECT_THAT(lines_of(session.machine.text_frame(granted)), Contains("subscriptions 0 1 0 0"));
}

TEST(Reload, EventsOfAnEndedSubscriptionProveNoNewOne) {
  SubscribedSession session(with_subscriptions({extensions({"101"})}));
  session.machine.update_subscriptions({extensions({"102"})});
  EXPECT_THAT(lines_of(session.machine.text_frame(R"({"event_type":"extension_status"})")), ElementsAre("hand off 1"));
}

TEST(Reload, WhileDisconnectedTakesEffectAtTheNextConnection) {
  SubscribedSession session(with_subscriptions({cdr}));
  session.machine.disconnected("gone");
  EXPECT_THAT(lines_of(session.machine.update_subscriptions({queues}), "send "), IsEmpty());
  session.machine.timer_fired(Timer::retry);
  session.machine.connected({});
  EXPECT_THAT(lines_of(session.machine.text_frame(accepted), "send "),
              ElementsAre(subscribe_to(R"("queue_events"],"queues":["8001"])")));
}

// Whoever counts gaps would else count none.
TEST(SessionListening, EndsWithTheConnectionWhereNothingIsSubscribedTo) {
  SubscribedSession session(with_subscriptions({}));
  EXPECT_THAT(lines_of(session.machine.disconnected("gone"), "subscribed "), ElementsAre("false"));
}

}  // namespace
}  // namespace pbxbridge::pbx
