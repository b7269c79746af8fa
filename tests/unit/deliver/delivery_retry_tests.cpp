#include "delivery_queue_fixture.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::deliver {
namespace {

using namespace std::chrono_literals;
using Kind = Outcome::Kind;

TEST_F(DeliveryQueueTest, WhatIsSentAgainAtOnceComesBeforeTheNewerOnesOfItsKeyAndIsMarked) {
  for (int n = 0; n < 3; ++n) add({"a", "b"});
  (void)take_all();
  for (const std::uint64_t token : {1, 2, 3}) EXPECT_FALSE(queue_.settle(token, Kind::resend, now_));
  EXPECT_FALSE(queue_.settle(5, Kind::delivered, now_)) << "it overtook two of its key";
  add({"a", "c"});
  const Delivery* first = queue_.take_next(now_);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->token, 1U);
  EXPECT_TRUE(first->redelivery);
  EXPECT_EQ(take_all(), (Tokens{2, 8})) << "the key that was not rejected goes on";
  settle(1, Kind::reject);
  EXPECT_EQ(take_all(), (Tokens{3, 5, 7}));
  for (const std::uint64_t token : {2, 3, 5, 7, 8}) settle(token, Kind::delivered);
  for (const std::uint64_t token : {4, 6})
    EXPECT_FALSE(queue_.settle(token, Kind::delivered, now_)) << "it was sent before the second, of its key";
  EXPECT_EQ(take_all(), (Tokens{4, 6}));
  for (const std::uint64_t token : {4, 6}) settle(token, Kind::delivered);
  EXPECT_EQ(acknowledged(), 4U);
}

TEST_F(DeliveryQueueTest, WhatIsSentAgainAtOnceHasNoLongerBackOffForIt) {
  add({"a"});
  (void)take_all();
  for (int n = 0; n < 5; ++n) {
    EXPECT_FALSE(queue_.settle(1, Kind::resend, now_));
    EXPECT_EQ(take_all(), (Tokens{1}));
  }
  settle(1, Kind::retry);
  EXPECT_EQ(queue_.next_retry(), now_ + 100ms);
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

TEST_F(DeliveryQueueTest, ALaterOneOfTheKeyThatWasInFlightAlreadyIsDeliveredOnceMoreBehindTheRetry) {
  add({"a"});
  add({"a"});
  (void)take_all();
  settle(1, Kind::retry);
  add({"a"});
  EXPECT_FALSE(queue_.settle(2, Kind::delivered, now_)) << "it does not count yet";
  EXPECT_TRUE(take_all().empty());
  now_ += 100ms;
  EXPECT_EQ(take_all(), (Tokens{1}));
  settle(1, Kind::delivered);
  EXPECT_EQ(acknowledged(), 1U);
  EXPECT_EQ(take_all(), (Tokens{2, 3}));
  settle(2, Kind::delivered);
  settle(3, Kind::delivered);
  EXPECT_EQ(acknowledged(), 3U);
}

TEST_F(DeliveryQueueTest, ALaterOneThatWasInFlightAlreadyIsDeliveredOnceMoreBehindAllRetriesOfItsKey) {
  for (int n = 0; n < 4; ++n) add({"a"});
  (void)take_all();
  settle(1, Kind::retry);
  settle(2, Kind::retry);
  now_ += 100ms;
  EXPECT_EQ(take_all(), (Tokens{1}));
  settle(1, Kind::delivered);
  EXPECT_FALSE(queue_.settle(3, Kind::delivered, now_)) << "the second comes after it";
  EXPECT_EQ(take_all(), (Tokens{2, 3}));
  EXPECT_FALSE(queue_.settle(4, Kind::delivered, now_)) << "the second and the third come after it";
  add({"a"});
  EXPECT_EQ(take_all(), (Tokens{4, 5}));
  for (const std::uint64_t token : {2, 3, 4, 5}) settle(token, Kind::delivered);
  EXPECT_EQ(acknowledged(), 5U);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(DeliveryQueueTest, WhatIsHandedOffBehindRetriesCountsAtOnceWhateverTheOrderOfOutcomes) {
  for (int n = 0; n < 3; ++n) add({"a"});
  (void)take_all();
  for (const std::uint64_t token : {1, 2, 3}) settle(token, Kind::retry);
  now_ += 100ms;
  EXPECT_EQ(take_all(), (Tokens{1}));
  settle(1, Kind::delivered);
  add({"a"});
  EXPECT_EQ(take_all(), (Tokens{2, 3, 4}));
  for (const std::uint64_t token : {4, 3, 2}) settle(token, Kind::delivered);
  EXPECT_EQ(acknowledged(), 4U);
}

TEST_F(DeliveryQueueTest, AnEarlierOneOfTheKeyThatWasInFlightCountsAtOnce) {
  add({"a"});
  add({"a"});
  (void)take_all();
  settle(2, Kind::retry);
  settle(1, Kind::delivered);
  EXPECT_EQ(acknowledged(), 1U);
  now_ += 100ms;
  EXPECT_EQ(take_all(), (Tokens{2}));
}

TEST_F(DeliveryQueueTest, WhatWasReleasedIsHeldAgainWhenOneBeforeItFails) {
  for (int i = 0; i < 3; ++i) add({"a"});
  (void)queue_.take_next(now_);
  settle(1, Kind::retry);
  EXPECT_TRUE(take_all().empty());
  now_ += 100ms;
  EXPECT_EQ(take_all(), (Tokens{1}));
  settle(1, Kind::delivered);
  EXPECT_EQ(queue_.take_next(now_)->token, 2U);
  settle(2, Kind::retry);
  EXPECT_TRUE(take_all().empty()) << "token 3 must not overtake token 2";
  now_ += 1s;
  EXPECT_EQ(take_all(), (Tokens{2}));
  settle(2, Kind::delivered);
  EXPECT_EQ(take_all(), (Tokens{3}));
}

TEST_F(DeliveryQueueTest, WhatWasPutBackWaitsBehindAnEarlierRetry) {
  add({"a"});
  add({"a"});
  (void)queue_.take_next(now_);
  queue_.put_back(queue_.take_next(now_)->token);
  settle(1, Kind::retry);
  EXPECT_TRUE(take_all().empty());
  now_ += 100ms;
  EXPECT_EQ(take_all(), (Tokens{1}));
}

TEST_F(DeliveryQueueTest, ManyKeysOnHoldCostNoWalkOverAllOfThem) {
  constexpr int keys = 20'000;
  for (int i = 0; i < keys; ++i) add({std::to_string(i)});
  for (const auto token : take_all()) settle(token, Kind::retry);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < keys; ++i) EXPECT_FALSE(queue_.take_next(now_));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1s);
  now_ += 100ms;
  EXPECT_EQ(take_all().size(), static_cast<std::size_t>(keys));
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

}  // namespace
}  // namespace pbxbridge::deliver
