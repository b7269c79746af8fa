// Any outcomes in any order, against a far side that remembers what it took.

#include "delivery_queue_fixture.hpp"
#include "pbxbridge/event.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>

namespace pbxbridge::deliver {
namespace {

using namespace std::chrono_literals;
using Kind = Outcome::Kind;

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

}  // namespace
}  // namespace pbxbridge::deliver
