#include "spool/log/segment_index.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace pbxbridge::spool {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kibibyte = 1024;
constexpr std::uint64_t mebibyte = 1024 * kibibyte;

SystemTime at(seconds since_start) { return SystemTime(seconds(1'764'000'000) + since_start); }

Segment batch(std::uint64_t first, std::uint64_t last, std::uint64_t bytes = kibibyte, seconds oldest = seconds(0),
              seconds newest = seconds(0)) {
  return {Sequence{first}, Sequence{last}, bytes, at(oldest), at(std::max(oldest, newest))};
}

/// Three closed segments of a mebibyte and an open one: 1-10, 11-20, 21-30, 31-35.
SegmentIndex four_segments() {
  SegmentIndex index;
  index.add(batch(1, 10, mebibyte, seconds(0), seconds(9)));
  index.add(batch(11, 20, mebibyte, seconds(10), seconds(19)));
  index.add(batch(21, 30, mebibyte, seconds(20), seconds(29)));
  index.add(batch(31, 35, 10, seconds(30), seconds(34)));
  return index;
}

TEST(SegmentIndexTest, AnEmptyOneHoldsNothingAndCutsNothing) {
  SegmentIndex index;
  EXPECT_TRUE(index.empty());
  EXPECT_EQ(index.first(), Sequence{});
  EXPECT_EQ(index.last(), Sequence{});
  EXPECT_EQ(index.count(Sequence{}, Sequence{~0ULL}), 0U);
  EXPECT_EQ(index.oldest(Sequence{}), std::nullopt);
  EXPECT_EQ(index.done_with(Sequence{~0ULL}), std::nullopt);
  EXPECT_EQ(index.cut_for_size(0), std::nullopt);
  EXPECT_EQ(index.cut_for_age(at(seconds(1000))), std::nullopt);
  EXPECT_TRUE(index.remove_up_to(Sequence{~0ULL}).empty());
}

TEST(SegmentIndexTest, BatchesThatFollowOneAnotherMakeOneSegment) {
  SegmentIndex index;
  EXPECT_FALSE(index.add(batch(1, 10, 100, seconds(0), seconds(1))));
  EXPECT_FALSE(index.add(batch(11, 12, 50, seconds(2), seconds(3))));
  EXPECT_EQ(index.bytes(), 150U);
  EXPECT_EQ(index.events(), 12U);
  const auto removed = index.remove_up_to(Sequence{12});
  ASSERT_EQ(removed.size(), 1U);
  EXPECT_EQ(removed[0].first, Sequence{1});
  EXPECT_EQ(removed[0].last, Sequence{12});
  EXPECT_EQ(removed[0].bytes, 150U);
  EXPECT_EQ(removed[0].oldest, at(seconds(0)));
  EXPECT_EQ(removed[0].newest, at(seconds(3)));
}

TEST(SegmentIndexTest, ASegmentIsClosedByItsSize) {
  SegmentIndex index;
  EXPECT_FALSE(index.add(batch(1, 1, SegmentIndex::segment_bytes - 1)));
  EXPECT_FALSE(index.add(batch(2, 2, 1))) << "a byte was missing";
  const auto closed = index.add(batch(3, 3, 1));
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->first, Sequence{1});
  EXPECT_EQ(closed->last, Sequence{2});
  EXPECT_EQ(closed->bytes, SegmentIndex::segment_bytes);
  EXPECT_FALSE(index.add(batch(4, 4, 1))) << "the new one is open";
}

TEST(SegmentIndexTest, ASegmentIsClosedByItsTime) {
  SegmentIndex index;
  EXPECT_FALSE(index.add(batch(1, 1, 1, seconds(0))));
  EXPECT_FALSE(index.add(batch(2, 2, 1, seconds(59))));
  const auto closed = index.add(batch(3, 3, 1, seconds(60)));
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->last, Sequence{2});
}

TEST(SegmentIndexTest, ASegmentIsClosedWhereSequencesDoNotFollowOneAnother) {
  SegmentIndex index;
  index.add(batch(1, 5));
  const auto closed = index.add({Sequence::first_of(2), Sequence::first_of(2).next(), 10, at(seconds(0)), at({})});
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->last, Sequence{5});
  EXPECT_EQ(index.events(), 7U);
  EXPECT_EQ(index.count(Sequence{}, index.last()), 7U);
  EXPECT_EQ(index.count(Sequence{5}, index.last()), 2U);
}

TEST(SegmentIndexTest, NothingIsAddedToASegmentOfAnEarlierLife) {
  SegmentIndex index;
  index.restore(batch(1, 5, 10));
  EXPECT_FALSE(index.add(batch(6, 7, 10))) << "it was closed before";
  EXPECT_EQ(index.remove_up_to(Sequence{5}).size(), 1U);
  EXPECT_EQ(index.first(), Sequence{6});
}

