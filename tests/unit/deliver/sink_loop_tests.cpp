#include "pbxbridge/event.hpp"
#include "sink_loop_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace pbxbridge::deliver {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(SinkLoopTest, DeliversInOrderAndMovesTheCursorOnConfirmationOnly) {
  start();
  append("1");
  append("2");
  EXPECT_THAT(far_side_.got, ElementsAre("1", "2"));
  EXPECT_EQ(spool_.stats().events, 2U);
  far_side_.confirm_all();
  run();
  EXPECT_EQ(spool_.stats().events, 0U);
  loop_->update_metrics();
  EXPECT_EQ(metrics_.sink("lake").events_delivered.value(), 2);
}

TEST_F(SinkLoopTest, KeepsNoMoreInFlightThanTheWindow) {
  far_side_.window = 2;
  start();
  for (const char* payload : {"1", "2", "3"}) append(payload);
  EXPECT_THAT(far_side_.got, ElementsAre("1", "2"));
  far_side_.confirm(Outcome::delivered());
  run();
  EXPECT_THAT(far_side_.got, ElementsAre("1", "2", "3"));
}

TEST_F(SinkLoopTest, WaitsForASinkWithoutRoomAndLosesNothing) {
  far_side_.room = 1;
  start();
  append("1");
  append("2");
  EXPECT_THAT(far_side_.got, ElementsAre("1"));
  far_side_.room = 10;
  far_side_.observer->writable();
  run();
  EXPECT_THAT(far_side_.got, ElementsAre("1", "2"));
}

TEST_F(SinkLoopTest, TriesAgainWhatTheSinkDidNotTakeForNow) {
  start();
  append("1");
  far_side_.confirm(Outcome::retry("quota exceeded"));
  ASSERT_TRUE(run_until([&] { return far_side_.got.size() == 2; }));
  far_side_.confirm_all();
  run();
  EXPECT_EQ(spool_.stats().events, 0U);
  EXPECT_EQ(metrics_.sink("lake").events_retried.value(), 1);
  EXPECT_THAT(lines_, testing::Contains(HasSubstr("sink.retrying")));
}

TEST_F(SinkLoopTest, CountsAndSaysWhatTheSinkRejectedForGoodAndGoesOn) {
  start();
  append("1");
  append("2");
  far_side_.confirm(Outcome::reject("message too large"));
  far_side_.confirm(Outcome::delivered());
  run();
  EXPECT_EQ(spool_.stats().events, 0U);
  EXPECT_EQ(metrics_.sink("lake").events_rejected.value(), 1);
  EXPECT_THAT(lines_, testing::Contains(HasSubstr("it is lost to this sink: message too large topic=t event_id=")));
  for (const auto& line : lines_) EXPECT_EQ(line.find("payload"), std::string::npos);
}

TEST_F(SinkLoopTest, ShowsWhatWaitsAndForHowLong) {
  far_side_.window = 1;
  SinkLoop& loop = start();
  EXPECT_EQ(loop.status().state, SinkState::connected);
  EXPECT_EQ(loop.status().lag_events, 0U);
  EXPECT_EQ(loop.status().lag.count(), 0);
  append("1");
  append("2");
  SinkStatus status = loop.status();
  EXPECT_EQ(status.in_flight, 1U);
  EXPECT_EQ(status.lag_events, 2U);
  EXPECT_GT(status.lag.count(), 0) << "received in 1970";
  loop.update_metrics();
  EXPECT_GT(metrics_.sink("lake").lag_seconds.value(), 0);
  far_side_.confirm_all();
  run();
  far_side_.confirm_all();
  run();
  EXPECT_EQ(loop.status().lag_events, 0U);
  EXPECT_EQ(loop.status().lag.count(), 0);
}

TEST_F(SinkLoopTest, CountsAnEventOnceForEachRouteUntilOtherRoutesApply) {
  router_ = router_to({"a", "b"}, "");
  SinkLoop& loop = start();
  append("1");
  append("2");
  EXPECT_THAT(loop.taken_by_route(), ElementsAre(2U));
  EXPECT_EQ(loop.deliveries_made(), 4U);
  loop.use_routes(router_with_key(""));
  EXPECT_THAT(loop.taken_by_route(), ElementsAre(0U));
}

TEST_F(SinkLoopTest, ShowsTheLatestRejections) {
  SinkLoop& loop = start();
  for (int i = 0; i < 25; ++i) {
    append(std::to_string(i));
    far_side_.confirm(Outcome::reject("too large: " + std::to_string(i)));
    run();
  }
  const auto rejections = loop.status().rejections;
  ASSERT_EQ(rejections.size(), most_rejections);
  EXPECT_EQ(rejections.back().reason, "too large: 24");
}

