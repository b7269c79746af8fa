// Reloads of the built pbxbridge: sinks and PBXs that come, go and change.

#include "mosquitto_broker.hpp"
#include "reload_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <signal.h>
#include <sstream>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Reload = ReloadTest;

TEST_F(Reload, AnAddedSinkBeginsWithWhatComesAfterIt) {
  start(std::vector<Target>{});
  push("before");
  reload({{"lake"}});
  push("after");
  expect_marks("lake", {"after"});
  EXPECT_EQ(bridge_->metric(R"(pbxbridge_sink_connections_total{sink="out"})"), 1) << "it is unchanged";
  EXPECT_EQ(bridge_->metric(R"(pbxbridge_pbx_connections_total{pbx="hq"})"), 1);
  EXPECT_THAT(log_of(*bridge_, "process.reloaded"), HasSubstr("sinks added: lake"));
  EXPECT_EQ(status()["sinks"].size(), 2U);
}

TEST_F(Reload, AnAddedSinkMayBeginAtTheOldestThatTheSpoolHolds) {
  start(std::vector<Target>{{"held"}, {"lake"}});
  push("before");
  reload({{"lake"}});  // keeps for `held` what comes from now on
  push("between");
  reload({{"lake"}, {"archive", "", ", start: earliest"}});
  EXPECT_TRUE(eventually([&] { return !marks("archive").empty() && marks("archive").back() == "between"; }));
}

TEST_F(Reload, ARemovedSinkLeavesNothingButItsPlace) {
  start({{"lake"}, {"board"}});
  push("first");
  expect_marks("lake", {"first"});
  reload({{"board"}});
  EXPECT_THAT(log_of(*bridge_, "spool.cursor_orphaned"), HasSubstr("lake"));
  EXPECT_THAT(bridge_->get("/metrics"), Not(HasSubstr("sink=\"lake\"")));
  EXPECT_THAT(bridge_->get("/status"), Not(HasSubstr("lake")));
  push("second");
  expect_marks("board", {"first", "second"});
  EXPECT_THAT(marks("lake"), ElementsAre("first"));
  reload({{"lake"}, {"board"}});
  push("third");
  expect_marks("lake", {"first", "second", "third"});
  expect_marks("board", {"first", "second", "third"});
}

TEST_F(Reload, ARemovedSinkThatComesBackAtARestartHasMissedNothing) {
  start({{"lake"}});
  push("first");
  reload(std::vector<Target>{});
  push("second");
  more_ = same_spool();
  EXPECT_EQ(bridge_->stop(), 0);
  // The same spool, by another process.
  auto before = std::move(bridge_);
  start({{"lake"}});
  push("third");
  expect_marks("lake", {"first", "second", "third"});
}

TEST_F(Reload, AChangedSinkGoesOnWhereItWas) {
  start({{"lake"}});
  push("first");
  expect_marks("lake", {"first"});
  reload({{"lake", "pond"}});
  push("second");
  expect_marks("pond", {"second"});
  EXPECT_THAT(marks("lake"), ElementsAre("first"));
  EXPECT_TRUE(bridge_->wait_for_metric(R"(pbxbridge_events_delivered_total{sink="lake"})", 2)) << "its counts go on";
  EXPECT_THAT(log_of(*bridge_, "process.reloaded"), HasSubstr("sinks changed: lake"));
}

TEST_F(Reload, TwoSinksMayExchangeTheirFiles) {
  start({{"lake"}, {"board"}});
  push("first");
  expect_marks("lake", {"first"});
  expect_marks("board", {"first"});
  reload({{"lake", "board"}, {"board", "lake"}});
  push("second");
  expect_marks("lake", {"first", "second"});
  expect_marks("board", {"first", "second"});
}

TEST_F(Reload, ASinkMayBecomeOneOfAnotherType) {
  start({{"lake"}});
  push("first");
  expect_marks("lake", {"first"});
  MosquittoBroker broker;
  std::string other = configuration({{"lake"}});
  const std::string type = "type: file, format: raw, path: " + file("lake").string();
  other.replace(other.find(type), type.size(), "type: mqtt, url: mqtt://127.0.0.1:" + std::to_string(broker.port()));
  const std::string route = "to: { sink: lake }";
  other.replace(other.find(route), route.size(), "to: { sink: lake, topic: marks }");
  reload_to(other);
  push("second");
  EXPECT_TRUE(bridge_->wait_for_metric(R"(pbxbridge_events_delivered_total{sink="lake"})", 2));
}

TEST_F(Reload, WhatADeadSinkHadYetToDeliverIsForTheOneInItsPlace) {
  MosquittoBroker broker;
  broker.freeze();
  start_with(with_lake_at(broker, "2s"));
  push("first");
  push("second");
  more_ = "shutdown_timeout: 2s\n";
  reload({{"lake"}});
  expect_marks("lake", {"first", "second"});
}

