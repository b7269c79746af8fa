#include "publisher_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace pbxbridge::mqtt {
namespace {

// Identifiers over several connections

TEST_F(PublisherTest, RollsIdentifiersOnOverConnections) {
  connect();
  publish(100, 1);
  publish(101, 2);
  connect_again();
  publish(102, 1);
  EXPECT_EQ(output(), "32 06 00 01 61 00 03 00");
  EXPECT_EQ(receive("40 02 00 01 40 02 00 03"), Kind::acknowledged);
  EXPECT_EQ(incoming_.token, 102U) << "the first is of the earlier connection";
}

TEST_F(PublisherTest, RollsIdentifiersRoundWithoutUsingOneTwiceAtOnce) {
  connect();
  publish(1, 1);
  (void)output();
  for (std::uint64_t token = 2; token <= 200'000; ++token) {
    publish(token, 1);
    const std::string sent = std::exchange(publisher_->output(), {});
    ASSERT_NE(sent.substr(5, 2), std::string("\0\1", 2)) << token;
    const std::string answer = "\x40\x02" + sent.substr(5, 2);
    std::string_view bytes = answer;
    ASSERT_EQ(publisher_->next(bytes).token, token);
  }
  EXPECT_EQ(receive("40 02 00 01"), Kind::acknowledged);
  EXPECT_EQ(incoming_.token, 1U);
}

TEST_F(PublisherTest, ReleasesWhatAConnectionHasLeftBeforeItUsesTheIdentifierAgain) {
  identifiers_ = PacketIdentifiers(65'534);
  connect_again();
  publish(100, 2);  // FF FE, never answered
  publish(101, 2);  // FF FF, received and never completed
  EXPECT_EQ(receive("50 02 FF FF"), Kind::nothing);
  identifiers_.use(65'532);  // once round
  connect_again();
  publish(102, 2);
  EXPECT_EQ(receive("50 02 FF FD 70 02 FF FD"), Kind::acknowledged);
  (void)output();
  EXPECT_FALSE(publisher_->has_room(2));
  EXPECT_TRUE(publisher_->has_room(1));
  publisher_->request_room(2);
  EXPECT_EQ(output(), "62 02 FF FE 62 02 FF FF");
  publisher_->request_room(2);
  EXPECT_EQ(output(), "") << "once is enough";
  publisher_->tick();
  EXPECT_EQ(publisher_->oldest_age(), 1U) << "the broker owes an answer";
  EXPECT_EQ(receive("70 03 FF FE 92"), Kind::nothing);
  EXPECT_TRUE(publisher_->has_room(2));
  publish(103, 2);
  EXPECT_EQ(output(), "34 06 00 01 61 FF FE 00");
  EXPECT_EQ(receive("70 02 FF FF"), Kind::nothing);
  EXPECT_EQ(publisher_->oldest_age(), 0U);
}

TEST_F(PublisherTest, DoesNotUseAnIdentifierThatIsBeingReleased) {
  identifiers_.doubt_all();
  connect_again();
  publish(100, 2);
  EXPECT_EQ(receive("50 02 00 01"), Kind::nothing);
  publisher_->request_room(2);
  (void)output();
  publish(101, 1);
  EXPECT_EQ(output(), "32 06 00 01 61 01 F6 00") << "after the 500 that are";
}

TEST_F(PublisherTest, DoubtsAllIdentifiersOfASessionThatTheBrokerHasKept) {
  connect("20 03 01 00 00");
  EXPECT_TRUE(publisher_->has_room(2)) << "one shows what the broker makes of QoS 2";
  publish(100, 2);
  EXPECT_FALSE(publisher_->has_room(2));
  publisher_->request_room(2);
  EXPECT_EQ(output(), "34 06 00 01 61 00 01 00") << "a broker without QoS 2 may know no PUBREL";
  EXPECT_EQ(receive("50 02 00 01"), Kind::nothing);
  (void)output();
  publisher_->request_room(2);
  EXPECT_EQ(publisher_->output().size(), 500U * 4);
  EXPECT_EQ(receive("70 02 00 02"), Kind::nothing);
  EXPECT_TRUE(publisher_->has_room(2));
}

TEST_F(PublisherTest, ReleasesNothingForABrokerWithoutQos2) {
  identifiers_.doubt_all();
  connect_again();
  publish(100, 2);
  EXPECT_EQ(receive("40 02 00 01"), Kind::acknowledged);
  (void)output();
  EXPECT_TRUE(publisher_->has_room(2));
  publish(101, 2);
  EXPECT_TRUE(publisher_->has_room(2));
  EXPECT_EQ(output(), "34 06 00 01 61 00 02 00");
}

// aedes
TEST_F(PublisherTest, ReleasesNothingForABrokerThatEndsConnectionsForIt) {
  identifiers_.doubt_all();
  for (int connection = 0; connection < 2; ++connection) {
    connect_again();
    publish(100, 2);
    EXPECT_EQ(receive("50 02 00 0" + std::to_string(connection + 1)), Kind::nothing);
    (void)output();
    EXPECT_FALSE(publisher_->has_room(2));
    publisher_->request_room(2);
    EXPECT_FALSE(output().empty());
  }
  connect_again();
  for (int message = 0; message < 19; ++message) {
    ASSERT_TRUE(publisher_->has_room(2));
    publish(101, 2);
  }
  publisher_->request_room(2);
  EXPECT_EQ(output().substr(0, 26), "34 06 00 01 61 00 03 00 34");
  identifiers_.use(65'535);  // once round
  EXPECT_TRUE(publisher_->has_room(2));
  publish(102, 2);
  EXPECT_EQ(output(), "34 06 00 01 61 00 16 00") << "what may be unfinished is left out";
}

}  // namespace
}  // namespace pbxbridge::mqtt
