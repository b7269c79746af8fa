// A broker ends the connection for one event, and pbxbridge ends while it searches for that event: the next process
// finds it from what the spool on disk holds. It becomes a dead letter; no other event is lost or waits.

#include "mosquitto_broker.hpp"
#include "mosquitto_subscriber.hpp"
#include "payload_way.hpp"
#include "process.hpp"
#include "subscriptions.hpp"
#include "wait.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <set>
#include <signal.h>
#include <string>
#include <vector>

namespace pbxbridge::test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

constexpr int events = 40;
constexpr const char* letters = "pbxbridge_dead_letters{sink=\"board\"}";

class SuspectsOverRestart : public testing::TestWithParam<int> {
 protected:
  void start() {
    bridge_.emplace(everything_of(simulator_.url()) +
                    fmt::format("sinks:\n  board: {{ type: mqtt, url: \"mqtt://127.0.0.1:{}\", version: 3.1.1, "
                                "format: raw, prefix: \"\", reconnect: {{ initial: 200ms, maximum: 500ms }} }}\n"
                                "routes:\n  - match: {{}}\n    to: {{ sink: board, topic: \"calls/{{entity}}\" }}\n"
                                "spool: {{ path: {} }}\nshutdown_timeout: 2s\n",
                                broker_.port(), (spool_ / "spool").string()));
    ASSERT_TRUE(bridge_->wait_for_metric("pbxbridge_pbx_subscriptions{pbx=\"hq\",state=\"granted\"}",
                                         everything_subscriptions));
  }

  /// Numbered, of which `large` is one that the broker does not take.
  void push(int large) {
    for (int number = 0; number < events; ++number)
      simulator_.command(fmt::format(R"(push {{"event_type":"call_cdr","session_id":"S{}","note":"{}"}})", number,
                                     std::string(number == large ? 3000 : 10, 'x')));
  }

  std::vector<Json> stored_letters() const {
    Process process(
        {bridge_executable(), "dead-letters", "list", "--config", bridge_->configuration_file().string(), "--json"});
    EXPECT_EQ(process.wait(), 0) << process.transcript();
    std::vector<Json> found;
    for (const auto& line : process.output_lines()) found.push_back(Json::parse(line));
    return found;
  }

  std::set<std::string> arrived_topics() const {
    std::set<std::string> topics;
    for (const auto& message : subscriber_.messages()) topics.insert(message.topic);
    return topics;
  }

  const TemporaryDirectory spool_;
  MosquittoBroker broker_{{.config = {"max_packet_size 2048"}, .persistence = true}};
  const MosquittoSubscriber subscriber_{broker_, "calls/#", 1};
  Simulator simulator_{{"--no-snapshots"}};
  std::optional<BridgeProcess> bridge_;
};

TEST_P(SuspectsOverRestart, EndInOneDeadLetterAndNothingElseIsLostOrWaits) {
  constexpr int large = 11;
  start();
  push(large);
  ASSERT_TRUE(bridge_->wait_for_log("sink.suspect")) << bridge_->process().transcript();
  broker_.stop();  // so that the search ends here; it keeps the subscription
  bridge_->process().send_signal(GetParam());
  ASSERT_TRUE(bridge_->process().wait()) << bridge_->process().transcript();
  EXPECT_TRUE(stored_letters().empty()) << "an outage makes no dead letter";

  broker_.start();
  // The killed broker has forgotten the session of its subscriber.
  ASSERT_TRUE(eventually([&] { return subscriber_.subscriptions() == 2; }, std::chrono::seconds(20)));
  start();
  ASSERT_TRUE(eventually([&] { return bridge_->metric(letters) == 1; }, std::chrono::seconds(40)))
      << bridge_->process().transcript();
  ASSERT_TRUE(eventually([&] { return arrived_topics().size() == events - 1; }, std::chrono::seconds(20)))
      << arrived_topics().size() << " of " << events - 1 << "\n"
      << bridge_->process().transcript();
  EXPECT_FALSE(arrived_topics().contains(fmt::format("calls/S{}", large)));
  const auto found = stored_letters();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front()["topic"], fmt::format("calls/S{}", large));
  EXPECT_THAT(found.front()["reason"].get<std::string>(), HasSubstr("the connection to 127.0.0.1"));

  // The next events pass at once, and nothing waits for one that is gone.
  simulator_.command(R"(push {"event_type":"call_cdr","session_id":"S-last"})");
  EXPECT_TRUE(eventually([&] { return arrived_topics().contains("calls/S-last"); })) << bridge_->process().transcript();
  EXPECT_TRUE(bridge_->wait_for_metric("pbxbridge_sink_in_flight{sink=\"board\"}", 0));
  for (const char* reason : {"rejected", "corrupted", "spool_full", "expired"})
    EXPECT_EQ(bridge_->metric(fmt::format("pbxbridge_events_dropped_total{{reason=\"{}\",sink=\"board\"}}", reason)), 0)
        << reason;
  EXPECT_EQ(bridge_->stop(), 0) << bridge_->process().transcript();
}

INSTANTIATE_TEST_SUITE_P(Signals, SuspectsOverRestart, testing::Values(SIGKILL, SIGTERM));

}  // namespace
}  // namespace pbxbridge::test
