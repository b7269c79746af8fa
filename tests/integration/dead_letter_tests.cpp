// An event that a broker rejects for good is kept, can be looked at, and is delivered after all once its cause is
// fixed.

#include "kafka_admin.hpp"
#include "kafka_broker.hpp"
#include "kafka_consumer.hpp"
#include "payload_way.hpp"
#include "process.hpp"
#include "subscriptions.hpp"
#include "wait.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace pbxbridge::test {
namespace {

using Json = nlohmann::json;

constexpr const char* letters = "pbxbridge_dead_letters{sink=\"lake\"}";

struct Outcome {
  int exit_code = -1;
  std::vector<Json> lines;
  std::string said;
};

class DeadLetters : public testing::Test {
 protected:
  void SetUp() override {
    admin_.create_topic(narrow_, 1, {{"max.message.bytes", "2000"}});
    admin_.create_topic(wide_);
  }

  std::string configuration(const std::string& topic) const {
    return everything_of(simulator_.url()) + "sinks:\n  lake:\n    type: kafka\n    brokers: [\"" + shared_kafka() +
           "\"]\n" + extra_ + "routes:\n  - match: {}\n    to: { sink: lake, topic: \"" + topic + "\"" + key_ + " }\n" +
           "spool: { path: " + (spool_ / "spool").string() + " }\n";
  }

  void start(const std::string& topic) {
    bridge_.emplace(configuration(topic));
    ASSERT_TRUE(bridge_->wait_for_metric("pbxbridge_pbx_subscriptions{pbx=\"hq\",state=\"granted\"}",
                                         everything_subscriptions));
  }

  void push_a_large_one() {
    simulator_.command("push " + large_);
    ASSERT_TRUE(eventually([&] { return bridge_->metric(letters) == 1; })) << bridge_->process().transcript();
  }

  Outcome command(const std::string& name, std::vector<std::string> arguments = {}) const {
    std::vector<std::string> words = {
        bridge_executable(), "dead-letters", name, "--config", bridge_->configuration_file().string(), "--json"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    Process process(words);
    Outcome outcome;
    outcome.exit_code = process.wait().value_or(-1);
    for (const auto& line : process.output_lines()) outcome.lines.push_back(Json::parse(line));
    outcome.said = process.transcript();
    return outcome;
  }

  std::vector<KafkaRecord> in(const std::string& topic) { return KafkaConsumer(shared_kafka()).read(topic); }

  const std::string narrow_ = fresh_topic_name();
  const std::string wide_ = fresh_topic_name();
  const std::string large_ =
      R"({"event_type":"call_cdr","session_id":"L1","note":")" + std::string(5000, 'x') + R"("})";
  KafkaAdmin admin_{shared_kafka()};
  Simulator simulator_{{"--no-snapshots"}};
  TemporaryDirectory spool_;
  std::string extra_;  // further fields of the sink, and further sinks
  std::string key_ = ", key: \"{entity|none}\"";
  std::optional<BridgeProcess> bridge_;
};

TEST_F(DeadLetters, AreListedWithReasonAndPayloadAndRedrivenByTheRoutesAsTheyAreNow) {
  start(narrow_);
  push_a_large_one();

  const Outcome listed = command("list", {"--sink", "lake"});
  ASSERT_EQ(listed.lines.size(), 1U) << listed.said;
  const Json& letter = listed.lines.front();
  EXPECT_EQ(letter["topic"], narrow_);
  EXPECT_EQ(letter["event_type"], "call_cdr");
  EXPECT_GE(letter["attempts"], 1);
  EXPECT_FALSE(letter["reason"].get<std::string>().empty());
  const Outcome shown = command("show", {letter["letter"].get<std::string>()});
  ASSERT_EQ(shown.lines.size(), 1U) << shown.said;
  EXPECT_EQ(shown.lines.front()["payload"], large_);

  // Rejected again, it stays, and its attempts are added up.
  EXPECT_EQ(command("redrive", {"--sink", "lake"}).lines.front()["redriven"], 1);
  ASSERT_TRUE(eventually([&] { return command("list").lines.front()["attempts"] > letter["attempts"]; }));

  bridge_->write_configuration(configuration(wide_));
  bridge_->process().send_signal(SIGHUP);
  ASSERT_TRUE(bridge_->wait_for_log("process.reloaded"));
  EXPECT_EQ(command("redrive", {"--all"}).exit_code, 0);
  ASSERT_TRUE(eventually([&] { return bridge_->metric(letters) == 0; })) << bridge_->process().transcript();
  const auto records = in(wide_);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records.front().value, large_);
  EXPECT_EQ(records.front().header("ce_id"), letter["event_id"]) << "the same event";
}

/// A compacted topic rejects what has no key.
TEST_F(DeadLetters, AreRedrivenToTheirTopicWithTheKeyThatTheRoutesGiveNow) {
  const std::string compacted = fresh_topic_name();
  admin_.create_topic(compacted, 1, {{"cleanup.policy", "compact"}});
  const std::string with_a_key = std::exchange(key_, "");
  start(compacted);
  push_a_large_one();
  key_ = with_a_key;
  bridge_->write_configuration(configuration(compacted));
  bridge_->process().send_signal(SIGHUP);
  ASSERT_TRUE(bridge_->wait_for_log("process.reloaded"));
  EXPECT_EQ(command("redrive", {"--all"}).exit_code, 0);
  ASSERT_TRUE(eventually([&] { return bridge_->metric(letters) == 0; })) << bridge_->process().transcript();
  const auto records = in(compacted);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records.front().key, "L1");
}

