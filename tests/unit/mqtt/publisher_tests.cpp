#include "hex.hpp"
#include "mqtt/publisher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace pbxbridge::mqtt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = Publisher::Incoming::Kind;

class PublisherTest : public testing::Test {
 protected:
  /// A publisher that a broker has accepted with this CONNACK; the first of its client.
  void connect(std::string_view connack = "20 03 00 00 00", Version version = Version::v5,
               std::uint16_t receive_maximum = 20) {
    identifiers_ = PacketIdentifiers(1);
    connect_again(connack, version, receive_maximum);
  }
  void connect_again(std::string_view connack = "20 03 00 00 00", Version version = Version::v5,
                     std::uint16_t receive_maximum = 20) {
    begin(version, receive_maximum, {.clean_start = false});
    ASSERT_EQ(receive(connack), Kind::accepted) << incoming_.detail;
  }
  void begin(Version version, std::uint16_t receive_maximum, const Connect& connect) {
    publisher_.emplace(version, receive_maximum, identifiers_);
    publisher_->connect(connect);
    (void)output();
  }
  /// Takes the bytes to be sent.
  std::string output() { return to_hex(std::exchange(publisher_->output(), {})); }
  void publish(std::uint64_t token, unsigned qos) {
    Publish publish;
    publish.topic = "a";
    publish.qos = qos;
    publisher_->publish(token, publish);
  }
  Kind receive(std::string_view bytes) {
    received_ = hex(bytes);
    left_ = received_;
    return next();
  }
  Kind next() {
    incoming_ = publisher_->next(left_);
    return incoming_.kind;
  }

  PacketIdentifiers identifiers_{1};
  std::optional<Publisher> publisher_;
  Publisher::Incoming incoming_;
  std::string received_;
  std::string_view left_;
};

// Connecting

TEST_F(PublisherTest, IsAcceptedWithTheBrokersLimits) {
  connect("20 06 00 00 03 21 00 05");
  EXPECT_EQ(publisher_->window(), 5U);
  connect("20 06 00 00 03 21 00 FF");
  EXPECT_EQ(publisher_->window(), 20U) << "its own limit is lower";
  connect("20 03 00 00 00");
  EXPECT_EQ(publisher_->window(), 20U);
  connect("20 02 00 00", Version::v3_1_1);
  EXPECT_EQ(publisher_->window(), 20U);
}

TEST_F(PublisherTest, IsRejected) {
  begin(Version::v5, 1, {});
  EXPECT_EQ(receive("20 03 00 87 00 40 02 00 01"), Kind::rejected);
  EXPECT_EQ(incoming_.reason_code, 0x87);
  EXPECT_EQ(next(), Kind::nothing) << "nothing follows";
}

TEST_F(PublisherTest, CountsWholePackets) {
  connect();
  const std::uint64_t before = publisher_->packets();
  EXPECT_EQ(before, 1U);
  receive("D0");
  receive("30 06 00 01 61 00");
  EXPECT_EQ(publisher_->packets(), before) << "bytes alone";
  receive("70 71");
  EXPECT_EQ(publisher_->packets(), before + 1) << "the end of a PUBLISH";
  receive("D0 00 32 06 00 01 61 01 02 00 30 03 00 01 61 D0 00");
  while (next() != Kind::nothing) {
  }
  EXPECT_EQ(publisher_->packets(), before + 5);
}

TEST_F(PublisherTest, TakesNothingBeforeConnack) {
  for (const auto& [bytes, problem] : {std::pair{"40 02 00 01", "PUBACK before CONNACK"},
                                       {"E0 00", "DISCONNECT before CONNACK"},
                                       {"20 02 02 00", "malformed CONNACK: its flags are 0x02"},
                                       {"48 54 54 50", "malformed PUBACK"}}) {  // HTTP
    begin(Version::v3_1_1, 1, {});
    EXPECT_EQ(receive(bytes), Kind::failed) << bytes;
    EXPECT_THAT(incoming_.detail, HasSubstr(problem));
    EXPECT_EQ(next(), Kind::nothing);
  }
}

// Publishing

TEST_F(PublisherTest, PublishesWithQos0WithoutAnIdentifier) {
  connect();
  publish(1, 0);
  EXPECT_EQ(output(), "30 04 00 01 61 00");
  EXPECT_EQ(publisher_->in_flight(), 0U);
}

