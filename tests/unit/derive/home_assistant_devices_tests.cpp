#include "derive/home_assistant/device_event.hpp"
#include "derive/home_assistant/devices.hpp"
#include "pbxbridge/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <regex>
#include <set>

namespace pbxbridge::derive::home_assistant {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Installation installation() {
  return {.sink = "board",
          .pbx = "hq",
          .version = "1.2.3",
          .status_topic = "pbxbridge/board/status",
          .link_topic = "pbx/hq/link",
          .gap_topic = "pbx/hq/gap",
          .bridge_topic = "pbx/bridge",
          .extensions = {{"101", "pbx/hq/extension/101"}, {"102", "pbx/hq/extension/102"}},
          .queues = {{"8001", "pbx/hq/queue/8001"}}};
}

Json payload_of(const Installation& installation, std::string_view id) {
  for (const Device& device : devices_of(installation))
    if (device.id == id) return Json::parse(device.payload);
  ADD_FAILURE() << "there is no device " << id;
  return {};
}

TEST(HomeAssistantDevices, AreTheBridgeTheExtensionsAndTheQueues) {
  std::vector<std::string> ids;
  for (const Device& device : devices_of(installation())) ids.push_back(device.id);
  EXPECT_THAT(ids, ElementsAre("pbxbridge_board_hq", "pbxbridge_hq_extension_101", "pbxbridge_hq_extension_102",
                               "pbxbridge_hq_queue_8001"));
}

TEST(HomeAssistantDevices, AreNoneWithoutExtensionsAndQueues) {
  Installation empty = installation();
  empty.extensions.clear();
  empty.queues.clear();
  EXPECT_THAT(devices_of(empty), IsEmpty());
}

TEST(HomeAssistantDevices, HaveIdsThatHomeAssistantTakesAndThatStayDifferent) {
  Installation odd = installation();
  odd.pbx = "hq.east-1";
  odd.extensions = {{"+49 30", "a"}, {"_49_30", "b"}, {"+49-30", "c"}};
  std::set<std::string> ids;
  for (const Device& device : devices_of(odd)) {
    EXPECT_TRUE(std::regex_match(device.id, std::regex("[a-zA-Z0-9_-]+"))) << device.id;
    EXPECT_TRUE(ids.insert(device.id).second) << device.id;
    const Json message = Json::parse(device.payload);
    for (const auto& [key, entity] : message["components"].items())
      EXPECT_TRUE(ids.insert(entity["unique_id"]).second) << entity["unique_id"];
  }
}

TEST(HomeAssistantDevices, AreAvailableWhilePbxbridgeIsConnectedAndThePbxStreams) {
  const Json message = payload_of(installation(), "pbxbridge_hq_extension_101");
  EXPECT_EQ(message["availability_mode"], "all");
  EXPECT_EQ(message["availability"][0], Json::parse(R"({"topic":"pbxbridge/board/status"})"));
  EXPECT_EQ(message["availability"][1]["topic"], "pbx/hq/link");
  const Json bridge = payload_of(installation(), "pbxbridge_board_hq");
  EXPECT_EQ(bridge["availability"], Json::parse(R"([{"topic":"pbxbridge/board/status"}])"));
  EXPECT_THAT(bridge["components"]["status"]["availability"], IsEmpty());
}

TEST(HomeAssistantDevices, HaveNoEntityOfATopicThatIsNotThere) {
  Installation bare = installation();
  bare.status_topic.clear();
  bare.gap_topic.clear();
  bare.bridge_topic.clear();
  const Json bridge = payload_of(bare, "pbxbridge_board_hq");
  EXPECT_FALSE(bridge.contains("availability"));
  EXPECT_FALSE(bridge["components"].contains("status"));
  EXPECT_FALSE(bridge["components"].contains("gap"));
  EXPECT_FALSE(bridge["components"].contains("lag_events"));
  EXPECT_FALSE(bridge["components"].contains("spool_bytes"));
}

TEST(HomeAssistantDevices, SayWhoMadeThemAndShowNoNumberOfACaller) {
  for (const Device& device : devices_of(installation())) {
    EXPECT_EQ(Json::parse(device.payload)["origin"], Json::parse(R"({"name":"pbxbridge","sw_version":"1.2.3"})"));
    EXPECT_THAT(device.payload, Not(HasSubstr("caller")));
    EXPECT_THAT(device.payload, Not(HasSubstr("object_id")));
  }
}

TEST(HomeAssistantDeviceEvent, HasTheDiscoveryMessageAndNothingElseAsItsPayload) {
  const auto event = device_event("id", "hq", R"({"device":{}})", SystemTime{});
  EXPECT_EQ(event->payload(), R"({"device":{}})");
  EXPECT_EQ(event->event_type(), "bridge_home_assistant");
  EXPECT_EQ(event->entity(), "id");
  EXPECT_FALSE(event->is_removal());
}

TEST(HomeAssistantDeviceEvent, NamesSinkAndPrefixOfWhatItTakesBack) {
  const auto event = device_removal({"board", "homeassistant", "id"}, "hq", SystemTime{});
  EXPECT_TRUE(event->is_removal());
  EXPECT_EQ(event->entity(), "id");
  EXPECT_EQ(Json::parse(event->payload())["prefix"], "homeassistant");
  EXPECT_EQ(Json::parse(event->payload())["sink"], "board");
}

TEST(HomeAssistantDeviceName, IsReadBackFromItsRow) {
  const DeviceName name{"board", "homeassistant", "pbxbridge_hq_extension_101"};
  EXPECT_EQ(DeviceName::of_stored_key(name.stored_key()), name);
  EXPECT_EQ(DeviceName::of_stored_key("e" + name.stored_key()), std::nullopt);
  EXPECT_EQ(DeviceName::of_stored_key("h"), std::nullopt);
}

}  // namespace
}  // namespace pbxbridge::derive::home_assistant
