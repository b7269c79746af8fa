// Brokers that end, start again or stand still while events come.

#include "duplicates.hpp"
#include "integration/private_network.hpp"
#include "kafka_witness.hpp"
#include "mqtt_witness.hpp"
#include "scenario.hpp"
#include "support/kafka_broker.hpp"
#include "support/tcp_relay.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;

constexpr int before_the_fault = 300;
constexpr int waiting_in_the_fault = 1000;
/// Messages wait for the consumer as long as they must.
const MosquittoOptions keeps_everything{.config = {"max_queued_messages 0"}, .persistence = true};

/// Waits until events pile up before a sink that is not served.
void wait_for_backlog(Scenario& scenario, const std::string& sink) {
  EXPECT_TRUE(eventually([&] { return scenario.lag(sink) >= waiting_in_the_fault; }, 60s)) << "lag of " << sink;
}

TEST(BrokerFault, KafkaIsStoppedAndStarted) {
  KafkaBroker broker;
  KafkaWitness kafka(broker.address());
  Scenario scenario({.fault = "Kafka stopped and started"}, {&kafka});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", before_the_fault));
  broker.stop();
  wait_for_backlog(scenario, "lake");
  broker.start();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection});
}

TEST(BrokerFault, KafkaIsKilledAndStarted) {
  KafkaBroker broker;
  KafkaWitness kafka(broker.address());
  Scenario scenario({.fault = "Kafka killed and started"}, {&kafka});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", before_the_fault));
  broker.kill();
  wait_for_backlog(scenario, "lake");
  broker.start();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection});
}

TEST(BrokerFault, KafkaIsFrozen) {
  KafkaBroker broker;
  KafkaWitness kafka(broker.address());
  Scenario scenario({.fault = "Kafka frozen (SIGSTOP)"}, {&kafka});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", before_the_fault));
  broker.freeze();
  wait_for_backlog(scenario, "lake");
  broker.thaw();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection});
}

TEST(BrokerFault, MosquittoIsStoppedAndStarted) {
  MosquittoBroker broker(keeps_everything);
  MqttWitness mqtt(broker);
  Scenario scenario({.fault = "mosquitto stopped and started, with persistence"}, {&mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("board", before_the_fault));
  broker.stop();
  wait_for_backlog(scenario, "board");
  broker.start();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection});
}

TEST(BrokerFault, MosquittoIsFrozen) {
  MosquittoBroker broker;
  MqttWitness mqtt(broker);
  Scenario scenario({.fault = "mosquitto frozen (SIGSTOP)"}, {&mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("board", before_the_fault));
  broker.freeze();
  wait_for_backlog(scenario, "board");
  broker.thaw();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection});
}

/// The consumer is there again before pbxbridge: the broker has forgotten its subscription.
TEST(BrokerFault, MosquittoForgetsEverything) {
  MosquittoBroker broker({.config = {"log_type subscribe"}});
  TcpRelay relay(broker.port());
  MqttWitness mqtt(broker, "", relay.port(), 0);
  Scenario scenario({.fault = "mosquitto restarted, without persistence"}, {&mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("board", before_the_fault));
  relay.reject();
  broker.stop();
  wait_for_backlog(scenario, "board");
  broker.start();
  for (const char* filter : {" pbx/#", " marks"}) ASSERT_TRUE(broker.wait_for_log(filter));
  relay.open();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection});
}

TEST(BrokerFault, MqttConnectionsAreReset) {
  MosquittoBroker broker(keeps_everything);
  TcpRelay relay(broker.port());
  MqttWitness mqtt(broker, "", relay.port());
  Scenario scenario({.fault = "MQTT connection reset"}, {&mqtt});
  // Three early ends in a row are taken for a twin with the same client id, and waited for.
  constexpr int runs = 2;
  scenario.start_bridge();
  for (int run = 0; run < runs; ++run) {
    ASSERT_TRUE(scenario.wait_for_deliveries("board", (run + 1) * before_the_fault));
    relay.reset_connections();
  }
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection * static_cast<std::size_t>(runs)}, runs);
}

class ReceiveMaximum : public testing::TestWithParam<int> {};

