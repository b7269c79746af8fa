#include "spool/gaps/gap_watch.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

namespace pbxbridge::spool {
namespace {

using namespace std::chrono_literals;

/// Returns a moment of the machine's first start, where the clock of the day is right.
Moment at(int seconds) {
  return {.wall = SystemTime(std::chrono::seconds(1'764'000'000 + seconds)),
          .since_boot = std::chrono::seconds(1000 + seconds),
          .boot = 1};
}
/// Time of a clock that somebody has set.
Moment at(int seconds, std::chrono::seconds ahead) {
  Moment moment = at(seconds);
  moment.wall += ahead;
  return moment;
}
/// After the machine was started again.
Moment rebooted(Moment moment) {
  moment.since_boot = std::chrono::seconds(20);
  moment.boot = 2;
  return moment;
}

void expect_gap(const std::optional<Gap>& gap, GapReason reason, int begin, int end) {
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->reason, reason);
  EXPECT_EQ(gap->pbx, "hq");
  EXPECT_EQ(gap->begin, at(begin).wall);
  EXPECT_EQ(gap->end, at(end).wall);
  EXPECT_EQ(gap->seconds(), end - begin);
}

TEST(GapWatchTest, TheFirstConnectionOfAllEndsNoGap) {
  GapWatch watch({}, {});
  EXPECT_FALSE(watch.note("hq", SubscribedState::on, at(0), {}));
  EXPECT_FALSE(watch.note("hq", SubscribedState::on, at(1), {})) << "it did all the time";
}

TEST(GapWatchTest, ALostConnectionIsAGapUntilTheNext) {
  GapWatch watch({}, {});
  watch.note("hq", SubscribedState::on, at(0), {});
  watch.note("north", SubscribedState::on, at(0), {});
  EXPECT_FALSE(watch.note("hq", SubscribedState::lost, at(10), {}));
  EXPECT_FALSE(watch.note("hq", SubscribedState::lost, at(12), {})) << "and it is not lost again";
  expect_gap(watch.note("hq", SubscribedState::on, at(15), {}), GapReason::disconnected, 10, 15);
  watch.note("hq", SubscribedState::lost, at(20), {});
  expect_gap(watch.note("hq", SubscribedState::on, at(21), {}), GapReason::disconnected, 20, 21);
}

TEST(GapWatchTest, AGapKnowsTheNewestEventFromWhenItBegan) {
  GapWatch watch({{"hq", {at(5), false}}}, Sequence{40});
  EXPECT_EQ(watch.note("hq", SubscribedState::on, at(9), Sequence{43})->after, Sequence{40})
      << "of some subscriptions three events came before all were granted";
  watch.note("hq", SubscribedState::lost, at(20), Sequence{60});
  watch.note("hq", SubscribedState::lost, at(22), Sequence{62});
  EXPECT_EQ(watch.note("hq", SubscribedState::on, at(25), Sequence{65})->after, Sequence{60});
}

TEST(GapWatchTest, AnEndWithoutAWordIsAGapFromTheLastMark) {
  GapWatch killed({}, {});
  killed.note("hq", SubscribedState::on, at(0), {});
  killed.take_changes(at(1));
  const auto marks = killed.take_changes(at(7));
  GapWatch next(marks, {});
  expect_gap(next.note("hq", SubscribedState::on, at(30), {}), GapReason::not_running, 7, 30);
}

TEST(GapWatchTest, AStopIsAGapFromItsMoment) {
  GapWatch stopped({}, {});
  stopped.note("hq", SubscribedState::on, at(0), {});
  stopped.note("hq", SubscribedState::ended, at(8), {});
  GapWatch next(stopped.take_changes(at(9)), {});
  expect_gap(next.note("hq", SubscribedState::on, at(30), {}), GapReason::not_running, 8, 30);
}

TEST(GapWatchTest, ADisconnectionIsOneGapHoweverManyProcessesItOutlives) {
  GapWatch first({}, {});
  first.note("hq", SubscribedState::on, at(0), {});
  first.note("hq", SubscribedState::lost, at(5), {});
  auto marks = first.take_changes(at(6));
  for (int start = 0; start < 3; ++start) {
    GapWatch next(marks, {});
    EXPECT_FALSE(next.note("hq", SubscribedState::ended, at(10 + start), {})) << "it did not stream in this one";
    EXPECT_TRUE(next.take_changes(at(10 + start)).empty()) << "nothing is known that was not before";
  }
  GapWatch last(marks, {});
  expect_gap(last.note("hq", SubscribedState::on, at(60), {}), GapReason::disconnected, 5, 60);
}

TEST(GapWatchTest, AfterItsGapAPbxIsMarkedAsStreamingAgain) {
  GapWatch watch({{"hq", {at(5), true}}}, {});
  watch.note("hq", SubscribedState::on, at(60), {});
  const auto marks = watch.take_changes(at(60));
  EXPECT_EQ(marks.at("hq"), (SubscribedUntil{at(60), false}));
}

TEST(GapWatchTest, WhatIsNotCommittedIsNotVouchedFor) {
  GapWatch watch({}, {});
  watch.note("hq", SubscribedState::on, at(0), {});
  EXPECT_EQ(watch.take_changes(at(3)).at("hq"), (SubscribedUntil{at(3), false}));
  watch.note("hq", SubscribedState::lost, at(9), {});
  EXPECT_EQ(watch.take_changes(at(4)).at("hq"), (SubscribedUntil{at(4), true}))
      << "events from then on are not on the disk";
  EXPECT_EQ(watch.take_changes(at(12)).at("hq"), (SubscribedUntil{at(9), true}));
  EXPECT_TRUE(watch.take_changes(at(15)).empty()) << "it is stored already";
}

TEST(GapWatchTest, EachPbxHasItsOwn) {
  GapWatch watch({{"hq", {at(5), false}}, {"gone", {at(1), false}}}, {});
  EXPECT_FALSE(watch.note("north", SubscribedState::on, at(10), {}));
  expect_gap(watch.note("hq", SubscribedState::on, at(11), {}), GapReason::not_running, 5, 11);
  const auto marks = watch.take_changes(at(12));
  EXPECT_EQ(marks.size(), 2U) << "that of a PBX which is not configured stays as it is";
}

TEST(GapWatchTest, AClockThatIsSetWhileDisconnectedChangesNoDuration) {
  for (const std::chrono::seconds ahead : {-3600s, 3600s, -86'400s * 365, 1s}) {
    GapWatch watch({}, {});
    watch.note("hq", SubscribedState::on, at(0), {});
    watch.note("hq", SubscribedState::lost, at(10), {});
    EXPECT_EQ(watch.take_changes(at(11, ahead)).at("hq"), (SubscribedUntil{at(10), true})) << "its beginning stays";
    const auto gap = watch.note("hq", SubscribedState::on, at(16, ahead), {});
    ASSERT_TRUE(gap);
    EXPECT_EQ(gap->begin, at(10).wall);
    EXPECT_EQ(gap->end, at(16, ahead).wall) << "as people read it then";
    EXPECT_EQ(gap->measured, 6s);
    EXPECT_EQ(gap->seconds(), 6.0);
  }
}

TEST(GapWatchTest, NorOverTheEndOfAProcess) {
  GapWatch first({}, {});
  first.note("hq", SubscribedState::on, at(0), {});
  const auto stored = decode_subscribed_until(encode_subscribed_until(first.take_changes(at(5)).at("hq")));
  ASSERT_TRUE(stored);
  GapWatch next({{"hq", *stored}}, {});
  EXPECT_TRUE(next.take_changes(at(9, -3600s)).empty()) << "nothing is known that was not before";
  const auto gap = next.note("hq", SubscribedState::on, at(30, -3600s), {});
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->begin, at(5).wall);
  EXPECT_EQ(gap->seconds(), 25.0);
}

TEST(GapWatchTest, OverAStartOfTheMachineTheClockOfTheDayIsAllThereIs) {
  GapWatch watch({{"hq", {at(5), false}}}, {});
  const auto gap = watch.note("hq", SubscribedState::on, rebooted(at(30)), {});
  ASSERT_TRUE(gap);
  EXPECT_FALSE(gap->measured);
  EXPECT_EQ(gap->seconds(), 25.0);
}

TEST(GapWatchTest, AnEndBeforeTheBeginningIsToldWithoutADuration) {
  for (const Moment& mark : {at(500), Moment{.wall = at(500).wall}}) {
    GapWatch watch({{"hq", {mark, false}}}, {});
    EXPECT_TRUE(watch.take_changes(rebooted(at(20))).empty()) << "the beginning is not lost";
    const auto gap = watch.note("hq", SubscribedState::on, rebooted(at(30)), {});
    ASSERT_TRUE(gap);
    EXPECT_EQ(gap->begin, at(500).wall);
    EXPECT_EQ(gap->end, at(30).wall);
    EXPECT_EQ(gap->seconds(), std::nullopt);
  }
}

TEST(MomentTest, TimeGoesOnByAClockThatIsNeverSet) {
  const Moment before = present_moment();
  const Moment after = present_moment_at(before.wall - std::chrono::hours(1));
  EXPECT_NE(before.boot, 0U);
  ASSERT_TRUE(measured(before, after));
  EXPECT_GE(measured(before, after)->count(), 0);
  EXPECT_LT(*measured(before, after), 1min);
  EXPECT_FALSE(measured(Moment{}, after));
  EXPECT_FALSE(measured(before, rebooted(after)));
}

TEST(SubscribedUntilTest, ComesBackAsItWentAndDamagedIsNothing) {
  constexpr std::size_t size_of_before = 9;
  for (const SubscribedUntil& mark :
       {SubscribedUntil{at(3), true}, SubscribedUntil{at(-5), false}, SubscribedUntil{}}) {
    const std::string bytes = encode_subscribed_until(mark);
    EXPECT_EQ(decode_subscribed_until(bytes), mark);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_EQ(decode_subscribed_until(bytes.substr(0, size)).has_value(), size == size_of_before) << size;
    EXPECT_FALSE(decode_subscribed_until(bytes + '\0'));
  }
  EXPECT_FALSE(decode_subscribed_until(std::string(8, '\0') + '\2'));
}

TEST(SubscribedUntilTest, MarksOfBeforeTheyWereMeasuredAreRead) {
  using namespace std::string_literals;
  const auto mark = decode_subscribed_until("\x15\x5f\xd4\xcc\x44\x1a\x7b\x18\x01"s);
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->up_to, Moment{.wall = SystemTime(std::chrono::nanoseconds(0x187b1a44ccd45f15))});
  EXPECT_TRUE(mark->disconnected);
}

}  // namespace
}  // namespace pbxbridge::spool
