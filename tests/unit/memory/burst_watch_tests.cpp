#include "memory/burst_watch.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::memory {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

TEST(BurstWatchTest, ABurstIsOverWhenItHasLeftMuchAndLittleIsDone) {
  BurstWatch watch;
  EXPECT_FALSE(watch.is_over(30 * mebibyte, 0));
  EXPECT_FALSE(watch.is_over(90 * mebibyte, 1'000'000)) << "it is going on";
  EXPECT_FALSE(watch.is_over(80 * mebibyte, 2'000'000)) << "it is going on";
  EXPECT_TRUE(watch.is_over(80 * mebibyte, 2'000'100));
  watch.given_back(50 * mebibyte);
  EXPECT_FALSE(watch.is_over(50 * mebibyte, 2'000'200)) << "what is left is in use";
  EXPECT_FALSE(watch.is_over(65 * mebibyte, 2'000'300)) << "not worth it";
  EXPECT_TRUE(watch.is_over(70 * mebibyte, 2'000'400));
}

TEST(BurstWatchTest, WhatGrowsSlowlyIsGivenBackToo) {
  BurstWatch watch;
  int given_back = 0;
  for (std::uint64_t resident = 30; resident < 64; ++resident)
    if (watch.is_over(resident * mebibyte, 0)) {
      ++given_back;
      watch.given_back(resident * mebibyte);
    }
  EXPECT_EQ(given_back, 2);
}

TEST(BurstWatchTest, WhatWasFreedInHolesIsGivenBack) {
  std::vector<std::unique_ptr<std::string>> all;
  for (int i = 0; i < 100'000; ++i) all.push_back(std::make_unique<std::string>(800, 'x'));
  for (std::size_t i = 0; i < all.size(); ++i)
    if (i % 50 != 0) all[i].reset();
  const auto before = resident_bytes();
  ASSERT_GT(before, 60 * mebibyte);
  give_back_freed_memory();
  EXPECT_LT(resident_bytes(), before - 40 * mebibyte);
}

}  // namespace
}  // namespace pbxbridge::memory
