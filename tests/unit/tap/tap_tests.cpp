#include "tap/taps.hpp"
#include "tap_fixture.hpp"

#include <gmock/gmock.h>

namespace pbxbridge::tap {
namespace {

using deliver::Ending;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(TapTest, IsOffWhileNobodyListens) {
  EXPECT_FALSE(taps_.is_on());
  const auto one = listen();
  const auto other = listen();
  EXPECT_TRUE(taps_.is_on());
  taps_.remove(one);
  EXPECT_TRUE(taps_.is_on());
  taps_.remove(other);
  EXPECT_FALSE(taps_.is_on());
}

TEST_F(TapTest, ShowsAnEventAndHowItEndsInEachSink) {
  const auto tap = listen();
  const auto event = next_event(Family::cdr, "80001234");
  accept(event);
  end("board", event);
  end("lake", event, Ending::dead_letter, "too large");
  const auto all = lines(*tap);
  ASSERT_EQ(all.size(), 4U) << "lake has it by two routes";
  EXPECT_EQ(all[0]["moment"], "accepted");
  EXPECT_EQ(all[0]["event_id"], event->id());
  EXPECT_EQ(all[0]["pbx"], "hq");
  EXPECT_EQ(all[0]["family"], "cdr");
  EXPECT_EQ(all[0]["event_type"], "call_start");
  EXPECT_EQ(all[0]["entity"], "******34");
  EXPECT_EQ(all[0]["destinations"].size(), 3U);
  EXPECT_EQ(all[0]["destinations"][0]["route"], 1);
  EXPECT_EQ(all[0]["destinations"][2]["sink"], "board");
  EXPECT_EQ(all[0]["destinations"][2]["topic"], "cdr/{entity}");
  EXPECT_EQ(all[1]["moment"], "delivered");
  EXPECT_EQ(all[1]["sink"], "board");
  EXPECT_GE(all[1]["seconds"], 0);
  EXPECT_EQ(all[2]["moment"], "dead_letter");
  EXPECT_EQ(all[2]["reason"], "too large");
}

TEST_F(TapTest, HidesNumbersKeysTopicsAndPayloadsUnlessAskedForThem) {
  const auto masked = listen();
  const auto clear = listen({.clear = true});
  const auto event = next_event(Family::cdr, "80001234", R"({"caller":"+4915550100"})");
  accept(event);
  end("board", event);
  EXPECT_THAT(masked->take_text(now_, {}), Not(testing::AnyOf(HasSubstr("800012"), HasSubstr("15550100"))));
  const auto all = lines(*clear);
  ASSERT_EQ(all.size(), 2U);
  for (const auto& line : all) {
    EXPECT_EQ(line["entity"], "80001234");
    EXPECT_EQ(line["payload"], R"({"caller":"+4915550100"})");
  }
  EXPECT_EQ(all[1]["topic"], "cdr/80001234");
  EXPECT_EQ(all[1]["key"], "80001234");
}

TEST_F(TapTest, ShowsWholeEventsUpToItsRateAndCountsTheOthers) {
  const auto tap = listen({.rate = 3});
  std::vector<EventPtr> events;
  for (int i = 0; i < 10; ++i) accept(events.emplace_back(next_event()));
  for (const auto& event : events) end("lake", event);
  EXPECT_THAT(moments(*tap),
              ElementsAre("accepted", "accepted", "accepted", "delivered", "delivered", "delivered", "left_out"));
  now_ += milliseconds(1000);
  for (int i = 0; i < 10; ++i) accept(next_event());
  const auto all = lines(*tap);
  ASSERT_EQ(all.size(), 4U) << "the rate is what a second brings";
  EXPECT_EQ(all.back()["over_rate"], 7);
  now_ += milliseconds(500);
  accept(next_event());
  accept(next_event());
  EXPECT_THAT(moments(*tap), ElementsAre("accepted")) << "what was left out is told once a second";
  now_ += milliseconds(500);
  EXPECT_EQ(lines(*tap).at(0)["over_rate"], 1);
  now_ += std::chrono::seconds(5);
  EXPECT_THAT(lines(*tap), IsEmpty());
}

TEST_F(TapTest, ShowsTheEndsOfEventsThatWereAcceptedBeforeAnyoneListened) {
  const auto before = next_event();
  accept(before);
  const auto tap = listen({.fields = {{"entity", "1001"}}});
  const auto after = next_event(Family::extension, "2002");
  accept(after);
  end("lake", before);
  end("lake", after);
  EXPECT_THAT(moments(*tap), ElementsAre("delivered"));
}

TEST_F(TapTest, AFilterBySinkShowsNothingOfTheOthers) {
  const auto tap = listen({.sinks = {"board"}});
  const auto record = next_event(Family::cdr);
  const auto other = next_event(Family::queue);
  accept(record);
  accept(other);
  for (const char* sink : {"board", "lake"})
    for (const auto& event : {record, other}) end(sink, event);
  const auto all = lines(*tap);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["destinations"].size(), 1U);
  EXPECT_EQ(all[1]["sink"], "board");
}

TEST_F(TapTest, AFilterByRouteShowsTheEndsOfItsDestinationsOnly) {
  const auto tap = listen({.routes = {1}});
  const auto record = next_event(Family::cdr);
  accept(record);
  end("lake", record);  // by both routes, under a topic each
  end("board", record);
  const auto all = lines(*tap);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1]["topic"], "all/{entity}");
}

