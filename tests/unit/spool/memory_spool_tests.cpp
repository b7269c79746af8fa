#include "pbxbridge/event.hpp"
#include "spool/memory_spool.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

NewEventPtr event_with(const std::string& payload) {
  EventAttributes attributes;
  attributes.pbx = "hq";
  return Event::make(payload, attributes);
}

class MemorySpoolTest : public testing::Test {
 protected:
  void append(int count) {
    for (int i = 0; i < count; ++i) {
      auto event = event_with(std::to_string(appended_++));
      EXPECT_FALSE(spool_.append(event));
    }
  }
  std::vector<std::string> read(CursorId cursor, std::size_t max_events = 1000) {
    std::vector<EventPtr> events;
    spool_.read(cursor, max_events, events);
    std::vector<std::string> payloads;
    for (const auto& event : events) {
      payloads.emplace_back(event->payload());
      last_read_ = event->sequence();
    }
    return payloads;
  }

  MemorySpool spool_{20 * event_with("00")->size_bytes()};
  int appended_ = 0;
  Sequence last_read_;
};

TEST_F(MemorySpoolTest, GivesSequencesInOrderAndIdsThatHoldThem) {
  const CursorId cursor = spool_.open_cursor("lake", Start::latest);
  append(2);
  std::vector<EventPtr> events;
  spool_.read(cursor, 10, events);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]->sequence(), Sequence::first_of(1));
  EXPECT_EQ(events[1]->sequence(), Sequence::first_of(1).next());
  EXPECT_EQ(events[0]->id(), spool_.id().text() + "-0000010000000001");
}

TEST_F(MemorySpoolTest, ReadsEachEventOnceForEachCursor) {
  const CursorId lake = spool_.open_cursor("lake", Start::latest);
  const CursorId board = spool_.open_cursor("board", Start::latest);
  append(3);
  EXPECT_EQ(read(lake, 2), (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(read(lake), (std::vector<std::string>{"2"}));
  EXPECT_TRUE(read(lake).empty());
  EXPECT_EQ(read(board), (std::vector<std::string>{"0", "1", "2"}));
}

TEST_F(MemorySpoolTest, KeepsAnEventUntilEveryCursorHasAcknowledgedIt) {
  const CursorId lake = spool_.open_cursor("lake", Start::latest);
  const CursorId board = spool_.open_cursor("board", Start::latest);
  append(3);
  (void)read(lake);
  spool_.acknowledge(lake, last_read_);
  EXPECT_EQ(spool_.stats().events, 3U);
  EXPECT_EQ(spool_.unread(lake), 0U);
  EXPECT_EQ(spool_.unread(board), 3U);
  (void)read(board);
  spool_.acknowledge(board, last_read_);
  EXPECT_EQ(spool_.stats().events, 0U);
  EXPECT_EQ(spool_.stats().bytes, 0U);
}

TEST_F(MemorySpoolTest, AnOlderAcknowledgementMovesNothingBack) {
  const CursorId cursor = spool_.open_cursor("lake", Start::latest);
  append(3);
  (void)read(cursor);
  spool_.acknowledge(cursor, last_read_);
  spool_.acknowledge(cursor, Sequence::first_of(1));
  EXPECT_EQ(spool_.stats().events, 0U);
}

TEST_F(MemorySpoolTest, DropsTheOldestWhenFullAndTellsEachCursorThatHadNotReadThem) {
  std::vector<std::pair<CursorId, std::uint64_t>> drops;
  spool_.set_on_drop([&](const Drop& drop) { drops.emplace_back(drop.cursor, drop.events); });
  const CursorId fast = spool_.open_cursor("fast", Start::latest);
  const CursorId dead = spool_.open_cursor("dead", Start::latest);
  append(20);
  (void)read(fast);
  append(5);
  std::uint64_t lost_to_dead = 0;
  for (const auto& [cursor, events] : drops) {
    EXPECT_EQ(cursor, dead) << "the fast sink had read what was dropped";
    lost_to_dead += events;
  }
  EXPECT_EQ(lost_to_dead, 5U);
  EXPECT_EQ(read(fast).size(), 5U);
  EXPECT_EQ(read(dead).front(), "5");
  EXPECT_LE(spool_.stats().bytes, 20 * event_with("00")->size_bytes());
}

TEST_F(MemorySpoolTest, KeepsNothingThatNoCursorWaitsFor) {
  append(5);
  EXPECT_EQ(spool_.stats().events, 0U);
  const CursorId late = spool_.open_cursor("late", Start::latest);
  append(1);
  EXPECT_EQ(read(late), (std::vector<std::string>{"5"}));
}

TEST_F(MemorySpoolTest, AnEventFromBeforeTheClockWasSetBackHasNoAge) {
  spool_.open_cursor("lake", Start::latest);
  EventAttributes attributes;
  attributes.received_at = std::chrono::system_clock::now() + std::chrono::hours(1);
  auto event = Event::make("0", attributes);
  ASSERT_FALSE(spool_.append(event));
  EXPECT_EQ(spool_.stats().oldest_age.count(), 0);
}

TEST_F(MemorySpoolTest, SaysAfterEachCommitThatThereIsSomethingToRead) {
  int commits = 0;
  spool_.set_on_readable([&] { ++commits; });
  append(2);
  EXPECT_EQ(commits, 2);
}

}  // namespace
}  // namespace pbxbridge::spool
