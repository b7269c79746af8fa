#include "mqtt/in_flight.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace pbxbridge::mqtt {
namespace {

using Awaits = InFlight::Awaits;

TEST(InFlight, KnowsWhichMessageAnIdentifierStandsFor) {
  InFlight in_flight(2);
  in_flight.add(7, 100, Awaits::puback);
  in_flight.add(65'535, 101, Awaits::pubrec);
  EXPECT_TRUE(in_flight.full());
  EXPECT_EQ(in_flight.awaits(7), Awaits::puback);
  EXPECT_EQ(in_flight.awaits(65'535), Awaits::pubrec);
  EXPECT_EQ(in_flight.size_of_qos_2(), 1U);
  EXPECT_EQ(in_flight.remove(65'535), 101U);
  EXPECT_EQ(in_flight.awaits(65'535), Awaits::nothing);
  EXPECT_EQ(in_flight.size(), 1U);
  in_flight.add(8, 102, Awaits::puback);
  EXPECT_EQ(in_flight.awaits(65'535), Awaits::nothing) << "its slot is another's";
  EXPECT_EQ(in_flight.remove(7), 100U);
}

TEST(InFlight, KnowsNothingOfIdentifiersThatStandForNothing) {
  InFlight in_flight(20);
  for (const std::uint16_t identifier : {0, 1, 20, 21, 65'535})
    EXPECT_EQ(in_flight.awaits(identifier), Awaits::nothing);
  in_flight.add(5, 1, Awaits::puback);
  for (const std::uint16_t identifier : {0, 1, 20, 21, 65'535})
    EXPECT_EQ(in_flight.awaits(identifier), Awaits::nothing);
}

TEST(InFlight, HoldsAsManyAsThereAreIdentifiers) {
  InFlight in_flight(65'535);
  for (std::uint64_t token = 0; token < 65'535; ++token)
    in_flight.add(static_cast<std::uint16_t>(token + 1), token, Awaits::puback);
  EXPECT_TRUE(in_flight.full());
  EXPECT_EQ(in_flight.remove(65'535), 65'534U);
  EXPECT_EQ(in_flight.remove(1), 0U);
}

TEST(InFlight, CountsTheAgeOfTheOldest) {
  InFlight in_flight(3);
  EXPECT_EQ(in_flight.oldest_age(), 0U);
  in_flight.add(1, 1, Awaits::puback);
  in_flight.tick();
  in_flight.add(2, 2, Awaits::pubrec);
  in_flight.tick();
  EXPECT_EQ(in_flight.oldest_age(), 2U);
  in_flight.remove(1);
  EXPECT_EQ(in_flight.oldest_age(), 1U);
}

TEST(InFlight, AgreesWithAMapWhateverTheOrderOfAcknowledgements) {
  std::mt19937 random(1);
  InFlight in_flight(17);
  std::map<std::uint16_t, std::uint64_t> model;
  for (std::uint64_t token = 0; token < 10'000; ++token) {
    if (!in_flight.full() && random() % 2 == 0) {
      const auto identifier = static_cast<std::uint16_t>(1 + random() % 65'535);
      if (!model.emplace(identifier, token).second) continue;
      ASSERT_EQ(in_flight.awaits(identifier), Awaits::nothing);
      in_flight.add(identifier, token, Awaits::puback);
      ASSERT_EQ(in_flight.awaits(identifier), Awaits::puback);
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
