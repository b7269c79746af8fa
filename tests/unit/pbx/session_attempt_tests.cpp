#include "machine_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::pbx {
namespace {

using namespace std::chrono_literals;
using namespace test;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

SessionMachine machine_of(const config::PbxConfig& config = one_subscription(), double random = 0.0) {
  return SessionMachine(config, [random] { return random; });
}

TEST(SessionStart, ConnectsUnderADeadline) {
  auto machine = machine_of();
  EXPECT_THAT(lines_of(machine.start()),
              ElementsAre("subscriptions 1 0 0 0", "log pbx.connecting connecting to wss://pbx.example.com:8887/wsi",
                          "arm deadline 15000", "connect"));
}

TEST(SessionStart, HappensOnce) {
  auto machine = machine_of();
  machine.start();
  EXPECT_THAT(machine.start(), IsEmpty());
}

TEST(SessionStart, ShoutsWhereCertificatesAreNotVerified) {
  auto config = one_subscription();
  config.tls.insecure_skip_verify = true;
  auto machine = machine_of(config);
  EXPECT_THAT(lines_of(machine.start(), "log "),
              Contains("pbx.insecure the certificate of wss://pbx.example.com:8887/wsi is NOT VERIFIED, because "
                       "insecure_skip_verify is set: anyone on the way can read the password and forge events"));
}

TEST(SessionStart, DoesNotShoutAgainAtEachReconnect) {
  auto config = one_subscription();
  config.tls.insecure_skip_verify = true;
  auto machine = machine_of(config);
  machine.start();
  machine.disconnected("gone");
  EXPECT_THAT(lines_of(machine.timer_fired(Timer::retry), "log pbx.insecure"), IsEmpty());
}

TEST(SessionConnected, AuthenticatesFirstAndWatchesThePeer) {
  auto machine = machine_of();
  machine.start();
  EXPECT_THAT(lines_of(machine.connected({"hunter2", ""})),
              ElementsAre(R"(send {"command":"auth","username":"bridge","password":"hunter2","domain":"example.com"})",
                          "arm ping 15000", "arm peer_silence 30000"));
}

TEST(SessionConnected, UsesTheSecretOfEachAttempt) {
  auto machine = machine_of();
  machine.start();
  machine.connected({"old", ""});
  machine.disconnected("gone");
  machine.timer_fired(Timer::retry);
  EXPECT_THAT(lines_of(machine.connected({"new", ""}), "send "), Contains(HasSubstr(R"("password":"new")")));
}

TEST(SessionAuth, AcceptedStreamsAndSubscribes) {
  auto machine = machine_of();
  machine.start();
  machine.connected({});
  EXPECT_THAT(
      lines_of(machine.text_frame(accepted)),
      ElementsAre(
          "cancel deadline", "count connection", "authenticated true",
          "log pbx.authenticated wss://pbx.example.com:8887/wsi has accepted the account; making 1 subscription",
          "arm calm 60000", R"(send {"command":"subscribe","topics":["cdr_events"]})", "arm subscribe 5000"));
}

TEST(SessionAuth, WithoutSubscriptionsAwaitsNoAnswers) {
  auto machine = machine_of(with_subscriptions({}));
  machine.start();
  machine.connected({});
  EXPECT_THAT(lines_of(machine.text_frame(accepted)),
              AllOf(Contains("subscribed true"), Not(Contains("arm subscribe 5000"))));
}

TEST(SessionAuth, RejectedClosesAndTriesAgainSlowlyOnceTheConnectionIsGone) {
  auto machine = machine_of();
  machine.start();
  machine.connected({});
  const auto lines = lines_of(machine.text_frame(rejected));
  EXPECT_THAT(lines, Contains("count auth_rejection"));
  EXPECT_THAT(lines, Contains("count connection_failure"));
  EXPECT_THAT(lines, Contains("log pbx.auth_rejected wss://pbx.example.com:8887/wsi rejected the account "
                              "(status -1: password error); trying again until it works, next attempt in 30 s"));
  EXPECT_THAT(lines, Contains("close"));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("arm retry"))));
  EXPECT_THAT(lines_of(machine.disconnected("it was closed"), "arm "), ElementsAre("retry 30000"));
}

