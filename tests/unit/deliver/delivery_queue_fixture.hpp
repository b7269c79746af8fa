#pragma once

#include "deliver/delivery_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::deliver {

/// A queue of events with the sequences 1, 2, 3, ..., at a time that stands still.
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
  void settle(std::uint64_t token, Outcome::Kind kind) { ASSERT_TRUE(queue_.settle(token, kind, now_)) << token; }
  std::uint64_t acknowledged() const { return queue_.acknowledged().value; }

  void expect_deferred(std::uint64_t passed, const std::vector<std::uint64_t>& events) {
    const auto deferred = queue_.deferred();
    EXPECT_EQ(deferred.passed.value, passed);
    std::vector<std::uint64_t> held;
    for (const auto& delivery : deferred.deliveries) held.push_back(delivery.event.value);
    EXPECT_EQ(held, events);
  }

  using Tokens = std::vector<std::uint64_t>;

  DeliveryQueue queue_{[](unsigned failed_attempts) { return failed_attempts * std::chrono::milliseconds(100); }};
  DeliveryQueue::Time now_{};
  Sequence next_{1};
  SpoolId spool_id_ = SpoolId{1};
};

}  // namespace pbxbridge::deliver
