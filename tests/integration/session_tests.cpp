// The built pbxbridge against the simulated PBX over real sockets and real TLS: what goes wrong, what is said, and that
// events flow again.

#include "bridge_process.hpp"
#include "simulator.hpp"
#include "subscriptions.hpp"
#include "wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>

namespace pbxbridge::test {
namespace {

using testing::HasSubstr;

const std::string to_stdout =
    "sinks:\n  out: { type: stdout, format: raw }\nroutes:\n  - match: {}\n    to: { sink: out }\n";
const std::string streaming = R"(pbxbridge_pbx_streaming{pbx="hq"})";
const std::string granted = R"(pbxbridge_pbx_subscriptions{pbx="hq",state="granted"})";

std::string log_of(BridgeProcess& bridge, const std::string& code) {
  return bridge.process()
      .wait_for_error("\"code\":\"" + code + "\"")
      .value_or("no such line:\n" + bridge.process().transcript());
}

class SessionTest : public testing::Test {
 protected:
  static void expect_events_flow(Simulator& simulator, BridgeProcess& bridge, const std::string& mark) {
    simulator.command(R"(push {"event_type":"call_start","session_id":")" + mark + "\"}");
    EXPECT_TRUE(bridge.process().wait_for_output(mark)) << bridge.process().transcript();
  }
};

TEST_F(SessionTest, StreamsOverTlsWithACertificateThatIsVerified) {
  Simulator simulator({"--tls"});
  BridgeProcess bridge(everything_of(simulator.url(), "    tls: { ca_file: " + simulator.ca_file().string() + " }\n") +
                       to_stdout);
  ASSERT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions)) << bridge.process().transcript();
  expect_events_flow(simulator, bridge, "over-tls");
}

TEST_F(SessionTest, RefusesACertificateThatNobodyVouchesFor) {
  Simulator simulator({"--tls"});
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  EXPECT_THAT(log_of(bridge, "pbx.connection_failed"), HasSubstr("certificate"));
  EXPECT_EQ(bridge.metric(streaming), 0);
}

TEST_F(SessionTest, RefusesACertificateForAnotherHost) {
  Simulator simulator({"--tls-name", "pbx.example.com"});
  BridgeProcess bridge(everything_of(simulator.url(), "    tls: { ca_file: " + simulator.ca_file().string() + " }\n") +
                       to_stdout);
  EXPECT_THAT(log_of(bridge, "pbx.connection_failed"), HasSubstr("certificate"));
  EXPECT_EQ(bridge.metric(streaming), 0);
}

TEST_F(SessionTest, WithoutVerificationItConnectsAndShouts) {
  Simulator simulator({"--tls-name", "pbx.example.com"});
  BridgeProcess bridge(everything_of(simulator.url(), "    tls: { insecure_skip_verify: true }\n") + to_stdout);
  EXPECT_TRUE(bridge.wait_for_metric(streaming, 1));
  EXPECT_THAT(log_of(bridge, "pbx.insecure"), HasSubstr("NOT VERIFIED"));
}

TEST_F(SessionTest, AWrongPasswordIsSaidOnceInTheServersWordsAndTriedAgainSlowly) {
  Simulator simulator;
  std::string configuration = everything_of(simulator.url()) + to_stdout;
  configuration.replace(configuration.find("secret"), 6, "wrong-password");
  BridgeProcess bridge(configuration);
  const std::string line = log_of(bridge, "pbx.auth_refused");
  EXPECT_THAT(line, HasSubstr("access_token , username , domain or password error"));
  EXPECT_THAT(bridge.process().transcript(), testing::Not(HasSubstr("wrong-password")));
  EXPECT_EQ(bridge.metric(R"(pbxbridge_pbx_auth_refusals_total{pbx="hq"})"), 1);
  EXPECT_EQ(bridge.stop(), 0) << "a stop does not wait for the next attempt";
}