TEST_F(PublisherTest, GivesTheTokenOfWhatIsAcknowledged) {
  connect();
  publish(100, 1);
  publish(101, 1);
  EXPECT_EQ(output(), "32 06 00 01 61 00 01 00 32 06 00 01 61 00 02 00");
  EXPECT_EQ(publisher_->in_flight(), 2U);
  EXPECT_EQ(receive("40 02 00 02 40 0A 00 01 87 06 1F 00 03 6E 6F 21"), Kind::acknowledged);
  EXPECT_EQ(incoming_.token, 101U);
  EXPECT_EQ(incoming_.reason_code, 0);
  EXPECT_EQ(next(), Kind::acknowledged);
  EXPECT_EQ(incoming_.token, 100U);
  EXPECT_EQ(incoming_.reason_code, 0x87);
  EXPECT_EQ(incoming_.reason_string, "no!");
  EXPECT_EQ(next(), Kind::nothing);
  EXPECT_EQ(publisher_->in_flight(), 0U);
}

TEST_F(PublisherTest, ReleasesAMessageOfQos2BeforeItIsDone) {
  connect();
  publish(100, 2);
  EXPECT_EQ(output(), "34 06 00 01 61 00 01 00");
  EXPECT_EQ(receive("50 02 00 01"), Kind::nothing);
  EXPECT_EQ(output(), "62 02 00 01");
  EXPECT_EQ(publisher_->in_flight(), 1U);
  EXPECT_EQ(receive("50 02 00 01"), Kind::nothing) << "said again";
  EXPECT_EQ(output(), "62 02 00 01");
  EXPECT_EQ(receive("70 02 00 01"), Kind::acknowledged);
  EXPECT_EQ(incoming_.token, 100U);
  EXPECT_EQ(output(), "");
}

TEST_F(PublisherTest, IsDoneWithAMessageOfQos2ThatIsRejected) {
  connect();
  publish(100, 2);
  (void)output();
  EXPECT_EQ(receive("50 03 00 01 97"), Kind::acknowledged);
  EXPECT_EQ(incoming_.reason_code, 0x97);
  EXPECT_EQ(output(), "");
}

TEST_F(PublisherTest, HasRoomForTheWindow) {
  connect("20 06 00 00 03 21 00 01");
  EXPECT_TRUE(publisher_->has_room(1));
  publish(1, 1);
  EXPECT_FALSE(publisher_->has_room(1));
  EXPECT_FALSE(publisher_->has_room(2));
  EXPECT_TRUE(publisher_->has_room(0));
  EXPECT_EQ(receive("40 02 00 01"), Kind::acknowledged);
  EXPECT_TRUE(publisher_->has_room(1));
}

TEST_F(PublisherTest, HasRoomForFewMessagesOfQos2WhereTheBrokerCannotSayHowMany) {
  connect("20 02 00 00", Version::v3_1_1, 100);
  for (std::uint64_t token = 1; token <= 20; ++token) {
    EXPECT_TRUE(publisher_->has_room(2));
    publish(token, 2);
  }
  EXPECT_FALSE(publisher_->has_room(2));
  EXPECT_TRUE(publisher_->has_room(1));
  EXPECT_EQ(receive("50 02 00 01"), Kind::nothing);
  EXPECT_FALSE(publisher_->has_room(2));
  EXPECT_EQ(receive("70 02 00 01"), Kind::acknowledged);
  EXPECT_TRUE(publisher_->has_room(2));
  connect("20 03 00 00 00", Version::v5, 100);
  for (std::uint64_t token = 1; token <= 20; ++token) publish(token, 2);
  EXPECT_TRUE(publisher_->has_room(2));
}

TEST_F(PublisherTest, OverlooksAnAcknowledgementOfNothing) {
  connect();
  EXPECT_EQ(receive("40 02 00 01 70 02 00 14 40 02 FF FF"), Kind::nothing);
  EXPECT_EQ(output(), "");
  EXPECT_EQ(receive("50 02 00 01"), Kind::nothing);
  EXPECT_EQ(output(), "62 03 00 01 92");
}

