#include "delivery_queue_fixture.hpp"
#include "pbxbridge/event.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::deliver {
namespace {

using namespace std::chrono_literals;
using Kind = Outcome::Kind;

TEST_F(DeliveryQueueTest, WhatIsDeferredDoesNotKeepAnEarlierOneOfItsKey) {
  for (const char* key : {"a", "a"}) add({key});
  EXPECT_EQ(take_all(), (Tokens{1, 2}));
  queue_.connection_lost();
  queue_.defer(2);
  EXPECT_EQ(take_all(), Tokens{1});
  settle(1, Kind::delivered);
  EXPECT_EQ(take_all(), Tokens{});
  EXPECT_NE(queue_.take_deferred(2), nullptr);
}

TEST_F(DeliveryQueueTest, WhatIsDeferredWaitsWithItsKeyUntilItIsTakenByName) {
  for (const char* key : {"a", "b", "b", "c"}) add({key});
  EXPECT_EQ(take_all(), (Tokens{1, 2, 3, 4}));
  EXPECT_EQ(queue_.tokens_in_flight(), (Tokens{1, 2, 3, 4}));
  queue_.connection_lost();
  queue_.defer(2);
  EXPECT_EQ(take_all(), (Tokens{1, 4}));
  EXPECT_FALSE(queue_.next_retry()) << "it is not due by itself";
  settle(1, Kind::delivered);
  settle(4, Kind::delivered);
  EXPECT_EQ(acknowledged(), 1U);
  now_ += 1h;
  EXPECT_EQ(take_all(), Tokens{});
  EXPECT_EQ(queue_.take_deferred(3), nullptr) << "after an earlier one of its key";
  ASSERT_NE(queue_.take_deferred(2), nullptr);
  EXPECT_EQ(queue_.tokens_in_flight(), Tokens{2});
  queue_.put_back(2);
  queue_.defer(2);
  EXPECT_EQ(take_all(), Tokens{}) << "the sink had no room for it";
  ASSERT_NE(queue_.take_deferred(2), nullptr);
  settle(2, Kind::reject);
  EXPECT_EQ(take_all(), Tokens{3});
  settle(3, Kind::delivered);
  EXPECT_EQ(acknowledged(), 4U);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(DeliveryQueueTest, WhatIsTriedAgainIsSetAsideHoweverManyPassIt) {
  add({"missing"});
  add({"missing"});
  (void)take_all();
  settle(1, Kind::retry);
  settle(2, Kind::retry);
  constexpr std::uint64_t many = 100'000;
  for (std::uint64_t sequence = 3; sequence <= many; ++sequence) {
    add({std::to_string(sequence)});
    settle(queue_.take_next(DeliveryQueue::Time{})->token, Kind::delivered);
  }
  EXPECT_EQ(queue_.size(), 0U);
  EXPECT_EQ(queue_.unsettled(), 2U);
  EXPECT_EQ(acknowledged(), 0U);
  expect_deferred(many, {1, 2});

  add({"missing"});
  EXPECT_TRUE(take_all().empty()) << "it waits after those of its key";
  now_ += 1s;
  EXPECT_EQ(take_all(), (Tokens{1}));
  settle(1, Kind::delivered);
  EXPECT_EQ(acknowledged(), 1U);
  EXPECT_EQ(take_all(), (Tokens{2, many + 1}));
  settle(2, Kind::delivered);
  EXPECT_EQ(acknowledged(), many);
  EXPECT_FALSE(queue_.has_deferred());
  settle(many + 1, Kind::delivered);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(DeliveryQueueTest, WhatIsBeingTriedAgainIsSetAsideToo) {
  add({"slow"});
  (void)take_all();
  settle(1, Kind::retry);
  now_ += 1s;
  EXPECT_EQ(take_all(), (Tokens{1}));
  add({"b"});
  (void)take_all();
  settle(2, Kind::delivered);
  EXPECT_EQ(queue_.size(), 0U);
  EXPECT_EQ(queue_.in_flight(), 1U);
  settle(1, Kind::retry);
  expect_deferred(2, {1});
  now_ += 1s;
  queue_.put_back(queue_.take_next(now_)->token);
  EXPECT_EQ(take_all(), (Tokens{1}));
  settle(1, Kind::reject);
  EXPECT_EQ(acknowledged(), 2U);
}

TEST_F(DeliveryQueueTest, WhatWaitsLongForItsFirstOutcomeIsSetAsideToo) {
  add({"slow"});
  (void)take_all();
  std::size_t largest = 0;
  for (std::uint64_t sequence = 2; sequence <= 20'000; ++sequence) {
    add({std::to_string(sequence)});
    settle(queue_.take_next(now_)->token, Kind::delivered);
    largest = std::max(largest, queue_.size());
  }
  EXPECT_LE(largest, 10'000U);
  EXPECT_EQ(queue_.in_flight(), 1U);
  EXPECT_EQ(acknowledged(), 0U);
  settle(1, Kind::retry);
  EXPECT_EQ(acknowledged(), 0U);
  now_ += 1s;
  EXPECT_EQ(take_all(), (Tokens{1}));
  settle(1, Kind::delivered);
  EXPECT_EQ(acknowledged(), 20'000U);
}

TEST_F(DeliveryQueueTest, ALateRetryMakesRoomAtOnce) {
  add({"slow"});
  (void)take_all();
  for (int i = 0; i < 1000; ++i) {
    add({std::to_string(i)});
    settle(queue_.take_next(now_)->token, Kind::delivered);
  }
  settle(1, Kind::retry);
  EXPECT_EQ(queue_.size(), 0U);
}

TEST_F(DeliveryQueueTest, AfterALostConnectionWhatWasSetAsideComesFirst) {
  add({"a"});
  add({"b"});
  add({"c"});
  (void)take_all();
  settle(1, Kind::retry);
  settle(2, Kind::delivered);
  ASSERT_EQ(queue_.size(), 1U);
  queue_.connection_lost();
  expect_deferred(2, {1});  // what is done stays done
  const Delivery* first = queue_.take_next(now_);
  EXPECT_EQ(first->token, 1U);
  EXPECT_TRUE(first->redelivery);
  EXPECT_EQ(take_all(), (Tokens{3}));
  settle(1, Kind::delivered);
  EXPECT_EQ(acknowledged(), 2U);
}

TEST_F(DeliveryQueueTest, AnEventWithADeliverySetAsideIsDoneWhenAllOfItAre) {
  add({"a"});
  add({"b", "c"});
  add({"d"});
  (void)take_all();
  settle(2, Kind::retry);
  settle(1, Kind::delivered);
  settle(4, Kind::delivered);
  EXPECT_EQ(queue_.deferred().deliveries.size(), 0U) << "the event's other delivery may be nowhere yet";
  EXPECT_EQ(acknowledged(), 1U);
  settle(3, Kind::delivered);
  expect_deferred(3, {2});
  now_ += 1s;
  EXPECT_EQ(take_all(), (Tokens{2}));
  settle(2, Kind::delivered);
  EXPECT_EQ(acknowledged(), 3U);
}

TEST_F(DeliveryQueueTest, OfAnEventOnlyTheDeliveryThatWaitsIsDeferred) {
  add({"a", "b"});
  add({"c"});
  (void)take_all();
  settle(2, Kind::retry);
  settle(1, Kind::delivered);
  settle(3, Kind::delivered);
  expect_deferred(2, {1});
  EXPECT_TRUE(queue_.deferred().holds({Sequence{1}, destination_hash("t", "b")}));
  EXPECT_FALSE(queue_.deferred().holds({Sequence{1}, destination_hash("t", "a")}));
  EXPECT_NE(destination_hash("t", "a"), destination_hash("ta", ""));
}

TEST_F(DeliveryQueueTest, WhatWasSetAsideAndNeverSentIsNoRedelivery) {
  add({"a"});
  add({"a"});
  add({"b"});
  (void)queue_.take_next(now_);
  settle(1, Kind::retry);
  EXPECT_EQ(take_all(), (Tokens{3})) << "the second waits after the first";
  settle(3, Kind::delivered);
  ASSERT_EQ(queue_.size(), 0U);
  queue_.connection_lost();
  EXPECT_TRUE(queue_.take_next(now_)->redelivery);
  EXPECT_FALSE(queue_.take_next(now_)->redelivery);
}

TEST_F(DeliveryQueueTest, ARepetitionBehindItsKeyMakesRoomToo) {
  add({"a"});
  add({"a"});
  for (int i = 0; i < 100; ++i) add({std::to_string(i)});
  (void)take_all();
  settle(1, Kind::retry);
  for (std::uint64_t token = 3; token <= 102; ++token) settle(token, Kind::delivered);
  EXPECT_EQ(queue_.size(), 101U) << "the second has no outcome yet";
  EXPECT_FALSE(queue_.settle(2, Kind::delivered, now_)) << "it is delivered once more after the first";
  EXPECT_EQ(queue_.size(), 0U);
}

TEST_F(DeliveryQueueTest, WhatIsNoneOfTheCursorsHoldsNothingBack) {
  Delivery letter;
  letter.event = Event::make("{}", EventAttributes{});
  letter.topic = "t";
  letter.key = "letter";
  const auto token = queue_.add_other(std::move(letter));
  add({"b"});
  (void)take_all();
  settle(token, Kind::retry);
  settle(2, Kind::delivered);
  EXPECT_EQ(acknowledged(), 1U);
  EXPECT_FALSE(queue_.has_deferred());
  EXPECT_EQ(queue_.unsettled(), 1U);
  now_ += 1s;
  EXPECT_EQ(take_all(), (Tokens{token}));
  settle(token, Kind::delivered);
  EXPECT_TRUE(queue_.empty());
}

}  // namespace
}  // namespace pbxbridge::deliver
