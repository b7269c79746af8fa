#include "delivery_queue_fixture.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::deliver {
namespace {

using Kind = Outcome::Kind;

TEST_F(DeliveryQueueTest, HandsOutInOrder) {
  add({"a"});
  add({"b"});
  add({"a"});
  EXPECT_EQ(take_all(), (Tokens{1, 2, 3}));
  EXPECT_EQ(queue_.in_flight(), 3U);
}

TEST_F(DeliveryQueueTest, AcknowledgesTheLowestContiguousEventWhateverTheOrderOfOutcomes) {
  add({"a"});
  add({"b"});
  add({"c"});
  (void)take_all();
  const std::size_t of_one = queue_.size_bytes() / 3;
  settle(3, Kind::delivered);
  EXPECT_EQ(acknowledged(), 0U);
  EXPECT_EQ(queue_.size(), 3U);
  EXPECT_EQ(queue_.size_bytes(), 2 * of_one) << "its event is held no longer";
  settle(1, Kind::delivered);
  EXPECT_EQ(acknowledged(), 1U);
  settle(2, Kind::delivered);
  EXPECT_EQ(acknowledged(), 3U);
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.size_bytes(), 0U);
}

TEST_F(DeliveryQueueTest, AnEventWithSeveralDeliveriesIsDoneWhenAllAre) {
  add({"a", "b"});
  (void)take_all();
  settle(1, Kind::delivered);
  EXPECT_EQ(acknowledged(), 0U);
  settle(2, Kind::delivered);
  EXPECT_EQ(acknowledged(), 1U);
}

TEST_F(DeliveryQueueTest, AnEventThatGoesNowhereIsDoneWithThoseBeforeIt) {
  add({});
  EXPECT_EQ(acknowledged(), 1U);
  add({"a"});
  add({});
  EXPECT_EQ(acknowledged(), 1U);
  (void)take_all();
  settle(1, Kind::delivered);
  EXPECT_EQ(acknowledged(), 3U);
}

TEST_F(DeliveryQueueTest, ARejectedDeliveryIsDoneWith) {
  add({"a"});
  (void)take_all();
  settle(1, Kind::reject);
  EXPECT_EQ(acknowledged(), 1U);
}

TEST_F(DeliveryQueueTest, WithoutKeysTheTopicKeepsOrder) {
  add({""});
  (void)take_all();
  settle(1, Kind::retry);
  add({""});
  EXPECT_TRUE(take_all().empty());
}

TEST_F(DeliveryQueueTest, WhatTheSinkHadNoRoomForIsNextAgain) {
  add({"a"});
  add({"b"});
  const Delivery* first = queue_.take_next(now_);
  queue_.put_back(first->token);
  EXPECT_EQ(queue_.in_flight(), 0U);
  EXPECT_EQ(take_all(), (Tokens{1, 2}));
}

TEST_F(DeliveryQueueTest, AfterALostConnectionAllThatWasNotAcknowledgedComesAgainOldestFirst) {
  add({"a"});
  add({"b"});
  add({"a"});
  add({"c"});
  for (int i = 0; i < 3; ++i) (void)queue_.take_next(now_);
  settle(2, Kind::delivered);
  settle(1, Kind::retry);
  queue_.connection_lost();
  EXPECT_EQ(queue_.in_flight(), 0U);
  const Delivery* first = queue_.take_next(now_);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->token, 1U);
  EXPECT_TRUE(first->redelivery);
  EXPECT_EQ(queue_.take_next(now_)->token, 3U);
  const Delivery* never_sent = queue_.take_next(now_);
  EXPECT_EQ(never_sent->token, 4U);
  EXPECT_FALSE(never_sent->redelivery);
}

TEST_F(DeliveryQueueTest, AnOutcomeOfNothingInFlightChangesNothing) {
  add({"a"});
  (void)take_all();
  queue_.connection_lost();
  EXPECT_FALSE(queue_.settle(1, Kind::delivered, now_));
  EXPECT_FALSE(queue_.settle(77, Kind::delivered, now_));
  EXPECT_EQ(acknowledged(), 0U);
}

}  // namespace
}  // namespace pbxbridge::deliver
