#include "machine_script.hpp"
#include "text/secrets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <variant>

namespace pbxbridge::pbx {
namespace {

using namespace test;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(SessionLoss, IsSaidWithItsReasonAndReconnects) {
  SubscribedSession session;
  const auto lines = lines_of(session.machine.disconnected("it closed the connection with code 1001 (restart)"));
  EXPECT_THAT(lines, Contains("authenticated false"));
  EXPECT_THAT(
      lines, Contains("log pbx.connection_lost the connection to wss://pbx.example.com:8887/wsi is lost: it closed the "
                      "connection with code 1001 (restart); next attempt in 0.5 s"));
  EXPECT_THAT(lines, Contains("subscriptions 1 0 0 0"));
  EXPECT_THAT(lines, Contains("arm retry 500"));
  EXPECT_THAT(lines, Contains("cancel ping"));
  EXPECT_THAT(lines, Contains("cancel peer_silence"));
  EXPECT_THAT(lines, Not(Contains("count connection_failure")));
}

TEST(SessionLoss, IsFollowedByAReconnectThatSubscribesAgainInANewEpoch) {
  SubscribedSession session;
  EXPECT_THAT(lines_of(session.machine.text_frame("{}")), ElementsAre("hand off 1"));
  session.machine.disconnected("gone");
  session.machine.timer_fired(Timer::retry);
  session.machine.connected({});
  const auto lines = lines_of(session.machine.text_frame(accepted));
  EXPECT_THAT(lines, Contains("count connection"));
  EXPECT_THAT(lines, Contains("count reconnect"));
  EXPECT_THAT(lines, Contains(R"(send {"command":"subscribe","topics":["cdr_events"]})"));
  EXPECT_THAT(lines_of(session.machine.text_frame("{}")), ElementsAre("hand off 2"));
}

TEST(SessionLoss, SoonAfterTheLastBacksOffFurther) {
  SubscribedSession session(one_subscription(), 0.999999999);
  EXPECT_THAT(lines_of(session.machine.disconnected("gone")), Contains("arm retry 1000"));
  session.machine.timer_fired(Timer::retry);
  session.machine.connected({});
  session.machine.text_frame(accepted);
  EXPECT_THAT(lines_of(session.machine.disconnected("gone")), Contains("arm retry 2000"));
}

TEST(SessionLoss, AfterAMinuteOfCalmBeginsTheBackoffAnew) {
  SubscribedSession session(one_subscription(), 0.999999999);
  session.machine.disconnected("gone");
  session.machine.timer_fired(Timer::retry);
  session.machine.connected({});
  session.machine.text_frame(accepted);
  session.machine.timer_fired(Timer::calm);
  EXPECT_THAT(lines_of(session.machine.disconnected("gone")), Contains("arm retry 1000"));
}

TEST(SessionPing, IsSentAgainAndAgain) {
  SubscribedSession session;
  EXPECT_THAT(lines_of(session.machine.timer_fired(Timer::ping)), ElementsAre("ping", "arm ping 15000"));
}

TEST(SessionSilence, OfThePeerDropsTheConnectionAndReconnects) {
  SubscribedSession session;
  const auto lines = lines_of(session.machine.timer_fired(Timer::peer_silence));
  EXPECT_THAT(lines, Contains("abort"));
  EXPECT_THAT(lines,
              Contains("log pbx.connection_lost the connection to wss://pbx.example.com:8887/wsi is lost: nothing came "
                       "from it for 30 s, not even an answer to a ping; next attempt in 0.5 s"));
  EXPECT_THAT(lines, Contains("arm retry 500"));
}

TEST(SessionFrames, ThatAreEventsAreHandedOverInEachState) {
  SessionMachine machine(one_subscription());
  machine.start();
  machine.connected({});
  EXPECT_THAT(lines_of(machine.text_frame(R"({"event_type":"call_start"})")), ElementsAre("hand off 1"));
  machine.text_frame(accepted);
  EXPECT_THAT(lines_of(machine.text_frame("no JSON at all")), ElementsAre("hand off 1"));
  EXPECT_THAT(lines_of(machine.text_frame("")), ElementsAre("hand off 1"));
  EXPECT_THAT(lines_of(machine.text_frame(R"({"command":"reboot"})")), ElementsAre("hand off 1"));
}

TEST(SessionFrames, ThatRepeatASecretBeforeItIsAcceptedAreNone) {
  SessionMachine machine(one_subscription());
  machine.start();
  machine.connected({"open-sesame-21", ""});
  text::remember_secret("open-sesame-21");
  const std::string echo = R"({"error":"unknown","request":{"username":"bridge","password":"open-sesame-21"}})";
  const auto is_reported = ElementsAre(
      AllOf(HasSubstr("log pbx.unexpected_answer"), HasSubstr("holds a password or token"), Not(HasSubstr("21"))));
  EXPECT_THAT(lines_of(machine.text_frame(echo)), is_reported);
  EXPECT_THAT(lines_of(machine.text_frame("cGFzc3dvcmQgb3Blbi1zZXNhbWUtMjE=")), is_reported) << "Base64";
  EXPECT_THAT(lines_of(machine.binary_frame(echo)), is_reported);
  EXPECT_THAT(lines_of(machine.binary_frame(std::string(65'537, 'x'))), is_reported) << "too large to tell";
  machine.text_frame(accepted);
  EXPECT_THAT(lines_of(machine.text_frame(R"({"event_type":"call_cdr","caller":"open-sesame-21"})")),
              Contains("hand off 1"));
}

TEST(SessionFrames, ThatAreBinaryAreEvents) {
  SubscribedSession session;
  EXPECT_THAT(lines_of(session.machine.binary_frame("\x01")), ElementsAre("hand off 1"));
}

TEST(SessionFrames, AreHandedOffWithTheirBytesAndTheTimeOfTheirReception) {
  SubscribedSession session;
  const std::string event = R"({"event_type":"call_cdr"})";
  const SystemTime received_at{std::chrono::seconds(7)};
  for (const Actions& actions :
       {session.machine.text_frame(event, received_at), session.machine.binary_frame(event, received_at)}) {
    const auto& hand_off = std::get<action::HandOff>(actions.at(0));
    EXPECT_EQ(hand_off.message.data(), event.data());
    EXPECT_EQ(hand_off.message.size(), event.size());
    EXPECT_EQ(hand_off.received_at, received_at);
  }
}

TEST(SessionFrames, ThatAreTooLargeAreCountedAndSaid) {
  SubscribedSession session;
  EXPECT_THAT(
      lines_of(session.machine.message_too_large(2'000'000)),
      ElementsAre("count event_too_large",
                  "log pbx.event_too_large a message of 2000000 bytes was dropped, for max_frame_size is 1048576 "
                  "bytes"));
}

}  // namespace
}  // namespace pbxbridge::pbx
