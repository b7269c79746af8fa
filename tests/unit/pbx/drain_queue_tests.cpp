#include "pbx/drain_queue.hpp"

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace pbxbridge::pbx {
namespace {

using testing::ElementsAre;

TEST(DrainQueue, RunsAtOnceWhenNothingRuns) {
  boost::asio::io_context io;
  const auto queue = std::make_shared<DrainQueue>(io);
  bool ran = false;
  queue->run([&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(DrainQueue, RunsWhatIsPostedFromWithinAfterwards) {
  boost::asio::io_context io;
  const auto queue = std::make_shared<DrainQueue>(io);
  std::vector<int> order;
  queue->run([&] {
    boost::asio::post(queue->executor(), [&] { order.push_back(2); });
    order.push_back(1);
  });
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST(DrainQueue, RunsWhatIsPostedFromOutsideInTheIoLoop) {
  boost::asio::io_context io;
  const auto queue = std::make_shared<DrainQueue>(io);
  bool ran = false;
  boost::asio::post(queue->executor(), [&] { ran = true; });
  EXPECT_FALSE(ran);
  io.run();
  EXPECT_TRUE(ran);
}

TEST(DrainQueue, LetsTheIoLoopHaveItsTurn) {
  boost::asio::io_context io;
  const auto queue = std::make_shared<DrainQueue>(io);
  std::size_t runs = 0;
  std::size_t runs_before_the_loop = 0;
  const std::function<void()> again = [&] {
    if (++runs < 10 * DrainQueue::turns) queue->run([&] { again(); });
  };
  boost::asio::post(io, [&] { queue->run([&] { again(); }); });
  boost::asio::post(io, [&] { runs_before_the_loop = runs; });
  io.run();
  EXPECT_EQ(runs_before_the_loop, DrainQueue::turns);
  EXPECT_EQ(runs, 10 * DrainQueue::turns);
}

TEST(DrainQueue, ForgetsWhatWaits) {
  boost::asio::io_context io;
  const auto queue = std::make_shared<DrainQueue>(io);
  bool ran = false;
  queue->run([&] {
    queue->run([&] { ran = true; });
    queue->clear();
  });
  EXPECT_FALSE(ran);
}

TEST(DrainQueue, OutlivesItsOwnerWhileItRuns) {
  boost::asio::io_context io;
  auto queue = std::make_shared<DrainQueue>(io);
  int runs = 0;
  queue->run([&] {
    queue->run([&] { ++runs; });
    queue.reset();
  });
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace pbxbridge::pbx
