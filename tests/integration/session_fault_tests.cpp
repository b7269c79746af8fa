// Faults between the built pbxbridge and the simulated PBX, over plain sockets and over real TLS: what is
// logged, and that events flow again.

#include "private_network.hpp"
#include "session_fixture.hpp"

#include <signal.h>

namespace pbxbridge::test {
namespace {

using testing::HasSubstr;
using testing::Not;

enum class Transport { ws, wss };

std::string to_string(Transport transport) { return transport == Transport::ws ? "ws" : "wss"; }

std::vector<std::string> arguments_of(Transport transport, std::vector<std::string> more = {}) {
  if (transport == Transport::wss) more.push_back("--tls");
  return more;
}

/// The account that is subscribed to everything, over the transport that the simulator offers.
std::string account_of(const Simulator& simulator, const std::string& more = "") {
  EXPECT_TRUE(simulator.url().starts_with("ws"));
  return simulator.url().starts_with("wss://") ? everything_over_tls(simulator, more)
                                               : everything_of(simulator.url(), more);
}

void expect_transport(const Simulator& simulator, Transport transport) {
  ASSERT_TRUE(simulator.url().starts_with(to_string(transport) + "://")) << simulator.url();
}

/// Pings so often, and gives up so soon, that a test need not wait long.
const std::string impatient = "    ping_interval: 500ms\n    peer_timeout: 3s\n    connect_timeout: 3s\n";

class SessionFault : public testing::TestWithParam<Transport> {
 protected:
  void start_simulator(std::vector<std::string> arguments = {}) {
    simulator_.emplace(arguments_of(GetParam(), std::move(arguments)));
    expect_transport(*simulator_, GetParam());
  }
  Simulator& simulator() { return *simulator_; }