TEST_F(SessionTest, ARefusedTopicLeavesTheOthersAlone) {
  Simulator simulator;
  simulator.command("refuse cdr_events no permission for this topic");
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  EXPECT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions - 1)) << bridge.process().transcript();
  EXPECT_TRUE(bridge.wait_for_metric(R"(pbxbridge_pbx_subscriptions{pbx="hq",state="refused"})", 1));
  EXPECT_THAT(log_of(bridge, "pbx.subscription_refused"), HasSubstr("no permission for this topic"));
  simulator.command(
      R"(push {"event_type":"queue_status","queue_id":"1","queue_number":"8001","tenant_id":"710000000000000001"})");
  EXPECT_TRUE(bridge.process().wait_for_output("queue_status"));
}

TEST_F(SessionTest, SilenceAfterASubscribeIsVisibleAndNoFailure) {
  Simulator simulator({"--no-subscribe-answers", "--no-snapshots"});
  BridgeProcess bridge(everything_of(simulator.url(), "    subscribe_timeout: 200ms\n") + to_stdout);
  EXPECT_TRUE(
      bridge.wait_for_metric(R"(pbxbridge_pbx_subscriptions{pbx="hq",state="silent"})", everything_subscriptions))
      << bridge.process().transcript();
  expect_events_flow(simulator, bridge, "in-silence");
}

TEST_F(SessionTest, ReconnectsAndSubscribesAgainAfterACloseWithACode) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  ASSERT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions));
  simulator.command("close 1012 restarting");
  const std::string line = log_of(bridge, "pbx.connection_lost");
  EXPECT_THAT(line, HasSubstr("1012"));
  EXPECT_THAT(line, HasSubstr("restarting"));
  EXPECT_TRUE(bridge.wait_for_metric(R"(pbxbridge_pbx_reconnects_total{pbx="hq"})", 1));
  EXPECT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions));
  expect_events_flow(simulator, bridge, "after-close");
}

TEST_F(SessionTest, ReconnectsAfterAResetAndAfterAnEnd) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  ASSERT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions));
  simulator.command("drop rst");
  EXPECT_TRUE(bridge.wait_for_metric(R"(pbxbridge_pbx_reconnects_total{pbx="hq"})", 1));
  simulator.command("drop fin");
  EXPECT_TRUE(bridge.wait_for_metric(R"(pbxbridge_pbx_reconnects_total{pbx="hq"})", 2));
  EXPECT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions));
  expect_events_flow(simulator, bridge, "after-drops");
}

TEST_F(SessionTest, NoticesAPeerThatFellSilentWithoutClosing) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url(), "    ping_interval: 200ms\n    peer_timeout: 600ms\n") +
                       to_stdout);
  ASSERT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions));
  simulator.command("silent on");
  EXPECT_TRUE(bridge.wait_for_metric(streaming, 0));
  EXPECT_THAT(log_of(bridge, "pbx.connection_lost"), HasSubstr("not even an answer to a ping"));
  simulator.command("silent off");
  EXPECT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions));
  expect_events_flow(simulator, bridge, "after-silence");
}

TEST_F(SessionTest, NoticesAFrozenPeerAndStaysItselfAlive) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url(),
                                     "    ping_interval: 200ms\n    peer_timeout: 600ms\n"
                                     "    connect_timeout: 1s\n") +
                       to_stdout);
  ASSERT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions));
  simulator.process().send_signal(SIGSTOP);
  EXPECT_TRUE(bridge.wait_for_metric(streaming, 0));
  EXPECT_TRUE(eventually([&] { return bridge.metric(R"(pbxbridge_pbx_connection_failures_total{pbx="hq"})") >= 1; }))
      << "the attempt's deadline ends a handshake that nobody answers";
  EXPECT_EQ(bridge.get("/livez"), "alive\n");
  simulator.process().send_signal(SIGCONT);
  EXPECT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions));
  expect_events_flow(simulator, bridge, "after-thaw");
}

TEST_F(SessionTest, UnsubscribesOnACleanStop) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  ASSERT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions));
  EXPECT_EQ(bridge.stop(), 0);
  EXPECT_TRUE(simulator.wait_for("client 1 unsubscribed cdr_events")) << simulator.process().transcript();
}

