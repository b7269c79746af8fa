#include "sink/conformance.hpp"
#include "sink/redelivering_core.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using Clock = std::chrono::steady_clock;

constexpr auto never_happens = 300ms;  // how long is waited for what must not come
constexpr auto time_for_a_loaded_machine = 2s;

// Opening and closing

TEST_P(SinkConformance, ConnectsOnceAndSaysWhatWasReached) {
  connect();
  loop_.run_for(never_happens);
  EXPECT_THAT(observer_.connections, AllOf(SizeIs(1), Not(Contains(""))));
  EXPECT_GT(sink_->window(), 0U);
  EXPECT_TRUE(close(5s).has_value());
  EXPECT_THAT(observer_.losses, SizeIs(0));
}

TEST_P(SinkConformance, AnswersEachProbeOnceWhereItCanBeAsked) {
  connect();
  for (std::size_t probes = 1; probes <= 2 && sink_->probe(); ++probes) {
    EXPECT_TRUE(loop_.run_until([&] { return observer_.alive_calls == probes; }));
    loop_.run_for(never_happens);
    EXPECT_EQ(observer_.alive_calls, probes);
  }
  EXPECT_TRUE(close(5s).has_value());
}

TEST_P(SinkConformance, ClosesWhileItConnects) {
  make_sink();
  sink_->connect();
  EXPECT_TRUE(close(5s).has_value());
  EXPECT_THAT(observer_.losses, SizeIs(0));
}

TEST_P(SinkConformance, HandsOverWhatItHasTakenBeforeItIsClosed) {
  connect();
  auto sent = deliveries(std::min<std::size_t>(sink_->window(), 200), 10);
  sent.resize(deliver_what_fits(sent));
  ASSERT_THAT(sent, Not(SizeIs(0)));
  EXPECT_TRUE(close(20s).has_value());
  expect_outcomes(sent, Outcome::Kind::delivered);
  expect_arrived_in_order(sent);
}

TEST_P(SinkConformance, CanBeDestroyedAtAnyTime) {
  make_sink();
  sink_.reset();
  make_sink();
  sink_->connect();
  destroy();
  loop_.run_for(never_happens);
}

TEST_P(SinkConformance, CallsNothingBackOnceDestroyed) {
  connect();
  ASSERT_GT(deliver_what_fits(deliveries(sink_->window(), 10)), 0U);
  destroy();
  loop_.run_for(never_happens);
}

// Delivering

TEST_P(SinkConformance, DeliversPayloadsUnchanged) {
  connect();
  auto sent = deliveries(1, 1);
  const std::string quoted = R"({"event_type":"queue_status","text":"\u00e4 \ud83d\udcde \\ \/ )"
                             "\xc3\xa4"
                             R"(","n":1})";
  const std::string large = R"({"event_type":"queue_status","text":")" + std::string(100'000, 'x') + R"("})";
  for (const auto& payload : {quoted, large}) sent.push_back(with_payload(delivery("8000", sent.size()), payload));
  deliver_all(sent);
  expect_outcomes(sent, Outcome::Kind::delivered);
  expect_arrived_in_order(sent);
}

TEST_P(SinkConformance, DeliversAnEventWithoutPayload) {
  connect();
  auto sent = deliveries(2, 1);
  sent[0] = with_payload(sent[0], "");
  deliver_all(sent);
  expect_outcomes(sent, Outcome::Kind::delivered);
  expect_arrived_in_order(sent);
  for (const Arrived& each : harness_->arrived()) EXPECT_FALSE(each.has_null_value) << "it deletes nothing";
}

TEST_P(SinkConformance, DeliversNoPayloadOfARemoval) {
  connect();
  const auto sent = as_removal(delivery("8001", 0));
  deliver_all({sent});
  expect_outcomes({sent}, Outcome::Kind::delivered);
  const auto arrived = harness_->arrived();
  ASSERT_EQ(arrived.size(), 1U);
  EXPECT_EQ(arrived[0].topic.value_or(sent.topic), sent.topic);
  EXPECT_EQ(arrived[0].key.value_or(sent.key), sent.key);
  const auto form = harness_->removal_form();
  EXPECT_EQ(arrived[0].payload, form == RemovalForm::line ? sent.event->payload() : "");
  EXPECT_EQ(arrived[0].has_null_value, form == RemovalForm::null_value);
}

