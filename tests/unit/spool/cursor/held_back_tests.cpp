#include "spool/cursor/held_back.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace pbxbridge::spool {
namespace {

/// Two deliveries of the event 10 are deferred.
const HeldBack two_of_a_hundred{Sequence{100}, {{Sequence{10}, 7}, {Sequence{10}, 3}, {Sequence{70}, 7}}};

TEST(HeldBackTest, WhatIsPassedIsDoneButWhatIsHeld) {
  EXPECT_TRUE(two_of_a_hundred.is_done(Sequence{9}));
  EXPECT_FALSE(two_of_a_hundred.is_done(Sequence{10}));
  EXPECT_TRUE(two_of_a_hundred.is_done(Sequence{100}));
  EXPECT_FALSE(two_of_a_hundred.is_done(Sequence{101}));
  EXPECT_FALSE(HeldBack{}.is_done(Sequence{1}));
}

TEST(HeldBackTest, OfAnEventOnlySomeDeliveriesAreHeld) {
  EXPECT_TRUE(two_of_a_hundred.holds({Sequence{10}, 3}));
  EXPECT_TRUE(two_of_a_hundred.holds({Sequence{10}, 7}));
  EXPECT_FALSE(two_of_a_hundred.holds({Sequence{70}, 3}));
  EXPECT_FALSE(two_of_a_hundred.holds({Sequence{11}, 7}));
}

TEST(HeldBackTest, APositionReachesUpToTheNextThatIsHeld) {
  EXPECT_EQ(two_of_a_hundred.done_from(Sequence{9}), Sequence{9});
  EXPECT_EQ(two_of_a_hundred.done_from(Sequence{10}), Sequence{69});
  EXPECT_EQ(two_of_a_hundred.done_from(Sequence{70}), Sequence{100});
  EXPECT_EQ(two_of_a_hundred.done_from(Sequence{500}), Sequence{500});
  EXPECT_EQ(HeldBack{}.done_from(Sequence{5}), Sequence{5});
}

TEST(HeldBackTest, CountsTheEventsBehindAPosition) {
  EXPECT_EQ(two_of_a_hundred.behind(Sequence{}), 2U);
  EXPECT_EQ(two_of_a_hundred.behind(Sequence{10}), 1U);
  EXPECT_EQ(two_of_a_hundred.behind(Sequence{70}), 0U);
}

TEST(HeldBackTest, WhereItDoesNotReachTheOlderCounts) {
  HeldBack newer{Sequence{30}, {{Sequence{10}, 3}}};
  newer.extend(two_of_a_hundred);
  EXPECT_EQ(newer, (HeldBack{Sequence{100}, {{Sequence{10}, 3}, {Sequence{70}, 7}}}));
  HeldBack further{Sequence{200}, {}};
  further.extend(two_of_a_hundred);
  EXPECT_EQ(further, (HeldBack{Sequence{200}, {}}));
}

TEST(HeldBackTest, ComesBackAsItWentAndDamagedIsNothing) {
  for (const HeldBack& held_back : {two_of_a_hundred, HeldBack{Sequence{7}, {}}, HeldBack{}}) {
    const std::string bytes = encode_held_back(held_back);
    EXPECT_EQ(decode_held_back(bytes), held_back);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_EQ(decode_held_back(bytes.substr(0, size)).has_value(), size % 16 == 8) << size;
  }
  const auto decoded = [](std::uint64_t passed, std::vector<HeldDelivery> deliveries) {
    return decode_held_back(encode_held_back({Sequence{passed}, std::move(deliveries)}));
  };
  EXPECT_FALSE(decoded(9, {{Sequence{10}, 1}})) << "not passed";
  EXPECT_FALSE(decoded(9, {{Sequence{6}, 1}, {Sequence{5}, 1}})) << "out of order";
}

}  // namespace
}  // namespace pbxbridge::spool
