#include "deliver/delivery_queue.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>
#include <set>
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
    auto event = Event::make("{}", EventAttributes{});
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
  /// Tokens that can be handed off now.
  std::vector<std::uint64_t> take_all() {
    std::vector<std::uint64_t> tokens;
    while (const Delivery* delivery = queue_.take_next(now_)) tokens.push_back(delivery->token);
    return tokens;
  }
  void settle(std::uint64_t token, Kind kind) { ASSERT_TRUE(queue_.settle(token, kind, now_)) << token; }
  std::uint64_t acknowledged() const { return queue_.acknowledged().value; }

  void expect_deferred(std::uint64_t passed, const std::vector<std::uint64_t>& events) {
    const auto deferred = queue_.deferred();
    EXPECT_EQ(deferred.passed.value, passed);
    std::vector<std::uint64_t> held;
    for (const auto& delivery : deferred.deliveries) held.push_back(delivery.event.value);
    EXPECT_EQ(held, events);
  }

  using Tokens = std::vector<std::uint64_t>;

  DeliveryQueue queue_{[](unsigned failed_attempts) { return failed_attempts * 100ms; }};
  DeliveryQueue::Time now_{};
  Sequence next_{1};
  SpoolId spool_id_ = SpoolId{1};
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

/// Takes or rejects what it is sent in that order, and answers later: for each key the older ones first, so that one
/// that was sent once more may be answered before newer ones that were sent before it.
class FarSide {
 public:
  struct Sent {
    std::uint64_t token;
    std::string key;
    std::uint64_t sequence;
    bool is_rejected;
  };

  std::size_t size() const { return sent_.size(); }
  void send(Sent sent) { sent_.push_back(std::move(sent)); }
  Sent answer(std::size_t place) {
    const auto wanted = sent_.begin() + static_cast<std::ptrdiff_t>(place);
    const auto due = std::find_if(sent_.begin(), wanted, [&](const Sent& earlier) {
      return earlier.key == wanted->key && (earlier.is_rejected || earlier.token < wanted->token);
    });
    Sent answered = *due;
    sent_.erase(due);
    return answered;
  }
  void lose_connection() { sent_.clear(); }

 private:
  std::deque<Sent> sent_;
};

TEST_F(DeliveryQueueTest, WhateverTheOutcomesTheLastDeliveryOfEachKeyIsItsNewest) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    DeliveryQueue queue([](unsigned) { return 10ms; });
    std::map<std::string, std::uint64_t> newest, last_taken;
    FarSide far_side;
    std::set<std::pair<std::uint64_t, std::string>> waiting;  // sequence and key
    int left = 200;
    for (int step = 0; step < 100'000 && (left > 0 || !queue.empty()); ++step) {
      now_ += 1ms;
      if (left > 0 && random() % 2 == 0) {
        auto event = Event::make("{}", EventAttributes{});
        event->accept(next_, spool_id_);
        const EventPtr shared(std::move(event));
        const auto first_key = random() % 4;
        const auto deliveries = random() % 3;
        for (unsigned place = 0; place < deliveries; ++place) {
          Delivery delivery;
          delivery.event = shared;
          delivery.topic = "t";
          delivery.key = std::string(1, static_cast<char>('a' + (first_key + place) % 4));
          newest[delivery.key] = next_.value;
          waiting.emplace(next_.value, delivery.key);
          queue.add(std::move(delivery));
        }
        queue.end_event(next_);
        next_ = next_.next();
        --left;
      }
      if (far_side.size() < 8) {
        if (const Delivery* taken = queue.take_next(now_)) {
          const bool is_rejected = random() % 4 == 0;
          if (random() % 10 == 0) {
            queue.put_back(taken->token);
          } else {
            far_side.send({taken->token, taken->key, taken->event->sequence().value, is_rejected});
            if (!is_rejected) last_taken[taken->key] = taken->event->sequence().value;
          }
        }
      }
      if (far_side.size() > 0 && random() % 2 == 0) {
        const auto sent = far_side.answer(random() % far_side.size());
        if (queue.settle(sent.token, sent.is_rejected ? Kind::retry : Kind::delivered, now_) && !sent.is_rejected)
          waiting.erase({sent.sequence, sent.key});
      }
      const auto deferred = queue.deferred();
      for (const auto& [sequence, key] : waiting) {
        ASSERT_GT(sequence, queue.acknowledged().value) << "seed " << seed;
        const bool passed = sequence <= deferred.passed.value;
        ASSERT_EQ(deferred.holds({Sequence{sequence}, destination_hash("t", key)}), passed) << "seed " << seed;
      }
      ASSERT_LE(deferred.deliveries.size(), waiting.size()) << "seed " << seed;
      if (random() % 500 == 0) {
        far_side.lose_connection();
        queue.connection_lost();
      }
    }
    ASSERT_TRUE(queue.empty()) << "seed " << seed;
    EXPECT_EQ(queue.acknowledged().value, next_.value - 1);
    EXPECT_FALSE(queue.has_deferred());
    EXPECT_EQ(last_taken, newest) << "seed " << seed;
  }
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