TEST_F(TapTest, AReaderThatTakesNothingCostsABoundedMemoryAndIsToldWhatItMissed) {
  const auto tap = listen({.rate = 1000});
  for (int second = 0; second < 20; ++second) {
    for (int i = 0; i < 1000; ++i) accept(next_event());
    now_ += std::chrono::seconds(1);
  }
  const std::string text = tap->take_text(now_, {});
  EXPECT_LE(text.size(), Tap::most_text + 200);
  const auto last = last_line(text);
  EXPECT_EQ(last["moment"], "left_out");
  const auto shown = static_cast<std::uint64_t>(std::ranges::count(text, '\n')) - 1;
  EXPECT_EQ(last["reader_too_slow"].get<std::uint64_t>() + shown, 20'000U);
}

using TapsTime = TapTest;

TEST_F(TapsTime, IsBoundedForAllTogetherAndTheRestIsCounted) {
  // Each look at the clock finds that a tenth of a millisecond has passed.
  Time now = Time() + std::chrono::hours(1);
  Taps taps(router_, [&now] { return now += std::chrono::microseconds(100); });
  const auto tap = std::make_shared<Tap>(Tap::Settings{.filter = {}, .rate = 1000});
  taps.add(tap);
  std::vector<EventPtr> events;
  for (int i = 0; i < 1000; ++i) events.push_back(next_event());
  taps.accepted(events);
  const auto last = last_line(tap->take_text(now, {}));
  EXPECT_EQ(last["moment"], "left_out");
  EXPECT_NEAR(last["not_looked_at"].get<double>(), 800, 10) << "20 ms of a second are 200 events";
}

TEST_F(TapTest, FollowsABoundedNumberOfEventsTheLatest) {
  const auto tap = listen({.rate = 1000});
  const auto first = next_event();
  accept(first);
  for (int i = 0; i < 5000; ++i) {
    now_ += milliseconds(2);
    accept(next_event());
    static_cast<void>(tap->take_text(now_, {}));
  }
  const auto last = next_event();
  accept(last);
  static_cast<void>(tap->take_text(now_, {}));
  end("lake", last);
  EXPECT_THAT(moments(*tap), ElementsAre("delivered"));
  now_ += std::chrono::seconds(1);
  end("lake", first);
  EXPECT_THAT(moments(*tap), ElementsAre("delivered")) << "it is decided again";
}

TEST_F(TapTest, WhatPeersWriteCannotForgeALine) {
  const auto tap = listen();
  EventAttributes attributes{.pbx = "hq", .event_type = "a\n{\"moment\":\"forged\"}\x1b[2J", .tenant = "t\xff\r\n"};
  auto event = Event::make("x", attributes);
  event->accept(sequence_, SpoolId{1});
  accept(event);
  const auto all = lines(*tap);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0].dump(), Not(HasSubstr("\\u001b")));
}

}  // namespace
}  // namespace pbxbridge::tap
