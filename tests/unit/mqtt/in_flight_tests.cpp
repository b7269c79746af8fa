#include "mqtt/in_flight.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace pbxbridge::mqtt {
namespace {

using Awaits = InFlight::Awaits;

TEST(InFlight, GivesEachMessageAnIdentifierOfItsOwn) {
  InFlight in_flight(2);
  EXPECT_EQ(in_flight.add(100, Awaits::puback), 1);
  EXPECT_EQ(in_flight.add(101, Awaits::pubrec), 2);
  EXPECT_TRUE(in_flight.full());
  EXPECT_EQ(in_flight.awaits(1), Awaits::puback);
  EXPECT_EQ(in_flight.awaits(2), Awaits::pubrec);
  EXPECT_EQ(in_flight.remove(2), 101U);
  EXPECT_EQ(in_flight.awaits(2), Awaits::nothing);
  EXPECT_EQ(in_flight.size(), 1U);
}

TEST(InFlight, KnowsNothingOfIdentifiersThatItDidNotGive) {
  const InFlight in_flight(20);
  for (const std::uint16_t identifier : {0, 1, 20, 21, 65'535})
    EXPECT_EQ(in_flight.awaits(identifier), Awaits::nothing);
}

TEST(InFlight, UsesAnIdentifierAgainAsLateAsCanBe) {
  InFlight in_flight(3);
  in_flight.remove(in_flight.add(1, Awaits::puback));
  EXPECT_EQ(in_flight.add(2, Awaits::puback), 2);
  EXPECT_EQ(in_flight.add(3, Awaits::puback), 3);
  EXPECT_EQ(in_flight.add(4, Awaits::puback), 1);
}

TEST(InFlight, HoldsAsManyAsThereAreIdentifiers) {
  InFlight in_flight(65'535);
  for (std::uint64_t token = 0; token < 65'535; ++token) EXPECT_EQ(in_flight.add(token, Awaits::puback), token + 1);
  EXPECT_TRUE(in_flight.full());
  EXPECT_EQ(in_flight.remove(65'535), 65'534U);
  EXPECT_EQ(in_flight.add(7, Awaits::puback), 65'535);
}

TEST(InFlight, CountsTheAgeOfTheOldest) {
  InFlight in_flight(3);
  EXPECT_EQ(in_flight.oldest_age(), 0U);
  const auto first = in_flight.add(1, Awaits::puback);
  in_flight.tick();
  in_flight.add(2, Awaits::pubrec);
  in_flight.tick();
  EXPECT_EQ(in_flight.oldest_age(), 2U);
  in_flight.remove(first);
  EXPECT_EQ(in_flight.oldest_age(), 1U);
}

TEST(InFlight, AgreesWithAMapWhateverTheOrderOfAcknowledgements) {
  std::mt19937 random(1);
  InFlight in_flight(17);
  std::map<std::uint16_t, std::uint64_t> model;
  for (std::uint64_t token = 0; token < 10'000; ++token) {
    if (!in_flight.full() && random() % 2 == 0) {
      const auto identifier = in_flight.add(token, Awaits::puback);
      ASSERT_TRUE(identifier >= 1 && identifier <= 17);
      ASSERT_TRUE(model.emplace(identifier, token).second) << "given twice";
    } else if (!model.empty()) {
      const auto chosen = std::next(model.begin(), static_cast<int>(random() % model.size()));
      ASSERT_EQ(in_flight.remove(chosen->first), chosen->second);
      model.erase(chosen);
    }
    ASSERT_EQ(in_flight.size(), model.size());
  }
}

}  // namespace
}  // namespace pbxbridge::mqtt
