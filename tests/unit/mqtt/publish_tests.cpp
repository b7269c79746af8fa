#include "hex.hpp"
#include "mqtt/publish.hpp"

#include <gtest/gtest.h>

#include <array>

namespace pbxbridge::mqtt {
namespace {

std::string encoded(const Publish& publish, Version version, std::uint16_t packet_identifier = 10) {
  std::string bytes;
  append_publish(bytes, publish, packet_identifier, version);
  EXPECT_EQ(bytes.size(), packet_size(publish, version));
  return to_hex(bytes);
}

// MQTT 5.0, 3.3.2.4, figure 3-9 and MQTT 3.1.1, 3.3.2.3, figure 3.11, with a payload after it.
TEST(PublishPacket, IsThatOfTheStandards) {
  Publish publish;
  publish.topic = "a/b";
  publish.payload = "{}";
  EXPECT_EQ(encoded(publish, Version::v5), "32 0A 00 03 61 2F 62 00 0A 00 7B 7D");
  EXPECT_EQ(encoded(publish, Version::v3_1_1), "32 09 00 03 61 2F 62 00 0A 7B 7D");
}

TEST(PublishPacket, SaysQosAndRetainInItsFirstByte) {
  Publish publish;
  publish.topic = "a";
  publish.qos = 0;
  EXPECT_EQ(encoded(publish, Version::v3_1_1), "30 03 00 01 61");
  publish.retain = true;
  EXPECT_EQ(encoded(publish, Version::v3_1_1), "31 03 00 01 61");
  publish.qos = 2;
  EXPECT_EQ(encoded(publish, Version::v3_1_1, 0xFFFE), "35 05 00 01 61 FF FE");
}

TEST(PublishPacket, HasPropertiesInVersion5Only) {
  Publish publish;
  publish.topic = "a";
  publish.content_type = "t/x";
  publish.message_expiry_interval = 90;
  const std::array<UserProperty, 2> properties = {{{"n", "v"}, {"n", ""}}};
  publish.user_properties = properties;
  EXPECT_EQ(encoded(publish, Version::v5),
            "32 1E 00 01 61 00 0A 18 02 00 00 00 5A 03 00 03 74 2F 78 26 00 01 6E 00 01 76 26 00 01 6E 00 00");
  EXPECT_EQ(encoded(publish, Version::v3_1_1), "32 05 00 01 61 00 0A");
}

TEST(PublishPacket, KnowsItsSizeWhateverItsPayload) {
  Publish publish;
  publish.topic = "topic";
  for (const std::size_t size : {0U, 117U, 118U, 119U, 120U, 16'372U, 16'373U, 16'374U, 16'375U, 3'000'000U}) {
    const std::string payload(size, 'x');
    publish.payload = payload;
    for (const auto version : {Version::v5, Version::v3_1_1}) {
      std::string bytes;
      append_publish(bytes, publish, 1, version);
      EXPECT_EQ(bytes.size(), packet_size(publish, version));
      EXPECT_TRUE(bytes.ends_with(payload));
    }
  }
}

}  // namespace
}  // namespace pbxbridge::mqtt