TEST_F(SessionTest, AReloadUnsubscribesWhatIsGoneAndSubscribesWhatIsNew) {
  Simulator simulator;
  const std::string before = everything_of(simulator.url()) + to_stdout;
  BridgeProcess bridge(before);
  ASSERT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions));
  std::string after = before;
  const std::string dropped = "      - { topic: cdr_events }\n";
  after.replace(after.find(dropped), dropped.size(), "");
  after.replace(after.find("[\"8001\"]"), 8, "[\"8001\", \"8002\"]");
  bridge.write_configuration(after);
  bridge.process().send_signal(SIGHUP);
  EXPECT_TRUE(bridge.wait_for_log("process.reloaded")) << bridge.process().transcript();
  EXPECT_TRUE(simulator.wait_for("client 1 unsubscribed cdr_events")) << simulator.process().transcript();
  EXPECT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions - 1));
  EXPECT_EQ(bridge.metric(R"(pbxbridge_pbx_reconnects_total{pbx="hq"})"), 0);
}

TEST_F(SessionTest, AReloadOfABrokenFileChangesNothing) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  ASSERT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions));
  bridge.write_configuration("pbx: 1\n");
  bridge.process().send_signal(SIGHUP);
  EXPECT_TRUE(bridge.wait_for_log("process.reload_refused")) << bridge.process().transcript();
  expect_events_flow(simulator, bridge, "still-the-old");
}

TEST_F(SessionTest, SeveralAccountsWorkAndOneThatFailsLeavesTheOthersAlone) {
  Simulator simulator;
  const std::string accounts =
      "  - name: system\n"
      "    url: " +
      simulator.url() +
      "\n"
      "    auth: { username: admin, password: secret }\n"
      "    subscribe:\n"
      "      - { topic: global_extension_management_events, tenants: [\"710000000000000001\"] }\n"
      "  - name: wrong\n"
      "    url: " +
      simulator.url() +
      "\n"
      "    auth: { username: bridge, domain: example.test, password: nonsense }\n"
      "    subscribe: [ { topic: cdr_events } ]\n"
      "  - name: away\n"
      "    url: ws://127.0.0.1:9/wsi\n"
      "    auth: { extension_number: \"101\", domain: example.test, password: secret }\n"
      "    subscribe: [ { topic: cdr_events } ]\n";
  BridgeProcess bridge(everything_of(simulator.url()) + accounts + to_stdout);
  EXPECT_TRUE(bridge.wait_for_metric(granted, everything_subscriptions)) << bridge.process().transcript();
  EXPECT_TRUE(bridge.wait_for_metric(R"(pbxbridge_pbx_subscriptions{pbx="system",state="granted"})", 1))
      << bridge.process().transcript();
  EXPECT_TRUE(bridge.wait_for_metric(R"(pbxbridge_pbx_auth_refusals_total{pbx="wrong"})", 1));
  EXPECT_TRUE(eventually([&] { return bridge.metric(R"(pbxbridge_pbx_connection_failures_total{pbx="away"})") >= 1; }));
  expect_events_flow(simulator, bridge, "beside-failures");
}

TEST_F(SessionTest, SpeaksTheOlderDialect) {
  Simulator simulator({"--dialect", "16"});
  BridgeProcess bridge(
      "pbx:\n  - name: hq\n    url: " + simulator.url() +
      "\n    dialect: \"16\"\n    auth: { extension_number: \"101\", domain: example.test, password: secret }\n"
      "    subscribe:\n      - { topic: cdr_events, keys: [call_cdr], extensions: [\"101\"] }\n" +
      to_stdout);
  ASSERT_TRUE(bridge.wait_for_metric(streaming, 1)) << bridge.process().transcript();
  ASSERT_TRUE(bridge.wait_for_metric(granted, 1)) << bridge.process().transcript();
}

}  // namespace
}  // namespace pbxbridge::test
