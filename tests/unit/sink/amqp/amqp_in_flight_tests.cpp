#include "pbxbridge/event.hpp"
#include "sink/amqp/amqp_in_flight.hpp"
#include "sink/mqtt_delivery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::sink {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class AmqpInFlightTest : public testing::Test {
 protected:
  /// Tags count from 1, tokens here from 101.
  void publish(std::size_t count, const std::string& routing_key = "pbx.queue") {
    for (std::size_t i = 0; i < count; ++i)
      in_flight_.add({.token = ++last_token_, .event = event_, .exchange = "amq.topic", .routing_key = routing_key});
  }
  void come_back(const std::string& routing_key, const std::string& words) {
    in_flight_.returned("amq.topic", routing_key, event_->id(),
                        {.kind = Outcome::Kind::retry, .reason = "no queue takes it", .peer_words = words});
  }
  /// Tokens and kinds of the outcomes since the last call.
  std::vector<std::pair<std::uint64_t, Outcome::Kind>> outcomes() {
    std::vector<std::pair<std::uint64_t, Outcome::Kind>> taken;
    for (const auto& [token, outcome] : outcomes_) taken.emplace_back(token, outcome.kind);
    outcomes_.clear();
    return taken;
  }

  const EventPtr event_ = test::make_event("{}");
  AmqpInFlight in_flight_;
  AmqpInFlight::Outcomes outcomes_;

 private:
  std::uint64_t last_token_ = 100;
};

constexpr auto delivered = Outcome::Kind::delivered;
constexpr auto retry = Outcome::Kind::retry;

TEST_F(AmqpInFlightTest, SettlesOneMessageByItsTag) {
  publish(3);
  EXPECT_TRUE(in_flight_.acknowledged(2, false, outcomes_));
  EXPECT_THAT(outcomes(), ElementsAre(Pair(102, delivered)));
  EXPECT_TRUE(in_flight_.acknowledged(1, false, outcomes_));
  EXPECT_THAT(outcomes(), ElementsAre(Pair(101, delivered)));
  EXPECT_EQ(in_flight_.size(), 1U);
}

TEST_F(AmqpInFlightTest, SettlesAllUpToATagAndNoneTwice) {
  publish(4);
  EXPECT_TRUE(in_flight_.acknowledged(2, false, outcomes_));
  outcomes();
  EXPECT_TRUE(in_flight_.acknowledged(3, true, outcomes_));
  EXPECT_THAT(outcomes(), ElementsAre(Pair(101, delivered), Pair(103, delivered)));
  publish(1);
  EXPECT_TRUE(in_flight_.rejected(0, true, outcomes_)) << "0: all";
  EXPECT_THAT(outcomes(), ElementsAre(Pair(104, retry), Pair(105, retry)));
  EXPECT_EQ(in_flight_.size(), 0U);
}

TEST_F(AmqpInFlightTest, TriesAgainWhatCameBackBeforeItsConfirm) {
  publish(1);
  publish(1, "pbx.nobody");
  publish(1);
  come_back("pbx.nobody", "NO_ROUTE");
  EXPECT_TRUE(in_flight_.acknowledged(3, true, outcomes_));
  ASSERT_EQ(outcomes_.size(), 3U);
  EXPECT_EQ(outcomes_[1].second.peer_words, "NO_ROUTE");
  EXPECT_THAT(outcomes(), ElementsAre(Pair(101, delivered), Pair(102, retry), Pair(103, delivered)));
}

TEST_F(AmqpInFlightTest, MatchesEachReturnWithOneOfSeveralLikeMessages) {
  publish(3, "pbx.nobody");
  come_back("pbx.nobody", "NO_ROUTE");
  come_back("pbx.nobody", "NO_ROUTE");
  EXPECT_TRUE(in_flight_.acknowledged(3, true, outcomes_));
  EXPECT_THAT(outcomes(), ElementsAre(Pair(101, retry), Pair(102, retry), Pair(103, delivered)));
}

TEST_F(AmqpInFlightTest, IgnoresTheReturnOfWhatItDoesNotHave) {
  publish(1);
  come_back("pbx.other", "NO_ROUTE");
  EXPECT_TRUE(in_flight_.acknowledged(1, false, outcomes_));
  EXPECT_THAT(outcomes(), ElementsAre(Pair(101, delivered)));
}

TEST_F(AmqpInFlightTest, RejectsConfirmsOfWhatDoesNotWait) {
  EXPECT_FALSE(in_flight_.acknowledged(1, false, outcomes_)) << "nothing was sent";
  EXPECT_FALSE(in_flight_.acknowledged(0, true, outcomes_));
  publish(2);
  EXPECT_FALSE(in_flight_.acknowledged(0, false, outcomes_));
  EXPECT_FALSE(in_flight_.acknowledged(3, false, outcomes_)) << "not sent yet";
  EXPECT_FALSE(in_flight_.rejected(3, true, outcomes_));
  EXPECT_TRUE(in_flight_.acknowledged(2, false, outcomes_));
  EXPECT_FALSE(in_flight_.acknowledged(2, false, outcomes_)) << "again";
  EXPECT_TRUE(in_flight_.acknowledged(1, false, outcomes_));
  EXPECT_FALSE(in_flight_.acknowledged(1, false, outcomes_)) << "again, and gone";
  outcomes();
  EXPECT_FALSE(in_flight_.acknowledged(~0ULL, false, outcomes_));
  EXPECT_THAT(outcomes_, IsEmpty());
}

}  // namespace
}  // namespace pbxbridge::sink
