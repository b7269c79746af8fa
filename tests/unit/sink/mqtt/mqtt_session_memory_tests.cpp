#include "sink/mqtt/session_memory.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;

class SessionMemoryTest : public testing::Test {
 protected:
  std::chrono::seconds wait() const { return std::chrono::duration_cast<std::chrono::seconds>(memory_.wait(now_)); }
  bool dropped_after(std::chrono::seconds time, bool carried_messages = false) {
    memory_.connected(now_);
    now_ += time;
    return memory_.dropped(now_, carried_messages);
  }

  SessionMemory memory_;
  SessionMemory::Clock::time_point now_ = SessionMemory::Clock::time_point() + 1000h;
};

TEST_F(SessionMemoryTest, KeepsItsGeneratedClientId) {
  const std::string id = memory_.client_id("");
  EXPECT_EQ(memory_.client_id(""), id);
  EXPECT_LE(id.size(), 23U);
  EXPECT_NE(SessionMemory().client_id(""), id);
  EXPECT_EQ(memory_.client_id("board-1"), "board-1");
}

TEST_F(SessionMemoryTest, KnowsForAWhileWhatTheBrokerHasRejected) {
  EXPECT_EQ(memory_.maximum_qos(now_), 2U);
  EXPECT_TRUE(memory_.takes_retained(now_));
  memory_.rejected_qos(2, now_);
  memory_.rejected_retained(now_);
  EXPECT_EQ(memory_.maximum_qos(now_), 1U);
  EXPECT_FALSE(memory_.takes_retained(now_));
  memory_.rejected_qos(1, now_);
  memory_.rejected_qos(2, now_);
  EXPECT_EQ(memory_.maximum_qos(now_), 0U) << "a late answer to one of QoS 2 changes nothing";
  now_ += 5min;
  EXPECT_EQ(memory_.maximum_qos(now_), 2U) << "the broker may have been changed";
  EXPECT_TRUE(memory_.takes_retained(now_));
}

TEST_F(SessionMemoryTest, WaitsForNothingAtFirst) { EXPECT_EQ(wait(), 0s); }

TEST_F(SessionMemoryTest, WaitsLongerAfterEachTakeoverUpToFiveMinutes) {
  for (const auto expected : {30s, 60s, 120s, 240s, 300s, 300s}) {
    memory_.taken_over(now_);
    EXPECT_EQ(wait(), expected);
    now_ += expected;
    EXPECT_EQ(wait(), 0s);
  }
}

TEST_F(SessionMemoryTest, ForgetsTakeoversAfterAQuarterOfAnHour) {
  memory_.taken_over(now_);
  memory_.taken_over(now_);
  now_ += 16min;
  memory_.taken_over(now_);
  EXPECT_EQ(wait(), 30s);
}

TEST_F(SessionMemoryTest, SuspectsATakeoverInThreeInstantDrops) {
  EXPECT_FALSE(dropped_after(1s));
  EXPECT_FALSE(dropped_after(1s));
  EXPECT_EQ(wait(), 0s);
  for (int suspicions = 0; suspicions < 5; ++suspicions) {
    EXPECT_TRUE(dropped_after(1s));
    EXPECT_EQ(wait(), 10s) << "the broker has not said that it was one";
    EXPECT_FALSE(dropped_after(1s));
    EXPECT_FALSE(dropped_after(1s));
  }
}

TEST_F(SessionMemoryTest, SuspectsNoTakeoverInDropsOfConnectionsThatCarriedMessages) {
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(dropped_after(1s, true));
  EXPECT_FALSE(dropped_after(1s));
  EXPECT_FALSE(dropped_after(1s));
  EXPECT_FALSE(dropped_after(1s, true));
  EXPECT_FALSE(dropped_after(1s));
  EXPECT_EQ(wait(), 0s);
}

TEST_F(SessionMemoryTest, DoesNotSuspectConnectionsThatLasted) {
  EXPECT_FALSE(dropped_after(1s));
  EXPECT_FALSE(dropped_after(1s));
  EXPECT_FALSE(dropped_after(60s));
  EXPECT_FALSE(dropped_after(1s));
  EXPECT_FALSE(dropped_after(1s));
}

TEST_F(SessionMemoryTest, DoesNotCountAttemptsThatNeverConnected) {
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(memory_.dropped(now_, false));
}

}  // namespace
}  // namespace pbxbridge::sink