TEST_P(SinkConformance, KeepsOrderPerKey) {
  connect();
  const auto sent = deliveries(3'000, 50);
  deliver_all(sent);
  expect_outcomes(sent, Outcome::Kind::delivered);
  expect_arrived_in_order(sent);
}

TEST_P(SinkConformance, GivesEachDeliveryOneOutcome) {
  connect();
  const auto sent = deliveries(500, 7);
  deliver_all(sent);
  loop_.run_for(never_happens);  // the observer fails the test on a second one
  EXPECT_TRUE(close(10s).has_value());
  EXPECT_THAT(observer_.outcomes, SizeIs(sent.size()));
}

TEST_P(SinkConformance, TakesDeliveriesAgainAfterItHadNoRoom) {
  connect();
  const auto sent = deliveries(std::min<std::size_t>(4 * sink_->window(), 8'000), 20);
  std::size_t taken = 0;
  std::size_t rejections = 0;
  ASSERT_TRUE(loop_.run_until(
      [&] {
        if (rejections > observer_.writable_calls) return false;
        taken += deliver_what_fits({sent.begin() + static_cast<std::ptrdiff_t>(taken), sent.end()});
        if (taken == sent.size()) return true;
        rejections = observer_.writable_calls + 1;
        return false;
      },
      60s))
      << taken << " of " << sent.size() << " were taken; writable came " << observer_.writable_calls << " times";
  ASSERT_TRUE(wait_for_outcomes());
  expect_outcomes(sent, Outcome::Kind::delivered);
  expect_arrived_in_order(sent);
}

// A far side that is not there

TEST_P(SinkDownConformance, ReportsOnceThatNothingWasReached) {
  harness_->take_far_side_down();
  make_sink();
  sink_->connect();
  ASSERT_TRUE(loop_.run_until([&] { return !observer_.losses.empty(); }, 60s));
  loop_.run_for(never_happens);
  EXPECT_THAT(observer_.connections, SizeIs(0));
  ASSERT_THAT(observer_.losses, SizeIs(1));
  EXPECT_THAT(observer_.losses.front().text, HasSubstr(harness_->far_side_name()));
}

TEST_P(SinkDownConformance, ClosesWithinItsTimeoutWhereNothingIsReached) {
  harness_->take_far_side_down();
  make_sink();
  sink_->connect();
  // A sink may end from within `connect`: there is nothing to close then. After `close` it may not.
  const std::size_t losses = observer_.losses.size();
  if (losses == 0) {
    EXPECT_TRUE(close(1s).has_value());
  }
  loop_.run_for(never_happens);
  EXPECT_LE(losses, 1U);
  EXPECT_THAT(observer_.losses, SizeIs(losses));
  EXPECT_THAT(observer_.connections, SizeIs(0));
}

// A far side that acknowledges nothing

TEST_P(SinkFreezeConformance, SaysDeliveredOnlyOnceAcknowledged) {
  connect();
  harness_->freeze();
  auto sent = deliveries(std::min<std::size_t>(sink_->window(), 100), 5);
  sent.resize(deliver_what_fits(sent));
  ASSERT_THAT(sent, Not(SizeIs(0)));
  loop_.run_for(1s);
  EXPECT_EQ(observer_.count(Outcome::Kind::delivered), 0U);
  harness_->thaw();
  ASSERT_TRUE(wait_for_outcomes());
  expect_outcomes(sent, Outcome::Kind::delivered);
  expect_arrived_at_least_once(sent);
}

TEST_P(SinkFreezeConformance, NeverBlocksTheCaller) {
  connect();
  harness_->freeze();
  const auto more_than_fits = deliveries(20'000, 100);
  const auto begin = Clock::now();
  const auto taken = deliver_what_fits(more_than_fits);
  EXPECT_LT(Clock::now() - begin, time_for_a_loaded_machine) << taken << " were taken";
  const auto destruction = Clock::now();
  destroy();
  EXPECT_LT(Clock::now() - destruction, time_for_a_loaded_machine);
  harness_->thaw();
}

TEST_P(SinkFreezeConformance, ClosesWithinItsTimeout) {
  connect();
  harness_->freeze();
  ASSERT_GT(deliver_what_fits(deliveries(10, 5)), 0U);
  EXPECT_TRUE(close(1s).has_value());
  EXPECT_EQ(observer_.count(Outcome::Kind::delivered), 0U);
  EXPECT_THAT(observer_.losses, SizeIs(0));
  harness_->thaw();
}

// A far side that ends and comes back

TEST_P(SinkRestartConformance, EveryEventArrivesAfterRedelivery) {
  const auto sent = deliveries(3'000, 20);
  RedeliveringCore core(
      loop_, [&](SinkContext context) { return harness_->make_sink(std::move(context)); }, sent);
  EXPECT_TRUE(core.run(90s, [&] { harness_->restart_far_side(); }))
      << core.acknowledged() << " of " << sent.size() << " were acknowledged after " << core.losses()
      << " lost connections and " << core.retries() << " retries; the last reason: " << core.last_reason();
  expect_arrived_at_least_once(sent);
}

// A far side that rejects

TEST_P(SinkRetryConformance, AsksForAnotherAttemptAndSucceedsWithIt) {
  connect();
  harness_->reject_for_now();
  auto rejected = delivery("8001", 0);
  ASSERT_TRUE(deliver(rejected));
  ASSERT_TRUE(wait_for_outcomes());
  expect_outcomes({rejected}, Outcome::Kind::retry);
  harness_->take_again();
  rejected.redelivery = true;
  ASSERT_TRUE(loop_.run_until(
      [&] {
        if (observer_.in_flight() > 0) return false;
        if (observer_.outcomes.at(rejected.token).kind == Outcome::Kind::delivered) return true;
        static_cast<void>(deliver(rejected));
        return false;
      },
      60s));
  EXPECT_THAT(observer_.losses, SizeIs(0));
  expect_arrived_in_order({rejected});
}

TEST_P(SinkRejectConformance, RejectsOneEventAndDeliversTheOthers) {
  connect();
  const auto before = delivery("8001", 0);
  const auto rejectable = harness_->make_rejectable(delivery("8001", 1));
  const auto after = delivery("8001", 2);
  deliver_all({before, rejectable, after});
  expect_outcomes({rejectable}, Outcome::Kind::reject);
  expect_outcomes({before, after}, Outcome::Kind::delivered);
  expect_arrived_in_order({before, after});
}

}  // namespace
}  // namespace pbxbridge::test