TEST_F(SinkLoopTest, RejectsUnsentWhatIsLargerThanTheFarSideTakes) {
  far_side_.largest_payload = 4;
  start();
  append("12345");
  append("1234");
  EXPECT_THAT(far_side_.got, ElementsAre("1234"));
  far_side_.confirm_all();
  run();
  EXPECT_EQ(spool_.stats().events, 0U);
  EXPECT_EQ(metrics_.sink("lake").events_rejected.value(), 1);
  EXPECT_THAT(lines_, testing::Contains(HasSubstr("its payload has 5 bytes, and the far side takes 4")));
}

TEST_F(SinkLoopTest, LetsTheSinkSendItsBatchAtTheEndOfEachTurn) {
  start();
  EXPECT_THAT(far_side_.flushed_at, testing::IsEmpty()) << "nothing was handed off";
  for (const char* payload : {"1", "2", "3"}) append_only(payload);
  run();
  EXPECT_THAT(far_side_.flushed_at, ElementsAre(3));
  append("4");
  EXPECT_THAT(far_side_.flushed_at, ElementsAre(3, 4));
}

TEST_F(SinkLoopTest, StopDeliversWhatTheSpoolHoldsThenClosesTheSink) {
  SinkLoop& loop = start();
  append("1");
  std::optional<std::uint64_t> rest;
  loop.stop(SinkLoop::StopMode::when_drained, 5s, [&](std::uint64_t events) { rest = events; });
  run();
  EXPECT_FALSE(far_side_.closed) << "there is an event in flight";
  far_side_.confirm_all();
  ASSERT_TRUE(run_until([&] { return rest.has_value(); }));
  EXPECT_TRUE(far_side_.closed);
  EXPECT_EQ(rest, 0U);
}

TEST_F(SinkLoopTest, StopEndsInTimeWithADeadSinkAndSaysWhatIsLeft) {
  far_side_.reject = true;
  config_.reconnect = {10s, 10s};
  SinkLoop& loop = start();
  append("1");
  std::optional<std::uint64_t> rest;
  loop.stop(SinkLoop::StopMode::when_drained, 100ms, [&](std::uint64_t events) { rest = events; });
  ASSERT_TRUE(run_until([&] { return rest.has_value(); }));
  EXPECT_EQ(rest, 1U);
}

TEST_F(SinkLoopTest, CountsAndSaysThatAKeyCouldNotBeMade) {
  router_ = router_with_key("{session_id}");
  start();
  append(R"({"session_id":"7"})");
  EXPECT_EQ(metrics_.sink("lake").route_missing_keys.value(), 0);
  append("{}");
  EXPECT_EQ(metrics_.sink("lake").route_missing_keys.value(), 1);
  EXPECT_EQ(far_side_.tokens.size(), 2U);
  EXPECT_THAT(lines_.back(), HasSubstr("route.key_missing [sink lake]"));
}

TEST_F(SinkLoopTest, CountsWhatTheSpoolDropped) {
  SinkLoop& loop = start();
  loop.count_drop({loop.cursor(), 3, spool::DropReason::spool_full});
  EXPECT_EQ(metrics_.sink("lake").events_dropped[static_cast<std::size_t>(spool::DropReason::spool_full)].value(), 3);
  EXPECT_THAT(lines_.back(), HasSubstr("sink.events_dropped [sink lake]"));
}

TEST_F(SinkLoopTest, ReadsAheadByBytesAndFurtherWhileSomeAreDeferred) {
  router_ = router_with_key("{session_id}");
  config_.retry = {1h, 1h};
  constexpr std::size_t size = 100'000;
  start();
  append(R"({"session_id":"held"})");
  for (int i = 0; i < 300; ++i)
    append(R"({"session_id":")" + std::to_string(i) + R"(","x":")" + std::string(size, 'x') + "\"}");
  EXPECT_GT(far_side_.got.size(), 20U);
  EXPECT_LT(far_side_.got.size() * size, 5'000'000U) << "about 4 MiB";
  far_side_.confirm(Outcome::retry("not yet"));
  ASSERT_TRUE(run_until([&] { return far_side_.got.size() * size > 9'000'000; }));
  EXPECT_LE(far_side_.got.size(), 101U) << "the window";
}

