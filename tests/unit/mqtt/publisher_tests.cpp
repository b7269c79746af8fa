#include "publisher_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace pbxbridge::mqtt {
namespace {

using testing::HasSubstr;

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
                                       {"48 54 54 51", "malformed PUBACK"},
                                       {"48 54 54 50 2F 31", "its answer is HTTP"}}) {
    begin(Version::v3_1_1, 1, {});
    EXPECT_EQ(receive(bytes), Kind::failed) << bytes;
    EXPECT_THAT(incoming_.detail, HasSubstr(problem));
    EXPECT_EQ(next(), Kind::nothing);
  }
}

TEST_F(PublisherTest, TellsWhoAnswersInPlaceOfABroker) {
  using Peer = Publisher::Incoming::Peer;
  for (const auto& [bytes, peer] : {std::pair{"20 06 00 00 03 21 00 00", Peer::broker},  // Receive Maximum 0
                                    {"20 09 00 00 06 21 00 05 21 00 05", Peer::broker},  // twice
                                    {"20 02 00 00", Peer::broker},                       // of MQTT 3.1.1
                                    {"20 02 48 54", Peer::unknown},                      // flags of none
                                    {"20 01 00", Peer::unknown},                         // without a reason code
                                    {"53 53 48 2D 32", Peer::unknown},                   // SSH
                                    {"48 54 54 50 2F 31 2E 31", Peer::http_server}}) {
    begin(Version::v5, 1, {});
    EXPECT_EQ(receive(bytes), Kind::failed) << bytes;
    EXPECT_EQ(incoming_.peer, peer) << bytes;
  }
  begin(Version::v5, 1, {});
  EXPECT_EQ(receive("48 54"), Kind::nothing);
  EXPECT_EQ(receive("48 54 54 50 2F"), Kind::failed) << "the bytes that were left, and more";
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

TEST_F(PublisherTest, NeverReleasesWhatItWithholds) {
  connect();
  publisher_->withhold();
  publish(100, 2);
  (void)output();
  EXPECT_EQ(receive("50 02 00 01"), Kind::acknowledged);
  EXPECT_EQ(incoming_.token, 100U);
  EXPECT_EQ(incoming_.reason_code, reason::success);
  publish(101, 2);
  (void)output();
  EXPECT_EQ(receive("50 03 00 02 87"), Kind::acknowledged);
  EXPECT_EQ(incoming_.reason_code, 0x87);
  EXPECT_EQ(output(), "") << "no PUBREL";
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

// PUBREC has said that it arrived: sent again, it would arrive twice.
TEST_F(PublisherTest, TakesAMessageForDeliveredThatABrokerHasReceivedAndForgotten) {
  connect();
  publish(100, 2);
  publish(101, 2);
  EXPECT_EQ(receive("50 02 00 01 50 02 00 02 70 03 00 01 92"), Kind::acknowledged);
  EXPECT_EQ(incoming_.token, 100U);
  EXPECT_EQ(incoming_.reason_code, 0);
  EXPECT_EQ(receive("70 03 00 02 80"), Kind::acknowledged);
  EXPECT_EQ(incoming_.reason_code, 0x80) << "which the standard does not have";
  publish(102, 2);
  EXPECT_EQ(receive("50 03 00 03 92"), Kind::acknowledged);
  EXPECT_EQ(incoming_.reason_code, 0x92) << "it has not arrived";
  publish(103, 1);
  EXPECT_EQ(receive("40 03 00 04 92"), Kind::acknowledged);
  EXPECT_EQ(incoming_.reason_code, 0x92);
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