 private:
  std::optional<Simulator> simulator_;
};

TEST_P(SessionFault, AWrongPasswordIsSaidOnceInTheServersWordsAndTriedAgainSlowly) {
  start_simulator();
  std::string configuration = account_of(simulator()) + to_stdout;
  configuration.replace(configuration.find("secret"), 6, "wrong-password");
  BridgeProcess bridge(configuration);
  EXPECT_THAT(log_of(bridge, "pbx.auth_rejected"), HasSubstr("access_token , username , domain or password error"));
  EXPECT_THAT(bridge.process().transcript(), Not(HasSubstr("wrong-password")));
  EXPECT_EQ(bridge.metric(R"(pbxbridge_pbx_auth_rejections_total{pbx="hq"})"), 1);
  EXPECT_EQ(bridge.stop(), 0) << "a stop does not wait for the next attempt";
}

TEST_P(SessionFault, ARejectedTopicLeavesTheOthersAlone) {
  start_simulator();
  simulator().command("reject cdr_events no permission for this topic");
  BridgeProcess bridge(account_of(simulator()) + to_stdout);
  EXPECT_TRUE(wait_until_subscribed(bridge, everything_subscriptions - 1)) << bridge.process().transcript();
  EXPECT_TRUE(wait_for_metric(bridge, R"(pbxbridge_pbx_subscriptions{pbx="hq",state="rejected"})", 1));
  EXPECT_THAT(log_of(bridge, "pbx.subscription_rejected"), HasSubstr("no permission for this topic"));
  simulator().command(
      R"(push {"event_type":"queue_status","queue_id":"1","queue_number":"8001","queue_name":"after-rejection",)"
      R"("tenant_id":"710000000000000001"})");
  EXPECT_TRUE(bridge.process().wait_for_output("after-rejection", long_enough)) << bridge.process().transcript();
}

TEST_P(SessionFault, SilenceAfterASubscribeIsVisibleAndNoFailure) {
  start_simulator({"--no-subscribe-answers", "--no-snapshots"});
  BridgeProcess bridge(account_of(simulator(), "    subscribe_timeout: 200ms\n") + to_stdout);
  EXPECT_TRUE(
      wait_for_metric(bridge, R"(pbxbridge_pbx_subscriptions{pbx="hq",state="silent"})", everything_subscriptions))
      << bridge.process().transcript();
  expect_events_flow(simulator(), bridge, "in-silence");
}

TEST_P(SessionFault, ReconnectsAndSubscribesAgainAfterAResetAndAfterAnEnd) {
  start_simulator();
  BridgeProcess bridge(account_of(simulator()) + to_stdout);
  ASSERT_TRUE(wait_until_subscribed(bridge));
  simulator().command("drop rst");
  EXPECT_TRUE(wait_for_metric(bridge, reconnects, 1));
  EXPECT_TRUE(wait_until_subscribed(bridge));
  simulator().command("drop fin");
  EXPECT_TRUE(wait_for_metric(bridge, reconnects, 2));
  EXPECT_TRUE(wait_until_subscribed(bridge));
  EXPECT_TRUE(simulator().wait_for("client 3 subscribed cdr_events")) << simulator().process().transcript();
  expect_events_flow(simulator(), bridge, "after-drops");
}

TEST_P(SessionFault, NoticesAPeerThatFellSilentWithoutClosing) {
  start_simulator();
  BridgeProcess bridge(account_of(simulator(), impatient) + to_stdout);
  ASSERT_TRUE(wait_until_subscribed(bridge));
  simulator().command("silent on");
  EXPECT_TRUE(wait_for_metric(bridge, streaming, 0));
  EXPECT_THAT(log_of(bridge, "pbx.connection_lost"), HasSubstr("not even an answer to a ping"));
  simulator().command("silent off");
  EXPECT_TRUE(wait_until_subscribed(bridge));
  expect_events_flow(simulator(), bridge, "after-silence");
}

TEST_P(SessionFault, NoticesAFrozenPeerAndStaysItselfAlive) {
  start_simulator();
  BridgeProcess bridge(account_of(simulator(), impatient) + to_stdout);
  ASSERT_TRUE(wait_until_subscribed(bridge));
  simulator().process().freeze();
  EXPECT_TRUE(wait_for_metric(bridge, streaming, 0));
  EXPECT_TRUE(eventually([&] { return bridge.metric(R"(pbxbridge_pbx_connection_failures_total{pbx="hq"})") >= 1; },
                         long_enough))
      << "the attempt's deadline ends a handshake that nobody answers";
  EXPECT_EQ(bridge.get("/livez"), "alive\n");
  simulator().process().send_signal(SIGCONT);
  EXPECT_TRUE(wait_until_subscribed(bridge));
  expect_events_flow(simulator(), bridge, "after-thaw");
}

TEST_P(SessionFault, NoticesThatPacketsGoNowhere) {
  const auto network = PrivateNetwork::enter();
  if (!network) GTEST_SKIP() << "needs root and iptables; the frozen peer is the test for everyone";
  start_simulator();
  BridgeProcess bridge(account_of(simulator(), impatient) + to_stdout);
  ASSERT_TRUE(wait_until_subscribed(bridge));
  network->drop_packets(simulator().port());
  EXPECT_TRUE(wait_for_metric(bridge, streaming, 0));
  EXPECT_THAT(log_of(bridge, "pbx.connection_lost"), HasSubstr("not even an answer to a ping"));
  EXPECT_TRUE(eventually([&] { return bridge.metric(R"(pbxbridge_pbx_connection_failures_total{pbx="hq"})") >= 1; },
                         long_enough))
      << "the attempt's deadline ends a connect that nobody answers";
  network->let_packets_pass();
  EXPECT_TRUE(wait_until_subscribed(bridge)) << bridge.process().transcript();
  expect_events_flow(simulator(), bridge, "after-the-hole");
}

INSTANTIATE_TEST_SUITE_P(Over, SessionFault, testing::Values(Transport::ws, Transport::wss),
                         [](const auto& test) { return to_string(test.param); });

class SessionClosedWithCode : public testing::TestWithParam<std::tuple<Transport, int>> {};

TEST_P(SessionClosedWithCode, SaysTheCodeReconnectsAndSubscribesAgain) {
  const auto [transport, code] = GetParam();
  Simulator simulator(arguments_of(transport));
  expect_transport(simulator, transport);
  BridgeProcess bridge(account_of(simulator) + to_stdout);
  ASSERT_TRUE(wait_until_subscribed(bridge));
  simulator.command("close " + std::to_string(code) + " so it goes");
  const std::string line = log_of(bridge, "pbx.connection_lost");
  EXPECT_THAT(line, HasSubstr("with code " + std::to_string(code)));
  EXPECT_THAT(line, HasSubstr("so it goes"));
  EXPECT_TRUE(wait_for_metric(bridge, reconnects, 1));
  EXPECT_TRUE(wait_until_subscribed(bridge)) << bridge.process().transcript();
  EXPECT_TRUE(simulator.wait_for("client 2 subscribed cdr_events")) << simulator.process().transcript();
  expect_events_flow(simulator, bridge, "after-close");
}

// RFC 6455, 7.4.1, and the IANA registry: normal, going away, policy violation, internal error, service restart, try
// again later; and one of an application's own.
INSTANTIATE_TEST_SUITE_P(Over, SessionClosedWithCode,
                         testing::Combine(testing::Values(Transport::ws, Transport::wss),
                                          testing::Values(1000, 1001, 1008, 1011, 1012, 1013, 4000)),
                         [](const auto& test) {
                           return to_string(std::get<0>(test.param)) + "_" + std::to_string(std::get<1>(test.param));
                         });

}  // namespace
}  // namespace pbxbridge::test
