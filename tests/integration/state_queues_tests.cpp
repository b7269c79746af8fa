// Queues that are created or renamed, which the PBX names by their numbers alone, through the built pbxbridge.

#include "session_fixture.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;

class QueuesThatAreNamed : public testing::Test {
 protected:
  /// `pbx`: its account and subscriptions; so many of these are granted.
  void start(const std::string& pbx, int subscriptions) {
    bridge_.emplace(
        fmt::format("pbx:\n  - name: hq\n    url: {}\n{}"
                    "sinks:\n  board: {{ type: stdout, format: raw }}\n"
                    "routes:\n  - match: {{ event_type: state_queue }}\n    to: {{ sink: board }}\n",
                    simulator_.url(), pbx));
    ASSERT_TRUE(wait_until_subscribed(*bridge_, subscriptions)) << bridge_->process().transcript();
  }
  void start_as_tenant(const std::string& queues, int subscriptions = 3) {
    start(
        "    auth: { username: bridge, domain: example.test, password: secret }\n"
        "    subscribe:\n      - { topic: queue_management_events }\n      - { topic: queue_events, queues: [" +
            queues + "] }\n      - { topic: extension_events, extensions: [\"101\"] }\n      - { topic: cdr_events }\n",
        subscriptions);
  }
  [[nodiscard]] bool wait_for_document(const std::string& number, const std::string& name) {
    const std::string part = fmt::format(R"("queue_number":"{}","name":"{}")", number, name);
    return bridge_->process().wait_for_output(part, long_enough).has_value();
  }
  int times_asked() {
    int times = 0;
    for (const auto& line : bridge_->process().error_lines())
      if (line.find("pbx.snapshots_asked") != std::string::npos) ++times;
    return times;
  }

  Simulator simulator_;
  std::optional<BridgeProcess> bridge_;
};

TEST_F(QueuesThatAreNamed, HaveADocumentWithinSecondsOnceTheyAreCreated) {
  const std::string tenants = R"(tenants: ["710000000000000001"] })";
  start(
      "    auth: { username: admin, password: secret }\n"
      "    subscribe:\n      - { topic: global_queue_management_events, " +
          tenants + "\n      - { topic: global_queue_events, " + tenants + "\n      - { topic: global_cdr_events, " +
          tenants + "\n",
      3);
  ASSERT_TRUE(wait_for_document("8001", "Sales")) << bridge_->process().transcript();
  EXPECT_EQ(times_asked(), 0) << "the queues that are there when pbxbridge comes have theirs";
  for (const char* number : {"8800", "8801", "8802"}) simulator_.command(fmt::format("queue create {}", number));
  for (const char* number : {"8800", "8801", "8802"}) EXPECT_TRUE(wait_for_document(number, "Campaign")) << number;
  EXPECT_TRUE(wait_for_metric(*bridge_, R"(pbxbridge_state_rows{table="queue"})", 6));
  EXPECT_EQ(times_asked(), 1) << bridge_->process().transcript();
  for (const char* topic : {"global_queue_management_events", "global_cdr_events"})
    EXPECT_FALSE(simulator_.wait_for(std::string("unsubscribed ") + topic, 0ms)) << topic;
  EXPECT_EQ(bridge_->metric(granted), 3);
}

TEST_F(QueuesThatAreNamed, HaveTheirNewNameWithinSeconds) {
  start_as_tenant(R"("8001", "8002")", 4);
  ASSERT_TRUE(wait_for_document("8001", "Sales")) << bridge_->process().transcript();
  simulator_.command("queue destroy 8002");
  simulator_.command("queue update 8001");
  EXPECT_TRUE(wait_for_document("8001", "Sales (new)")) << bridge_->process().transcript();
  EXPECT_EQ(times_asked(), 1);
  EXPECT_TRUE(simulator_.wait_for("unsubscribed queue_events 8001", 0ms));
  EXPECT_EQ(bridge_->metric(granted), 4) << "the PBX rejects a list with a queue that is gone";
  EXPECT_EQ(bridge_->metric(reconnects), 0);
}

TEST_F(QueuesThatAreNamed, MayHaveBeenTheReasonForARejection) {
  start_as_tenant(R"("8001", "8800")");
  EXPECT_THAT(log_of(*bridge_, "pbx.subscription_rejected"), testing::HasSubstr("queue 8800 does not exist"));
  simulator_.command("queue create 8800");
  simulator_.command("queue update 8800");  // the other may be taken for a part of a snapshot that is still coming
  EXPECT_TRUE(wait_for_document("8800", "Campaign (new)")) << bridge_->process().transcript();
  EXPECT_TRUE(wait_for_document("8001", "Sales"));
  EXPECT_TRUE(wait_until_subscribed(*bridge_, 4));
}

}  // namespace
}  // namespace pbxbridge::test
