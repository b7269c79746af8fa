#include "sample_snapshot.hpp"
#include "status/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::status {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

class VerdictTest : public testing::Test {
 protected:
  std::string sentence() const { return judge(snapshot_).sentence; }
  Level level() const { return judge(snapshot_).level; }

  Snapshot snapshot_ = sample_snapshot();
};

TEST_F(VerdictTest, AllIsWell) {
  const Verdict verdict = judge(snapshot_);
  EXPECT_EQ(verdict.sentence, "All is well");
  EXPECT_EQ(verdict.level, Level::well);
  EXPECT_TRUE(verdict.problems.empty()) << "a silent subscription is no reason to wake anybody";
}

TEST_F(VerdictTest, APbxThatIsNotConnectedSaysSinceWhenAndWhatIsLost) {
  auto& session = snapshot_.pbxs[0].session;
  session.state = pbx::SessionState::disconnected;
  session.since = half_past_two - 200s;
  session.last_failure = observe::Failure{half_past_two, "connection refused by 192.0.2.7:8887"};
  EXPECT_EQ(
      sentence(),
      "PBX hq has been disconnected since 02:26:40 UTC (3 min ago), and what it pushes meanwhile is lost: connection "
      "refused by 192.0.2.7:8887");
  EXPECT_EQ(level(), Level::failing);
  session.state = pbx::SessionState::authenticated;
  EXPECT_EQ(level(), Level::well);
}

TEST_F(VerdictTest, ASinkThatIsNotConnectedSaysWhatWaits) {
  auto& loop = snapshot_.sinks[0].loop;
  loop.state = deliver::SinkState::disconnected;
  loop.since = half_past_two - 26h;
  loop.lag_events = 1;
  EXPECT_EQ(sentence(),
            "Sink board has been disconnected since 2026-11-28 00:30:00 UTC (26 h ago), and 1 event waits for it");
}

TEST_F(VerdictTest, ASinkThatIsConnectedAndDoesNotKeepUp) {
  auto& loop = snapshot_.sinks[1].loop;
  loop.lag_events = 40;
  loop.lag = 2s;
  EXPECT_EQ(level(), Level::well);
  loop.lag = 20min;
  EXPECT_EQ(sentence(), "Sink lake does not keep up: 40 events wait, the oldest for 20 min");
}

TEST_F(VerdictTest, ASinkThatIsConnectedAndStuckSaysWhy) {
  auto& loop = snapshot_.sinks[1].loop;
  loop.state = deliver::SinkState::stuck;
  loop.since = half_past_two - 20s;
  loop.lag_events = 40;
  loop.last_failure = observe::Failure{half_past_two, "too few replicas"};
  EXPECT_EQ(
      sentence(),
      "Sink lake is connected, but leaves events unacknowledged since 02:29:40 UTC (20 s ago), and 40 events wait "
      "for it: too few replicas");
  EXPECT_EQ(level(), Level::failing);
}

TEST_F(VerdictTest, ARejectedSubscriptionIsNamed) {
  auto& subscription = snapshot_.pbxs[0].session.subscriptions[1];
  subscription.state = pbx::SubscriptionState::rejected;
  subscription.words = "no permission";
  EXPECT_THAT(sentence(), HasSubstr("has rejected the subscription to cdr_events"));
  EXPECT_THAT(sentence(), HasSubstr(": no permission"));
}

TEST_F(VerdictTest, TheWorstStandsFirstAndTheOthersAreCounted) {
  snapshot_.sinks[0].dead_letters = 3;
  EXPECT_EQ(sentence(), "Sink board has rejected 3 events, kept as dead letters");
  EXPECT_EQ(level(), Level::warning);
  snapshot_.sinks[1].loop.state = deliver::SinkState::disconnected;
  snapshot_.spool.writable = false;
  const Verdict verdict = judge(snapshot_);
  EXPECT_THAT(verdict.sentence, testing::StartsWith("The spool accepts no events"));
  EXPECT_THAT(verdict.sentence, testing::EndsWith("(and 2 other problems)"));
  EXPECT_THAT(verdict.problems, ElementsAre(Field(&Problem::subject, "spool"), Field(&Problem::subject, "sink lake"),
                                            Field(&Problem::subject, "sink board")));
}

TEST_F(VerdictTest, ASpoolThatIsNearlyFull) {
  snapshot_.spool.bytes = 899;
  EXPECT_EQ(level(), Level::well);
  snapshot_.spool.bytes = 950;
  EXPECT_THAT(sentence(), HasSubstr("95 %"));
}

TEST_F(VerdictTest, AReloadThatWasRejectedIsToldUntilTheNext) {
  snapshot_.configuration.last_reload = Reload{half_past_two - 30s, false, "line 3: no such sink"};
  EXPECT_EQ(sentence(),
            "The reload at 02:29:30 UTC (30 s ago) was rejected, so that the old configuration is in force: line 3: no "
            "such sink");
  snapshot_.configuration.last_reload = Reload{half_past_two, true, ""};
  EXPECT_EQ(level(), Level::well);
}

TEST(DurationText, IsOneNumberThatAPersonReads) {
  EXPECT_EQ(duration_text(-5s), "0 s") << "the clock was set back";
  EXPECT_EQ(duration_text(119s), "119 s");
  EXPECT_EQ(duration_text(120s), "2 min");
  EXPECT_EQ(duration_text(3h), "3 h");
  EXPECT_EQ(duration_text(50h), "2 d");
}

}  // namespace
}  // namespace pbxbridge::status
