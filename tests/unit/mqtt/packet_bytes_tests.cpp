#include "hex.hpp"
#include "mqtt/fixed_header.hpp"
#include "mqtt/packet_bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::mqtt {
namespace {

using testing::HasSubstr;

// MQTT 5.0, 1.5.5, table 1-1.
TEST(VariableByteInteger, HasTheSizesOfTheStandard) {
  const std::pair<std::size_t, std::string_view> examples[] = {{0, "00"},
                                                               {127, "7F"},
                                                               {128, "80 01"},
                                                               {16'383, "FF 7F"},
                                                               {16'384, "80 80 01"},
                                                               {2'097'151, "FF FF 7F"},
                                                               {2'097'152, "80 80 80 01"},
                                                               {268'435'455, "FF FF FF 7F"}};
  for (const auto& [value, expected] : examples) {
    std::string bytes;
    append_variable_byte_integer(bytes, value);
    EXPECT_EQ(to_hex(bytes), expected);
    EXPECT_EQ(bytes.size(), variable_byte_integer_size(value));
    FieldReader reader(bytes);
    EXPECT_EQ(reader.variable_byte_integer(), value);
    EXPECT_TRUE(reader.at_end());
    EXPECT_FALSE(reader.failed());
  }
}

// MQTT 5.0, 1.5.4.3: the letter A and the ideograph U+2A6D4.
TEST(Utf8EncodedString, IsThatOfTheStandard) {
  std::string bytes;
  append_string(bytes, "A\xF0\xAA\x9B\x94");
  EXPECT_EQ(to_hex(bytes), "00 05 41 F0 AA 9B 94");
}

TEST(FieldReader, SaysThatAFieldIsNotThere) {
  FieldReader number(std::string_view("\x01", 1));
  EXPECT_EQ(number.two_byte_integer(), 0);
  EXPECT_TRUE(number.failed());
  FieldReader text(
      std::string_view("\x00\x03"
                       "ab",
                       4));
  EXPECT_EQ(text.string(), "");
  EXPECT_TRUE(text.failed());
  FieldReader endless(std::string_view("\x80\x80\x80\x80\x01", 5));
  EXPECT_EQ(endless.variable_byte_integer(), 0U);
  EXPECT_TRUE(endless.failed());
}

TEST(FixedHeader, IsReadOnceItIsThere) {
  EXPECT_EQ(read_fixed_header("").size, 0U);
  EXPECT_EQ(read_fixed_header(hex("40")).size, 0U);
  EXPECT_EQ(read_fixed_header(hex("30 FF FF FF")).size, 0U);
  const auto header = read_fixed_header(hex("34 FF FF FF 7F"));
  EXPECT_EQ(header.type, PacketType::publish);
  EXPECT_EQ(header.qos(), 2U);
  EXPECT_EQ(header.size, 5U);
  EXPECT_EQ(header.remaining_length, largest_remaining_length);
  EXPECT_EQ(header.problem, "");
}

TEST(FixedHeader, IsRejectedWhereItIsNoneOfABrokers) {
  EXPECT_THAT(read_fixed_header(hex("30 80 80 80 80 01")).problem, HasSubstr("PUBLISH: its length"));
  EXPECT_THAT(read_fixed_header(hex("36")).problem, HasSubstr("PUBLISH: its flags are 0x6"));  // QoS 3
  EXPECT_THAT(read_fixed_header(hex("41")).problem, HasSubstr("PUBACK: its flags are 0x1"));
  EXPECT_THAT(read_fixed_header(hex("60")).problem, HasSubstr("PUBREL: its flags are 0x0"));
  for (const auto& [first, name] : {std::pair{"00", "reserved"},
                                    {"10", "CONNECT"},
                                    {"80", "SUBSCRIBE"},
                                    {"90", "SUBACK"},
                                    {"A0", "UNSUBSCRIBE"},
                                    {"B0", "UNSUBACK"},
                                    {"C0", "PINGREQ"},
                                    {"F0", "AUTH"}})
    EXPECT_THAT(read_fixed_header(hex(first)).problem, HasSubstr(name));
}

}  // namespace
}  // namespace pbxbridge::mqtt
