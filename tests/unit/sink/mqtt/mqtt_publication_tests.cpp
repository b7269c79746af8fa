#include "sink/mqtt/mqtt_settings.hpp"
#include "sink/mqtt/publication.hpp"
#include "sink/mqtt_delivery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;
using test::make_delivery;
using test::MqttWishes;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;

constexpr std::string_view payload = R"({"event_type":"queue_status"})";

class PublicationTest : public testing::Test {
 protected:
  const mqtt::Publish& compose_with(const MqttWishes& options, std::string_view bytes = payload) {
    if (!publication_) publication_.emplace(settings_);
    delivery_ = make_delivery(1, "pbx/queue", bytes, options);
    EXPECT_EQ(publication_->compose(delivery_), std::nullopt);
    return publication_->publish();
  }
  static std::map<std::string, std::string> user_properties(const mqtt::Publish& publish) {
    std::map<std::string, std::string> properties;
    for (const auto& [name, value] : publish.user_properties) properties.emplace(name, value);
    return properties;
  }

  MqttSettings settings_;
  Delivery delivery_;
  std::optional<Publication> publication_;  // once the settings are as they should be
};

TEST_F(PublicationTest, TakesTheSinksOwnSettingsWhereTheRouteSaysNothing) {
  settings_.qos = 2;
  settings_.retain = true;
  settings_.message_expiry = 1500ms;
  settings_.user_properties = {{"site", "berlin"}};
  const auto& publish = compose_with({});
  EXPECT_EQ(publish.topic, "pbx/queue");
  EXPECT_EQ(publish.payload, payload);
  EXPECT_EQ(publish.qos, 2U);
  EXPECT_TRUE(publish.retain);
  EXPECT_EQ(publish.content_type, "application/json");
  EXPECT_EQ(publish.message_expiry_interval, 2U) << "rounded up, for 0 would expire at once";
  EXPECT_THAT(user_properties(publish), testing::ElementsAre(Pair("site", "berlin")));
}

TEST_F(PublicationTest, LetsTheRouteGoFirst) {
  settings_.qos = 2;
  settings_.retain = true;
  settings_.content_type = "text/plain";
  settings_.message_expiry = 1h;
  const auto& publish =
      compose_with({.format = {}, .qos = 0, .retain = false, .message_expiry = 5s, .content_type = "application/x"});
  EXPECT_EQ(publish.qos, 0U);
  EXPECT_FALSE(publish.retain);
  EXPECT_EQ(publish.message_expiry_interval, 5U);
  EXPECT_EQ(publish.content_type, "application/x");
}

TEST_F(PublicationTest, PutsCloudEventsAttributesBesideThePayload) {
  settings_.attributes = {AttributeChoice::minimal, AttributeChoice::pbx};
  const auto& publish =
      compose_with({.format = Format::cloudevents, .qos = {}, .retain = {}, .message_expiry = {}, .content_type = {}});
  EXPECT_EQ(publish.payload, payload);
  EXPECT_THAT(user_properties(publish), Contains(Pair("specversion", "1.0")));
  EXPECT_THAT(user_properties(publish), Contains(Pair("pbx", "hq")));
  EXPECT_THAT(user_properties(publish), Not(Contains(Key("family"))));
}

TEST_F(PublicationTest, PutsCloudEventsAttributesAroundThePayload) {
  const auto& publish = compose_with(
      {.format = Format::cloudevents_structured, .qos = {}, .retain = {}, .message_expiry = {}, .content_type = {}});
  EXPECT_THAT(std::string(publish.payload), HasSubstr("\"specversion\""));
  EXPECT_THAT(std::string(publish.content_type), HasSubstr("application/cloudevents+json"));
  EXPECT_THAT(user_properties(publish), IsEmpty());
}

TEST_F(PublicationTest, HasNoPropertiesInMqtt311) {
  settings_.version = mqtt::Version::v3_1_1;
  const auto& publish = compose_with({.format = {}, .qos = {}, .retain = {}, .message_expiry = 5s, .content_type = {}});
  EXPECT_THAT(publish.content_type, IsEmpty());
  EXPECT_EQ(publish.message_expiry_interval, std::nullopt);
}

TEST_F(PublicationTest, LeavesNothingOfTheMessageBefore) {
  settings_.user_properties = {{"site", "berlin"}};
  compose_with({.format = Format::cloudevents, .qos = 2, .retain = true, .message_expiry = 5s, .content_type = "a/b"});
  const auto& publish = compose_with({}, "no JSON");
  EXPECT_EQ(publish.payload, "no JSON");
  EXPECT_EQ(publish.qos, 1U);
  EXPECT_FALSE(publish.retain);
  EXPECT_EQ(publish.content_type, "application/json");
  EXPECT_EQ(publish.message_expiry_interval, std::nullopt);
  EXPECT_THAT(user_properties(publish), testing::ElementsAre(Pair("site", "berlin")));
}

TEST_F(PublicationTest, RejectsCloudEventsAttributesInMqtt311) {
  settings_.version = mqtt::Version::v3_1_1;
  MqttWishes options;
  options.format = Format::cloudevents;
  const auto problem = Publication(settings_).compose(make_delivery(1, "t", payload, options));
  ASSERT_TRUE(problem);
  EXPECT_THAT(*problem, HasSubstr("MQTT 5"));
}

}  // namespace
}  // namespace pbxbridge::sink
