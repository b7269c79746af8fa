// pbxbridge's own events, on a real broker: what a board that comes late finds about the link to the PBX, and what a
// consumer learns of the stretches in which events are missing.

#include "mosquitto_broker.hpp"
#include "mosquitto_subscriber.hpp"
#include "session_fixture.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <signal.h>
#include <string>
#include <vector>

namespace pbxbridge::test {
namespace {

using Json = nlohmann::json;

class BridgeEvents : public testing::Test {
 protected:
  void start(const std::string& account = "") {
    std::string pbx = everything_of(simulator_.url());
    if (!account.empty()) pbx.replace(pbx.find("password: secret"), 16, "password: " + account);
    bridge_.emplace(
        pbx + "sinks:\n  board: { type: mqtt, url: mqtt://127.0.0.1:" + std::to_string(broker_.port()) +
        " }\nroutes:\n  - match: { family: bridge }\n    to: { sink: board, topic: \"pbx/{pbx}/{event_type}\", "
        "retain: true }\n  - match: {}\n    to: { sink: board, topic: \"events/{event_type}\" }\n"
        "spool: { path: " +
        (directory_ / "spool").string() + " }\n");
  }
  /// Returns what a board that comes now finds retained.
  Json retained(const std::string& topic) {
    Process board({"mosquitto_sub", "-p", std::to_string(broker_.port()), "-t", topic, "-C", "1", "-W", "20"});
    EXPECT_EQ(board.wait(), 0) << "nothing is retained under " << topic;
    const auto lines = board.output_lines();
    return lines.empty() ? Json::object() : Json::parse(lines.front());
  }
  bool link_becomes(const std::string& state) {
    return eventually([&] { return retained("pbx/hq/bridge_link").value("state", "") == state; }, long_enough);
  }
  /// The latest that a subscriber from the beginning has had.
  std::vector<Json> documents(const std::string& topic) const {
    std::vector<Json> found;
    for (const auto& message : subscriber_.messages(topic)) found.push_back(Json::parse(message.payload));
    return found;
  }

  MosquittoBroker broker_;
  MosquittoSubscriber subscriber_{broker_};
  Simulator simulator_;
  TemporaryDirectory directory_;
  std::optional<BridgeProcess> bridge_;
};

TEST_F(BridgeEvents, ABoardThatComesLateFindsTheLinkAsItIs) {
  start();
  ASSERT_TRUE(link_becomes("streaming")) << bridge_->process().transcript();
  const Json streaming_link = retained("pbx/hq/bridge_link");
  EXPECT_EQ(streaming_link["subscriptions_granted"], everything_subscriptions);
  EXPECT_FALSE(streaming_link.contains("reason"));

  simulator_.command("refuse-connections on");
  simulator_.command("drop rst");
  ASSERT_TRUE(link_becomes("lost"));
  const Json lost = retained("pbx/hq/bridge_link");
  EXPECT_GT(lost["since"], streaming_link["since"]);
  EXPECT_THAT(lost.value("reason", ""), testing::HasSubstr("the connection to"));

  simulator_.command("refuse-connections off");
  ASSERT_TRUE(link_becomes("streaming"));
  EXPECT_GT(retained("pbx/hq/bridge_link")["epoch"], streaming_link["epoch"]);
  EXPECT_EQ(bridge_->stop(), 0);
  EXPECT_EQ(retained("pbx/hq/bridge_link")["state"], "lost") << "nobody is there to say otherwise";
}

TEST_F(BridgeEvents, AGapStandsBeforeTheEventsThatFollowIt) {
  start();
  ASSERT_TRUE(link_becomes("streaming"));
  simulator_.command("drop rst");
  ASSERT_TRUE(wait_for_metric(*bridge_, reconnects, 1));
  ASSERT_TRUE(wait_until_subscribed(*bridge_));
  simulator_.command(R"(push {"event_type":"call_start","session_id":"after"})");
  ASSERT_TRUE(eventually([&] { return !subscriber_.messages("events/call_start").empty(); }, long_enough));
  const auto gaps = documents("pbx/hq/bridge_gap");
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0]["reason"], "disconnected");
  EXPECT_GT(gaps[0]["seconds"], 0);
  EXPECT_GT(gaps[0]["to"], gaps[0]["from"]);
  EXPECT_EQ(gaps[0]["topics"].size(), static_cast<std::size_t>(everything_subscriptions));
  std::vector<std::string> order;
  for (const auto& message : subscriber_.messages())
    if (message.topic == "pbx/hq/bridge_gap" || message.topic == "events/call_start") order.push_back(message.topic);
  EXPECT_THAT(order, testing::ElementsAre("pbx/hq/bridge_gap", "events/call_start"));
}

TEST_F(BridgeEvents, TheGapOfAKillIsToldAtTheNextStart) {
  start();
  ASSERT_TRUE(link_becomes("streaming"));
  bridge_->process().send_signal(SIGKILL);
  ASSERT_TRUE(bridge_->process().wait());
  start();
  ASSERT_TRUE(eventually([&] { return !documents("pbx/hq/bridge_gap").empty(); }, long_enough))
      << bridge_->process().transcript();
  EXPECT_EQ(documents("pbx/hq/bridge_gap").front()["reason"], "not_running");
}

TEST_F(BridgeEvents, AnAccountThatIsRejectedIsARefusedLink) {
  start("wrong");
  ASSERT_TRUE(link_becomes("refused")) << bridge_->process().transcript();
  EXPECT_THAT(retained("pbx/hq/bridge_link").value("reason", ""), testing::HasSubstr("rejected the account"));
}

TEST_F(BridgeEvents, NothingComesOfWhatDoesNotChange) {
  start();
  ASSERT_TRUE(link_becomes("streaming"));
  for (int event = 0; event < 20; ++event)
    simulator_.command(R"(push {"event_type":"call_start","session_id":")" + std::to_string(event) + "\"}");
  ASSERT_TRUE(eventually([&] { return subscriber_.messages("events/call_start").size() == 20U; }, long_enough));
  EXPECT_EQ(documents("pbx/hq/bridge_link").size(), 2U) << "lost at the start, then streaming";
}

}  // namespace
}  // namespace pbxbridge::test
