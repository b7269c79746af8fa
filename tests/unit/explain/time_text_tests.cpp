#include "explain/time_text.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::explain {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

SystemTime at(std::int64_t second, std::int64_t nanosecond = 0) {
  return SystemTime(seconds(second) + nanoseconds(nanosecond));
}

TEST(TimeText, IsReadAsRfc3339WritesIt) {
  EXPECT_EQ(time_from_text("1970-01-01T00:00:00Z"), at(0));
  EXPECT_EQ(time_from_text("2025-11-24T16:00:40Z"), at(1'764'000'040));
  EXPECT_EQ(time_from_text("2025-11-24t17:00:40+01:00"), at(1'764'000'040));
  EXPECT_EQ(time_from_text("2025-11-24 11:30:40-04:30"), at(1'764'000'040));
  EXPECT_EQ(time_from_text("2025-11-24T16:00:40.123456789Z"), at(1'764'000'040, 123'456'789));
  EXPECT_EQ(time_from_text("2024-02-29T00:00:00.5Z"), at(1'709'164'800, 500'000'000));
}

TEST(TimeText, AnythingElseIsNone) {
  for (const char* text :
       {"", "now", "2025-11-24", "2025-11-24T16:00:40", "2025-11-24T16:00Z", "2025-13-24T16:00:40Z",
        "2025-02-29T16:00:40Z", "2025-11-24T24:00:40Z", "2025-11-24T16:00:40.Z", "2025-11-24T16:00:40Zulu",
        "2025-11-24T16:00:40+1:00", "-025-11-24T16:00:40Z", "2025-11-24T16:00:40.1234567891Z", "1764000040"})
    EXPECT_EQ(time_from_text(text), std::nullopt) << text;
}

TEST(TimeText, BeyondTheClockIsNone) {
  EXPECT_EQ(time_from_text("1678-01-01T00:00:00+23:59"), at(-9'214'646'340));
  EXPECT_EQ(time_from_text("2261-12-31T23:59:59-23:59"), at(9'214'732'739));
  for (const char* text :
       {"0000-01-01T00:00:00Z", "1677-12-31T23:59:59Z", "2262-01-01T00:00:00Z", "3000-01-01T00:00:00Z"})
    EXPECT_EQ(time_from_text(text), std::nullopt) << text;
}

TEST(TimeText, OfAnEventIsOnlyWhatRfc3339CanExpress) {
  EventAttributes attributes;
  EXPECT_EQ(event_time_text(*Event::make({}, attributes)), std::nullopt);
  attributes.event_time = std::chrono::sys_seconds(seconds(253'402'300'799));
  EXPECT_EQ(event_time_text(*Event::make({}, attributes)), "9999-12-31T23:59:59Z");
  attributes.event_time = std::chrono::sys_seconds(seconds(253'402'300'800));
  EXPECT_EQ(event_time_text(*Event::make({}, attributes)), std::nullopt);
}

}  // namespace
}  // namespace pbxbridge::explain