TEST_F(DeadLetters, GoToAnotherSinkAsWellWhereOneIsNamed) {
  const auto file = spool_ / "rejected.ndjson";
  extra_ =
      "    dead_letters_to: { sink: rejected }\n  rejected: { type: file, format: raw, path: " + file.string() + " }\n";
  start(narrow_);
  push_a_large_one();
  ASSERT_TRUE(eventually([&] { return bridge_->metric("pbxbridge_events_delivered_total{sink=\"rejected\"}") == 1; }));
  std::ifstream lines(file);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, large_);
  EXPECT_EQ(command("list").lines.size(), 1U) << "the letter stays";
}

TEST_F(DeadLetters, OutliveTheProcessAndAreRedrivenAtTheNextStart) {
  start(narrow_);
  push_a_large_one();
  const std::string id = command("list").lines.front()["event_id"];
  bridge_->process().send_signal(SIGKILL);
  bridge_->process().wait();
  const Outcome redriven = command("redrive", {"--sink", "lake"});
  ASSERT_EQ(redriven.exit_code, 0) << redriven.said;
  EXPECT_EQ(redriven.lines.front()["redriven"], 1);

  start(wide_);
  EXPECT_TRUE(eventually([&] { return command("list").lines.empty(); })) << bridge_->process().transcript();
  const auto records = in(wide_);
  EXPECT_FALSE(records.empty());
  // If its cursor was not stored yet, the event comes once more, by the new route.
  EXPECT_LE(records.size(), 2U);
  for (const auto& record : records) {
    EXPECT_EQ(record.value, large_);
    EXPECT_EQ(record.header("ce_id"), id);
  }
}

TEST_F(DeadLetters, AreDroppedOnlyWhenTold) {
  start(narrow_);
  push_a_large_one();
  EXPECT_EQ(command("drop").exit_code, 64) << "neither a letter nor a sink was named";
  EXPECT_EQ(command("drop", {"0123"}).exit_code, 1);
  EXPECT_EQ(command("list").lines.size(), 1U);
  EXPECT_EQ(command("drop", {"--sink", "lake"}).lines.front()["dropped"], 1);
  EXPECT_TRUE(command("list").lines.empty());
}

TEST_F(DeadLetters, TheSpoolTellsItsStateBesideTheProcess) {
  start(narrow_);
  push_a_large_one();
  const auto spool = [&](const std::string& name) {
    Process process({bridge_executable(), "spool", name, "--config", bridge_->configuration_file().string(), "--json"});
    EXPECT_EQ(process.wait(), 0) << process.transcript();
    return process.output_lines();
  };
  const auto stat = spool("stat");
  ASSERT_EQ(stat.size(), 1U);
  const Json state = Json::parse(stat.front());
  EXPECT_EQ(state["in_use"], true);
  EXPECT_EQ(state["sinks"]["lake"]["dead_letters"], 1);
  ASSERT_EQ(spool("verify").size(), 1U);
  EXPECT_EQ(spool("list").size(), spool("export").size());
}

TEST_F(DeadLetters, ASecondProcessIsToldWhoHoldsTheSpool) {
  start(narrow_);
  Process second({bridge_executable(), "run", "--config", bridge_->configuration_file().string()});
  EXPECT_EQ(second.wait(), 74);
  EXPECT_TRUE(second.wait_for_error("is in use by process " + std::to_string(bridge_->process().pid())))
      << second.transcript();
}

}  // namespace
}  // namespace pbxbridge::test
