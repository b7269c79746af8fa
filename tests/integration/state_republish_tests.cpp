// State on a real broker that has none of it: it has forgotten it, or has other topics for it now.

#include "mosquitto_broker.hpp"
#include "session_fixture.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>

namespace pbxbridge::test {
namespace {

using nlohmann::json;

/// Documents by topic, without what they follow from.
using Documents = std::map<std::string, json>;

class StateOnABroker : public testing::Test {
 protected:
  std::string configuration(const std::string& prefix) const {
    return "pbx:\n  - name: hq\n    url: " + simulator_.url() +
           "\n    auth: { username: bridge, domain: example.test, password: secret }\n"
           "    subscribe: [{ topic: extension_events, extensions: [\"101\", \"102\"] }, { topic: queue_events, "
           "queues: "
           "[\"8001\"] }]\n"
           "sinks:\n  board: { type: mqtt, url: mqtt://127.0.0.1:" +
           std::to_string(broker_.port()) +
           " }\nroutes:\n  - match: { family: state }\n    to: { sink: board, topic: \"" + prefix +
           "/{event_type}/{entity}\", retain: true }\nspool: { path: " + (directory_ / "spool").string() + " }\n";
  }
  /// Returns what a subscriber that comes now finds.
  Documents retained(const std::string& prefix) const {
    Process board({"mosquitto_sub", "-p", std::to_string(broker_.port()), "-t", prefix + "/#", "--retained-only", "-W",
                   "1", "-F", "%t %p"});
    board.wait();
    Documents found;
    for (const auto& line : board.output_lines()) {
      const auto end = line.find(' ');
      auto& document = found[line.substr(prefix.size(), end - prefix.size())] = json::parse(line.substr(end + 1));
      document.erase("event_id");
    }
    return found;
  }

  TemporaryDirectory directory_;
  MosquittoBroker broker_;
  Simulator simulator_;
};

TEST_F(StateOnABroker, IsAllThereForABrokerThatHasLostItAndInATopicThatAReloadBrings) {
  BridgeProcess bridge(configuration("first"));
  ASSERT_TRUE(wait_until_subscribed(bridge, 2)) << bridge.process().transcript();
  ASSERT_TRUE(eventually([&] { return retained("first").contains("/state_queue/710000000000008001"); }));
  const auto documents = retained("first");
  EXPECT_GT(documents.size(), 3U);

  broker_.stop();
  broker_.start();
  EXPECT_TRUE(retained("first").empty());
  Process republish({bridge_executable(), "state", "republish", "--config", bridge.configuration_file().string()});
  EXPECT_EQ(republish.wait(), 0) << republish.transcript();
  EXPECT_TRUE(eventually([&] { return retained("first") == documents; })) << bridge.process().transcript();

  ASSERT_TRUE(bridge.reload(configuration("second"))) << bridge.process().transcript();
  EXPECT_TRUE(eventually([&] { return retained("second") == documents; })) << bridge.process().transcript();
}

}  // namespace
}  // namespace pbxbridge::test
