#include "deliver/suspicion.hpp"
#include "pbxbridge/event.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::deliver {
namespace {

using namespace std::chrono_literals;
using Time = Suspicion::Time;
using Duration = Suspicion::Duration;
using Token = Suspicion::Token;

/// A peer, the network to it, and the core's loop around queue and suspicion, in simulated time.
class Simulation {
 public:
  struct Peer {
    Duration round_trip = 1ms;
    std::size_t window = 20;
    /// Returns how long a connection lives at the most.
    std::function<Duration()> lifetime = [] { return 1000h; };
    /// Returns how many attempts fail before one connects.
    std::function<unsigned()> failures = [] { return 0U; };
    /// Events that it answers by ending the connection.
    std::set<std::string> hangs_up_on;
    bool takes_anything = true;  // false: it ends the connection whatever it is sent, and answers probes
    bool may_be_a_setting = false;
  };

  Peer peer;

  void add(const std::string& payload, const std::string& key) {
    auto event = Event::make(payload, EventAttributes{});
    event->accept(next_, SpoolId{1});
    queue_.add({.event = EventPtr(std::move(event)), .topic = "t", .key = key});
    queue_.end_event(next_);
    next_ = next_.next();
  }

  Time now() const { return now_; }
  bool done() const { return queue_.empty(); }
  bool quiet() const { return suspicion_.quiet(); }
  const std::vector<std::string>& delivered() const { return delivered_; }
  const std::vector<std::string>& rejected() const { return rejected_; }
  int connections() const { return connections_; }

  void run_for(Duration time) {
    const Time end = now_ + time;
    while (now_ < end && !queue_.empty()) step(end);
    now_ = std::max(now_, end);
  }

 private:
  struct Pending {
    Time at;
    std::optional<Token> token;  // nothing: a probe
  };

  void step(Time end) {
    if (!connected_) return connect();
    pump();
    Time next = std::min(end, ends_at_);
    if (!suspicion_.quiet()) next = std::min(next, suspicion_.next_at());
    if (!pending_.empty()) next = std::min(next, pending_.front().at);
    now_ = std::max(now_, next);
    if (now_ >= ends_at_) return end_connection();
    if (pending_.empty() || pending_.front().at > now_) return;
    const Pending answer = pending_.front();
    pending_.pop_front();
    if (!answer.token) return suspicion_.alive(now_);
    const Delivery& delivery = queue_.delivery(*answer.token);
    const std::string payload(delivery.event->payload());
    if (!peer.takes_anything || peer.hangs_up_on.contains(payload)) return end_connection();
    if (!suspicion_.quiet()) suspicion_.settled(*answer.token, Outcome::Kind::delivered, now_);
    queue_.settle(*answer.token, Outcome::Kind::delivered, now_);
    delivered_.push_back(payload);
  }

  void connect() {
    now_ += delay_ + 2 * peer.round_trip;
    if (failures_ > 0) {
      --failures_;
      suspicion_.unreachable();
      delay_ = std::min<Duration>(2 * delay_, 5s);
      return;
    }
    ++connections_;
    connected_ = true;
    ends_at_ = now_ + peer.lifetime();
    suspicion_.connected(now_);
  }

  void end_connection() {
    connected_ = false;
    pending_.clear();
    suspicion_.hung_up(queue_.tokens_in_flight(), now_, peer.may_be_a_setting);
    queue_.connection_lost();
    for (const Token token : suspicion_.suspects()) queue_.defer(token);
    delay_ = suspicion_.makes_progress() ? 100ms : std::min<Duration>(std::max<Duration>(2 * delay_, 500ms), 5s);
    failures_ = peer.failures();
  }

  void pump() {
    while (true) {
      if (suspicion_.quiet()) {
        if (queue_.in_flight() >= peer.window || !hand_off(queue_.take_next(now_))) return;
        continue;
      }
      const auto step = suspicion_.next(queue_.in_flight(), now_);
      using Kind = Suspicion::Step::Kind;
      if (step.kind == Kind::wait) return;
      if (step.kind == Kind::probe) {
        pending_.push_back({now_ + peer.round_trip, std::nullopt});
      } else if (step.kind == Kind::alone) {
        suspicion_.handed_off_alone(step.token, now_);
        EXPECT_EQ(queue_.in_flight(), 0U);
        ASSERT_TRUE(hand_off(queue_.take_deferred(step.token)));
      } else if (step.kind == Kind::reject) {
        rejected_.emplace_back(queue_.delivery(step.token).event->payload());
        ASSERT_TRUE(queue_.take_deferred(step.token));
        queue_.settle(step.token, Outcome::Kind::reject, now_);
        suspicion_.settled(step.token, Outcome::Kind::reject, now_);
      } else {
        if (queue_.in_flight() >= std::min(step.window, peer.window)) return;
        const Delivery* delivery = queue_.take_next(now_);
        if (delivery != nullptr) suspicion_.handed_off(delivery->token);
        if (!hand_off(delivery)) return;
      }
    }
  }

