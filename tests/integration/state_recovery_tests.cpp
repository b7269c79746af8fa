// State that a loss of events has left wrong, put right by what the PBX says.

#include "mosquitto_broker.hpp"
#include "session_fixture.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

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
  /// Returns what a subscriber that comes now finds; an empty object where there is nothing.
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

/// One call ends while nobody listens, and one goes on.
class CallsAfterAGap : public testing::Test {
 protected:
  /// `rest`: further fields of it.
  void start(const std::string& rest = "", std::vector<std::string> simulated = {}) {
    const bool uses_tls = !simulated.empty();
    simulator_.emplace(std::move(simulated));
    const std::string scheme = uses_tls ? "https" : "http";
    std::string more = fmt::format("    connect_timeout: 2s\n    rest: {{ url: \"{}://{}:{}/api\"{} }}\n", scheme,
                                   uses_tls ? "localhost" : "127.0.0.1", simulator_->port(), rest);
    const std::string pbx = uses_tls ? everything_over_tls(*simulator_, more) : everything_of(simulator_->url(), more);
    bridge_.emplace(pbx +
                    "sinks:\n  out: { type: stdout, format: raw }\nroutes:\n  - match: { event_type: state_call }\n"
                    "    to: { sink: out }\n  - match: {}\n    to: { sink: out }\n");
    ASSERT_TRUE(wait_until_subscribed(*bridge_)) << bridge_->process().transcript();
    for (const char* command : {"call 101 102", "answer 102", "call 103 104", "answer 104"})
      simulator_->command(command);
    ASSERT_TRUE(wait_for_metric(*bridge_, open_calls, 2)) << bridge_->process().transcript();
  }
  void end_a_call_in_a_gap() {
    simulator_->command("refuse-connections on");
    simulator_->command("drop fin");
    ASSERT_TRUE(wait_for_metric(*bridge_, streaming, 0));
    simulator_->command("hang-up 101");
    simulator_->command("refuse-connections off");
    ASSERT_TRUE(wait_until_subscribed(*bridge_)) << bridge_->process().transcript();
  }
  void expect_one_closed() {
    EXPECT_TRUE(wait_for_metric(*bridge_, open_calls, 1)) << bridge_->process().transcript();
    EXPECT_EQ(bridge_->metric("pbxbridge_state_orphan_calls_total"), 1);
    EXPECT_TRUE(bridge_->process().wait_for_output(R"("ended_by":"unknown")", long_enough));
  }
  /// The reason in the log; nothing is closed.
  std::string failure() {
    const std::string line = log_of(*bridge_, "pbx.rest_failed");
    EXPECT_EQ(bridge_->metric(open_calls), 2);
    return line;
  }

  static inline const std::string open_calls = R"(pbxbridge_state_rows{table="call"})";
  std::optional<Simulator> simulator_;
  std::optional<BridgeProcess> bridge_;
};

TEST_F(CallsAfterAGap, AreClosedAtOnceWhereThePbxDoesNotListThem) {
  start();
  end_a_call_in_a_gap();
  expect_one_closed();
}

TEST_F(CallsAfterAGap, AreAskedAboutOverTls) {
  start("", {"--tls"});
  end_a_call_in_a_gap();
  expect_one_closed();
}

TEST_F(CallsAfterAGap, StayWhereTheAccountIsRejected) {
  start(", username: bridge, password: not-the-password");
  end_a_call_in_a_gap();
  const std::string line = failure();
  EXPECT_THAT(line, testing::HasSubstr("the login was answered with HTTP status 400"));
  EXPECT_THAT(line, testing::Not(testing::HasSubstr("not-the-password")));
}

TEST_F(CallsAfterAGap, StayWhereALoginPageAnswers) {
  start();
  simulator_->command("rest html");
  end_a_call_in_a_gap();
  EXPECT_THAT(failure(), testing::HasSubstr("is not a JSON object"));
}