TEST_F(Reload, ASinkThatDoesNotCloseDelaysNobodyButThoseThatComeWithTheReload) {
  MosquittoBroker broker;
  start_with(with_lake_at(broker, "60s"));
  ASSERT_TRUE(bridge_->wait_for_metric(R"(pbxbridge_sink_connected{sink="lake"})", 1));
  broker.freeze();
  push("first");
  ASSERT_TRUE(bridge_->wait_for_metric(R"(pbxbridge_sink_in_flight{sink="lake"})", 1));
  bridge_->write_configuration(configuration({{"board"}}));
  bridge_->process().send_signal(SIGHUP);
  ASSERT_TRUE(eventually([&] { return status()["sinks"].size() == 2; }));
  push("second");
  EXPECT_THAT(marks("board"), IsEmpty()) << "it waits for the other's end";
  // pbxbridge is asked to stop meanwhile: what was added delivers what it was to have.
  bridge_->write_configuration(configuration({}));
  bridge_->process().send_signal(SIGHUP);
  bridge_->process().send_signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return marks("board").size() == 1; }));
  broker.thaw();
  EXPECT_EQ(bridge_->process().wait(30s), 0) << bridge_->process().transcript();
}

TEST_F(Reload, AFileWithErrorsLeavesAllAsItWas) {
  start({{"lake"}});
  const std::string hash = status()["configuration"]["hash"];
  // A warning comes first: no route leads to `spare`.
  std::string wrong = configuration({{"board"}});
  wrong.insert(wrong.find("sinks:\n") + 7, "  spare: { type: stdout }\n");
  wrong += "no_such_key: 1\n";
  bridge_->write_configuration(wrong);
  bridge_->process().send_signal(SIGHUP);
  EXPECT_THAT(log_of(*bridge_, "process.reload_rejected"), AllOf(HasSubstr("no_such_key"), Not(HasSubstr("warning"))));
  EXPECT_EQ(bridge_->metric(R"(pbxbridge_config_reloads_total{result="rejected"})"), 1);
  EXPECT_EQ(bridge_->metric("pbxbridge_config_last_reload_successful"), 0);
  EXPECT_EQ(status()["configuration"]["hash"], hash);
  EXPECT_THAT(status()["configuration"]["last_reload"]["problem"].get<std::string>(), HasSubstr("no_such_key"));
  push("first");
  expect_marks("lake", {"first"});
  EXPECT_FALSE(std::filesystem::exists(file("board")));
}

TEST_F(Reload, OfManyAskedForAtOnceTheLastFileCounts) {
  start(std::vector<Target>{});
  for (int i = 0; i < 50; ++i) {
    bridge_->write_configuration(configuration({{"sink" + std::to_string(i)}}));
    bridge_->process().send_signal(SIGHUP);
  }
  ASSERT_TRUE(eventually([&] { return bridge_->get("/metrics").find("sink=\"sink49\"") != std::string::npos; }));
  push("first");
  expect_marks("sink49", {"first"});
  EXPECT_EQ(status()["sinks"].size(), 2U);
}

TEST_F(Reload, PbxsComeGoAndChange) {
  start(std::vector<Target>{});
  const auto granted_of = [](const std::string& name) {
    return "pbxbridge_pbx_subscriptions{pbx=\"" + name + "\",state=\"granted\"}";
  };
  reload_to("pbx:\n" + pbx("hq") + pbx("branch") + sinks_of({}));
  ASSERT_TRUE(bridge_->wait_for_metric(granted_of("branch"), 1));
  EXPECT_EQ(bridge_->metric(R"(pbxbridge_pbx_connections_total{pbx="hq"})"), 1) << "it is unchanged";
  reload_to("pbx:\n" + pbx("hq") + pbx("branch", ", ping_interval: 7s") + sinks_of({}));
  ASSERT_TRUE(bridge_->wait_for_metric(R"(pbxbridge_pbx_connections_total{pbx="branch"})", 2));
  ASSERT_TRUE(bridge_->wait_for_metric(granted_of("branch"), 1));
  ASSERT_TRUE(eventually([&] { return status()["gaps"].size() == 1; })) << "in which it was not subscribed";
  EXPECT_EQ(status()["gaps"][0]["pbx"], "branch");
  reload_to("pbx:\n" + pbx("branch", ", ping_interval: 7s") + sinks_of({}));
  EXPECT_THAT(bridge_->get("/metrics"), Not(HasSubstr("pbx=\"hq\"")));
  EXPECT_EQ(status()["pbxs"].size(), 1U);
  EXPECT_EQ(bridge_->metric(R"(pbxbridge_pbx_connections_total{pbx="branch"})"), 2);
  push("still there");
}

TEST_F(Reload, NamesWhatNeedsARestartAndAppliesTheRest) {
  start(std::vector<Target>{});
  more_ = "spool: { path: " + (directory_ / "elsewhere").string() + " }\n";
  reload({{"lake"}});
  EXPECT_THAT(log_of(*bridge_, "process.reload_partial"), HasSubstr("spool.path"));
  EXPECT_THAT(status()["configuration"]["last_reload"]["problem"].get<std::string>(), HasSubstr("spool.path"));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "elsewhere"));
  push("first");
  expect_marks("lake", {"first"});
}

}  // namespace
}  // namespace pbxbridge::test
