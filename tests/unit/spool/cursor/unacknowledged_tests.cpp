#include "spool/cursor/unacknowledged.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::spool {
namespace {

Segment events(std::uint64_t first, std::uint64_t last) {
  const SystemTime begin{std::chrono::seconds(1'764'000'000)};
  return {.first = Sequence{first},
          .last = Sequence{last},
          .oldest = begin + std::chrono::milliseconds(first),
          .newest = begin + std::chrono::milliseconds(last)};
}

std::uint64_t events_of(const Unacknowledged& unacknowledged) {
  std::uint64_t events = 0;
  for (const auto& run : unacknowledged.runs()) events += run.events.events();
  return events;
}

TEST(UnacknowledgedTest, WhatFollowsForTheSameReasonIsOneRun) {
  Unacknowledged unacknowledged;
  unacknowledged.add(events(5, 9), DropReason::spool_full);
  unacknowledged.add(events(10, 12), DropReason::spool_full);
  unacknowledged.add(events(13, 14), DropReason::expired);
  unacknowledged.add(events(16, 16), DropReason::expired);
  ASSERT_EQ(unacknowledged.runs().size(), 3U);
  EXPECT_EQ(unacknowledged.runs()[0].events.last, Sequence{12});
  EXPECT_EQ(unacknowledged.runs()[0].events.newest, events(10, 12).newest);
  EXPECT_EQ(events_of(unacknowledged), 11U);
}

TEST(UnacknowledgedTest, WhatIsAcknowledgedIsOut) {
  Unacknowledged unacknowledged;
  unacknowledged.add(events(5, 9), DropReason::spool_full);
  unacknowledged.add(events(20, 29), DropReason::spool_full);
  unacknowledged.acknowledge(Sequence{4});
  EXPECT_EQ(events_of(unacknowledged), 15U);
  unacknowledged.acknowledge(Sequence{7});
  EXPECT_EQ(events_of(unacknowledged), 12U);
  unacknowledged.acknowledge(Sequence{20});
  EXPECT_EQ(events_of(unacknowledged), 9U);
  unacknowledged.acknowledge(Sequence{29});
  EXPECT_EQ(events_of(unacknowledged), 0U);
}

TEST(UnacknowledgedTest, ComesBackAsItWentAndDamagedNotAtAll) {
  const UnacknowledgedRuns runs = {{events(5, 9), DropReason::spool_full},
                                   {events(20, 20), DropReason::expired},
                                   {events(1ULL << 40, 1ULL << 41), DropReason::corrupted}};
  const std::string bytes = encode_unacknowledged(runs);
  const auto back = decode_unacknowledged(bytes);
  ASSERT_TRUE(back);
  ASSERT_EQ(back->size(), runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    EXPECT_EQ((*back)[i].events.first, runs[i].events.first);
    EXPECT_EQ((*back)[i].events.last, runs[i].events.last);
    EXPECT_EQ((*back)[i].events.oldest, runs[i].events.oldest);
    EXPECT_EQ((*back)[i].events.newest, runs[i].events.newest);
    EXPECT_EQ((*back)[i].reason, runs[i].reason);
  }
  const std::size_t run = bytes.size() / runs.size();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(decode_unacknowledged(bytes.substr(0, size)).has_value(), size % run == 0) << size;
  std::string unknown_reason = bytes;
  unknown_reason.back() = 3;
  EXPECT_FALSE(decode_unacknowledged(unknown_reason));
  std::string backwards = bytes.substr(0, run);
  backwards[0] = 10;
  EXPECT_FALSE(decode_unacknowledged(backwards));
}

}  // namespace
}  // namespace pbxbridge::spool