TEST_F(PublisherTest, TakesAnAcknowledgementThatIsGivenTwiceOnce) {
  connect("20 06 00 00 03 21 00 01");
  publish(100, 1);
  EXPECT_EQ(receive("40 02 00 01 40 02 00 01"), Kind::acknowledged);
  publish(101, 1);
  EXPECT_EQ(next(), Kind::nothing) << "it is not the next message's";
  EXPECT_EQ(receive("40 02 00 02"), Kind::acknowledged);
  EXPECT_EQ(incoming_.token, 101U);
}

// RabbitMQ, which has no QoS 2.
TEST_F(PublisherTest, TakesAMessageOfQos2ThatIsAcknowledgedAsOneOfQos1) {
  for (const auto version : {Version::v5, Version::v3_1_1}) {
    connect(version == Version::v5 ? "20 03 00 00 00" : "20 02 00 00", version);
    publish(100, 2);
    publish(101, 1);
    EXPECT_EQ(receive("40 02 00 01 40 02 00 02"), Kind::acknowledged);
    EXPECT_EQ(incoming_.token, 100U);
    EXPECT_TRUE(incoming_.is_downgraded);
    EXPECT_EQ(next(), Kind::acknowledged);
    EXPECT_EQ(incoming_.token, 101U);
    EXPECT_FALSE(incoming_.is_downgraded);
    EXPECT_EQ(publisher_->in_flight(), 0U);
  }
}

// mochi 2.7.9 in a kept session, where an earlier process left a message of QoS 2 under the identifier.
TEST_F(PublisherTest, ReleasesWhatABrokerTakesAMessageOfQos1For) {
  connect();
  publish(1, 1);
  (void)output();
  EXPECT_EQ(receive("50 02 00 01"), Kind::acknowledged);
  EXPECT_EQ(incoming_.token, 1U);
  EXPECT_EQ(incoming_.reason_code, 0x91) << "it is not delivered";
  EXPECT_EQ(output(), "62 02 00 01");
  EXPECT_EQ(receive("70 02 00 01"), Kind::nothing);
  publish(1, 1);
  EXPECT_EQ(receive("40 02 00 02"), Kind::acknowledged);
  EXPECT_EQ(incoming_.reason_code, 0);
}

TEST_F(PublisherTest, FailsAtWhatDoesNotFitTheQos) {
  const auto fails = [&](unsigned qos, std::string_view bytes, std::string_view detail) {
    connect();
    publish(1, qos);
    (void)output();
    EXPECT_EQ(receive(bytes), Kind::failed) << bytes;
    EXPECT_EQ(incoming_.detail, detail);
    EXPECT_THAT(output(), testing::EndsWith("E0 01 82"));
    EXPECT_EQ(publisher_->in_flight(), 1U) << "it is not delivered";
  };
  fails(1, "50 03 00 01 80", "it sent a PUBREC for a message of QoS 1");
  fails(1, "70 02 00 01", "it sent a PUBCOMP for a message of QoS 1");
  fails(2, "70 02 00 01", "it sent a PUBCOMP for a message of QoS 2 without a PUBREC before");
  fails(2, "50 02 00 01 40 02 00 01", "it sent a PUBACK for a message of QoS 2 after a PUBREC");
}

TEST_F(PublisherTest, TakesWhatComesInPieces) {
  connect();
  publish(100, 1);
  EXPECT_EQ(receive("40 02 00"), Kind::nothing);
  EXPECT_EQ(to_hex(left_), "40 02 00") << "kept for when there is more after it";
  EXPECT_EQ(receive("40 02 00 01 D0"), Kind::acknowledged);
  EXPECT_EQ(next(), Kind::nothing);
  EXPECT_EQ(to_hex(left_), "D0");
}

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

TEST_F(PublisherTest, FailsAtASessionThatWasToBeForgotten) {
  for (const auto version : {Version::v5, Version::v3_1_1}) {
    begin(version, 20, {.clean_start = true});
    EXPECT_EQ(receive(version == Version::v5 ? "20 03 01 00 00" : "20 02 01 00"), Kind::failed);
    EXPECT_EQ(incoming_.detail, "it sent a CONNACK with Session Present, and was asked to forget the session");
    EXPECT_EQ(output(), version == Version::v5 ? "E0 01 82" : "");
  }
}

TEST_F(PublisherTest, AnswersMessagesOfSubscriptionsThatItDidNotMake) {
  connect();
  EXPECT_EQ(receive("30 06 00 01 61 00 70 71 "
                    "32 08 00 01 61 01 02 00 70 71 "
                    "34 08 00 01 61 01 03 00 70 71 "
                    "62 02 01 03"),
            Kind::nothing);
  EXPECT_EQ(left_, "");
  EXPECT_EQ(output(), "40 02 01 02 50 02 01 03 70 02 01 03");
}