TEST(SessionAuth, RejectionsGoFromHalfAMinuteToFiveMinutes) {
  auto machine = machine_of(one_subscription(), 0.999999999);
  machine.start();
  std::vector<std::string> delays;
  for (int attempt = 0; attempt < 5; ++attempt) {
    machine.connected({});
    machine.text_frame(rejected);
    for (const auto& line : lines_of(machine.disconnected("closed"), "arm retry ")) delays.push_back(line);
    machine.timer_fired(Timer::retry);
  }
  EXPECT_THAT(delays, ElementsAre("60000", "120000", "240000", "300000", "300000"));
}

TEST(SessionAuth, APeerThatHangsUpOnItAgainAndAgainIsTriedSlowly) {
  auto machine = machine_of(one_subscription(), 0.999999999);
  machine.start();
  std::vector<std::string> delays;
  for (int attempt = 0; attempt < 4; ++attempt) {
    machine.connected({});
    for (const auto& line : lines_of(machine.disconnected("closed"), "arm retry ")) delays.push_back(line);
    machine.timer_fired(Timer::retry);
  }
  EXPECT_THAT(delays, ElementsAre("1000", "2000", "60000", "120000"));
  machine.disconnected("connection refused");
  machine.timer_fired(Timer::retry);
  machine.connected({});
  EXPECT_THAT(lines_of(machine.disconnected("closed"), "arm retry "), ElementsAre("8000")) << "it was restarting";
}

TEST(SessionAuth, AcceptedMakesTheNextRejectionTheFirstAgain) {
  auto machine = machine_of(one_subscription(), 0.999999999);
  machine.start();
  for (const char* answer : {rejected, rejected, accepted}) {
    machine.connected({});
    machine.text_frame(answer);
    machine.disconnected("closed");
    machine.timer_fired(Timer::retry);
  }
  machine.connected({});
  machine.text_frame(rejected);
  EXPECT_THAT(lines_of(machine.disconnected("closed"), "arm retry "), ElementsAre("60000"));
}

TEST(SessionAuth, ARejectionThatRepeatsThePasswordDoesNotLogIt) {
  auto machine = machine_of();
  machine.start();
  machine.connected({"hunter2", ""});
  const auto lines =
      lines_of(machine.text_frame(R"({"command":"auth","status":-1,"error":"hunter2 is wrong"})"), "log ");
  EXPECT_THAT(lines, Contains(HasSubstr("[secret] is wrong")));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("hunter2"))));
}

TEST(SessionAuth, AStatusZeroInAStringIsAccepted) {
  auto machine = machine_of();
  machine.start();
  machine.connected({});
  EXPECT_THAT(lines_of(machine.text_frame(R"({"command":"auth","status":"0"})")), Contains("authenticated true"));
}

TEST(SessionAuth, AnAnswerWithoutStatusIsARejection) {
  auto machine = machine_of();
  machine.start();
  machine.connected({});
  EXPECT_THAT(lines_of(machine.text_frame(R"({"command":"auth"})"), "log pbx.auth_rejected"),
              ElementsAre(HasSubstr("(no valid status)")));
}

TEST(SessionAuth, ASecondAnswerIsSaidAndIgnored) {
  SubscribedSession session;
  EXPECT_THAT(
      lines_of(session.machine.text_frame(rejected)),
      ElementsAre("log pbx.unexpected_answer wss://pbx.example.com:8887/wsi sent an answer to `auth` that no command "
                  "awaits (status -1: password error); it is ignored"));
}

TEST(SessionAuth, AnAnswerToASubscribeBeforeItIsNoAnswerToAuth) {
  auto machine = machine_of();
  machine.start();
  machine.connected({});
  EXPECT_THAT(lines_of(machine.text_frame(granted), "log "), ElementsAre(HasSubstr("pbx.unexpected_answer")));
  EXPECT_THAT(lines_of(machine.text_frame(accepted)), Contains("authenticated true"));
}

TEST(SessionAuth, OfVersion16IsAnsweredWithoutACommand) {
  auto config = one_subscription();
  config.dialect = config::Dialect::v16;
  auto machine = machine_of(config);
  machine.start();
  machine.connected({});
  EXPECT_THAT(lines_of(machine.text_frame(R"({"status":0})"), "send "),
              ElementsAre(R"({"command":"subscribe","topics":[{"topic":"cdr_events"}]})"));
}

