#include "hex.hpp"
#include "mqtt/acknowledgement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::mqtt {
namespace {

using testing::HasSubstr;

TEST(AcknowledgementPacket, LeavesOutWhatIsSuccess) {
  const auto read = read_acknowledgement(hex("01 02"), Version::v5);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->packet_identifier, 0x0102);
  EXPECT_EQ(read->reason_code, 0);
  EXPECT_EQ(read->reason_string, "");
}

TEST(AcknowledgementPacket, SaysWhyItRejects) {
  EXPECT_EQ(read_acknowledgement(hex("01 02 87"), Version::v5)->reason_code, 0x87);
  const std::string bytes = hex("01 02 97 0C 26 00 01 6E 00 01 76 1F 00 02 6E 6F");
  const auto read = read_acknowledgement(bytes, Version::v5);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->reason_code, 0x97);
  EXPECT_EQ(read->reason_string, "no");
}

TEST(AcknowledgementPacket, IsRejectedWhereItIsMalformed) {
  const std::pair<std::string_view, std::string_view> examples[] = {{"", "length"},
                                                                    {"01", "length"},
                                                                    {"00 00", "identifier is 0"},
                                                                    {"00 01 00 00 00", "length"},
                                                                    {"00 01 00 05", "cut short"},
                                                                    {"00 01 00 03 1F 00 05", "cut short"},
                                                                    {"00 01 00 01 04", "does not exist"}};
  for (const auto& [bytes, problem] : examples) {
    const auto read = read_acknowledgement(hex(bytes), Version::v5);
    ASSERT_FALSE(read) << bytes;
    EXPECT_THAT(read.error().text, HasSubstr(std::string(problem))) << bytes;
  }
  EXPECT_FALSE(read_acknowledgement(hex("00 01 00"), Version::v3_1_1));
}

TEST(AcknowledgementPacket, IsWrittenAsShortAsCanBe) {
  std::string bytes;
  append_acknowledgement(bytes, PacketType::puback, 1, Version::v5);
  append_acknowledgement(bytes, PacketType::pubrec, 2, Version::v3_1_1, 0x92);
  append_acknowledgement(bytes, PacketType::pubrel, 0x1234, Version::v5, 0x92);
  append_acknowledgement(bytes, PacketType::pubcomp, 4, Version::v5);
  EXPECT_EQ(to_hex(bytes), "40 02 00 01 50 02 00 02 62 03 12 34 92 70 02 00 04");
}

TEST(DisconnectPacket, SaysWhy) {
  EXPECT_EQ(read_disconnect("")->reason_code, 0);
  EXPECT_EQ(read_disconnect(hex("8E"))->reason_code, 0x8E);
  const std::string bytes = hex("9C 09 1F 00 02 6E 6F 1C 00 01 62");
  const auto read = read_disconnect(bytes);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->reason_code, 0x9C);
  EXPECT_EQ(read->reason_string, "no");
  EXPECT_EQ(read->server_reference, "b");
  EXPECT_FALSE(read_disconnect(hex("8E 01")));
  EXPECT_FALSE(read_disconnect(hex("8E 00 00")));
}

TEST(DisconnectPacket, IsShortAsAPingIs) {
  std::string bytes;
  append_pingreq(bytes);
  append_disconnect(bytes);
  EXPECT_EQ(to_hex(bytes), "C0 00 E0 00");
}

TEST(DisconnectPacket, OfOursSaysWhy) {
  std::string bytes;
  append_disconnect(bytes, reason::protocol_error);
  EXPECT_EQ(to_hex(bytes), "E0 01 82");
}

}  // namespace
}  // namespace pbxbridge::mqtt