TEST(SegmentIndexTest, CountsWhatStandsBetweenAnyTwoPositions) {
  const SegmentIndex index = four_segments();
  for (std::uint64_t after = 0; after <= 36; ++after)
    for (std::uint64_t up_to = 0; up_to <= 36; ++up_to) {
      const std::uint64_t last = std::min<std::uint64_t>(up_to, 35);
      EXPECT_EQ(index.count(Sequence{after}, Sequence{up_to}), last > after ? last - after : 0)
          << "after " << after << " up to " << up_to;
    }
}

TEST(SegmentIndexTest, CountsOnlyWhatIsHeld) {
  SegmentIndex index = four_segments();
  index.remove_up_to(Sequence{20});
  EXPECT_EQ(index.count(Sequence{}, Sequence{25}), 5U);
  EXPECT_EQ(index.count(Sequence{15}, index.last()), 15U);
  EXPECT_EQ(index.events(), 15U);
  EXPECT_EQ(index.bytes(), mebibyte + 10);
}

TEST(SegmentIndexTest, RemovesWholeSegmentsOnly) {
  SegmentIndex index = four_segments();
  EXPECT_TRUE(index.remove_up_to(Sequence{9}).empty());
  const auto removed = index.remove_up_to(Sequence{29});
  ASSERT_EQ(removed.size(), 2U);
  EXPECT_EQ(removed[0].first, Sequence{1});
  EXPECT_EQ(removed[1].last, Sequence{20});
  EXPECT_EQ(index.first(), Sequence{21});
}

TEST(SegmentIndexTest, KnowsItsNewestEventAfterAllAreRemoved) {
  SegmentIndex index = four_segments();
  EXPECT_EQ(index.remove_up_to(Sequence{35}).size(), 4U);
  EXPECT_TRUE(index.empty());
  EXPECT_EQ(index.bytes(), 0U);
  EXPECT_EQ(index.events(), 0U);
  EXPECT_EQ(index.first(), Sequence{});
  EXPECT_EQ(index.last(), Sequence{35});
  EXPECT_FALSE(index.add(batch(36, 36))) << "what was removed is not closed as well";
  EXPECT_EQ(index.first(), Sequence{36});
}

TEST(SegmentIndexTest, IsDoneWithWholeSegmentsOnly) {
  const SegmentIndex index = four_segments();
  EXPECT_EQ(index.done_with(Sequence{9}), std::nullopt);
  EXPECT_EQ(index.done_with(Sequence{10}), Sequence{10});
  EXPECT_EQ(index.done_with(Sequence{34}), Sequence{30});
  EXPECT_EQ(index.done_with(Sequence{35}), Sequence{35});
}

TEST(SegmentIndexTest, CutsUntilTheSizeIsHeldAndNoMore) {
  const SegmentIndex index = four_segments();
  EXPECT_EQ(index.cut_for_size(3 * mebibyte + 10), std::nullopt);
  EXPECT_EQ(index.cut_for_size(3 * mebibyte + 9), Sequence{10});
  EXPECT_EQ(index.cut_for_size(mebibyte + 10), Sequence{20});
  EXPECT_EQ(index.cut_for_size(10), Sequence{30});
  EXPECT_EQ(index.cut_for_size(0), Sequence{35});
}

TEST(SegmentIndexTest, CutsForAgeOnlyWhatIsOldThroughout) {
  const SegmentIndex index = four_segments();
  EXPECT_EQ(index.cut_for_age(at(seconds(9))), std::nullopt) << "its newest is of that second";
  EXPECT_EQ(index.cut_for_age(at(seconds(10))), Sequence{10});
  EXPECT_EQ(index.cut_for_age(at(seconds(1000))), Sequence{35});
}

TEST(SegmentIndexTest, TellsTheOldestBehindAPositionToWithinASegment) {
  const SegmentIndex index = four_segments();
  EXPECT_EQ(index.oldest(Sequence{}), at(seconds(0)));
  EXPECT_EQ(index.oldest(Sequence{10}), at(seconds(10)));
  EXPECT_EQ(index.oldest(Sequence{34}), at(seconds(30)));
  EXPECT_EQ(index.oldest(Sequence{35}), std::nullopt);
}

TEST(SegmentIndexTest, AClockThatJumpsBackClosesNothingAndLosesNothing) {
  SegmentIndex index;
  index.add(batch(1, 1, 1, seconds(1000)));
  EXPECT_FALSE(index.add(batch(2, 2, 1, seconds(0))));
  EXPECT_EQ(index.events(), 2U);
}

}  // namespace
}  // namespace pbxbridge::spool