/// Returns the failures in the lines of the log, without what is done about them.
std::vector<std::string> failures_of(const Actions& actions) {
  std::vector<std::string> failures;
  for (const Action& each : actions)
    if (const auto* const line = std::get_if<action::WriteLog>(&each); line != nullptr && !line->failure.empty())
      failures.push_back(line->failure);
  return failures;
}

TEST(SessionFailure, OnlyALineOfAFailureSaysWhy) {
  auto machine = machine_of();
  EXPECT_THAT(failures_of(machine.start()), ElementsAre());
  EXPECT_THAT(failures_of(machine.disconnected("gone")),
              ElementsAre("no session with wss://pbx.example.com:8887/wsi: gone"));
  EXPECT_THAT(failures_of(machine.timer_fired(Timer::retry)), ElementsAre());
  machine.connected({});
  EXPECT_THAT(failures_of(machine.text_frame(accepted)), ElementsAre());
  EXPECT_THAT(failures_of(machine.disconnected("reset")),
              ElementsAre("the connection to wss://pbx.example.com:8887/wsi is lost: reset"));
}

TEST(SessionFailure, IsCountedSaidAndTriedAgain) {
  auto machine = machine_of();
  machine.start();
  const auto lines = lines_of(machine.disconnected("connection refused"));
  EXPECT_THAT(lines, Contains("count connection_failure"));
  EXPECT_THAT(lines,
              Contains("log pbx.connection_failed no session with wss://pbx.example.com:8887/wsi: connection refused; "
                       "trying again until it works, next attempt in 0.5 s"));
  EXPECT_THAT(lines, Contains("arm retry 500"));
  EXPECT_THAT(lines, Not(Contains("connect")));
}

TEST(SessionFailure, IsFollowedByTheNextAttemptWhenTheTimeIsOver) {
  auto machine = machine_of();
  machine.start();
  machine.disconnected("connection refused");
  EXPECT_THAT(lines_of(machine.timer_fired(Timer::retry)), ElementsAre("arm deadline 15000", "connect"));
}

std::vector<std::string> said_when_failing(SessionMachine& machine, const std::string& reason) {
  const auto said = lines_of(machine.disconnected(reason), "log ");
  EXPECT_THAT(lines_of(machine.timer_fired(Timer::retry), "log "), IsEmpty());
  return said;
}

TEST(SessionFailure, IsSaidOnceUntilTheReasonChanges) {
  auto machine = machine_of();
  machine.start();
  EXPECT_THAT(said_when_failing(machine, "connection refused"), ElementsAre(HasSubstr("connection refused")));
  EXPECT_THAT(said_when_failing(machine, "connection refused"), IsEmpty());
  EXPECT_THAT(said_when_failing(machine, "no route to host"), ElementsAre(HasSubstr("no route to host")));
}

TEST(SessionFailure, IsSaidAgainAfterASession) {
  auto machine = machine_of();
  machine.start();
  said_when_failing(machine, "connection refused");
  machine.connected({});
  machine.text_frame(accepted);
  EXPECT_THAT(said_when_failing(machine, "gone"), ElementsAre(HasSubstr("pbx.connection_lost")));
  EXPECT_THAT(said_when_failing(machine, "connection refused"), ElementsAre(HasSubstr("connection refused")));
}

TEST(SessionAuth, ARejectionIsSaidOnceUntilTheWordsChange) {
  auto machine = machine_of();
  machine.start();
  machine.connected({});
  EXPECT_THAT(lines_of(machine.text_frame(rejected), "log "), ElementsAre(HasSubstr("password error")));
  machine.disconnected("closed");
  machine.timer_fired(Timer::retry);
  machine.connected({});
  EXPECT_THAT(lines_of(machine.text_frame(rejected), "log "), IsEmpty());
  machine.disconnected("closed");
  machine.timer_fired(Timer::retry);
  machine.connected({});
  EXPECT_THAT(lines_of(machine.text_frame(R"({"command":"auth","error":"locked","status":-1})"), "log "),
              ElementsAre(HasSubstr("locked")));
}

