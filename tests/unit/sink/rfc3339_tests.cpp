#include "sink/rfc3339.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;

TEST(Rfc3339, SaysTimes) {
  EXPECT_EQ(rfc3339(std::chrono::sys_seconds(0s)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(std::chrono::sys_seconds(-1s)), "1969-12-31T23:59:59Z");
  EXPECT_EQ(rfc3339(std::chrono::sys_seconds(1'709'210'096s)), "2024-02-29T12:34:56Z");
  EXPECT_EQ(rfc3339(SystemTime(-1ns)), "1969-12-31T23:59:59.999999999Z");
}

TEST(Rfc3339, HasFourDigitYearsOnly) {
  EXPECT_TRUE(is_rfc3339_time(std::chrono::sys_days(std::chrono::year(9999) / 12 / 31)));
  EXPECT_FALSE(is_rfc3339_time(std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)));
  EXPECT_TRUE(is_rfc3339_time(std::chrono::sys_days(std::chrono::year(0) / 1 / 1)));
  EXPECT_FALSE(is_rfc3339_time(std::chrono::sys_days(std::chrono::year(-1) / 12 / 31)));
}

}  // namespace
}  // namespace pbxbridge::sink
