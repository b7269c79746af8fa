#include "deliver/delivery_queue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pbxbridge::deliver {
namespace {

using namespace std::chrono_literals;
using Kind = Outcome::Kind;

class DeliveryQueueTest : public testing::Test {
 protected:
  /// An event with one delivery for each key.
  void add(std::vector<std::string> keys) {
    auto event = std::make_unique<Event>("{}", EventAttributes{});
    event->accept(next_, spool_id_);
    const EventPtr shared(std::move(event));
    for (const auto& key : keys) {
      Delivery delivery;
      delivery.event = shared;
      delivery.topic = "t";
      delivery.key = key;
      queue_.add(std::move(delivery));
    }
    queue_.end_event(next_);
    next_ = next_.next();
  }
  /// Tokens that can be handed out now.
  std::vector<std::uint64_t> take_all() {
    std::vector<std::uint64_t> tokens;
    while (const Delivery* delivery = queue_.take_next(now_)) tokens.push_back(delivery->token);
    return tokens;
  }
  void settle(std::uint64_t token, Kind kind) { ASSERT_TRUE(queue_.settle(token, kind, now_)) << token; }
  std::uint64_t acknowledged() const { return queue_.acknowledged().value; }

  using Tokens = std::vector<std::uint64_t>;

  DeliveryQueue queue_{[](unsigned failed_attempts) { return failed_attempts * 100ms; }};
  DeliveryQueue::Time now_{};
  Sequence next_{1};
  std::shared_ptr<const SpoolId> spool_id_ = std::make_shared<const SpoolId>("00");
};

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
  settle(3, Kind::delivered);
  EXPECT_EQ(acknowledged(), 0U);
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

TEST_F(DeliveryQueueTest, ARetryWaitsItsTimeAndIsMarked) {
  add({"a"});
  (void)take_all();
  settle(1, Kind::retry);
  EXPECT_TRUE(take_all().empty());
  ASSERT_EQ(queue_.next_retry(), now_ + 100ms);
  now_ += 100ms;
  const Delivery* again = queue_.take_next(now_);
  ASSERT_NE(again, nullptr);
  EXPECT_TRUE(again->redelivery);
  EXPECT_EQ(queue_.next_retry(), std::nullopt);
}

TEST_F(DeliveryQueueTest, ARetryHoldsBackItsOwnKeyAndNoOther) {
  add({"a"});
  (void)take_all();
  settle(1, Kind::retry);
  add({"a"});
  add({"b"});
  EXPECT_EQ(take_all(), (Tokens{3})) << "token 2 has the key that is held";
  now_ += 100ms;
  EXPECT_EQ(take_all(), (Tokens{1})) << "token 2 waits for the outcome of token 1";
  settle(1, Kind::delivered);
  EXPECT_EQ(take_all(), (Tokens{2}));
}

TEST_F(DeliveryQueueTest, EachFailureWaitsLonger) {
  add({"a"});
  (void)take_all();
  settle(1, Kind::retry);
  now_ += 100ms;
  (void)take_all();
  settle(1, Kind::retry);
  EXPECT_EQ(queue_.next_retry(), now_ + 200ms);
}

TEST_F(DeliveryQueueTest, SeveralRetriesOfOneKeyKeepTheirOrder) {
  add({"a"});
  add({"a"});
  add({"a"});
  (void)take_all();
  settle(2, Kind::retry);
  settle(1, Kind::retry);
  settle(3, Kind::retry);
  now_ += 100ms;
  EXPECT_EQ(take_all(), (Tokens{1}));
  settle(1, Kind::delivered);
  EXPECT_EQ(take_all(), (Tokens{2, 3}));
}

TEST_F(DeliveryQueueTest, AnotherOfTheKeyThatWasInFlightAlreadyDoesNotEndTheHold) {
  add({"a"});
  add({"a"});
  (void)take_all();
  settle(1, Kind::retry);
  add({"a"});
  settle(2, Kind::delivered);
  EXPECT_TRUE(take_all().empty());
  now_ += 100ms;
  EXPECT_EQ(take_all(), (Tokens{1}));
}

TEST_F(DeliveryQueueTest, ARejectedRetryReleasesItsKey) {
  add({"a"});
  (void)take_all();
  settle(1, Kind::retry);
  add({"a"});
  (void)take_all();
  now_ += 100ms;
  (void)take_all();
  settle(1, Kind::reject);
  EXPECT_EQ(take_all(), (Tokens{2}));
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

TEST_F(DeliveryQueueTest, ARetryTheSinkHadNoRoomForStaysBeforeItsKey) {
  add({"a"});
  add({"a"});
  (void)take_all();
  settle(1, Kind::retry);
  settle(2, Kind::retry);
  now_ += 1s;
  queue_.put_back(queue_.take_next(now_)->token);
  EXPECT_EQ(take_all(), (Tokens{1}));
  settle(1, Kind::delivered);
  EXPECT_EQ(take_all(), (Tokens{2}));
}

TEST_F(DeliveryQueueTest, AfterALostConnectionAllThatWasNotConfirmedComesAgainOldestFirst) {
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
