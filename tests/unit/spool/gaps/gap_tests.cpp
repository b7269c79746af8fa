#include "spool/gaps/gap.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::spool {
namespace {

Gap a_gap(GapReason reason) {
  return {.reason = reason,
          .pbx = "hq \"north\"\n\xc3\xa4",
          .begin = SystemTime(std::chrono::nanoseconds(1764000040123456789)),
          .end = SystemTime(std::chrono::nanoseconds(1764000041000000001)),
          .after = Sequence{~0ULL - 1},
          .before = Sequence{~0ULL},
          .events = 1ULL << 60,
          .measured = std::chrono::nanoseconds(6'000'000'001)};
}

TEST(GapTest, ComesBackAsItWentForEachReason) {
  for (std::size_t reason = 0; reason < enum_count<GapReason>; ++reason) {
    const Gap gap = a_gap(static_cast<GapReason>(reason));
    const auto back = gap_from_json(to_json(gap));
    ASSERT_TRUE(back) << to_string(gap.reason);
    EXPECT_EQ(back->reason, gap.reason);
    EXPECT_EQ(back->pbx, gap.pbx);
    EXPECT_EQ(back->begin, gap.begin);
    EXPECT_EQ(back->end, gap.end);
    EXPECT_EQ(back->after, gap.after);
    EXPECT_EQ(back->before, gap.before);
    EXPECT_EQ(back->events, gap.events);
    EXPECT_EQ(back->measured, gap.measured);
  }
}

/// Gaps in spools of earlier versions are such.
TEST(GapTest, OneThatWasNotMeasuredIsReadAndTakesTheTimeBetweenItsEnds) {
  const auto gap = gap_from_json(R"({"after":4294967301,"before":0,"begin_ns":1764000040000000000,)"
                                 R"("end_ns":1764000046500000000,"events":0,"pbx":"hq","reason":"disconnected"})");
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->reason, GapReason::disconnected);
  EXPECT_EQ(gap->after, Sequence{4294967301});
  EXPECT_FALSE(gap->measured);
  EXPECT_EQ(gap->seconds(), 6.5);
  EXPECT_EQ(to_json(*gap).find("measured"), std::string::npos);
}

TEST(GapTest, WhatWasMeasuredCountsWhateverItsEndsSay) {
  Gap gap = a_gap(GapReason::disconnected);
  gap.end = gap.begin - std::chrono::hours(1);
  EXPECT_EQ(gap.seconds(), 6.000000001);
  gap.measured.reset();
  EXPECT_EQ(gap.seconds(), std::nullopt) << "not known, rather than 0";
}

TEST(GapTest, IsOneLine) { EXPECT_EQ(to_json(a_gap(GapReason::disconnected)).find('\n'), std::string::npos); }

TEST(GapTest, AnEmptyOneComesBack) { EXPECT_TRUE(gap_from_json(to_json(Gap{}))); }

/// A name that is not UTF-8 must not end the process that wants to record that events are missing.
TEST(GapTest, AnyBytesCanStandInTheNameOfThePbx) {
  Gap gap = a_gap(GapReason::overload);
  gap.pbx = "\xff\xfe";
  std::string text;
  ASSERT_NO_THROW(text = to_json(gap));
  EXPECT_TRUE(gap_from_json(text));
}

TEST(GapTest, DamagedTextIsNoGap) {
  const std::string whole = to_json(a_gap(GapReason::corrupted));
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(gap_from_json(whole.substr(0, size))) << size;
  for (const auto* text : {"", "[]", "7", "null", "{}", R"({"reason":"corrupted"})", R"({"reason":7})"})
    EXPECT_FALSE(gap_from_json(text)) << text;
}

TEST(GapTest, AReasonThatIsNotKnownOrANumberOfTheWrongKindIsNoGap) {
  auto replaced = [](const std::string& what, const std::string& with) {
    std::string text = to_json(a_gap(GapReason::corrupted));
    text.replace(text.find(what), what.size(), with);
    return text;
  };
  EXPECT_TRUE(gap_from_json(replaced("corrupted", "corrupted")));
  EXPECT_FALSE(gap_from_json(replaced("corrupted", "eaten")));
  for (const std::string value : {"\"x\"", "1e300", "4.5", "-3", "null", "18446744073709551616"})
    EXPECT_FALSE(gap_from_json(replaced("\"events\":", "\"events\":" + value + ",\"e\":"))) << value;
  for (const std::string value : {"1e300", "-1", "9223372036854775808"})
    EXPECT_FALSE(gap_from_json(replaced("\"begin_ns\":", "\"begin_ns\":" + value + ",\"e\":"))) << value;
}

TEST(GapTest, FlippedBitsDoNoHarm) {
  const std::string whole = to_json(a_gap(GapReason::expired));
  for (std::size_t offset = 0; offset < whole.size(); ++offset)
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[offset] = static_cast<char>(damaged[offset] ^ (1 << bit));
      EXPECT_NO_THROW((void)gap_from_json(damaged)) << offset;
    }
}

}  // namespace
}  // namespace pbxbridge::spool
