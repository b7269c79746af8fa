// State that a loss of events has left wrong, put right by what the PBX says.

#include "mosquitto_broker.hpp"
#include "session_fixture.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace pbxbridge::test {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

/// State in retained topics, and a spool that takes nothing more once it has a megabyte.
class StateAfterALoss : public testing::Test {
 protected:
  void start(const std::string& more = "") {
    bridge_.emplace(
        fmt::format("{}sinks:\n  board: {{ type: mqtt, url: \"mqtt://127.0.0.1:{}\", reconnect: {{ initial: 50ms, "
                    "maximum: 200ms }} }}\n"
                    "routes:\n  - match: {{ family: state }}\n    to: {{ sink: board, topic: "
                    "\"state/{{event_type}}/{{entity}}\", retain: true }}\n"
                    "  - match: {{}}\n    to: {{ sink: board, topic: events }}\n"
                    "spool: {{ path: {}, max_size: 1MiB, full: reject_newest, max_pause: 0s }}\n",
                    everything_of(simulator_.url(), more), broker_.port(), (directory_ / "spool").string()));
    ASSERT_TRUE(wait_until_subscribed(*bridge_)) << bridge_->process().transcript();
  }
  /// What a subscriber finds that comes now; an empty object where there is nothing.
  json retained(const std::string& topic) const {
    Process board({"mosquitto_sub", "-p", std::to_string(broker_.port()), "-t", "state/" + topic, "--retained-only",
                   "-C", "1", "-W", "1"});
    board.wait();
    const auto lines = board.output_lines();
    return lines.empty() ? json::object() : json::parse(lines.front());
  }
  [[nodiscard]] bool eventually_presence_of_101_is(const std::string& presence) const {
    return eventually([&] { return retained("state_extension/101").value("presence", "") == presence; }, long_enough);
  }
  void fill_spool() {
    const std::string rest(20'000, 'x');
    const std::string event =
        fmt::format(R"(push {{"event_type":"call_update_info","session_id":"1","rest":"{}"}})", rest);
    const auto is_full = [&] {
      for (int i = 0; i < 20; ++i) simulator_.command(event);
      return bridge_->metric(R"(pbxbridge_events_dropped_total{reason="spool_full",sink="board"})") > 0;
    };
    ASSERT_TRUE(eventually(is_full, long_enough)) << bridge_->process().transcript();
  }

  TemporaryDirectory directory_;
  MosquittoBroker broker_;
  Simulator simulator_;
  std::optional<BridgeProcess> bridge_;
};

TEST_F(StateAfterALoss, IsRightAgainOnTheConnectionThatStands) {
  start();
  ASSERT_TRUE(eventually_presence_of_101_is("ONLINE"));
  broker_.stop();
  fill_spool();
  simulator_.command("presence 101 AWAY");
  broker_.start();
  EXPECT_TRUE(eventually_presence_of_101_is("AWAY")) << bridge_->process().transcript();
  EXPECT_THAT(log_of(*bridge_, "pbx.snapshots_asked"), testing::HasSubstr("subscribed to once more"));
  EXPECT_EQ(bridge_->metric(reconnects), 0);
  EXPECT_FALSE(simulator_.wait_for("unsubscribed cdr_events", 0ms)) << "call records go on meanwhile";
  EXPECT_EQ(bridge_->metric(granted), everything_subscriptions);
}

}  // namespace
}  // namespace pbxbridge::test
