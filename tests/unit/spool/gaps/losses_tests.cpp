#include "metrics/metrics.hpp"
#include "pbxbridge/event.hpp"
#include "spool/gaps/losses.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::spool {
namespace {

class LossesTest : public testing::Test {
 protected:
  static Sequence at(std::uint64_t number) { return Sequence{Sequence::first_of(1).value + number}; }
  static SinkCursor cursor(const std::string& sink, std::uint64_t acknowledged, std::uint64_t read) {
    SinkCursor cursor;
    cursor.sink = sink;
    cursor.acknowledged = at(acknowledged);
    cursor.read = at(read);
    return cursor;
  }
  static Segment segment(std::uint64_t first, std::uint64_t last) { return {.first = at(first), .last = at(last)}; }
  std::uint64_t told(CursorId cursor, DropReason reason) { return told_[{cursor, reason}]; }
  std::vector<Gap> gaps(GapReason reason) const {
    std::vector<Gap> found;
    for (const auto& [number, gap] : gaps_)
      if (gap.reason == reason) found.push_back(gap);
    return found;
  }

  static constexpr CursorId lake = 0;
  static constexpr CursorId board = 1;
  observe::Log log_{observe::LogFormat::text, [](const std::string&) {}};
  metrics::Metrics metrics_;
  std::map<std::uint64_t, Gap> gaps_;
  GapLog gap_log_{log_,
                  metrics_.spool(),
                  {},
                  [this](std::uint64_t number, Gap gap) { gaps_[number] = std::move(gap); },
                  [](const Gap&) {}};
  std::vector<SinkCursor> cursors_{cursor("lake", 10, 50), cursor("board", 0, 0)};
  UnacknowledgedBySink kept_;
  Losses losses_{cursors_, gap_log_,
                 [this](const std::string& sink, UnacknowledgedRuns runs) { kept_[sink] = std::move(runs); }};
  std::map<std::pair<CursorId, DropReason>, std::uint64_t> told_;
  SegmentIndex index_;

  LossesTest() {
    losses_.set_on_drop([this](const Drop& drop) { told_[{drop.cursor, drop.reason}] += drop.events; });
    index_.restore(segment(1, 100));
  }
};

TEST_F(LossesTest, DamageInWhatASinkHasReadIsItsLossIfTheProcessEnds) {
  losses_.damaged({at(40), at(61), "broken"}, index_);
  EXPECT_EQ(told(lake, DropReason::corrupted), 10U) << "after what it has read";
  EXPECT_EQ(told(board, DropReason::corrupted), 20U);
  ASSERT_EQ(kept_["lake"].size(), 1U);
  EXPECT_EQ(kept_["lake"][0].events.first, at(41));
  EXPECT_EQ(kept_["lake"][0].events.last, at(50));
  EXPECT_EQ(kept_["lake"][0].reason, DropReason::corrupted);
  EXPECT_TRUE(kept_["board"].empty());

  const UnacknowledgedBySink stored = std::exchange(kept_, {});
  told_.clear();
  cursors_[lake].acknowledged = at(44);
  losses_.of_earlier_process(stored, {});
  EXPECT_EQ(told(lake, DropReason::corrupted), 6U);
  EXPECT_EQ(gaps(GapReason::corrupted).size(), 1U) << "it was recorded when it was found";
  EXPECT_TRUE(kept_.at("lake").empty()) << "so that it is told once";
}

TEST_F(LossesTest, OverlappingDamageIsToldOnce) {
  losses_.damaged({at(60), at(71), "met by one"}, index_);
  losses_.damaged({at(55), at(71), "met by another"}, index_);
  EXPECT_EQ(told(board, DropReason::corrupted), 15U);
  std::uint64_t in_gaps = 0;
  for (const Gap& gap : gaps(GapReason::corrupted)) in_gaps += gap.events;
  EXPECT_EQ(in_gaps, 15U);
  losses_.given_up({segment(1, 100)}, DropReason::expired);
  EXPECT_EQ(told(board, DropReason::expired), 85U);
  losses_.damaged({at(80), at(90), "met too late"}, index_);
  EXPECT_EQ(told(board, DropReason::corrupted), 15U) << "it was given up";
}

TEST_F(LossesTest, WhatAnEarlierProcessDidNotGetToRemoveIsNotLost) {
  losses_.given_up({segment(1, 30), segment(31, 45)}, DropReason::spool_full);
  const UnacknowledgedBySink stored = std::exchange(kept_, {});
  gaps_.clear();
  cursors_ = {cursor("board", 0, 0), cursor("lake", 10, 10)};
  told_.clear();
  losses_.of_earlier_process(stored, at(30));
  EXPECT_EQ(told(1, DropReason::spool_full), 20U);
  EXPECT_EQ(told(0, DropReason::spool_full), 0U);
  ASSERT_EQ(gaps(GapReason::spool_full).size(), 1U);
  EXPECT_EQ(gaps(GapReason::spool_full)[0].after, at(10));
  EXPECT_EQ(gaps(GapReason::spool_full)[0].before, at(31));
  EXPECT_EQ(gaps(GapReason::spool_full)[0].events, 20U);
}

TEST_F(LossesTest, OfDamageOverTheStartsOfTheSpoolOnlyWhatTheIndexKnowsIsTold) {
  losses_.damaged({at(90), Sequence::first_of(3), "a whole start is gone"}, index_);
  EXPECT_EQ(told(board, DropReason::corrupted), 10U);
  losses_.damaged({Sequence::first_of(5), Sequence::first_of(7), "another"}, index_);
  EXPECT_EQ(told(board, DropReason::corrupted), 10U);
  ASSERT_EQ(gaps(GapReason::corrupted).size(), 2U);
  EXPECT_EQ(gaps(GapReason::corrupted)[1].events, 0U) << "not known";
}

}  // namespace
}  // namespace pbxbridge::spool
