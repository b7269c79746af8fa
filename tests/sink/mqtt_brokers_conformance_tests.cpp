// The conformance suite on brokers that do not behave as mosquitto does; more of them in mqtt_more_brokers_tests.cpp.

#include "sink/mqtt_brokers_conformance.hpp"
#include "support/mqtt_brokers.hpp"

#include <gmock/gmock.h>

namespace pbxbridge::test {
namespace {

const auto nats_qos_1 = on(nats);
const auto artemis_5 = on(artemis);
const auto artemis_3_1_1 = on(artemis, {.version = "3.1.1"});
const auto artemis_qos_2 = on(artemis, {.more = ", qos: 2"});
const auto artemis_qos_2_again = on(artemis, {.more = ", qos: 2, client_id: bridge"});

INSTANTIATE_TEST_SUITE_P(Nats, SinkConformance, testing::Values(nats_qos_1));
INSTANTIATE_TEST_SUITE_P(Nats, SinkDownConformance, testing::Values(nats_qos_1));
INSTANTIATE_TEST_SUITE_P(Nats, SinkFreezeConformance, testing::Values(nats_qos_1));
INSTANTIATE_TEST_SUITE_P(Nats, SinkRestartConformance, testing::Values(nats_qos_1));

INSTANTIATE_TEST_SUITE_P(Artemis311, SinkConformance, testing::Values(artemis_3_1_1));
INSTANTIATE_TEST_SUITE_P(ArtemisQos2, SinkConformance, testing::Values(artemis_qos_2));
INSTANTIATE_TEST_SUITE_P(Artemis, SinkDownConformance, testing::Values(artemis_3_1_1));
INSTANTIATE_TEST_SUITE_P(Artemis, SinkFreezeConformance, testing::Values(artemis_5));
INSTANTIATE_TEST_SUITE_P(Artemis311, SinkRestartConformance, testing::Values(artemis_3_1_1));
INSTANTIATE_TEST_SUITE_P(ArtemisQos2, SinkRestartConformance, testing::Values(artemis_qos_2_again));
INSTANTIATE_TEST_SUITE_P(Artemis, SinkRejectConformance, testing::Values(artemis_5));

// None of them has a quota; a scripted broker stands for those that do (mqtt_conformance_tests.cpp).
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SinkRetryConformance);

class MqttBrokerThatHangsUp : public MqttConnectionTest {
 protected:
  /// Returns the log line of the third connection that ended without a word.
  std::string third_loss(const MqttBrokerProgram& broker, const std::string& more) {
    const auto settings = mqtt_settings(mqtt_yaml(broker.access(), {.version = "3.1.1", .more = more}));
    for (int connection = 1; connection < 3; ++connection) (void)run(settings).loss();
    return run(settings).loss();
  }
};

TEST_F(MqttBrokerThatHangsUp, MayHaveDoneSoForTheStatusTopic) {
  EXPECT_THAT(third_loss(MqttBrokerProgram(artemis()), ", prefix: forbidden/bridge"),
              testing::HasSubstr("does not take the status topic forbidden/bridge/status"));
}

TEST_F(MqttBrokerThatHangsUp, MayHaveDoneSoForQos2) {
  EXPECT_THAT(third_loss(MqttBrokerProgram(nats()), ", qos: 2"), testing::HasSubstr("no messages of QoS 2"));
}

}  // namespace
}  // namespace pbxbridge::test
