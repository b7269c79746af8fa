#include "hex.hpp"
#include "mqtt/connect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::mqtt {
namespace {

using testing::HasSubstr;

std::string encoded(const Connect& connect, Version version) {
  std::string bytes;
  append_connect(bytes, connect, version);
  return to_hex(bytes);
}

/// The connection of the examples in the standards: user name, password, will with QoS 1, clean start, keep alive 10 s.
Connect example() {
  Connect connect;
  connect.client_identifier = "c";
  connect.keep_alive = 10;
  connect.will = Will{.topic = "w", .payload = "off", .qos = 1, .retain = false};
  connect.user_name = "u";
  connect.password = "p";
  return connect;
}

// MQTT 5.0, 3.1.2.12, figure 3-6, with another property and the payload after it.
TEST(ConnectPacket, IsThatOfTheStandardInVersion5) {
  Connect connect = example();
  connect.maximum_packet_size = 65'536;
  EXPECT_EQ(encoded(connect, Version::v5),
            "10 22 00 04 4D 51 54 54 05 CE 00 0A 05 27 00 01 00 00 "
            "00 01 63 00 00 01 77 00 03 6F 66 66 00 01 75 00 01 70");
}

// MQTT 3.1.1, 3.1.2.5, figure 3.6, with the payload after it.
TEST(ConnectPacket, IsThatOfTheStandardInVersion311) {
  Connect connect = example();
  connect.maximum_packet_size = 65'536;
  EXPECT_EQ(encoded(connect, Version::v3_1_1),
            "10 1B 00 04 4D 51 54 54 04 CE 00 0A "
            "00 01 63 00 01 77 00 03 6F 66 66 00 01 75 00 01 70");
}

TEST(ConnectPacket, HasOnlyWhatIsSet) {
  Connect connect;
  connect.client_identifier = "c";
  connect.clean_start = false;
  EXPECT_EQ(encoded(connect, Version::v3_1_1), "10 0D 00 04 4D 51 54 54 04 00 00 00 00 01 63");
  EXPECT_EQ(encoded(connect, Version::v5), "10 0E 00 04 4D 51 54 54 05 00 00 00 00 00 01 63");
  connect.maximum_packet_size = 65'536;
  connect.will = Will{.topic = "w", .payload = "", .qos = 0, .retain = true};
  EXPECT_EQ(encoded(connect, Version::v5),
            "10 19 00 04 4D 51 54 54 05 24 00 00 05 27 00 01 00 00 00 01 63 00 00 01 77 00 00");
}

TEST(ConnectPacket, SaysHowLongTheSessionLastsAndTheWillWaits) {
  Connect connect;
  connect.client_identifier = "c";
  connect.clean_start = false;
  connect.session_expiry_interval = 60;
  connect.will = Will{.topic = "w", .payload = "", .qos = 0, .retain = true, .delay_interval = 10};
  EXPECT_EQ(encoded(connect, Version::v5),
            "10 1E 00 04 4D 51 54 54 05 24 00 00 05 11 00 00 00 3C 00 01 63 05 18 00 00 00 0A 00 01 77 00 00");
  EXPECT_EQ(encoded(connect, Version::v3_1_1), "10 12 00 04 4D 51 54 54 04 24 00 00 00 01 63 00 01 77 00 00");
}

// CONNACK

TEST(ConnackPacket, LeavesTheStandardsLimitsWhereItSaysNothing) {
  const auto connack = read_connack(hex("00 00 00"), Version::v5);
  ASSERT_TRUE(connack);
  EXPECT_EQ(connack->reason_code, 0);
  EXPECT_FALSE(connack->session_present);
  EXPECT_EQ(connack->receive_maximum, 65'535);
  EXPECT_EQ(connack->maximum_packet_size, 268'435'460U);
  EXPECT_EQ(connack->maximum_qos, 2U);
  EXPECT_TRUE(connack->retain_available);
  EXPECT_EQ(connack->server_keep_alive, std::nullopt);
}

TEST(ConnackPacket, HoldsTheBrokersLimits) {
  const auto connack =
      read_connack(hex("01 00 14 21 00 14 27 00 01 00 00 24 01 25 00 13 00 1E 12 00 02 69 64"), Version::v5);
  ASSERT_TRUE(connack) << connack.error().text;
  EXPECT_TRUE(connack->session_present);
  EXPECT_EQ(connack->receive_maximum, 20);
  EXPECT_EQ(connack->maximum_packet_size, 65'536U);
  EXPECT_EQ(connack->maximum_qos, 1U);
  EXPECT_FALSE(connack->retain_available);
  EXPECT_EQ(connack->server_keep_alive, 30);
  EXPECT_EQ(connack->assigned_client_identifier, "id");
}

TEST(ConnackPacket, HoldsTheReasonsOfARejection) {
  const auto connack = read_connack(hex("00 9D 10 1C 00 01 62 1F 00 03 6F 66 66 26 00 00 00 01 78"), Version::v5);
  ASSERT_TRUE(connack) << connack.error().text;
  EXPECT_EQ(connack->reason_code, 0x9D);
  EXPECT_EQ(connack->server_reference, "b");
  EXPECT_EQ(connack->reason_string, "off");
}

TEST(ConnackPacket, ReadsOverWhatAPublisherHasNoUseFor) {
  const auto connack = read_connack(
      hex("00 00 1C 11 00 00 00 09 22 00 0A 26 00 01 6E 00 01 76 26 00 01 6E 00 01 76 28 01 29 01 2A 01"), Version::v5);
  EXPECT_TRUE(connack) << connack.error().text;
}

TEST(ConnackPacket, HasNoPropertiesInVersion311) {
  const auto connack = read_connack(hex("01 00"), Version::v3_1_1);
  ASSERT_TRUE(connack);
  EXPECT_TRUE(connack->session_present);
  EXPECT_EQ(read_connack(hex("00 05"), Version::v3_1_1)->reason_code, 5);
  EXPECT_FALSE(read_connack(hex("00 00 00"), Version::v3_1_1));
}

TEST(ConnackPacket, IsTakenFromABrokerThatKnowsNoVersion5) {
  const auto connack = read_connack(hex("00 01"), Version::v5);
  ASSERT_TRUE(connack);
  EXPECT_EQ(connack->reason_code, 1);
}

TEST(ConnackPacket, IsRejectedWhereItIsMalformed) {
  const std::pair<std::string_view, std::string_view> examples[] = {
      {"00", "cut short"},
      {"02 00 00", "flags are 0x02"},
      {"00 00", "cut short"},                            // no properties' length
      {"00 00 03 21 00", "cut short"},                   // fewer properties than it says
      {"00 00 02 21 00", "property 0x21 is cut short"},  // half a number
      {"00 00 04 1F 00 05 61", "0x1F is cut short"},     // half a text
      {"00 00 02 00 00", "0x00 does not exist"},
      {"00 00 02 7F 00", "0x7F does not exist"},
      {"00 00 06 21 00 14 21 00 14", "0x21 is there twice"},
      {"00 00 03 21 00 00", "Receive Maximum is 0"},
      {"00 00 05 27 00 00 00 00", "Maximum Packet Size is 0"},
      {"00 00 02 24 02", "Maximum QoS is 2"},
      {"00 00 00 00", "length"},
      {"00 00 80 80 80 80 00", "cut short"}};
  for (const auto& [bytes, problem] : examples) {
    const auto connack = read_connack(hex(bytes), Version::v5);
    ASSERT_FALSE(connack) << bytes;
    EXPECT_THAT(connack.error().text, HasSubstr(std::string(problem))) << bytes;
  }
}

}  // namespace
}  // namespace pbxbridge::mqtt
