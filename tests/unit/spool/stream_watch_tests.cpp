#include "spool/stream_watch.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::spool {
namespace {

SystemTime at(int seconds) { return SystemTime(std::chrono::seconds(1'764'000'000 + seconds)); }

void expect_gap(const std::optional<Gap>& gap, GapReason reason, int begin, int end) {
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->reason, reason);
  EXPECT_EQ(gap->pbx, "hq");
  EXPECT_EQ(gap->begin, at(begin));
  EXPECT_EQ(gap->end, at(end));
}

TEST(StreamWatchTest, TheFirstConnectionOfAllEndsNoGap) {
  StreamWatch watch({}, {});
  EXPECT_FALSE(watch.note("hq", Streaming::on, at(0), {}));
  EXPECT_FALSE(watch.note("hq", Streaming::on, at(1), {})) << "it did all the time";
}

TEST(StreamWatchTest, ALostConnectionIsAGapUntilTheNext) {
  StreamWatch watch({}, {});
  watch.note("hq", Streaming::on, at(0), {});
  watch.note("north", Streaming::on, at(0), {});
  EXPECT_FALSE(watch.note("hq", Streaming::lost, at(10), {}));
  EXPECT_FALSE(watch.note("hq", Streaming::lost, at(12), {})) << "and it is not lost again";
  expect_gap(watch.note("hq", Streaming::on, at(15), {}), GapReason::disconnected, 10, 15);
  watch.note("hq", Streaming::lost, at(20), {});
  expect_gap(watch.note("hq", Streaming::on, at(21), {}), GapReason::disconnected, 20, 21);
}

TEST(StreamWatchTest, AGapKnowsTheNewestEventFromWhenItBegan) {
  StreamWatch watch({{"hq", {at(5), false}}}, Sequence{40});
  EXPECT_EQ(watch.note("hq", Streaming::on, at(9), Sequence{43})->after, Sequence{40})
      << "of some subscriptions three events came before all were granted";
  watch.note("hq", Streaming::lost, at(20), Sequence{60});
  watch.note("hq", Streaming::lost, at(22), Sequence{62});
  EXPECT_EQ(watch.note("hq", Streaming::on, at(25), Sequence{65})->after, Sequence{60});
}

TEST(StreamWatchTest, AnEndWithoutAWordIsAGapFromTheLastMark) {
  StreamWatch killed({}, {});
  killed.note("hq", Streaming::on, at(0), {});
  killed.take_changes(at(1));
  const auto marks = killed.take_changes(at(7));
  StreamWatch next(marks, {});
  expect_gap(next.note("hq", Streaming::on, at(30), {}), GapReason::not_running, 7, 30);
}

TEST(StreamWatchTest, AStopIsAGapFromItsMoment) {
  StreamWatch stopped({}, {});
  stopped.note("hq", Streaming::on, at(0), {});
  stopped.note("hq", Streaming::ended, at(8), {});
  StreamWatch next(stopped.take_changes(at(9)), {});
  expect_gap(next.note("hq", Streaming::on, at(30), {}), GapReason::not_running, 8, 30);
}

TEST(StreamWatchTest, ADisconnectionIsOneGapHoweverManyProcessesItOutlives) {
  StreamWatch first({}, {});
  first.note("hq", Streaming::on, at(0), {});
  first.note("hq", Streaming::lost, at(5), {});
  auto marks = first.take_changes(at(6));
  for (int start = 0; start < 3; ++start) {
    StreamWatch next(marks, {});
    EXPECT_FALSE(next.note("hq", Streaming::ended, at(10 + start), {})) << "it did not stream in this one";
    EXPECT_TRUE(next.take_changes(at(10 + start)).empty()) << "nothing is known that was not before";
  }
  StreamWatch last(marks, {});
  expect_gap(last.note("hq", Streaming::on, at(60), {}), GapReason::disconnected, 5, 60);
}

TEST(StreamWatchTest, AfterItsGapAPbxIsMarkedAsStreamingAgain) {
  StreamWatch watch({{"hq", {at(5), true}}}, {});
  watch.note("hq", Streaming::on, at(60), {});
  const auto marks = watch.take_changes(at(60));
  EXPECT_EQ(marks.at("hq"), (StreamMark{at(60), false}));
}

TEST(StreamWatchTest, WhatIsNotCommittedIsNotVouchedFor) {
  StreamWatch watch({}, {});
  watch.note("hq", Streaming::on, at(0), {});
  EXPECT_EQ(watch.take_changes(at(3)).at("hq"), (StreamMark{at(3), false}));
  watch.note("hq", Streaming::lost, at(9), {});
  EXPECT_EQ(watch.take_changes(at(4)).at("hq"), (StreamMark{at(4), true})) << "events from then on are not on the disk";
  EXPECT_EQ(watch.take_changes(at(12)).at("hq"), (StreamMark{at(9), true}));
  EXPECT_TRUE(watch.take_changes(at(15)).empty()) << "it is stored already";
}

TEST(StreamWatchTest, EachPbxHasItsOwn) {
  StreamWatch watch({{"hq", {at(5), false}}, {"gone", {at(1), false}}}, {});
  EXPECT_FALSE(watch.note("north", Streaming::on, at(10), {}));
  expect_gap(watch.note("hq", Streaming::on, at(11), {}), GapReason::not_running, 5, 11);
  const auto marks = watch.take_changes(at(12));
  EXPECT_EQ(marks.size(), 2U) << "that of a PBX which is not configured stays as it is";
}

TEST(StreamWatchTest, AClockThatWasSetBackMakesNoGapThatEndsBeforeItBegins) {
  StreamWatch watch({{"hq", {at(500), false}}}, {});
  expect_gap(watch.note("hq", Streaming::on, at(30), {}), GapReason::not_running, 30, 30);
}

TEST(StreamMarkTest, ComesBackAsItWentAndDamagedIsNothing) {
  for (const StreamMark& mark : {StreamMark{at(3), true}, StreamMark{at(-5), false}, StreamMark{}}) {
    const std::string bytes = encode_stream_mark(mark);
    EXPECT_EQ(decode_stream_mark(bytes), mark);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_FALSE(decode_stream_mark(bytes.substr(0, size))) << size;
    EXPECT_FALSE(decode_stream_mark(bytes + '\0'));
  }
  EXPECT_FALSE(decode_stream_mark(std::string(8, '\0') + '\2'));
}

}  // namespace
}  // namespace pbxbridge::spool