TEST(SessionFailure, BacksOffToHalfAMinute) {
  auto machine = machine_of(one_subscription(), 0.999999999);
  machine.start();
  std::vector<std::string> delays;
  for (int attempt = 0; attempt < 7; ++attempt) {
    for (const auto& line : lines_of(machine.disconnected("rejected"), "arm retry ")) delays.push_back(line);
    machine.timer_fired(Timer::retry);
  }
  EXPECT_THAT(delays, ElementsAre("1000", "2000", "4000", "8000", "16000", "30000", "30000"));
}

TEST(SessionFailure, NeverHasTwoAttemptsInFlight) {
  auto machine = machine_of();
  machine.start();
  EXPECT_THAT(machine.timer_fired(Timer::retry), IsEmpty());
  machine.connected({});
  EXPECT_THAT(machine.timer_fired(Timer::retry), IsEmpty());
  machine.text_frame(rejected);
  EXPECT_THAT(machine.timer_fired(Timer::retry), IsEmpty());
}

TEST(SessionDeadline, EndsAnAttemptAndSaysWhereItWas) {
  auto machine = machine_of();
  machine.start();
  machine.progressed("looking up pbx.example.com");
  const auto lines = lines_of(machine.timer_fired(Timer::deadline));
  EXPECT_THAT(lines, Contains("abort"));
  EXPECT_THAT(lines,
              Contains("log pbx.connection_failed no session with wss://pbx.example.com:8887/wsi: the attempt took "
                       "longer than 15 s, it ended while looking up pbx.example.com; trying again until it works, next "
                       "attempt in 0.5 s"));
  EXPECT_THAT(lines, Contains("arm retry 500"));
}

TEST(SessionDeadline, CoversTheAnswerToAuth) {
  auto machine = machine_of();
  machine.start();
  machine.connected({});
  const auto lines = lines_of(machine.timer_fired(Timer::deadline));
  EXPECT_THAT(lines, Contains("abort"));
  EXPECT_THAT(lines, Contains(HasSubstr("did not answer `auth` within the 15 s of an attempt")));
  EXPECT_THAT(lines, Contains("arm retry 500"));
}

TEST(SessionRejection, OfThisClientIsTriedAsSlowlyAsARejectedAccount) {
  auto machine = machine_of(one_subscription(), 0.999999999);
  machine.start();
  std::vector<std::string> delays;
  for (int attempt = 0; attempt < 4; ++attempt) {
    for (const auto& line : lines_of(machine.disconnected({ErrorCategory::rejected, "HTTP status 403"}), "arm retry "))
      delays.push_back(line);
    machine.timer_fired(Timer::retry);
  }
  EXPECT_THAT(delays, ElementsAre("60000", "120000", "240000", "300000"));
  EXPECT_THAT(lines_of(machine.disconnected("connection refused"), "arm retry "), ElementsAre("1000"));
}

TEST(SessionRejection, IsTriedAgainAfterTheTimeThatItAsksFor) {
  auto machine = machine_of();
  machine.start();
  EXPECT_THAT(lines_of(machine.disconnected({ErrorCategory::network, "HTTP status 503", 7s}), "arm retry "),
              ElementsAre("7000"));
  machine.timer_fired(Timer::retry);
  EXPECT_THAT(lines_of(machine.disconnected({ErrorCategory::network, "HTTP status 503", 8s}), "log "), IsEmpty())
      << "it is the same failure";
  machine.timer_fired(Timer::retry);
  EXPECT_THAT(lines_of(machine.disconnected({ErrorCategory::network, "HTTP status 503", 100ms}), "arm retry "),
              ElementsAre("500"));
  machine.timer_fired(Timer::retry);
  EXPECT_THAT(lines_of(machine.disconnected({ErrorCategory::rejected, "HTTP status 401", 7s}), "arm retry "),
              ElementsAre("30000"));
}

TEST(SessionDeadline, DoesNothingOnceTheAccountIsAccepted) {
  SubscribedSession session;
  EXPECT_THAT(session.machine.timer_fired(Timer::deadline), IsEmpty());
}

}  // namespace
}  // namespace pbxbridge::pbx
