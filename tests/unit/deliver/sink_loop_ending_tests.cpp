// A loop that ends for another that takes its place: what it had is the next one's.

#include "pbxbridge/event.hpp"
#include "sink_loop_fixture.hpp"

#include <gmock/gmock.h>

#include <optional>

namespace pbxbridge::deliver {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class SinkLoopEnding : public SinkLoopTest {
 protected:
  void end() {
    loop_->stop(SinkLoop::StopMode::at_once, 5s, [this](std::uint64_t rest) { rest_ = rest; });
    run();
  }
  std::optional<std::uint64_t> rest_;
};

TEST_F(SinkLoopEnding, HandsOffNothingMoreAndLeavesTheRest) {
  far_side_.window = 2;
  start();
  for (const char* payload : {"1", "2", "3"}) append(payload);
  end();
  EXPECT_TRUE(far_side_.closed);
  EXPECT_EQ(rest_, 3U) << "two of them were in flight";
  EXPECT_THAT(far_side_.got, ElementsAre("1", "2"));
}

TEST_F(SinkLoopEnding, TheNextOneGoesOnAfterWhatIsAcknowledgedAndMarksWhatMayHaveComeAlready) {
  start();
  for (const char* payload : {"1", "2", "3"}) append(payload);
  far_side_.confirm(Outcome::delivered());
  end();
  far_side_.tokens.clear();
  append_only("4");
  start();
  EXPECT_THAT(far_side_.got, ElementsAre("1", "2", "3", "2", "3", "4"));
  EXPECT_THAT(far_side_.redelivered, ElementsAre(false, false, false, true, true, false));
}

TEST_F(SinkLoopEnding, OneThatNeverConnectedEndsToo) {
  far_side_.reject = true;
  config_.reconnect = {10s, 10s};
  start();
  append("1");
  end();
  EXPECT_EQ(rest_, 1U);
}

TEST_F(SinkLoopEnding, ASinkThatNeverClosesIsNotWaitedForForever) {
  far_side_.never_closes = true;
  start();
  append("1");
  loop_->stop(SinkLoop::StopMode::at_once, 10ms, [this](std::uint64_t rest) { rest_ = rest; });
  ASSERT_TRUE(run_until([&] { return rest_.has_value(); }));
  EXPECT_EQ(rest_, 1U);
}

TEST_F(SinkLoopEnding, IsNotWaitedForForeverEvenIfItIsToEndTwice) {
  far_side_.never_closes = true;
  start();
  append("1");
  loop_->stop(SinkLoop::StopMode::at_once, 10ms, [](std::uint64_t) {});
  loop_->stop(SinkLoop::StopMode::when_drained, 10ms, [this](std::uint64_t rest) { rest_ = rest; });
  ASSERT_TRUE(run_until([&] { return rest_.has_value(); }));
  EXPECT_EQ(rest_, 1U);
}

TEST_F(SinkLoopEnding, OneThatHasEndedAnswersOnceMore) {
  start();
  end();
  rest_.reset();
  loop_->stop(SinkLoop::StopMode::when_drained, 5s, [this](std::uint64_t rest) { rest_ = rest; });
  run();
  EXPECT_EQ(rest_, 0U);
}

TEST_F(SinkLoopEnding, CopiesOfDeadLettersThatItHadAreCounted) {
  start();
  route::Routed routed;
  routed.topic = "t";
  loop_->deliver_as_well(Event::make("letter", EventAttributes{.pbx = "hq"}), routed);
  run();
  EXPECT_THAT(far_side_.got, ElementsAre("letter"));
  end();
  const auto dropped = [this] {
    return metrics_.sink("lake").events_dropped[static_cast<std::size_t>(spool::DropReason::dead_letter_copy)].value();
  };
  EXPECT_EQ(dropped(), 1);
  loop_->deliver_as_well(Event::make("late", EventAttributes{.pbx = "hq"}), routed);
  EXPECT_EQ(dropped(), 2) << "it has ended";
}

}  // namespace
}  // namespace pbxbridge::deliver
