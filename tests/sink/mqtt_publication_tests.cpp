#include "mqtt_delivery.hpp"
#include "sink/mqtt/mqtt_settings.hpp"
#include "sink/mqtt/publication.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;
using test::make_delivery;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr std::string_view payload = R"({"event_type":"queue_status"})";

class PublicationTest : public testing::Test {
 protected:
  void compose_with(const DeliveryOptions& options) {
    EXPECT_EQ(compose(delivery_ = make_delivery(1, "pbx/queue", payload, options), settings_, publication_),
              std::nullopt);
  }

  MqttSettings settings_;
  Delivery delivery_;
  Publication publication_;
};

TEST_F(PublicationTest, TakesTheSinksOwnSettingsWhereTheRouteSaysNothing) {
  settings_.qos = 2;
  settings_.retain = true;
  settings_.message_expiry = 1500ms;
  settings_.user_properties = {{"site", "berlin"}};
  compose_with({});
  EXPECT_EQ(publication_.topic, "pbx/queue");
  EXPECT_EQ(publication_.payload, payload);
  EXPECT_EQ(publication_.qos, 2);
  EXPECT_TRUE(publication_.retain);
  EXPECT_EQ(publication_.content_type, "application/json");
  EXPECT_EQ(publication_.message_expiry, 2s) << "rounded up, for 0 would expire at once";
  EXPECT_THAT(publication_.user_properties, testing::ElementsAre(Pair("site", "berlin")));
}

TEST_F(PublicationTest, LetsTheRouteGoFirst) {
  settings_.qos = 2;
  settings_.retain = true;
  settings_.content_type = "text/plain";
  settings_.message_expiry = 1h;
  compose_with({.format = {}, .qos = 0, .retain = false, .message_expiry = 5s, .content_type = "application/x"});
  EXPECT_EQ(publication_.qos, 0);
  EXPECT_FALSE(publication_.retain);
  EXPECT_EQ(publication_.message_expiry, 5s);
  EXPECT_EQ(publication_.content_type, "application/x");
}

TEST_F(PublicationTest, PutsCloudEventsAttributesBesideThePayload) {
  compose_with({.format = Format::cloudevents, .qos = {}, .retain = {}, .message_expiry = {}, .content_type = {}});
  EXPECT_EQ(publication_.payload, payload);
  EXPECT_THAT(publication_.user_properties, Contains(Pair("specversion", "1.0")));
  EXPECT_THAT(publication_.user_properties, Contains(Pair("pbx", "hq")));
}

TEST_F(PublicationTest, PutsCloudEventsAttributesAroundThePayload) {
  compose_with(
      {.format = Format::cloudevents_structured, .qos = {}, .retain = {}, .message_expiry = {}, .content_type = {}});
  EXPECT_THAT(std::string(publication_.payload), HasSubstr("\"specversion\""));
  EXPECT_THAT(std::string(publication_.content_type), HasSubstr("application/cloudevents+json"));
  EXPECT_THAT(publication_.user_properties, IsEmpty());
}

TEST_F(PublicationTest, HasNoPropertiesInMqtt311) {
  settings_.version = MqttVersion::v3_1_1;
  compose_with({.format = {}, .qos = {}, .retain = {}, .message_expiry = 5s, .content_type = {}});
  EXPECT_THAT(publication_.content_type, IsEmpty());
  EXPECT_EQ(publication_.message_expiry, std::nullopt);
}

TEST_F(PublicationTest, RefusesCloudEventsAttributesInMqtt311) {
  settings_.version = MqttVersion::v3_1_1;
  DeliveryOptions options;
  options.format = Format::cloudevents;
  const auto problem = compose(make_delivery(1, "t", payload, options), settings_, publication_);
  ASSERT_TRUE(problem);
  EXPECT_THAT(*problem, HasSubstr("MQTT 5"));
}

// Sizes counted by hand from MQTT 5.0, 3.3.
TEST_F(PublicationTest, KnowsThePacketsSize) {
  publication_.topic = "abc";
  publication_.payload = "12345";
  publication_.qos = 0;
  EXPECT_EQ(packet_size(publication_, false), 1U + 1U + (2U + 3U) + 5U);
  publication_.qos = 1;
  EXPECT_EQ(packet_size(publication_, false), 1U + 1U + (2U + 3U) + 2U + 5U);
  EXPECT_EQ(packet_size(publication_, true), 1U + 1U + (2U + 3U) + 2U + 1U + 5U);
  publication_.content_type = "xy";
  publication_.message_expiry = 1s;
  publication_.user_properties = {{"n", "vv"}};
  EXPECT_EQ(packet_size(publication_, true), 1U + 1U + 5U + 2U + (1U + 5U + 5U + 8U) + 5U);
  const std::string large(200, 'x');
  publication_.payload = large;
  EXPECT_EQ(packet_size(publication_, true), 1U + 2U + 5U + 2U + (1U + 5U + 5U + 8U) + 200U);
}

}  // namespace
}  // namespace pbxbridge::sink
