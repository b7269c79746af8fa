#include "machine_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::pbx {
namespace {

using namespace test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(SessionStop, UnsubscribesAndWaitsForTheAnswer) {
  SubscribedSession session;
  session.machine.text_frame(granted);
  EXPECT_THAT(lines_of(session.machine.stop()),
              ElementsAre(R"(send {"command":"unsubscribe","topics":["cdr_events"]})", "arm farewell 500"));
  const auto lines = lines_of(session.machine.text_frame(unsubscribed));
  EXPECT_THAT(lines, Contains("authenticated false"));
  EXPECT_THAT(lines, Contains("close"));
}

TEST(SessionStop, DoesNotWaitLongForAnAnswerThePbxMayNotGive) {
  SubscribedSession session;
  session.machine.stop();
  EXPECT_THAT(lines_of(session.machine.timer_fired(Timer::farewell)), Contains("close"));
}

TEST(SessionStop, HandsOverWhatComesMeanwhile) {
  SubscribedSession session;
  session.machine.stop();
  EXPECT_THAT(lines_of(session.machine.text_frame(R"({"event_type":"call_cdr"})")), ElementsAre("hand off 1"));
}

TEST(SessionStop, IsDoneWhenTheConnectionIsGone) {
  SubscribedSession session;
  session.machine.stop();
  session.machine.timer_fired(Timer::farewell);
  const auto lines = lines_of(session.machine.disconnected("it was closed"));
  EXPECT_THAT(lines, Contains("log pbx.stopped the session with wss://pbx.example.com:8887/wsi is ended"));
  EXPECT_THAT(lines, Contains("stopped"));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("arm retry"))));
}

TEST(SessionStop, IsDoneWhenThePbxClosesFirst) {
  SubscribedSession session;
  session.machine.stop();
  EXPECT_THAT(lines_of(session.machine.disconnected("it closed")), Contains("stopped"));
}

TEST(SessionStop, WithoutSubscriptionsClosesAtOnce) {
  SubscribedSession session(with_subscriptions({}));
  EXPECT_THAT(lines_of(session.machine.stop()), Contains("close"));
}

TEST(SessionStop, SparesRejectedSubscriptions) {
  SubscribedSession session;
  session.machine.text_frame(denied);
  EXPECT_THAT(lines_of(session.machine.stop()), Contains("close"));
}

TEST(SessionStop, WhileConnectingDropsTheAttempt) {
  SessionMachine machine(one_subscription());
  machine.start();
  const auto lines = lines_of(machine.stop());
  EXPECT_THAT(lines, Contains("abort"));
  EXPECT_THAT(lines, Contains("stopped"));
}

TEST(SessionStop, WhileAuthenticatingCloses) {
  SessionMachine machine(one_subscription());
  machine.start();
  machine.connected({});
  EXPECT_THAT(lines_of(machine.stop()), Contains("close"));
  EXPECT_THAT(lines_of(machine.disconnected("it was closed")), Contains("stopped"));
}

TEST(SessionStop, WhileARejectedConnectionClosesWaitsForItsEnd) {
  SessionMachine machine(one_subscription());
  machine.start();
  machine.connected({});
  machine.text_frame(rejected);
  EXPECT_THAT(machine.stop(), IsEmpty());
  EXPECT_THAT(lines_of(machine.disconnected("it was closed")), Contains("stopped"));
}

TEST(SessionStop, WhileWaitingForTheNextAttemptIsDoneAtOnce) {
  SessionMachine machine(one_subscription());
  machine.start();
  machine.disconnected("rejected");
  const auto lines = lines_of(machine.stop());
  EXPECT_THAT(lines, Contains("cancel retry"));
  EXPECT_THAT(lines, Contains("stopped"));
}

TEST(SessionStop, BeforeTheStartIsDoneAtOnce) {
  SessionMachine machine(one_subscription());
  EXPECT_THAT(lines_of(machine.stop()), Contains("stopped"));
}

TEST(SessionStop, HappensOnceAndForGood) {
  SessionMachine machine(one_subscription());
  machine.start();
  machine.stop();
  EXPECT_THAT(machine.stop(), IsEmpty());
  EXPECT_THAT(machine.start(), IsEmpty());
  EXPECT_THAT(machine.timer_fired(Timer::retry), IsEmpty());
  EXPECT_THAT(machine.update_subscriptions({}), IsEmpty());
}

}  // namespace
}  // namespace pbxbridge::pbx
