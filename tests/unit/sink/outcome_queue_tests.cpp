#include "pbxbridge/outcome_queue.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <thread>
#include <vector>

namespace pbxbridge {
namespace {

using testing::ElementsAre;

TEST(OutcomeQueue, HandsOverInTheOrderPushed) {
  boost::asio::io_context io;
  std::vector<std::uint64_t> taken;
  const auto queue =
      std::make_shared<OutcomeQueue>(io.get_executor(), [&](std::uint64_t token, Outcome) { taken.push_back(token); });
  for (std::uint64_t token = 1; token <= 3; ++token) queue->push(token, Outcome::delivered());
  EXPECT_TRUE(taken.empty()) << "only the io thread may take";
  EXPECT_EQ(io.run(), 1U) << "one post for what was gathered";
  EXPECT_THAT(taken, ElementsAre(1, 2, 3));
}

TEST(OutcomeQueue, KeepsKindAndReason) {
  boost::asio::io_context io;
  std::vector<Outcome> taken;
  const auto queue = std::make_shared<OutcomeQueue>(
      io.get_executor(), [&](std::uint64_t, Outcome outcome) { taken.push_back(std::move(outcome)); });
  queue->push(1, Outcome::reject("too large"));
  io.run();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].kind, Outcome::Kind::reject);
  EXPECT_EQ(taken[0].reason, "too large");
}

TEST(OutcomeQueue, TakesNothingAfterStop) {
  boost::asio::io_context io;
  std::vector<std::uint64_t> taken;
  std::shared_ptr<OutcomeQueue> queue;
  queue = std::make_shared<OutcomeQueue>(io.get_executor(), [&](std::uint64_t token, Outcome) {
    taken.push_back(token);
    if (token == 2) queue->stop();
  });
  for (std::uint64_t token = 1; token <= 3; ++token) queue->push(token, Outcome::delivered());
  io.run();
  queue->push(4, Outcome::delivered());
  io.restart();
  io.run();
  EXPECT_THAT(taken, ElementsAre(1, 2));
}

TEST(OutcomeQueue, LosesAndDoublesNothingUnderThreads) {
  constexpr std::uint64_t pushes = 20'000;
  constexpr std::uint64_t thread_count = 4;
  boost::asio::io_context io;
  std::vector<std::vector<std::uint64_t>> taken(thread_count);
  std::uint64_t total = 0;
  auto work = boost::asio::make_work_guard(io);
  const auto queue = std::make_shared<OutcomeQueue>(io.get_executor(), [&](std::uint64_t token, Outcome) {
    taken[token / pushes].push_back(token % pushes);
    if (++total == pushes * thread_count) work.reset();
  });
  std::vector<std::jthread> threads;
  for (std::uint64_t thread = 0; thread < thread_count; ++thread)
    threads.emplace_back([&queue, thread] {
      for (std::uint64_t i = 0; i < pushes; ++i) queue->push(thread * pushes + i, Outcome::delivered());
    });
  io.run_for(std::chrono::seconds(60));
  ASSERT_EQ(total, pushes * thread_count);
  for (const auto& of_one_thread : taken)
    for (std::uint64_t i = 0; i < pushes; ++i) ASSERT_EQ(of_one_thread[i], i);
}

}  // namespace
}  // namespace pbxbridge
