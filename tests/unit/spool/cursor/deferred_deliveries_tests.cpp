#include "spool/cursor/deferred_deliveries.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace pbxbridge::spool {
namespace {

/// Two deliveries of the event 10 are deferred.
const DeferredDeliveries two_of_a_hundred{Sequence{100}, {{Sequence{10}, 7}, {Sequence{10}, 3}, {Sequence{70}, 7}}};

TEST(DeferredDeliveriesTest, WhatIsPassedIsDoneButWhatIsHeld) {
  EXPECT_TRUE(two_of_a_hundred.is_done(Sequence{9}));
  EXPECT_FALSE(two_of_a_hundred.is_done(Sequence{10}));
  EXPECT_TRUE(two_of_a_hundred.is_done(Sequence{100}));
  EXPECT_FALSE(two_of_a_hundred.is_done(Sequence{101}));
  EXPECT_FALSE(DeferredDeliveries{}.is_done(Sequence{1}));
}

TEST(DeferredDeliveriesTest, OfAnEventOnlySomeDeliveriesAreHeld) {
  EXPECT_TRUE(two_of_a_hundred.holds({Sequence{10}, 3}));
  EXPECT_TRUE(two_of_a_hundred.holds({Sequence{10}, 7}));
  EXPECT_FALSE(two_of_a_hundred.holds({Sequence{70}, 3}));
  EXPECT_FALSE(two_of_a_hundred.holds({Sequence{11}, 7}));
}

TEST(DeferredDeliveriesTest, APositionReachesUpToTheNextThatIsHeld) {
  EXPECT_EQ(two_of_a_hundred.done_from(Sequence{9}), Sequence{9});
  EXPECT_EQ(two_of_a_hundred.done_from(Sequence{10}), Sequence{69});
  EXPECT_EQ(two_of_a_hundred.done_from(Sequence{70}), Sequence{100});
  EXPECT_EQ(two_of_a_hundred.done_from(Sequence{500}), Sequence{500});
  EXPECT_EQ(DeferredDeliveries{}.done_from(Sequence{5}), Sequence{5});
}

TEST(DeferredDeliveriesTest, CountsTheEventsBehindAPosition) {
  EXPECT_EQ(two_of_a_hundred.after(Sequence{}), 2U);
  EXPECT_EQ(two_of_a_hundred.after(Sequence{10}), 1U);
  EXPECT_EQ(two_of_a_hundred.after(Sequence{70}), 0U);
}

TEST(DeferredDeliveriesTest, WhereItDoesNotReachTheOlderCounts) {
  DeferredDeliveries newer{Sequence{30}, {{Sequence{10}, 3}}};
  newer.extend(two_of_a_hundred);
  EXPECT_EQ(newer, (DeferredDeliveries{Sequence{100}, {{Sequence{10}, 3}, {Sequence{70}, 7}}}));
  DeferredDeliveries further{Sequence{200}, {}};
  further.extend(two_of_a_hundred);
  EXPECT_EQ(further, (DeferredDeliveries{Sequence{200}, {}}));
}

TEST(DeferredDeliveriesTest, ComesBackAsItWentAndDamagedIsNothing) {
  for (const DeferredDeliveries& deferred :
       {two_of_a_hundred, DeferredDeliveries{Sequence{7}, {}}, DeferredDeliveries{}}) {
    const std::string bytes = encode_deferred(deferred);
    EXPECT_EQ(decode_deferred(bytes), deferred);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_EQ(decode_deferred(bytes.substr(0, size)).has_value(), size % 16 == 8) << size;
  }
  const auto decoded = [](std::uint64_t passed, std::vector<DeferredDelivery> deliveries) {
    return decode_deferred(encode_deferred({Sequence{passed}, std::move(deliveries)}));
  };
  EXPECT_FALSE(decoded(9, {{Sequence{10}, 1}})) << "not passed";
  EXPECT_FALSE(decoded(9, {{Sequence{6}, 1}, {Sequence{5}, 1}})) << "out of order";
}

}  // namespace
}  // namespace pbxbridge::spool