TEST_F(SinkLoopTest, AnEventThatIsTriedAgainHoldsUpNoOthersHoweverManyTheyAre) {
  router_ = router_with_key("{session_id}");
  config_.retry = {1h, 1h};
  far_side_.room = 1'000'000;
  start();
  append(R"({"session_id":"held"})");
  far_side_.confirm(Outcome::retry("not yet"));
  constexpr int many = 30'000;
  for (int i = 0; i < many; ++i) {
    append(R"({"session_id":")" + std::to_string(i) + "\"}");
    far_side_.confirm_all();
  }
  run();
  EXPECT_EQ(far_side_.got.size(), many + 1U);
}

TEST_F(SinkLoopTest, SaysWhatItHoldsBackWhileOthersPass) {
  router_ = router_with_key("{session_id}");
  config_.retry = {1h, 1h};
  start();
  append(R"({"session_id":"held"})");
  append(R"({"session_id":"other"})");
  far_side_.confirm(Outcome::retry("not yet"));
  far_side_.confirm_all();
  ASSERT_TRUE(run_until([&] { return !spool_.said.empty(); }));
  const auto first = Sequence::first_of(1);
  EXPECT_EQ(spool_.said.back(), (spool::DeferredDeliveries{first.next(), {{first, destination_hash("t", "held")}}}));

  append(R"({"session_id":"another"})");
  far_side_.confirm_all();
  run();
  bool stopped = false;
  loop_->stop(SinkLoop::StopMode::when_drained, 100ms, [&](std::uint64_t) { stopped = true; });
  ASSERT_TRUE(run_until([&] { return stopped; }));
  EXPECT_EQ(spool_.said.back().passed, first.next().next()) << "at the end at once";
}

TEST_F(SinkLoopTest, OfWhatAnEarlierProcessDeferredOnlyThatIsDelivered) {
  router_ = router_to({"all", "some"}, "{session_id}");
  const auto first = Sequence::first_of(1);
  spool_.before = {first.next(), {{first, destination_hash("some", "1")}, {first.next(), 12345}}};
  start();
  append(R"({"session_id":"1"})");
  EXPECT_EQ(far_side_.got.size(), 1U) << "not to the topic that took it before";
  append(R"({"session_id":"2"})");
  EXPECT_EQ(far_side_.got.size(), 3U) << "the routes have changed since: it goes wherever they send it";
  append(R"({"session_id":"3"})");
  EXPECT_EQ(far_side_.got.size(), 5U) << "that process has not seen it";
}

class SinkLoopCopiesTest : public SinkLoopTest {
 protected:
  void deliver_copy(const std::string& payload) {
    loop_->deliver_as_well(Event::make(payload, EventAttributes{.pbx = "hq"}), {.topic = "rejected"});
  }
  double dropped(spool::DropReason reason) {
    return metrics_.sink("lake").events_dropped[static_cast<std::size_t>(reason)].value();
  }
  long lines_with(const std::string& part) const {
    return std::ranges::count_if(lines_, [&part](const auto& line) { return line.find(part) != std::string::npos; });
  }
};

TEST_F(SinkLoopCopiesTest, AreDelivered) {
  start();
  deliver_copy("one");
  run();
  EXPECT_THAT(far_side_.got, ElementsAre("one"));
}

TEST_F(SinkLoopCopiesTest, WithoutRoomAreCountedAndSaidOnceUntilOneIsTakenAgain) {
  far_side_.window = 1;
  start();
  constexpr int room = 10'000;
  for (int copy = 0; copy < room; ++copy) deliver_copy("copy");
  EXPECT_EQ(dropped(spool::DropReason::dead_letter_copy), 0);
  for (int copy = 0; copy < 3; ++copy) deliver_copy("one too many");
  EXPECT_EQ(dropped(spool::DropReason::dead_letter_copy), 3);
  EXPECT_EQ(lines_with("sink.events_dropped [sink lake]"), 1);
  run();
  far_side_.confirm_all();
  deliver_copy("the last one that is taken");
  deliver_copy("one too many");
  EXPECT_EQ(dropped(spool::DropReason::dead_letter_copy), 4);
  EXPECT_EQ(lines_with("sink.events_dropped [sink lake]"), 2);
}

TEST_F(SinkLoopCopiesTest, ThatAreRejectedAsWellAreLostToThisSinkAndSaidToBe) {
  start();
  deliver_copy("one");
  run();
  far_side_.confirm(Outcome::reject("not here either"));
  EXPECT_EQ(dropped(spool::DropReason::rejected), 1);
  EXPECT_THAT(lines_.back(), HasSubstr("it is lost to this sink: not here either"));
}

}  // namespace
}  // namespace pbxbridge::deliver