TEST_P(ReceiveMaximum, IsKeptOverResets) {
  auto options = keeps_everything;
  options.max_inflight_messages = GetParam();
  MosquittoBroker broker(options);
  TcpRelay relay(broker.port());
  MqttWitness mqtt(broker, "", relay.port());
  Scenario scenario({.fault = "Receive Maximum " + std::to_string(GetParam()) + ", connection reset"}, {&mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("board", before_the_fault));
  relay.reset_connections();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = static_cast<std::size_t>(GetParam())});
}

INSTANTIATE_TEST_SUITE_P(BrokerFault, ReceiveMaximum, testing::Values(1, 20));

TEST(BrokerFault, MosquittoIsBlackHoled) {
  const auto network = PrivateNetwork::enter();
  if (!network) GTEST_SKIP() << "needs root and iptables, for a network namespace of its own";
  MosquittoBroker broker(keeps_everything);
  TcpRelay relay(broker.port());
  MqttWitness mqtt(broker, "", relay.port());
  Scenario scenario({.fault = "mosquitto black-holed"}, {&mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("board", before_the_fault));
  network->drop_packets(relay.port());
  wait_for_backlog(scenario, "board");
  network->let_packets_pass();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection});
}

std::uint16_t port_of(const KafkaBroker& broker) {
  return static_cast<std::uint16_t>(std::stoi(broker.address().substr(broker.address().find(':') + 1)));
}

TEST(BrokerFault, KafkaConnectionsAreReset) {
  const auto network = PrivateNetwork::enter();
  if (!network) GTEST_SKIP() << "needs root and iptables, for a network namespace of its own";
  KafkaBroker broker;
  KafkaWitness kafka(broker.address());
  Scenario scenario({.fault = "Kafka connections reset, again and again"}, {&kafka});
  scenario.start_bridge();
  constexpr int times = 5;
  for (int time = 1; time <= times; ++time) {
    ASSERT_TRUE(scenario.wait_for_deliveries("lake", time * before_the_fault));
    network->reset_connections(port_of(broker));
    wait_for_backlog(scenario, "lake");
    network->let_packets_pass();
  }
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection * times}, times);
}

/// The machine loses power: it has taken requests, gives no answer, and nobody says that its connections are
/// gone. It is frozen first, so that requests are what the lost connection waits for.
TEST(BrokerFault, KafkaLosesPower) {
  const auto network = PrivateNetwork::enter();
  if (!network) GTEST_SKIP() << "needs root and iptables, for a network namespace of its own";
  KafkaBroker broker;
  KafkaWitness kafka(broker.address());
  Scenario scenario({.fault = "Kafka loses power"}, {&kafka});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", before_the_fault));
  broker.freeze();
  wait_for_backlog(scenario, "lake");
  network->drop_resets_from(port_of(broker));
  broker.kill();
  network->let_packets_pass();
  broker.start();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection});
}

TEST(BrokerFault, MosquittoLosesPower) {
  const auto network = PrivateNetwork::enter();
  if (!network) GTEST_SKIP() << "needs root and iptables, for a network namespace of its own";
  MosquittoBroker broker(keeps_everything);
  TcpRelay relay(broker.port());
  MqttWitness mqtt(broker, "", relay.port());
  Scenario scenario({.fault = "mosquitto loses power"}, {&mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("board", before_the_fault));
  broker.freeze();
  wait_for_backlog(scenario, "board");
  network->drop_resets_from(relay.port());
  relay.reset_connections();
  network->let_packets_pass();
  broker.thaw();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection});
}

TEST(BrokerFault, KafkaIsBlackHoled) {
  const auto network = PrivateNetwork::enter();
  if (!network) GTEST_SKIP() << "needs root and iptables, for a network namespace of its own";
  KafkaBroker broker;
  KafkaWitness kafka(broker.address());
  Scenario scenario({.fault = "Kafka black-holed"}, {&kafka});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", before_the_fault));
  network->drop_packets(port_of(broker));
  wait_for_backlog(scenario, "lake");
  network->let_packets_pass();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection});
}

}  // namespace
}  // namespace pbxbridge::test
