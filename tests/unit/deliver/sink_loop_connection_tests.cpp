#include "sink_loop_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::deliver {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Matches;
using testing::Not;

TEST_F(SinkLoopTest, DeliversAgainAfterALostConnectionWhatWasInFlight) {
  start();
  append("1");
  append("2");
  far_side_.confirm(Outcome::delivered());
  far_side_.lose();
  ASSERT_TRUE(run_until([&] { return far_side_.got.size() == 3; }));
  EXPECT_THAT(far_side_.got, ElementsAre("1", "2", "2"));
  EXPECT_THAT(far_side_.redelivered, ElementsAre(false, false, true));
  EXPECT_EQ(far_side_.connections, 2);
  EXPECT_THAT(lines_, testing::Contains(HasSubstr("sink.connection_lost [sink lake] the far side went away; events "
                                                  "wait in the spool")));
}

TEST_F(SinkLoopTest, SaysOnceThatASinkIsNotReachedHoweverOftenItTries) {
  far_side_.reject = true;
  start();
  ASSERT_TRUE(run_until([&] { return far_side_.connections > 5; }));
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("sink.connection_failed [sink lake] connection refused")));
  far_side_.reject = false;
  append("1");
  ASSERT_TRUE(run_until([&] { return far_side_.got.size() == 1; }));
  EXPECT_THAT(lines_.back(), HasSubstr("sink.connected [sink lake] connected to fake events_waiting=1"));
}

TEST_F(SinkLoopTest, WaitsAsLongAsTheSinkKnowsThatItMustAndSaysSo) {
  start();
  far_side_.observer->connection_lost({ErrorCategory::rejected, "taken over", 30s});
  EXPECT_THAT(lines_.back(), AllOf(HasSubstr("taken over"), HasSubstr("next_attempt_ms=30000")));
  io_.restart();
  io_.run_for(20ms);
  EXPECT_EQ(far_side_.connections, 1);
}

TEST_F(SinkLoopTest, AsksSeldomWhereTheAccountIsRejected) {
  config_.auth_retry = {40s, 40s};
  start();
  Error rejection{ErrorCategory::rejected, "bad password"};
  rejection.account_rejected = true;
  far_side_.observer->connection_lost(rejection);
  EXPECT_THAT(lines_.back(), AllOf(HasSubstr("bad password"), HasSubstr("next_attempt_ms=40000")));
  io_.restart();
  io_.run_for(20ms);
  EXPECT_EQ(far_side_.connections, 1);
}

TEST_F(SinkLoopTest, SaysOnceThatConnectionsEndForTheSameReasonUntilOneDelivers) {
  start();
  append("1");
  for (int lost = 1; lost <= 5; ++lost) {
    far_side_.lose();
    ASSERT_TRUE(run_until([&] { return far_side_.connections == lost + 1 && !far_side_.tokens.empty(); }));
  }
  const auto said_once =
      ElementsAre(HasSubstr("sink.connected"), HasSubstr("sink.connection_lost"), HasSubstr("sink.connected"));
  EXPECT_THAT(lines_, said_once);
  far_side_.confirm_all();
  far_side_.lose();
  ASSERT_TRUE(run_until([&] { return far_side_.connections == 7; }));
  EXPECT_THAT(lines_, testing::SizeIs(5)) << "what has worked and failed again is news";
}

TEST_F(SinkLoopTest, SaysThatASinkIsNotReachedAnyMoreAlthoughTheReasonIsTheOneBefore) {
  far_side_.reject = true;
  start();
  far_side_.reject = false;
  ASSERT_TRUE(run_until([&] { return metrics_.sink("lake").connected.value() == 1; }));
  far_side_.reject = true;
  far_side_.lose("connection refused");
  ASSERT_TRUE(run_until([&] { return far_side_.connections > 5; }));
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("sink.connection_failed"), HasSubstr("sink.connected"),
                                  HasSubstr("sink.connection_failed")));
}

TEST_F(SinkLoopTest, SaysOnceThatASinkIsStuckAndOnceThatItIsNotAnyMore) {
  SinkLoop& loop = start();
  append("1");
  far_side_.observer->stuck("too few replicas", "");
  far_side_.observer->stuck("a partition has no leader", "");
  EXPECT_EQ(loop.status().state, SinkState::stuck);
  EXPECT_EQ(loop.status().last_failure->text, "a partition has no leader");
  EXPECT_EQ(metrics_.sink("lake").connected.value(), 1);
  far_side_.confirm_all();
  far_side_.observer->unstuck();
  far_side_.observer->unstuck();
  EXPECT_EQ(loop.status().state, SinkState::connected);
  EXPECT_THAT(lines_,
              ElementsAre(HasSubstr("sink.connected"),
                          HasSubstr("sink.stuck [sink lake] connected, but events are not acknowledged: too few "
                                    "replicas in_flight=1"),
                          HasSubstr("sink.unstuck [sink lake] events are acknowledged again events_waiting=0")));
}

TEST_F(SinkLoopTest, SaysThatItIsNotStuckAnyMoreOnceAnotherConnectionHasAcknowledged) {
  start();
  append("1");
  far_side_.observer->stuck("too few replicas", "");
  far_side_.lose();
  ASSERT_TRUE(run_until([&] { return far_side_.connections == 2; }));
  EXPECT_THAT(lines_, Not(Contains(HasSubstr("sink.unstuck"))));
  EXPECT_TRUE(run_until([&] {
    far_side_.confirm_all();
    return Matches(Contains(HasSubstr("sink.unstuck")))(lines_);
  }));
}

TEST_F(SinkLoopTest, SaysNothingMoreOfASinkThatIsStuckOnEachConnection) {
  SinkLoop& loop = start();
  append("1");
  for (int connection = 1; connection <= 3; ++connection) {
    far_side_.observer->stuck("too few replicas", "");
    far_side_.lose();
    EXPECT_EQ(loop.status().state, SinkState::disconnected);
    ASSERT_TRUE(run_until([&] { return far_side_.connections == connection + 1; }));
    EXPECT_EQ(loop.status().state, SinkState::connected);
  }
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("sink.connected"), HasSubstr("sink.stuck"),
                                  HasSubstr("sink.connection_lost"), HasSubstr("sink.connected")));
}

}  // namespace
}  // namespace pbxbridge::deliver
