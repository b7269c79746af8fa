#include "numbered_events.hpp"
#include "spool/log/commit_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

namespace pbxbridge::spool {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

/// Takes what the commit thread does when it has just committed, and has to look after something else in a minute.
std::optional<CommitQueue::Work> take(CommitQueue& queue) {
  const auto now = CommitQueue::Clock::now();
  return queue.take(now, now + std::chrono::minutes(1));
}

void append(CommitQueue& queue, std::uint64_t number, std::size_t payload_size = 200) {
  auto event = numbered_event(number, payload_size);
  ASSERT_TRUE(queue.append(event));
  queue.hand_off();
}

std::vector<std::int64_t> numbers_of(const CommitQueue::Work& work) {
  std::vector<std::int64_t> numbers;
  for (const auto& event : work.events) numbers.push_back(number_of(*event));
  return numbers;
}

TEST(CommitQueue, GivesEventsInTheirOrderWithTheBookkeepingUpToThen) {
  CommitQueue queue(mebibyte);
  append(queue, 0);
  append(queue, 1);
  queue.acknowledge("lake", Sequence{3});
  queue.acknowledge("lake", Sequence{4});
  const auto work = take(queue);
  ASSERT_TRUE(work);
  EXPECT_EQ(numbers_of(*work), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(work->commit.cursors, (CursorPositions{{"lake", Sequence{4}}}));
}

TEST(CommitQueue, HandsOffAfterEachTurn) {
  CommitQueue queue(mebibyte);
  auto event = numbered_event(0);
  ASSERT_TRUE(queue.append(event));
  EXPECT_TRUE(queue.end_turn());
  EXPECT_EQ(numbers_of(*take(queue)).size(), 1U);
}

TEST(CommitQueue, WaitsForMoreFromWhichTheSameFollowsWhileTurnsBringIt) {
  CommitQueue queue(mebibyte);
  queue.set_derive([] { return Derivation{.events = {}, .changes = {{"key", "row"}}}; });
  for (std::uint64_t number = 0; number < 5; ++number) {
    auto event = numbered_event(number);
    ASSERT_TRUE(queue.append(event));
    queue.expect_derived();
    ASSERT_FALSE(queue.end_turn());
  }
  EXPECT_FALSE(queue.end_turn()) << "the loop may not have looked";
  EXPECT_TRUE(queue.end_turn());
  const auto work = take(queue);
  EXPECT_EQ(numbers_of(*work).size(), 5U);
  EXPECT_EQ(work->derivations.size(), 1U);
}

TEST(CommitQueue, WaitsForNoMoreThanAFewMilliseconds) {
  CommitQueue queue(16 * mebibyte);
  queue.set_derive([] { return Derivation{.events = {}, .changes = {{"key", "row"}}}; });
  const auto begun = CommitQueue::Clock::now();
  bool is_handed_off = false;
  for (std::uint64_t number = 0; !is_handed_off; ++number) {
    auto event = numbered_event(number);
    ASSERT_TRUE(queue.append(event));
    queue.expect_derived();
    is_handed_off = queue.end_turn();
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  EXPECT_LT(CommitQueue::Clock::now() - begun, std::chrono::seconds(1));
}

TEST(CommitQueue, GivesAboutAMebibyteAtOnce) {
  CommitQueue queue(16 * mebibyte);
  for (std::uint64_t number = 0; number < 5; ++number) append(queue, number, mebibyte / 2);
  EXPECT_EQ(numbers_of(*take(queue)), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(numbers_of(*take(queue)), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(numbers_of(*take(queue)), (std::vector<std::int64_t>{4}));
}

TEST(CommitQueue, SaysThatThereIsRoomOnlyToWhoAsksForIt) {
  CommitQueue queue(4 * mebibyte);
  for (std::uint64_t number = 0; number < 7; ++number) append(queue, number, mebibyte / 2);
  EXPECT_FALSE(queue.has_room());
  for (int batch = 0; batch < 3; ++batch) EXPECT_FALSE(take(queue)->makes_room) << "a question changes nothing";
}

TEST(CommitQueue, HoldsBackAtSevenEighthsAndSaysThatThereIsRoomWhenHalfIsFree) {
  CommitQueue queue(4 * mebibyte);
  for (std::uint64_t number = 0; number < 6; ++number) append(queue, number, mebibyte / 2);
  EXPECT_TRUE(queue.has_room());
  EXPECT_FALSE(queue.ask_for_room()) << "it has some";
  append(queue, 6, mebibyte / 2);
  EXPECT_FALSE(queue.has_room());
  EXPECT_TRUE(queue.ask_for_room());
  EXPECT_FALSE(take(queue)->makes_room) << "more than half of it is still there";
  EXPECT_TRUE(take(queue)->makes_room);
  EXPECT_FALSE(take(queue)->makes_room) << "that was said";
}

TEST(CommitQueue, RejectsWhatIsBeyondItsBound) {
  CommitQueue queue(mebibyte);
  append(queue, 0, mebibyte);
  auto event = numbered_event(1);
  EXPECT_FALSE(queue.append(event));
  EXPECT_TRUE(event) << "it is still the caller's";
  static_cast<void>(take(queue));
  EXPECT_TRUE(queue.append(event));
}

TEST(CommitQueue, AFlushComesWithTheLastEventThatWasThereBeforeIt) {
  CommitQueue queue(16 * mebibyte);
  append(queue, 0, mebibyte);
  append(queue, 1, mebibyte);
  queue.flush([] {});
  append(queue, 2, mebibyte);
  auto work = take(queue);
  EXPECT_TRUE(work->flushes.empty());
  EXPECT_TRUE(queue.is_wanted_now(*work));
  work = take(queue);
  EXPECT_EQ(work->flushes.size(), 1U);
  EXPECT_TRUE(queue.is_wanted_now(*work));
  EXPECT_FALSE(queue.is_wanted_now(*take(queue))) << "it came after the flush";
}

TEST(CommitQueue, BookkeepingAloneWaitsForItsTime) {
  CommitQueue queue(mebibyte);
  queue.acknowledge("lake", Sequence{3});
  const auto begun = CommitQueue::Clock::now();
  EXPECT_FALSE(take(queue)->commit.cursors.empty());
  EXPECT_GE(CommitQueue::Clock::now() - begun, std::chrono::milliseconds(190));
  const auto again = CommitQueue::Clock::now();
  for (int times = 0; times < 10; ++times) {
    queue.acknowledge("lake", Sequence{4});
    EXPECT_FALSE(queue.take(again - std::chrono::seconds(1), again + std::chrono::minutes(1))->commit.cursors.empty());
  }
  EXPECT_LT(CommitQueue::Clock::now() - again, std::chrono::seconds(1)) << "each is due at once, not after 200 ms";
}

TEST(CommitQueue, BookkeepingThatCameMeanwhileJoinsACommitThatCouldNotBeWritten) {
  CommitQueue queue(mebibyte);
  queue.acknowledge("lake", Sequence{3});
  queue.bury("lake", {.topic = "calls"});
  auto work = take(queue);
  queue.acknowledge("lake", Sequence{5});
  queue.bury("lake", {.topic = "queues"});
  queue.move_bookkeeping(work->commit);
  EXPECT_EQ(work->commit.cursors, (CursorPositions{{"lake", Sequence{5}}}));
  ASSERT_EQ(work->commit.letters.size(), 2U);
  EXPECT_EQ(work->commit.letters[1].second.topic, "queues");
}

TEST(CommitQueue, WakesWhoWaits) {
  constexpr std::uint64_t count = 20;
  CommitQueue queue(mebibyte);
  std::atomic<std::uint64_t> taken = 0;
  std::thread writer([&] {
    while (taken < count)
      if (const auto work = take(queue)) taken += work->events.size();
  });
  const auto begun = CommitQueue::Clock::now();
  for (std::uint64_t number = 0; number < count; ++number) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // the longer, the likelier it is that the other waits
    append(queue, number);
    while (taken <= number) std::this_thread::yield();
  }
  const auto took = CommitQueue::Clock::now() - begun;
  writer.join();
  EXPECT_LT(took, count * std::chrono::milliseconds(100)) << "each would have waited 200 ms for its time";
}

TEST(CommitQueue, GivesWhatIsLeftAfterTheStopAndThenNothing) {
  CommitQueue queue(mebibyte);
  auto event = numbered_event(0);
  ASSERT_TRUE(queue.append(event));
  EXPECT_FALSE(queue.wait_until_stopped(std::chrono::milliseconds(0)));
  queue.stop();
  EXPECT_TRUE(queue.wait_until_stopped(std::chrono::milliseconds(0)));
  const auto work = take(queue);
  ASSERT_TRUE(work);
  EXPECT_EQ(numbers_of(*work), (std::vector<std::int64_t>{0}));
  EXPECT_TRUE(queue.wait_until_wanted(*work, std::chrono::milliseconds(0)));
  EXPECT_FALSE(take(queue));
}

TEST(CommitQueue, AnswersEverythingAtOnceWhenNothingIsWrittenAnyMore) {
  CommitQueue queue(mebibyte);
  append(queue, 0);
  queue.flush([] {});
  queue.run_on_store([](BatchStore*) {});
  const auto remains = queue.fail();
  EXPECT_EQ(remains.events, 1U);
  EXPECT_EQ(remains.flushes.size(), 1U);
  EXPECT_EQ(remains.tasks.size(), 1U);
  auto event = numbered_event(1);
  EXPECT_FALSE(queue.append(event));
  EXPECT_FALSE(queue.has_room());
  bool flushed = false;
  queue.flush([&flushed] { flushed = true; });
  EXPECT_TRUE(flushed);
  bool without_store = false;
  queue.run_on_store([&without_store](BatchStore* store) { without_store = store == nullptr; });
  EXPECT_TRUE(without_store);
}

}  // namespace
}  // namespace pbxbridge::spool
