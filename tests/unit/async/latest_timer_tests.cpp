#include "async/latest_timer.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

namespace pbxbridge::async {
namespace {

using namespace std::chrono_literals;

class LatestTimerTest : public testing::Test {
 protected:
  /// Both timers are due before anything runs, so that Asio queues both handlers at once.
  void run_when_both_are_due() {
    std::this_thread::sleep_until(std::chrono::steady_clock::now() + 5ms);
    io.run();
  }

  boost::asio::io_context io;
  LatestTimer first{io.get_executor()};
  std::optional<LatestTimer> second{std::in_place, io.get_executor()};
  int calls = 0;
};

TEST_F(LatestTimerTest, CallsItsHandlerOnceItIsDue) {
  first.after(1ms, [this] { ++calls; });
  io.run();
  EXPECT_EQ(calls, 1);
}

TEST_F(LatestTimerTest, ForgetsAnExpiryThatWasCancelledTooLate) {
  first.after(1ms, [this] { second->cancel(); });
  second->after(1ms, [this] { ++calls; });
  run_when_both_are_due();
  EXPECT_EQ(calls, 0);
}

TEST_F(LatestTimerTest, ForgetsAnExpiryOfTheWaitBefore) {
  first.after(1ms, [this] { second->after(1ms, [this] { calls += 10; }); });
  second->after(1ms, [this] { ++calls; });
  run_when_both_are_due();
  EXPECT_EQ(calls, 10);
}

TEST_F(LatestTimerTest, ForgetsAnExpiryOnceItIsDestroyed) {
  first.after(1ms, [this] { second.reset(); });
  second->after(1ms, [this] { ++calls; });
  run_when_both_are_due();
  EXPECT_EQ(calls, 0);
}

TEST_F(LatestTimerTest, CanBeArmedFromItsOwnHandler) {
  first.after(1ms, [this] {
    ++calls;
    first.after(1ms, [this] { ++calls; });
  });
  io.run();
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace pbxbridge::async