TEST_F(CallsAfterAGap, StayWhereThePbxCountsMoreThanItLists) {
  start();
  simulator_->command("rest wrong-count");
  end_a_call_in_a_gap();
  EXPECT_THAT(failure(), testing::HasSubstr("it counts more calls than it lists"));
}

TEST_F(CallsAfterAGap, StayWhereThePbxDoesNotAnswer) {
  start();
  simulator_->command("rest hang");
  end_a_call_in_a_gap();
  EXPECT_THAT(failure(), testing::HasSubstr("did not list the open calls"));
}

/// All extensions and queues that are subscribed to go while nobody listens: no snapshot can say so.
class AllThatIsGone : public testing::Test {
 protected:
  /// `account`: for the REST interface.
  void start(const std::string& account = "") {
    const std::string rest =
        fmt::format("    rest: {{ url: \"http://127.0.0.1:{}/api\"{} }}\n", simulator_.port(), account);
    bridge_.emplace(everything_of(simulator_.url(), rest) +
                    "sinks:\n  out: { type: stdout, format: raw }\nroutes:\n  - match: { family: state }\n"
                    "    to: { sink: out }\n  - match: {}\n    to: { sink: out }\n");
    ASSERT_TRUE(wait_until_subscribed(*bridge_)) << bridge_->process().transcript();
    ASSERT_TRUE(wait_for_metric(*bridge_, queues, 1)) << bridge_->process().transcript();
    ASSERT_TRUE(wait_for_metric(*bridge_, extensions, 2)) << bridge_->process().transcript();
  }
  void end_all_in_a_gap() {
    simulator_.command("refuse-connections on");
    simulator_.command("drop fin");
    ASSERT_TRUE(wait_for_metric(*bridge_, streaming, 0));
    for (const char* command : {"queue destroy 8001", "extension destroy 101", "extension destroy 102"})
      simulator_.command(command);
    simulator_.command("refuse-connections off");
    constexpr int others = everything_subscriptions - 2;  // the PBX rejects who names what is gone
    ASSERT_TRUE(wait_until_subscribed(*bridge_, others)) << bridge_->process().transcript();
  }

  static inline const std::string queues = R"(pbxbridge_state_rows{table="queue"})";
  static inline const std::string extensions = R"(pbxbridge_state_rows{table="extension"})";
  Simulator simulator_;
  std::optional<BridgeProcess> bridge_;
};

TEST_F(AllThatIsGone, IsRemovedWhereThePbxDoesNotListIt) {
  start();
  end_all_in_a_gap();
  EXPECT_TRUE(wait_for_metric(*bridge_, queues, 0)) << bridge_->process().transcript();
  EXPECT_TRUE(wait_for_metric(*bridge_, extensions, 0)) << bridge_->process().transcript();
}

TEST_F(AllThatIsGone, StaysWhereThePbxCountsMoreThanItLists) {
  start();
  simulator_.command("rest wrong-count");
  end_all_in_a_gap();
  EXPECT_THAT(log_of(*bridge_, "pbx.rest_failed"),
              testing::HasSubstr(" than it lists; those of which nothing is heard stay"));
  EXPECT_EQ(bridge_->metric(queues), 1);
  EXPECT_EQ(bridge_->metric(extensions), 2);
}

TEST_F(AllThatIsGone, StaysWhereTheAccountMayNotHaveTheLists) {
  start(", username: dennis, password: secret");
  end_all_in_a_gap();
  EXPECT_THAT(log_of(*bridge_, "pbx.rest_failed"), testing::HasSubstr("was answered with HTTP status 403"));
  EXPECT_TRUE(
      eventually([&] { return bridge_->metric(R"(pbxbridge_pbx_rest_failures_total{pbx="hq"})") >= 2; }, long_enough));
  EXPECT_EQ(bridge_->metric(queues), 1);
  EXPECT_EQ(bridge_->metric(extensions), 2);
}

}  // namespace
}  // namespace pbxbridge::test
