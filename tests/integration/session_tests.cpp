// The built pbxbridge against the simulated PBX: whom it trusts, what it subscribes to, and what a reload changes.

#include "session_fixture.hpp"

#include <signal.h>

namespace pbxbridge::test {
namespace {

using testing::HasSubstr;

TEST(SessionTest, StreamsOverTlsWithACertificateThatIsVerified) {
  Simulator simulator({"--tls"});
  BridgeProcess bridge(everything_over_tls(simulator) + to_stdout);
  ASSERT_TRUE(wait_until_subscribed(bridge)) << bridge.process().transcript();
  expect_events_flow(simulator, bridge, "over-tls");
}

TEST(SessionTest, RejectsACertificateThatNobodyVouchesFor) {
  Simulator simulator({"--tls"});
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  EXPECT_THAT(log_of(bridge, "pbx.connection_failed"), HasSubstr("certificate"));
  EXPECT_EQ(bridge.metric(streaming), 0);
}

TEST(SessionTest, RejectsACertificateForAnotherHost) {
  Simulator simulator({"--tls-name", "pbx.example.com"});
  BridgeProcess bridge(everything_over_tls(simulator) + to_stdout);
  EXPECT_THAT(log_of(bridge, "pbx.connection_failed"), HasSubstr("certificate"));
  EXPECT_EQ(bridge.metric(streaming), 0);
}

TEST(SessionTest, WithoutVerificationItConnectsAndShouts) {
  Simulator simulator({"--tls-name", "pbx.example.com"});
  BridgeProcess bridge(everything_of(simulator.url(), "    tls: { insecure_skip_verify: true }\n") + to_stdout);
  EXPECT_TRUE(wait_for_metric(bridge, streaming, 1));
  EXPECT_THAT(log_of(bridge, "pbx.insecure"), HasSubstr("NOT VERIFIED"));
}

TEST(SessionTest, UnsubscribesOnACleanStop) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  ASSERT_TRUE(wait_until_subscribed(bridge));
  EXPECT_EQ(bridge.stop(), 0);
  EXPECT_TRUE(simulator.wait_for("client 1 unsubscribed cdr_events")) << simulator.process().transcript();
}

TEST(SessionTest, AReloadUnsubscribesWhatIsGoneAndSubscribesWhatIsNew) {
  Simulator simulator;
  const std::string before = everything_of(simulator.url()) + to_stdout;
  BridgeProcess bridge(before);
  ASSERT_TRUE(wait_until_subscribed(bridge));
  std::string after = before;
  const std::string dropped = "      - { topic: cdr_events }\n";
  after.replace(after.find(dropped), dropped.size(), "");
  after.replace(after.find("[\"8001\"]"), 8, "[\"8001\", \"8002\"]");
  bridge.write_configuration(after);
  bridge.process().send_signal(SIGHUP);
  EXPECT_TRUE(bridge.wait_for_log("process.reloaded")) << bridge.process().transcript();
  EXPECT_TRUE(simulator.wait_for("client 1 unsubscribed cdr_events")) << simulator.process().transcript();
  EXPECT_TRUE(wait_until_subscribed(bridge, everything_subscriptions - 1));
  EXPECT_EQ(bridge.metric(reconnects), 0);
}

TEST(SessionTest, AReloadOfABrokenFileChangesNothing) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  ASSERT_TRUE(wait_until_subscribed(bridge));
  const std::pair<std::string, std::string> broken[] = {
      {"pbx: 1\n", R"(missing \"sinks\")"},
      {"sinks: { first: { type: x }, first: {} }\n", R"(missing \"pbx\")"},
      {everything_of(simulator.url()) + to_stdout + "routes: []\n", R"(duplicate key \"routes\")"},
      {"sinks: [[[[", "a key must be a text"}};
  for (const auto& [text, reason] : broken) {
    bridge.write_configuration(text);
    bridge.process().send_signal(SIGHUP);
    EXPECT_TRUE(bridge.wait_for_log(reason)) << text << bridge.process().transcript();
  }
  expect_events_flow(simulator, bridge, "still-the-old");
}

TEST(SessionTest, SeveralAccountsWorkAndOneThatFailsLeavesTheOthersAlone) {
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
  EXPECT_TRUE(wait_until_subscribed(bridge)) << bridge.process().transcript();
  EXPECT_TRUE(wait_for_metric(bridge, R"(pbxbridge_pbx_subscriptions{pbx="system",state="granted"})", 1))
      << bridge.process().transcript();
  EXPECT_TRUE(wait_for_metric(bridge, R"(pbxbridge_pbx_auth_rejections_total{pbx="wrong"})", 1));
  EXPECT_TRUE(eventually([&] { return bridge.metric(R"(pbxbridge_pbx_connection_failures_total{pbx="away"})") >= 1; }));
  expect_events_flow(simulator, bridge, "beside-failures");
}

}  // namespace
}  // namespace pbxbridge::test