TEST_F(PublisherTest, SkipsALongMessageWithoutHoldingIt) {
  connect();
  publish(100, 1);
  (void)output();
  EXPECT_EQ(receive("32 80 80 40 00 01 61 01"), Kind::nothing);  // a MiB
  EXPECT_EQ(to_hex(left_), "32 80 80 40 00 01 61 01");
  EXPECT_EQ(receive("32 80 80 40 00 01 61 01 02 00 70"), Kind::nothing);
  EXPECT_EQ(left_, "");
  EXPECT_EQ(output(), "40 02 01 02");
  const std::string rest(1024 * 1024 - 7, 'x');
  left_ = rest;
  EXPECT_EQ(next(), Kind::nothing);
  EXPECT_EQ(left_, "");
  EXPECT_EQ(receive("40 02 00 01"), Kind::acknowledged);
}

// The end

TEST_F(PublisherTest, TellsTheBrokersReasonForItsEnd) {
  connect();
  EXPECT_EQ(receive("E0 09 8B 07 1F 00 04 73 6F 6F 6E 40 02 00 01"), Kind::disconnected);
  EXPECT_EQ(incoming_.reason_code, 0x8B);
  EXPECT_EQ(incoming_.reason_string, "soon");
  EXPECT_EQ(next(), Kind::nothing);
}

TEST_F(PublisherTest, TakesADisconnectInMqtt311AsItComes) {
  connect("20 02 00 00", Version::v3_1_1);
  EXPECT_EQ(receive("E0 00"), Kind::disconnected);
  connect("20 02 00 00", Version::v3_1_1);
  EXPECT_EQ(receive("E0 02 95 00"), Kind::disconnected);
  EXPECT_EQ(incoming_.reason_code, 0x95);
  connect("20 02 00 00", Version::v3_1_1);
  EXPECT_EQ(receive("E0 01 8B"), Kind::disconnected);
  connect("20 02 00 00", Version::v3_1_1);
  EXPECT_EQ(receive("E0 03 00 00 00"), Kind::disconnected) << "whatever follows";
}

TEST_F(PublisherTest, SaysWhyItEndsTheConnection) {
  for (const auto& [bytes, said] : {std::pair{"20 03 00 00 00", "E0 01 82"},  // a second CONNACK
                                    {"90 03 00 01 00", "E0 01 82"},           // SUBACK
                                    {"D0 01 00", "E0 01 81"},                 // malformed
                                    {"41 02 00 01", "E0 01 81"},
                                    {"40 FF FF FF FF", "E0 01 81"},
                                    {"40 81 80 04", "E0 01 95"}}) {  // above our Maximum Packet Size
    connect();
    EXPECT_EQ(receive(bytes), Kind::failed) << bytes;
    EXPECT_EQ(output(), said) << bytes;
    connect("20 02 00 00", Version::v3_1_1);
    EXPECT_EQ(receive(bytes), Kind::failed) << bytes;
    EXPECT_EQ(output(), "") << "it would make the broker drop the will";
  }
}

TEST_F(PublisherTest, FailsAtWhatABrokerDoesNotSend) {
  for (const auto& [bytes, problem] : {std::pair{"20 03 00 00 00", "second CONNACK"},
                                       {"90 03 00 01 00", "it sent SUBACK"},
                                       {"D0 01 00", "malformed PINGRESP"},
                                       {"40 01 00", "malformed PUBACK"},
                                       {"40 81 80 04", "a PUBACK of 65537 bytes"},
                                       {"32 03 00 05 61", "malformed PUBLISH"},
                                       {"32 01 00", "malformed PUBLISH"}}) {
    connect();
    EXPECT_EQ(receive(bytes), Kind::failed) << bytes;
    EXPECT_THAT(incoming_.detail, HasSubstr(problem));
  }
}

TEST_F(PublisherTest, PingsAndSaysGoodbye) {
  connect();
  publisher_->ping();
  EXPECT_EQ(receive("D0 00"), Kind::pong);
  publisher_->disconnect();
  EXPECT_EQ(output(), "C0 00 E0 00");
}

}  // namespace
}  // namespace pbxbridge::mqtt
