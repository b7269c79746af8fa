// The conformance suite on further brokers, which `./dev test --brokers` installs where their tools are there.

#include "sink/mqtt_brokers_conformance.hpp"
#include "sink/redelivering_core.hpp"
#include "support/mqtt_brokers.hpp"
#include "support/tcp_relay.hpp"

#include <set>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;

const MqttSinkOptions qos_2{.more = ", qos: 2"};
const MqttSinkOptions mqtt_3_1_1{.version = "3.1.1"};

const auto nats_qos_2 = on(newer_nats, qos_2);
const auto mochi_5 = on(mochi, {.version = "5"});
const auto mochi_qos_2 = on(mochi, {.version = "5", .more = ", qos: 2"});
const auto mochi_3_1_1 = on(mochi, mqtt_3_1_1);
const auto moquette_qos_1 = on(moquette);
const auto rabbitmq_qos_1 = on(rabbitmq);
const auto rabbitmq_qos_2 = on(rabbitmq, qos_2);
const auto ejabberd_5 = on(ejabberd);
const auto ejabberd_qos_2 = on(ejabberd, qos_2);
const auto hivemq_5 = on(hivemq);
const auto hivemq_qos_2 = on(hivemq, qos_2);
const auto hivemq_3_1_1 = on(hivemq, mqtt_3_1_1);
const auto aedes_qos_1 = on(aedes);
const auto aedes_qos_2 = on(aedes, {.more = ", qos: 2, client_id: bridge"});

INSTANTIATE_TEST_SUITE_P(Qos2_on_nats, SinkConformance, testing::Values(nats_qos_2));
INSTANTIATE_TEST_SUITE_P(Qos2_on_nats, SinkRestartConformance, testing::Values(nats_qos_2));
INSTANTIATE_TEST_SUITE_P(Mqtt5_on_mochi, SinkConformance, testing::Values(mochi_5));
INSTANTIATE_TEST_SUITE_P(Qos2_on_mochi, SinkConformance, testing::Values(mochi_qos_2));
INSTANTIATE_TEST_SUITE_P(Mqtt311_on_mochi, SinkConformance, testing::Values(mochi_3_1_1));
INSTANTIATE_TEST_SUITE_P(Mqtt5_on_mochi, SinkDownConformance, testing::Values(mochi_5));
INSTANTIATE_TEST_SUITE_P(Mqtt5_on_mochi, SinkFreezeConformance, testing::Values(mochi_5));
INSTANTIATE_TEST_SUITE_P(Mqtt5_on_mochi, SinkRejectConformance, testing::Values(mochi_5));
INSTANTIATE_TEST_SUITE_P(Qos1_on_moquette, SinkConformance, testing::Values(moquette_qos_1));
INSTANTIATE_TEST_SUITE_P(Qos1_on_moquette, SinkDownConformance, testing::Values(moquette_qos_1));
INSTANTIATE_TEST_SUITE_P(Qos1_on_rabbitmq, SinkConformance, testing::Values(rabbitmq_qos_1));
INSTANTIATE_TEST_SUITE_P(Qos2_on_rabbitmq, SinkConformance, testing::Values(rabbitmq_qos_2));
INSTANTIATE_TEST_SUITE_P(Mqtt5_on_ejabberd, SinkConformance, testing::Values(ejabberd_5));
INSTANTIATE_TEST_SUITE_P(Qos2_on_ejabberd, SinkConformance, testing::Values(ejabberd_qos_2));
INSTANTIATE_TEST_SUITE_P(Mqtt5_on_ejabberd, SinkDownConformance, testing::Values(ejabberd_5));
INSTANTIATE_TEST_SUITE_P(Mqtt5_on_hivemq, SinkConformance, testing::Values(hivemq_5));
INSTANTIATE_TEST_SUITE_P(Qos2_on_hivemq, SinkConformance, testing::Values(hivemq_qos_2));
INSTANTIATE_TEST_SUITE_P(Mqtt311_on_hivemq, SinkConformance, testing::Values(hivemq_3_1_1));
INSTANTIATE_TEST_SUITE_P(Qos1_on_aedes, SinkConformance, testing::Values(aedes_qos_1));
INSTANTIATE_TEST_SUITE_P(Qos1_on_aedes, SinkDownConformance, testing::Values(aedes_qos_1));
INSTANTIATE_TEST_SUITE_P(Qos1_on_aedes, SinkFreezeConformance, testing::Values(aedes_qos_1));

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SinkRetryConformance);

std::set<std::string> payloads_of(const std::vector<Arrived>& arrived) {
  std::set<std::string> payloads;
  for (const auto& one : arrived) payloads.insert(one.payload);
  return payloads;
}

// aedes ends a connection for a PUBREL that it does not expect.
TEST(Qos2_on_aedes, DeliversUnderAClientIdThatAnEarlierProcessMayHaveUsed) {
  EventLoop loop;
  const auto harness = aedes_qos_2.make();
  std::vector<Delivery> sent;
  for (std::uint64_t token = 1; token <= 1000; ++token)
    sent.push_back(make_delivery(token, "pbx/queue", "{\"n\":" + std::to_string(token) + "}"));
  RedeliveringCore core(
      loop, [&](SinkContext context) { return harness->make_sink(std::move(context)); }, sent);
  EXPECT_TRUE(core.run(60s, [] {})) << core.acknowledged() << " acknowledged: " << core.last_reason();
  EXPECT_LE(core.losses(), 2U);
  EXPECT_EQ(payloads_of(harness->arrived()).size(), sent.size());
}

// NATS remembers the QoS 2 messages that a connection has left half-done, whatever it is told to forget.
TEST(Qos2_on_nats, LosesNothingOverConnectionsThatAreReset) {
  MqttBrokerProgram broker(newer_nats());
  TcpRelay relay(broker.access().port);
  const MosquittoSubscriber subscriber(broker.access(), "pbx/#", 1);
  const auto settings = mqtt_settings(
      mqtt_yaml({.port = relay.port(), .version = broker.access().version}, {.more = ", qos: 2, client_id: bridge"}));
  EventLoop loop;
  std::size_t number = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<Delivery> sent;
    for (std::uint64_t token = 1; token <= 300; ++token)
      sent.push_back(make_delivery(token, "pbx/queue", "{\"n\":" + std::to_string(++number) + "}"));
    RedeliveringCore core(
        loop, [&](SinkContext context) { return sink::mqtt_sink_type.make(*settings, std::move(context)); }, sent);
    ASSERT_TRUE(core.run(60s, [&] { relay.reset_connections(); })) << core.acknowledged() << ": " << core.last_reason();
  }
  EXPECT_TRUE(eventually(
      [&] {
        std::set<std::string> payloads;
        for (const auto& message : subscriber.messages()) payloads.insert(message.payload);
        return payloads.size() == number;
      },
      30s));
}

}  // namespace
}  // namespace pbxbridge::test
