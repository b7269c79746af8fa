// Things that must not delay the end of the process.

#include "async/background_thread.hpp"
#include "sink/kafka/kafka_settings.hpp"
#include "sink/kafka/kafka_topics.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST(BackgroundThread, EndsWithTheProcessAndLeavesItItsStatus) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto begin = Clock::now();
  EXPECT_EXIT(
      {
        async::run_in_background([] { std::this_thread::sleep_for(60s); });
        std::exit(3);
      },
      testing::ExitedWithCode(3), "");
  EXPECT_LT(Clock::now() - begin, 30s);
}

TEST(BackgroundThread, IsWaitedForWhereItEndsSoon) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        async::run_in_background([] {
          std::this_thread::sleep_for(100ms);
          std::fputs("ended", stderr);
        });
        std::exit(0);
      },
      testing::ExitedWithCode(0), "ended");
}

TEST(KafkaTopics, AreWaitedForOnlyUntilTheSinkStops) {
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, nullptr, nullptr, 0);
  KafkaSettings settings;
  settings.create_topics["cdr"];
  int asked = 0;
  const auto begin = Clock::now();
  const auto rejected = create_kafka_topics(client, settings, 60s, [&] { return ++asked > 2; });
  EXPECT_FALSE(rejected);
  EXPECT_LT(Clock::now() - begin, 20s);
  rd_kafka_destroy(client);
}

}  // namespace
}  // namespace pbxbridge::sink