  bool hand_off(const Delivery* delivery) {
    if (delivery == nullptr) return false;
    pending_.push_back({now_ + peer.round_trip, delivery->token});
    return true;
  }

  Time now_ = Time{} + 1000h;
  DeliveryQueue queue_{[](unsigned) { return 1s; }};
  Suspicion suspicion_;
  Sequence next_{1};
  bool connected_ = false;
  Time ends_at_{};
  Duration delay_{};
  unsigned failures_ = 0;
  int connections_ = 0;
  std::deque<Pending> pending_;
  std::vector<std::string> delivered_;
  std::vector<std::string> rejected_;
};

class SuspicionTest : public testing::Test {
 protected:
  /// Each event with a key of its own, or all with one.
  void add(int count, bool one_key = false) {
    for (int i = 0; i < count; ++i) simulation_.add(std::to_string(i), one_key ? "key" : std::to_string(i));
  }
  Simulation simulation_;
};

TEST_F(SuspicionTest, RejectsWhatThePeerHangsUpOnAndTheOthersPass) {
  simulation_.peer.hangs_up_on = {"11"};
  add(30);
  simulation_.run_for(10s);
  EXPECT_EQ(simulation_.delivered().size(), 29U);
  EXPECT_EQ(simulation_.rejected(), std::vector<std::string>{"11"});
  EXPECT_TRUE(simulation_.quiet());
}

TEST_F(SuspicionTest, TheOthersOfItsKeyFollowInOrder) {
  simulation_.peer.hangs_up_on = {"11"};
  add(30, true);
  simulation_.run_for(10s);
  EXPECT_EQ(simulation_.rejected(), std::vector<std::string>{"11"});
  std::vector<std::string> expected;
  for (int i = 0; i < 30; ++i)
    if (i != 11) expected.push_back(std::to_string(i));
  EXPECT_EQ(simulation_.delivered(), expected);
}

TEST_F(SuspicionTest, RejectsTheOnlyEventThatThereIs) {
  simulation_.peer.hangs_up_on = {"0"};
  add(1);
  simulation_.run_for(10s);
  EXPECT_EQ(simulation_.rejected(), std::vector<std::string>{"0"});
}

TEST_F(SuspicionTest, RejectsSeveral) {
  for (const bool one_key : {false, true}) {
    Simulation simulation;
    simulation.peer.hangs_up_on = {"3", "4", "15", "29"};
    for (int i = 0; i < 30; ++i) simulation.add(std::to_string(i), one_key ? "key" : std::to_string(i));
    simulation.run_for(15s);
    EXPECT_EQ(simulation.rejected().size(), 4U) << one_key;
    EXPECT_EQ(simulation.delivered().size(), 26U) << one_key;
  }
}

TEST_F(SuspicionTest, FindsOneOfManyInFlightOverALongWay) {
  simulation_.peer = {.round_trip = 80ms, .window = 1000, .hangs_up_on = {"777"}};
  add(3000);
  simulation_.run_for(10s);
  EXPECT_EQ(simulation_.delivered().size(), 2999U);
  simulation_.run_for(10s);
  EXPECT_EQ(simulation_.rejected(), std::vector<std::string>{"777"});
}

TEST(SuspicionOfAFirstHangUp, IsLookedIntoAtOnceButNotAgainWithinAMinute) {
  Suspicion suspicion;
  Suspicion::Time now{};
  const auto looks_again_after_hang_up = [&](const std::vector<Suspicion::Token>& in_flight) {
    suspicion.connected(now);
    EXPECT_EQ(suspicion.hung_up(in_flight, now), std::nullopt);
    return suspicion.makes_progress();
  };
  EXPECT_FALSE(looks_again_after_hang_up({})) << "nothing can be at fault";
  EXPECT_TRUE(looks_again_after_hang_up({1, 2}));
  EXPECT_FALSE(looks_again_after_hang_up({3}));
  EXPECT_TRUE(suspicion.quiet());
  now += 61s;
  EXPECT_TRUE(looks_again_after_hang_up({4}));
  EXPECT_TRUE(looks_again_after_hang_up({4, 5})) << "the search has begun";
}

TEST_F(SuspicionTest, APeerThatTakesNothingRejectsNothing) {
  simulation_.peer.takes_anything = false;
  add(30);
  simulation_.run_for(10min);
  EXPECT_TRUE(simulation_.rejected().empty());
  EXPECT_LT(simulation_.connections(), 250) << "it is left in peace";
  simulation_.peer.takes_anything = true;
  simulation_.run_for(30s);
  EXPECT_EQ(simulation_.delivered().size(), 30U);
}

/// It was well until then, and one event was suspect.
TEST_F(SuspicionTest, APeerThatTakesNothingAnyMoreRejectsNoMoreThanItsBound) {
  simulation_.peer.hangs_up_on = {"0"};
  add(30);
  simulation_.run_for(200ms);
  simulation_.peer.takes_anything = false;
  for (int i = 30; i < 200; ++i) simulation_.add(std::to_string(i), std::to_string(i));
  simulation_.run_for(10min);
  EXPECT_LE(simulation_.rejected().size(), 16U);
}

TEST_F(SuspicionTest, APeerThatMayRejectASettingKeepsTheOnlyEvent) {
  simulation_.peer.takes_anything = false;
  simulation_.peer.may_be_a_setting = true;
  add(1);
  simulation_.run_for(10min);
  EXPECT_TRUE(simulation_.rejected().empty());
  simulation_.peer.may_be_a_setting = false;
  simulation_.run_for(10min);
  EXPECT_EQ(simulation_.rejected().size(), 1U) << "it takes others of its kind";
}

TEST_F(SuspicionTest, ConnectionsThatAllEndAtTheSameAgeRejectNothing) {
  for (Duration age = 1ms; age < 2s; age += std::max<Duration>(age / 40, 1ms)) {
    Simulation simulation;
    simulation.peer.lifetime = [age] { return age; };
    for (int i = 0; i < 300; ++i) simulation.add(std::to_string(i), std::to_string(i));
    simulation.run_for(5min);
    EXPECT_TRUE(simulation.rejected().empty()) << age.count();
  }
}

/// 200 networks and peers that fail at random: each with a round trip, a mean life of a connection and a way to come
/// back of its own, for minutes on end.
TEST_F(SuspicionTest, TwoHundredRandomOutagesRejectNothingAndLoseNothing) {
  int connections = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const auto uniform = [&](double from, double to) {
      return std::uniform_real_distribution<double>(from, to)(random);
    };
    const auto milliseconds = [](double count) {
      return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(count));
    };
    const double mean = std::exp(uniform(1.0, 9.0));
    const bool is_down_between = seed % 3 == 0;
    const auto until = Time{} + 1000h + 60s;
    Simulation simulation;
    simulation.peer.round_trip = milliseconds(std::exp(uniform(-2.0, 5.0)));
    simulation.peer.window = seed % 2 == 0 ? 20 : 1000;
    simulation.peer.lifetime = [&] {
      if (simulation.now() > until) return Duration(1000h);
      return milliseconds(seed % 4 == 1 ? uniform(0, 2 * mean) : std::exponential_distribution<>(1 / mean)(random));
    };
    simulation.peer.failures = [&] { return is_down_between ? random() % 4 : 0U; };
    int count = 0;
    for (int second = 0; second < 60; ++second) {
      for (int i = 0; i < 20; ++i, ++count) simulation.add(std::to_string(count), std::to_string(random() % 50));
      simulation.run_for(1s);
    }
    simulation.run_for(60s);
    connections += simulation.connections();
    EXPECT_TRUE(simulation.rejected().empty()) << "seed " << seed;
    EXPECT_TRUE(simulation.done()) << "seed " << seed;
    EXPECT_EQ(std::set(simulation.delivered().begin(), simulation.delivered().end()).size(),
              static_cast<std::size_t>(count))
        << "seed " << seed;
  }
  RecordProperty("connections", connections);
  EXPECT_GT(connections, 2000);
}

TEST_F(SuspicionTest, FindsTheCulpritBehindABadNetworkToo) {
  std::mt19937 random(7);
  simulation_.peer.hangs_up_on = {"11"};
  simulation_.peer.lifetime = [&] {
    return std::chrono::milliseconds(static_cast<int>(std::exponential_distribution<>(1 / 3000.0)(random)));
  };
  add(30);
  simulation_.run_for(2min);
  EXPECT_EQ(simulation_.delivered().size(), 29U);
  EXPECT_EQ(simulation_.rejected(), std::vector<std::string>{"11"});
}

}  // namespace
}  // namespace pbxbridge::deliver
